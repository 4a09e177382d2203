/**
 * The values under the tokens one by one, as the rows of a grid that a hand and keys go through. Row 0
 * is how much the newest token looks at a column. Then come its barcodes from top to bottom, of each
 * kv head k and then v, a row for each value.
 *
 * @typedef {import("./layout.js").CacheLayout} CacheLayout
 * @typedef {{pair: import("./layout.js").StripPair, letter: "k"|"v", dim: number}} Value
 * @typedef {{x: number, y: number, w: number, h: number}} Box
 */
import { columnAt, span } from "./layout.js";

/** @param {{shown: number[], n_kv_heads: number, head_dim: number}} meta */
export const countRows = ({ shown, n_kv_heads, head_dim }) =>
  1 + 2 * shown.length * n_kv_heads * head_dim;

/** The row of the same value in the barcode above or below, where there is one. @param {-1|1} by */
export function nextBarcode(row, meta, by) {
  const dim = meta.head_dim;
  if (by < 0) return row <= dim ? 0 : row - dim;
  if (row === 0) return 1;
  return row + dim < countRows(meta) ? row + dim : row;
}

/** @param {CacheLayout} g @param {number} dim values in a barcode @returns {Value|null} null in row 0 */
export function valueAt(g, dim, row) {
  if (row === 0) return null;
  const barcode = Math.floor((row - 1) / dim);
  return {
    pair: g.pairs[Math.floor(barcode / 2)],
    letter: barcode % 2 ? "v" : "k",
    dim: (row - 1) % dim,
  };
}

/** @param {CacheLayout} g @returns {[number, number]|null} row and column at a point; 0 between barcodes */
export function cellAt(g, dim, x, y) {
  const column = columnAt(g, x);
  if (column === null) return null;
  const at = g.pairs.findIndex(({ top, height }) => y >= top && y < top + height);
  if (at < 0) return [0, column];
  const { top, unit } = g.pairs[at];
  const v = x >= g.columns[column].v - g.gap / 2;
  const value = Math.min(dim - 1, Math.floor((y - top) / unit));
  return [1 + (2 * at + (v ? 1 : 0)) * dim + value, column];
}

/** @param {CacheLayout} g @returns {Box[]} what to ring: in row 0 the column, else a barcode and its value */
export function boxesOf(g, dim, row, column) {
  const value = valueAt(g, dim, row);
  if (!value) {
    const { left, width } = span(g, column, column + 1);
    const { top, height } = g.pairs[0];
    return [{ x: left, y: g.weights.top, w: width, h: top + height - g.weights.top }];
  }
  const { pair, letter } = value;
  const strip = { x: g.columns[column][letter], y: pair.top, w: g.strip, h: pair.height };
  return [strip, { ...strip, y: pair.top + value.dim * pair.unit, h: pair.unit }];
}
