/** A square of values cut to some of its rows, and the same of its columns. */

/**
 * @param {any} data (side, side) @param {number} side @param {number} first @param {number} last
 * @returns {any} the rows and columns from `first` up to, not with, `last`
 */
export function newest(data, side, first, last) {
  const left = new data.constructor((last - first) ** 2);
  for (let row = first; row < last; row++)
    left.set(
      data.subarray(row * side + first, row * side + last), (row - first) * (last - first),
    );
  return left;
}
