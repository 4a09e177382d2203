/** Numbers and sentences. Sentences come from Python as templates with {name} slots. */

const SUPERSCRIPT = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/**
 * A value as a person reads it: two decimals, more when it is small, a true minus sign.
 * @param {number} value
 */
export function number(value) {
  const size = Math.abs(value);
  if (!Number.isFinite(value)) return value < 0 ? "−∞" : "∞";
  let text;
  if (size >= 100) text = size.toFixed(0);
  else if (size >= 10) text = size.toFixed(1);
  else if (size >= 0.01 || size === 0) text = size.toFixed(2);
  else if (size >= 0.0001) text = size.toFixed(4);
  else {
    const [digits, power] = size.toExponential(1).split("e-");
    text = `${digits}×10⁻${raised(power)}`;
  }
  return value < 0 && Number(size) !== 0 ? `−${text}` : text;
}

/** So many decimals, and a true minus sign. @param {number} value @param {number} decimals */
export function fixed(value, decimals) {
  const text = Number.isFinite(value) ? Math.abs(value).toFixed(decimals) : "∞";
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/** A share of 1, 0 only when it is exactly 0. @param {number} value @param {number} digits */
export function significant(value, digits) {
  if (value === 0) return "0";
  const [mantissa, power] = value.toExponential(digits - 1).split("e");
  if (Number(power) >= -4) return value.toFixed(digits - 1 - Number(power));
  return `${mantissa}×10⁻${raised(power.slice(1))}`;
}

const raised = (power) => Array.from(power, (c) => SUPERSCRIPT[Number(c)]).join("");

/** As number, in the width of a cell: two decimals, and what rounds to nothing says so. */
export function brief(value) {
  const size = Math.abs(value);
  if (value !== 0 && size < 0.005) return "≈0";
  return size < 0.01 ? number(0.01 * Math.sign(value)) : number(value);
}

/** @param {number} count @returns {string} bytes in the largest unit that keeps the number above 1 */
export function bytes(count) {
  const units = ["B", "KiB", "MiB", "GiB"];
  let size = count;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit && size < 100 ? size.toFixed(1) : size.toFixed(0)} ${units[unit]}`;
}

/** @param {string} template @param {Record<string, string|number>} slots */
export function fill(template, slots) {
  return template.replace(/\{(\w+)\}/g, (slot, name) => String(slots[name] ?? slot));
}
