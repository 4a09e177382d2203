// @ts-check
/** Which value a full colour stands for. */

const STEPS = [1, 1.5, 2, 3, 5, 7, 10];

/**
 * The size at which a colour is full: all but the largest 2 % lie below, rounded up. A few dimensions
 * of K are far larger than the rest and would pale every other cell. Rounding up to 1, 1.5, 2, 3, 5 or
 * 7 times a power of ten keeps the scale, and so the colour of what is already held, from moving with
 * each new token.
 * @param {Float32Array} values @returns {number}
 */
export function fullScale(values) {
  const sizes = values.map(Math.abs).sort();
  const at = 0.98 * (sizes.length - 1);
  const [below, above] = [sizes[Math.floor(at)], sizes[Math.ceil(at)]];
  const size = below + (above - below) * (at % 1);
  if (!Number.isFinite(size) || size <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(size));
  return STEPS.find((step) => size <= step * power * (1 + 1e-9)) * power;
}
