/**
 * The run's matrices in one step of generation. A step feeds `fed` tokens from position
 * `start` on; afterwards `end` positions have been seen.
 *
 * @typedef {{phase: "prefill"|"decode", start: number, fed: number, held_bytes: number,
 *   read_bytes: number, ms: number, next: {label: object, p: number}[], chosen: number|null}} Step
 * @typedef {import("../../shared/heat/cells.js").View} View
 */

const later = (end) => (row, col) => row >= end || col >= end;

/** Rows before `start` were computed in earlier steps: without a cache, they are computed again. */
function square(arrays) {
  return {
    values: arrays.weights.data, scale: "sequential", low: 0, high: 1, mask: arrays.mask.data,
  };
}

/**
 * The rows that recomputing computes: all so far.
 * @param {any} arrays @param {Step} step @returns {View}
 */
export function recomputeView(arrays, { start, fed }) {
  const end = start + fed;
  return {
    ...square(arrays), empty: later(end),
    hueOf: (row) => (row < start ? "redo" : "attention"),
    floor: (row) => (row < start ? 0.3 : 0),
    outlines: [{ row: start, col: 0, rows: fed, cols: end }],
  };
}

/**
 * The rows that the cached run computes: those of the fed tokens.
 * @param {any} arrays @param {Step} step @returns {View}
 */
export function cachedView(arrays, { start, fed }) {
  const end = start + fed;
  const old = (row, col) => row < start || row >= end || col >= end;
  return {
    ...square(arrays), empty: old, outlines: [{ row: start, col: 0, rows: fed, cols: end }],
  };
}

/**
 * @param {any} arrays @param {Step} step @param {string} letter @param {number} full
 * @returns {View}
 */
export function rowsView(arrays, { start, fed }, letter, full) {
  const { data, shape } = arrays[letter];
  const end = start + fed;
  return {
    values: data, scale: "diverging", hue: letter, low: -full, high: full,
    empty: (row) => row >= end, outlines: [{ row: start, col: 0, rows: fed, cols: shape[1] }],
  };
}
