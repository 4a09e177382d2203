/** The scale under a figure: a gradient with its numbers, and the hatch for what is masked. */
import { element } from "./figure.js";
import { CURVE, ramp } from "./heat/cells.js";
import { number } from "./format.js";

/**
 * @param {import("./color.js").Palette} p
 * @param {{scale: "diverging"|"sequential", hue?: string, low: number, high: number,
 *   title?: string, clipped?: boolean}} options clipped: values beyond the ends take the end colour
 */
export function scaleLegend(p, options) {
  const { scale, hue = "attention", low, high, title = "", clipped = false } = options;
  const table = ramp(p, scale, hue);
  const stops = Array.from({ length: 17 }, (_, i) => {
    const t = i / 16;
    const code = 4 * Math.round(255 * (scale === "sequential" ? t ** CURVE : t));
    return `rgb(${table[code]} ${table[code + 1]} ${table[code + 2]}) ${(100 * t).toFixed(1)}%`;
  });
  const box = element("span", "kv-legend");
  if (title) box.append(element("span", "kv-legend-title", title));
  const bar = element("span", "kv-legend-bar");
  bar.style.backgroundImage = `linear-gradient(to right, ${stops.join(", ")})`;
  const ticks = element("span", "kv-legend-ticks");
  const ends = [low, scale === "diverging" ? 0 : (low + high) / 2, high].map(number);
  if (clipped) {
    ends[0] = low < 0 ? `≤ ${ends[0]}` : ends[0];
    ends[2] = `≥ ${ends[2]}`;
  }
  for (const end of ends) ticks.append(element("span", "", end));
  const scaleBox = element("span", "kv-legend-scale");
  scaleBox.append(bar, ticks);
  box.append(scaleBox);
  return box;
}

/** @param {string} text @param {string} className `kv-swatch-hatch` or a colour's class */
export function swatch(text, className) {
  const box = element("span", "kv-legend");
  box.append(element("span", `kv-swatch ${className}`), element("span", "kv-legend-title", text));
  return box;
}
