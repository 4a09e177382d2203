/** The still part of the cache view: tokens, strips of K and V, weights, the map of layers. */
import { diverging, hatch, sequential } from "../../shared/color.js";
import { CURVE } from "../../shared/heat/cells.js";
import { drawToken } from "../../shared/tokens.js";
import { span } from "./layout.js";

/**
 * @typedef {import("./layout.js").CacheLayout} CacheLayout
 * @typedef {import("../../shared/color.js").Palette} Palette
 * @typedef {{canvas: HTMLCanvasElement, dim: number}} Strips one upright strip a column of pixels
 */

/** Ramps are 256 mixed colours each: kept as long as the theme stays. @type {Map<string, any>} */
const ramps = new Map();

const ZERO = 128; // the place of the value 0 in a diverging ramp

/** @param {Palette} p @param {"diverging"|"sequential"} scale @param {string} hue */
function ramp(p, scale, hue) {
  const key = `${scale} ${hue} ${p.bg} ${p.fg} ${p.shades}`;
  if (!ramps.has(key)) {
    if (ramps.size > 16) ramps.clear();
    ramps.set(key, (scale === "diverging" ? diverging : sequential)(p, hue));
  }
  return ramps.get(key);
}

/** @param {Palette} p @param {number} weight 0..1 @returns {string} */
export function weightColour(p, weight) {
  const table = ramp(p, "sequential", "attention");
  const code = 4 * Math.round(255 * Math.min(1, Math.max(0, weight)) ** CURVE);
  return `rgb(${table[code]} ${table[code + 1]} ${table[code + 2]})`;
}

/**
 * @param {Float32Array} values (count, dim) @param {number} dim
 * @param {Palette} p @param {string} hue
 * @param {number} full the value of the ramp's end; what lies beyond has the same colour
 * @returns {Strips}
 */
export function strips(values, dim, p, hue, full) {
  const count = values.length / dim;
  const colours = new Uint32Array(ramp(p, "diverging", hue).buffer);
  const code = (value) => ZERO + Math.round(127 * Math.min(1, Math.max(-1, value / full)));
  const canvas = picture(count, dim, (pixels) => {
    for (let i = 0; i < count; i++)
      for (let d = 0; d < dim; d++) pixels[d * count + i] = colours[code(values[i * dim + d])];
  });
  return { canvas, dim };
}

/**
 * The map of layers as an image, one pixel a token and layer, against the longest in its layer.
 * @param {Float32Array} lengths (S, L)
 */
export function mapImage(lengths, nLayers, p) {
  const colours = new Uint32Array(ramp(p, "sequential", "k").buffer);
  const nTokens = lengths.length / nLayers;
  return picture(nTokens, nLayers, (pixels) => {
    for (let layer = 0; layer < nLayers; layer++) {
      const own = Float32Array.from({ length: nTokens }, (_, i) => lengths[i * nLayers + layer]);
      const longest = Math.max(...own) || 1;
      own.forEach((length, i) => {
        pixels[layer * nTokens + i] = colours[Math.round((255 * length) / longest)];
      });
    }
  });
}

/** @param {number} width @param {number} height @param {(pixels: Uint32Array) => void} paint */
function picture(width, height, paint) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const image = new ImageData(width, height);
  paint(new Uint32Array(image.data.buffer));
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

/** @param {CanvasRenderingContext2D} ctx @param {Strips} from @param {number} index */
export function strip(ctx, from, index, x, y, w, h, frame) {
  ctx.imageSmoothingEnabled = false;
  ctx.drawImage(from.canvas, index, 0, 1, from.dim, x, y, w, h);
  if (w < 7) {
    // Too thin for a frame: caps at both ends say which letter it is.
    ctx.fillStyle = frame;
    ctx.fillRect(x, y - 2, w, 2);
    ctx.fillRect(x, y + h, w, 2);
    return;
  }
  const alpha = ctx.globalAlpha;
  ctx.globalAlpha = 0.6 * alpha;
  ctx.strokeStyle = frame;
  ctx.lineWidth = 1;
  ctx.strokeRect(x - 0.5, y - 0.5, w + 1, h + 1);
  ctx.globalAlpha = alpha;
}

/**
 * @param {CanvasRenderingContext2D} ctx @param {CacheLayout} g @param {Palette} p
 * @param {{tokens: object[], start: number, layer: number, nLayers: number, nRows: number,
 *   weights: Float32Array, map: HTMLCanvasElement, first?: number, k: Strips, v: Strips}} cache
 *   strips of k and v: `nRows` a token; first: the place of the first token in the map
 */
export function paintCache(ctx, g, p, cache) {
  paintUnwritten(ctx, g, p);
  paintLines(ctx, g, p);
  cache.tokens.forEach((_, i) => paintColumn(ctx, g, p, cache, i));
  paintWeights(ctx, g, p, cache.weights);
  if (g.map) paintMap(ctx, g, p, cache);
  const { left, width } = span(g, cache.start, cache.tokens.length);
  ctx.strokeStyle = p.outline;
  ctx.lineWidth = 2;
  for (const { top, height } of g.pairs)
    ctx.strokeRect(left - 3, top - 3, width + 6, height + 6);
  if (g.map) ctx.strokeRect(left - 3, g.map.top - 3, width + 6, g.map.bottom - g.map.top + 5);
}

/** Right of the newest token nothing is written, and nothing may be looked at. */
function paintUnwritten(ctx, g, p) {
  ctx.fillStyle = hatch(ctx, p, g.ratio, p.grid);
  const left = g.end + 3;
  ctx.fillRect(left, g.reach.top, g.width - left, g.pairs[0].top + g.pairs[0].height - g.reach.top);
}

function paintLines(ctx, g, p) {
  ctx.fillStyle = p.faint;
  for (const { top, height } of g.pairs) ctx.fillRect(0, top + height + 5, g.width, 1);
}

/** One token with its k and v in every strip. Falling columns are drawn by it too. */
export function paintColumn(ctx, g, p, { nRows, k, v }, i) {
  const label = g.labels.find(({ from }) => from === i);
  if (label) paintLabel(ctx, g, p, label);
  const { k: kx, v: vx } = g.columns[i];
  for (const { row, top, height } of g.pairs) {
    strip(ctx, k, i * nRows + row, kx, top, g.strip, height, p.k);
    strip(ctx, v, i * nRows + row, vx, top, g.strip, height, p.v);
  }
}

/**
 * @param {any} ctx @param {CacheLayout} g @param {Palette} p
 * @param {import("./layout.js").Label} label
 */
function paintLabel(ctx, g, p, { token, from, to, font }) {
  const { left, width } = span(g, from, to);
  const flat = !g.angle;
  drawToken(ctx, token, left + width / 2, g.labelH - 6 - (flat ? g.font / 2 : 0), {
    size: font, family: p.font, color: p.fg, markColor: p.faint, angle: g.angle,
    align: flat ? "center" : "left", maxWidth: flat ? Infinity : g.labelMax - 6,
  });
  if (to - from < 2) return;
  ctx.fillStyle = p.muted;
  ctx.fillRect(left, g.labelH - 4, width, 1);
}

function paintWeights(ctx, g, p, weights) {
  const { top, height } = g.weights;
  g.columns.forEach((column, i) => {
    const { left, width } = span(g, i, i + 1);
    ctx.fillStyle = weightColour(p, weights[i]);
    ctx.fillRect(left, top, width, height);
    ctx.strokeStyle = p.grid;
    ctx.lineWidth = 1;
    ctx.strokeRect(left - 0.5, top - 0.5, width + 1, height + 1);
  });
}

function paintMap(ctx, g, p, { tokens, nLayers, map, layer, first = 0 }) {
  const { top, line, bottom } = g.map;
  ctx.imageSmoothingEnabled = false;
  for (let i = 0; i < tokens.length; i++) {
    const { left, width } = span(g, i, i + 1);
    ctx.drawImage(map, first + i, 0, 1, nLayers, left, top, width, bottom - top);
  }
  ctx.fillStyle = p.bg;
  if (line > 3)
    for (let l = 1; l <= nLayers; l++) ctx.fillRect(0, top + l * line - 1, g.end, 1);
  const all = span(g, 0, tokens.length);
  ctx.strokeStyle = p.fg;
  ctx.lineWidth = 1;
  ctx.strokeRect(all.left - 1.5, top + layer * line - 1.5, all.width + 3, line + 2);
}
