/**
 * The palette: one colour, one meaning, in light and dark, on a page's own paper. Ramps are mixed in
 * OKLab so that equal steps of a value look like equal steps of colour.
 *
 * @typedef {number[]} Rgb red, green, blue
 * @typedef {{dark: boolean, shades: number, paper: Rgb, fg: string, bg: string, muted: string,
 *   faint: string, grid: string, font: string, outline: string,
 *   q: string, k: string, v: string, redo: string, attention: string, masked: string,
 *   ink: typeof COLORS.light.text, full: typeof COLORS.light.full}} Palette
 */
import { COLORS } from "./colors.js";

/** @param {string} css a CSS colour @returns {Rgb} */
export function rgbOf(css) {
  const text = css.trim();
  const hex = /^#([0-9a-f]{3,8})$/i.exec(text);
  if (hex) {
    const short = hex[1].length < 6;
    const at = (i) => (short ? hex[1][i] + hex[1][i] : hex[1].slice(2 * i, 2 * i + 2));
    return [0, 1, 2].map((i) => parseInt(at(i), 16));
  }
  const numbers = text.match(/[\d.]+/g);
  return numbers && numbers.length >= 3 ? numbers.slice(0, 3).map(Number) : [255, 255, 255];
}

/** @param {Rgb} rgb @param {number} [alpha] */
export function cssOf([r, g, b], alpha = 1) {
  return `rgba(${Math.round(r)}, ${Math.round(g)}, ${Math.round(b)}, ${alpha})`;
}

const linear = (c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
const gamma = (c) => 255 * (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055);

/** @param {Rgb} rgb @returns {Rgb} OKLab (Ottosson 2020) */
function toLab(rgb) {
  const [r, g, b] = rgb.map(linear);
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/** @param {Rgb} lab @returns {Rgb} */
function fromLab([L, a, b]) {
  const l = (L + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (L - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (L - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ].map((c) => Math.min(255, Math.max(0, gamma(Math.min(1, Math.max(0, c))))));
}

/** @param {Rgb} from @param {Rgb} to @param {number} t 0..1 @returns {Rgb} */
export function mix(from, to, t) {
  const a = toLab(from);
  const b = toLab(to);
  return fromLab([0, 1, 2].map((i) => a[i] + (b[i] - a[i]) * t));
}

const FORCED = "(forced-colors: active)";

/** The paper and ink that a reader forces on every page, if they do: pictures are drawn on them. */
function forced() {
  if (!globalThis.matchMedia?.(FORCED).matches) return null;
  const probe = document.createElement("span");
  probe.style.cssText = "background-color:Canvas;color:CanvasText";
  document.body.append(probe);
  const { backgroundColor, color } = getComputedStyle(probe);
  probe.remove();
  return { bg: backgroundColor, fg: color };
}

/** @param {Element} element any element inside the component @returns {Palette} */
export function palette(element) {
  const style = getComputedStyle(element);
  const read = (name, fallback) => style.getPropertyValue(name).trim() || fallback;
  return paletteOf({
    bg: read("--st-background-color", COLORS.light.page.paper),
    fg: read("--st-text-color", COLORS.light.page.ink),
    font: read("--st-font", "system-ui, sans-serif"), ...forced(),
  });
}

/**
 * @param {{bg: string, fg: string, font: string, shades?: number}} theme
 *   shades: the steps of a ramp from paper to a full value, as fine as can be unless told
 * @returns {Palette}
 */
export function paletteOf({ bg, fg, font, shades = 255 }) {
  const paper = rgbOf(bg);
  const dark = toLab(paper)[0] < 0.5;
  const { text, full, shares } = COLORS[dark ? "dark" : "light"];
  const toward = (t) => cssOf(mix(paper, rgbOf(fg), t));
  return {
    dark, shades, paper, fg, bg, font, ...COLORS.fill, ink: text, full, outline: fg,
    muted: toward(shares.muted), faint: toward(shares.faint), grid: toward(shares.grid),
    masked: toward(shares.masked),
  };
}

/**
 * @param {number} steps that can be told apart
 * @param {(t: number) => Rgb} colour t in 0..1
 * @returns {Uint8ClampedArray} 256 x RGBA
 */
function table(steps, colour) {
  const rgba = new Uint8ClampedArray(256 * 4);
  const fewer = (t) => (steps < 255 ? Math.round(t * steps) / steps : t);
  for (let i = 0; i < 256; i++) rgba.set([...colour(fewer(i / 255)), 255], 4 * i);
  return rgba;
}

/** Paper at 0, the hue's full colour at 255. @param {Palette} p @param {string} [hue] */
export function sequential(p, hue = "attention") {
  const full = rgbOf(p.full[hue]);
  return table(p.shades, (t) => mix(p.paper, full, t));
}

/** Slate at 0, paper at 127.5 (the value 0), the hue at 255. @param {Palette} p @param {string} hue */
export function diverging(p, hue = "attention") {
  const full = rgbOf(p.full[hue]);
  const below = rgbOf(p.full.below);
  return table(2 * p.shades, (t) =>
    t < 0.5 ? mix(p.paper, below, 1 - 2 * t) : mix(p.paper, full, 2 * t - 1));
}

/**
 * A hatch for what is masked: one look on every figure, at any pixel ratio.
 * @param {CanvasRenderingContext2D} ctx @param {Palette} p @param {number} ratio devicePixelRatio
 * @param {string} [colour]
 */
export function hatch(ctx, p, ratio, colour = p.masked) {
  const size = Math.max(4, Math.round(6 * ratio));
  const tile = document.createElement("canvas");
  tile.width = tile.height = size;
  const pen = tile.getContext("2d");
  pen.strokeStyle = colour;
  pen.lineWidth = Math.max(1, ratio);
  for (const shift of [-size, 0, size]) {
    pen.moveTo(shift, size);
    pen.lineTo(shift + size, 0);
  }
  pen.stroke();
  const pattern = ctx.createPattern(tile, "repeat");
  // Drawing code works in CSS pixels; the tile was made in device pixels.
  pattern.setTransform(new DOMMatrix().scale(1 / ratio));
  return pattern;
}

/**
 * Calls back when the theme's colours change without a reload. Custom properties fire no event, but
 * an element that uses them with a transition does.
 * @param {Element|ShadowRoot} element parent inside the component @param {() => void} callback
 * @returns {() => void} stops listening
 */
export function onThemeChange(element, callback) {
  const probe = document.createElement("span");
  probe.setAttribute("aria-hidden", "true");
  probe.style.cssText =
    "position:absolute;width:0;height:0;visibility:hidden;color:var(--st-text-color);" +
    "background-color:var(--st-background-color);transition:color 1ms,background-color 1ms";
  element.append(probe);
  let queued = 0;
  const again = () => {
    cancelAnimationFrame(queued);
    queued = requestAnimationFrame(callback);
  };
  probe.addEventListener("transitionend", again);
  const forcing = [FORCED, "(prefers-color-scheme: dark)"].map((query) => matchMedia(query));
  for (const query of forcing) query.addEventListener("change", again);
  return () => {
    cancelAnimationFrame(queued);
    for (const query of forcing) query.removeEventListener("change", again);
    probe.remove();
  };
}
