/**
 * A heatmap's cells: values to colours, the hatch over what is masked, and the blend between two
 * views of the same matrix.
 *
 * @typedef {import("./layout.js").Geometry} Geometry
 * @typedef {string} Ramp "diverging" around 0, or "sequential" from 0 on
 * @typedef {{
 *   values: Float32Array, codes?: Uint8Array, scale: Ramp,
 *   low: number, high: number, hue?: string, hueOf?: (row: number, col: number) => string,
 *   mask?: Uint8Array|null, empty?: (row: number, col: number) => boolean,
 *   strength?: (row: number, col: number) => number, hatch?: number,
 *   outlines?: {row: number, col: number, rows: number, cols: number, hue?: string,
 *     dashed?: boolean}[],
 *   numbers?: boolean, floor?: (row: number, col: number) => number
 * }} View `codes` (0..255) colour the cells when given, `values` otherwise; numbers that are read
 *   out always come from `values`. mask: 0 = may not attend. floor tints cells whose value is small:
 *   the colour then starts at that share of the ramp.
 */
import { diverging, hatch, sequential } from "../color.js";

/** Small weights matter: the ramp rises fast near 0. The legend shows the same curve. */
export const CURVE = 0.6;

/** @param {View} view @param {number} value @returns {number} 0..255 */
export function codeOf(view, value) {
  const t = (value - view.low) / (view.high - view.low || 1);
  const at = view.scale === "sequential" ? Math.max(0, t) ** CURVE : t;
  return Math.round(255 * Math.min(1, Math.max(0, at)));
}

/** @param {import("../color.js").Palette} p @param {Ramp} scale @param {string} hue */
export function ramp(p, scale, hue) {
  return scale === "diverging" ? diverging(p, hue) : sequential(p, hue);
}

/**
 * @returns {Uint8ClampedArray} RGBA of every cell. A dimmed cell is mixed with the paper here: an
 *   alpha of its own would be rounded with the colour and tint the paler cells. Alpha 0 = no cell.
 */
export function colours(view, g, p) {
  const ramps = {};
  const table = (hue) => (ramps[hue] ??= ramp(p, view.scale, hue));
  const own = view.hue ?? "attention";
  const rgba = new Uint8ClampedArray(g.rows * g.cols * 4);
  for (let row = 0; row < g.rows; row++) {
    for (let col = 0; col < g.cols; col++) {
      const i = row * g.cols + col;
      let code = view.codes ? view.codes[i] : codeOf(view, view.values[i]);
      const floor = view.floor?.(row, col) ?? 0;
      code = 4 * Math.round(255 * floor + code * (1 - floor));
      const from = table(view.hueOf ? view.hueOf(row, col) : own);
      const strength = view.strength ? view.strength(row, col) : 1;
      for (let c = 0; c < 3; c++)
        rgba[4 * i + c] = p.paper[c] + (from[code + c] - p.paper[c]) * strength;
      const gone = (view.mask && !view.mask[i]) || view.empty?.(row, col);
      rgba[4 * i + 3] = gone ? 0 : 255;
    }
  }
  return rgba;
}

/** @param {Uint8ClampedArray|null} from @param {Uint8ClampedArray} to @param {number} t */
export function blend(from, to, t) {
  if (t >= 1 || !from || from.length !== to.length) return to;
  const out = new Uint8ClampedArray(to.length);
  for (let i = 0; i < to.length; i++) out[i] = from[i] + (to[i] - from[i]) * t;
  return out;
}

/** @param {CanvasRenderingContext2D} ctx @param {Geometry} g @param {any} rgba */
export function paintCells(ctx, g, rgba) {
  const small = document.createElement("canvas");
  small.width = g.cols;
  small.height = g.rows;
  small.getContext("2d").putImageData(new ImageData(rgba, g.cols, g.rows), 0, 0);
  ctx.imageSmoothingEnabled = false;
  ctx.drawImage(small, g.left, g.top, g.cols * g.cellW, g.rows * g.cellH);
}

/** Thin lines between cells: they keep a value of 0 visible as a cell. */
export function paintGrid(ctx, g, p) {
  const right = g.left + g.cols * g.cellW;
  const bottom = g.top + g.rows * g.cellH;
  const line = 1 / g.ratio;
  ctx.fillStyle = p.grid;
  if (g.cellW >= 7)
    for (let col = 1; col < g.cols; col++)
      ctx.fillRect(g.left + col * g.cellW - line / 2, g.top, line, bottom - g.top);
  if (g.cellH >= 7)
    for (let row = 1; row < g.rows; row++)
      ctx.fillRect(g.left, g.top + row * g.cellH - line / 2, right - g.left, line);
  ctx.strokeStyle = p.grid;
  ctx.lineWidth = 1;
  ctx.strokeRect(g.left - 0.5, g.top - 0.5, right - g.left + 1, bottom - g.top + 1);
}

/** @param {Uint8Array} mask @param {number} alpha @param {View["empty"]} [empty] */
export function paintHatch(ctx, g, p, mask, alpha, empty) {
  if (alpha <= 0) return;
  ctx.save();
  ctx.globalAlpha = alpha;
  ctx.fillStyle = hatch(ctx, p, g.ratio);
  ctx.beginPath();
  for (let row = 0; row < g.rows; row++) {
    let start = -1;
    for (let col = 0; col <= g.cols; col++) {
      const masked = col < g.cols && !mask[row * g.cols + col] && !empty?.(row, col);
      if (masked && start < 0) start = col;
      if (!masked && start >= 0) {
        const width = (col - start) * g.cellW;
        ctx.rect(g.left + start * g.cellW, g.top + row * g.cellH, width, g.cellH);
        start = -1;
      }
    }
  }
  ctx.fill();
  ctx.restore();
}

/** Bold outlines around ranges of cells. */
export function paintOutlines(ctx, g, p, outlines, alpha = 1) {
  ctx.save();
  ctx.globalAlpha = alpha;
  for (const { row, col, rows, cols, hue, dashed } of outlines) {
    ctx.strokeStyle = hue ? p[hue] ?? hue : p.outline;
    ctx.lineWidth = 2;
    ctx.setLineDash(dashed ? [4, 3] : []);
    const x = g.left + col * g.cellW;
    const y = g.top + row * g.cellH;
    ctx.strokeRect(x - 1, y - 1, cols * g.cellW + 2, rows * g.cellH + 2);
  }
  ctx.restore();
}

/** The cell that is spoken of: a ring that stands out on any colour. */
export function paintCurrent(ctx, g, p, [row, col]) {
  const x = g.left + col * g.cellW;
  const y = g.top + row * g.cellH;
  for (const [width, colour] of [[4, p.bg], [2, p.fg]]) {
    ctx.lineWidth = width;
    ctx.strokeStyle = colour;
    ctx.strokeRect(x, y, g.cellW, g.cellH);
  }
}
