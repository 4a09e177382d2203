// @ts-check
/** Which value a full colour stands for. */

const STEPS = [1, 1.5, 2, 3, 5, 7, 10];

/**
 * The value below which a share of `values` lies, between two of them if need be. Only what stands
 * on its side is put in order: sorting them all would take most of the time of a small picture.
 * @param {Float32Array} values are moved about @param {number} share 0..1
 */
export function quantile(values, share) {
  const at = share * (values.length - 1);
  const index = Math.floor(at);
  for (let low = 0, high = values.length - 1; low < high; ) {
    const pivot = values[(low + high) >> 1];
    let [left, right] = [low, high];
    while (left <= right) {
      while (values[left] < pivot) left += 1;
      while (values[right] > pivot) right -= 1;
      if (left > right) break;
      [values[left], values[right]] = [values[right], values[left]];
      left += 1;
      right -= 1;
    }
    if (index <= right) high = right;
    else if (index >= left) low = left;
    else break;
  }
  // Everything behind the one at `index` is as large at least: the next is their least.
  let next = values[index];
  if (at > index) {
    next = Infinity;
    for (let i = index + 1; i < values.length; i++) if (values[i] < next) next = values[i];
  }
  return values[index] + (next - values[index]) * (at - index);
}

/**
 * The size at which a colour is full: all but the largest 2 % lie below, rounded up. A few dimensions
 * of K are far larger than the rest and would pale every other cell. Rounding up to 1, 1.5, 2, 3, 5 or
 * 7 times a power of ten keeps the scale, and so the colour of what is already held, from moving with
 * each new token.
 * @param {Float32Array} values @returns {number}
 */
export function fullScale(values) {
  const size = quantile(values.map(Math.abs), 0.98);
  if (!Number.isFinite(size) || size <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(size));
  return STEPS.find((step) => size <= step * power * (1 + 1e-9)) * power;
}
