/** The matrix without the oldest of its tokens. */
import { newest as squareOf } from "../../shared/newest.js";

/**
 * @param {{meta: any, arrays: any}} shown @param {number} most tokens
 * @returns {{meta: any, arrays: any, first: number}} first: the position of the first one left
 */
export function newest({ meta, arrays }, most) {
  const all = meta.tokens.length;
  const first = Math.max(0, all - most);
  if (!first) return { meta, arrays, first };
  const square = ({ data }) => (
    { data: squareOf(data, all, first, all), shape: [all - first, all - first] }
  );
  const rows = ({ data, shape: [, width] }) => (
    { data: data.subarray(first * width), shape: [all - first, width] }
  );
  const { cell, deleted } = meta;
  const there = (pos) => (Number.isInteger(pos) && pos >= first ? pos - first : null);
  return {
    first,
    meta: {
      ...meta, tokens: meta.tokens.slice(first),
      cell: cell && Math.min(...cell) >= first ? cell.map((pos) => pos - first) : null,
      deleted: { ...deleted, k: there(deleted?.k), v: there(deleted?.v) },
    },
    arrays: {
      q: rows(arrays.q), k: rows(arrays.k), v: rows(arrays.v), z: arrays.z,
      scores: square(arrays.scores), weights: square(arrays.weights), mask: square(arrays.mask),
    },
  };
}
