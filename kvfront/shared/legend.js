/**
 * The scale under a figure: a gradient with its numbers, and the hatch for what is masked.
 *
 * @typedef {{scale: import("./heat/cells.js").Ramp, hue?: string, low: number, high: number,
 *   clipped?: boolean, title?: string, letter?: string}} Scale clipped: values beyond the ends take
 *   the end colour; letter: a title in its own colour
 * @typedef {{swatch: string, title: string}} Swatch `hatch`, `new`, or the name of a colour
 * @typedef {Scale & Partial<Swatch> | Swatch & Partial<Scale>} Legend
 */
import { element } from "./figure.js";
import { number } from "./format.js";
import { CURVE, ramp } from "./heat/cells.js";

/** The colours of a scale, evenly spaced from its low end to its high one: three numbers each. */
export function stops(p, { scale, hue = "attention" }, count) {
  const table = ramp(p, scale, hue);
  return Array.from({ length: count }, (_, i) => {
    const t = i / (count - 1);
    const code = 4 * Math.round(255 * (scale === "sequential" ? t ** CURVE : t));
    return table.subarray(code, code + 3);
  });
}

/** The numbers under a scale: its low end, its middle and its high end. @param {Scale} scale */
export function ticks({ scale, low, high, clipped = false }) {
  const between = scale === "diverging" ? 0 : (low + high) / 2;
  const [first, middle, last] = [low, between, high].map(number);
  return clipped ? [low < 0 ? `≤ ${first}` : first, middle, `≥ ${last}`] : [first, middle, last];
}

/**
 * @param {import("./color.js").Palette} p @param {any} legend a Legend
 * @returns {HTMLSpanElement}
 */
export function legendBox(p, legend) {
  const { title = "", letter = "", swatch } = legend;
  const box = element("span", "kv-legend");
  const name = element("span", "kv-legend-title", title || letter);
  if (letter)
    name.style.cssText = `color:${p.ink[legend.hue]};font-weight:600;font-style:italic`;
  if (swatch) {
    box.append(element("span", `kv-swatch kv-swatch-${swatch}`), name);
    return box;
  }
  if (title || letter) box.append(name);
  const bar = element("span", "kv-legend-bar");
  const colours = stops(p, legend, 17).map(
    (rgb, i) => `rgb(${rgb.join(" ")}) ${(6.25 * i).toFixed(1)}%`,
  );
  bar.style.backgroundImage = `linear-gradient(to right, ${colours.join(", ")})`;
  const under = element("span", "kv-legend-ticks");
  for (const tick of ticks(legend)) under.append(element("span", "", tick));
  const scaleBox = element("span", "kv-legend-scale");
  scaleBox.append(bar, under);
  box.append(scaleBox);
  return box;
}
