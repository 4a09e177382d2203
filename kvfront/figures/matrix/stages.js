/**
 * The seven steps, each a look at the one matrix. The cells, labels and barcodes never move:
 * a stage says which are lit, which scale the cells carry, and what is outlined or struck out.
 *
 * @typedef {import("../../shared/heat/cells.js").View} View
 * @typedef {{q: number, newQ: number, k: number, newK: number, v: number, newV: number,
 *   bars: number, z: number, question: number}} Look strengths 0..1 of old and new barcodes
 */

const LOOKS = {
  1: { q: 0.16, newQ: 1, k: 0.16, newK: 1, v: 0.16, newV: 1, bars: 0, z: 0, question: 0 },
  2: { q: 1, newQ: 1, k: 1, newK: 1, v: 0.16, newV: 0.16, bars: 0, z: 0, question: 0 },
  3: { q: 0.14, newQ: 1, k: 1, newK: 1, v: 0.16, newV: 0.16, bars: 0, z: 0, question: 0 },
  4: { q: 0.5, newQ: 1, k: 0.14, newK: 1, v: 0.16, newV: 0.16, bars: 0, z: 0, question: 1 },
  5: { q: 0, newQ: 1, k: 1, newK: 1, v: 0.16, newV: 0.16, bars: 0, z: 0, question: 0 },
  6: { q: 0, newQ: 1, k: 0.4, newK: 0.4, v: 1, newV: 1, bars: 1, z: 1, question: 0 },
  7: { q: 0, newQ: 1, k: 1, newK: 1, v: 1, newV: 1, bars: 1, z: 1, question: 0 },
};

/**
 * @param {number} stage @param {{q: boolean, k: number|null, v: number|null}} deleted
 * @returns {Look}
 */
export function lookOf(stage, deleted) {
  const look = { ...LOOKS[stage] };
  // A deleted Q is shown, struck out, so that one sees what was deleted.
  if (stage === 7 && deleted.q) look.q = 0.4;
  return look;
}

/** @param {Look} from @param {Look} to @param {number} t @returns {any} a Look */
export function between(from, to, t) {
  return Object.fromEntries(
    Object.entries(to).map(([name, value]) => [name, from[name] + (value - from[name]) * t]),
  );
}

/** The strength of a token's label on one axis. */
export function labelStrength(stage, axis, index, count) {
  const own = index === count - 1;
  if (stage === 1) return own ? 1 : 0.5;
  if (axis === "row") return [3, 6, 7].includes(stage) && !own ? 0.45 : 1;
  return stage === 4 && !own ? 0.45 : 1;
}

/** @param {Float32Array} scores @returns {number} the largest size of a score: the scale's end */
export function reach(scores) {
  return scores.reduce((most, score) => Math.max(most, Math.abs(score)), 0) || 1;
}

/**
 * @param {number} stage
 * @param {{scores: Float32Array, weights: Float32Array, mask: Uint8Array, reach: number,
 *   count: number}} run
 * @returns {View}
 */
export function viewOf(stage, { scores, weights, mask, reach: most, count }) {
  const last = count - 1;
  const row = { row: last, col: 0, rows: 1, cols: count };
  const column = { row: 0, col: last, rows: count, cols: 1 };
  const raw = {
    values: scores, scale: "diverging", low: -most, high: most, mask: null, numbers: true,
  };
  const shares = {
    values: weights, scale: "sequential", low: 0, high: 1, mask, numbers: true, hatch: 1,
  };
  switch (stage) {
    case 1:
      return {
        ...raw, empty: (i, j) => i === last || j === last, strength: () => 0.22, numbers: false,
        outlines: [row, column],
      };
    case 2:
      return raw;
    case 3:
      return { ...raw, strength: (i) => (i === last ? 1 : 0.13), outlines: [row] };
    case 4:
      return { ...raw, strength: (_, j) => (j === last ? 1 : 0.13), outlines: [column] };
    case 5:
      return {
        ...shares,
        outlines: [
          { row: 0, col: last, rows: last, cols: 1, dashed: true, hue: "muted" },
          { row: last, col: last, rows: 1, cols: 1 },
        ].filter((outline) => outline.rows > 0),
      };
    default:
      return {
        ...shares, hatch: 0.45,
        strength: (i) => (i === last ? 1 : 0.16),
        outlines: [row],
      };
  }
}
