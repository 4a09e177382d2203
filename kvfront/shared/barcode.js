/** Barcodes: head_dim values of one token as a strip of cells, and how strong each letter's are. */
import { diverging } from "./color.js";

/**
 * The value at which a letter's colour is full: all but the largest 2 % lie below. A few head
 * dimensions of K are far larger than the rest and would turn every other cell to paper.
 * @param {Float32Array} values
 */
export function span(values) {
  const sizes = Float32Array.from(values, Math.abs).sort();
  return sizes[Math.floor(0.98 * (sizes.length - 1))] || 1;
}

/** @typedef {{upright: HTMLCanvasElement, flat: HTMLCanvasElement, count: number, dim: number}} Strips */

/**
 * All strips of one letter as an image, one pixel a value.
 * @param {{data: Float32Array, shape: number[]}} values (count, dim) @param {string} hue
 * @param {import("./color.js").Palette} p @param {number} full
 * @returns {Strips}
 */
export function strips({ data, shape: [count, dim] }, hue, p, full) {
  const table = diverging(p, hue);
  const make = (width, height, index) => {
    const image = new ImageData(width, height);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const t = 0.5 + (0.5 * data[index(x, y)]) / full;
        const code = 4 * Math.round(255 * Math.min(1, Math.max(0, t)));
        image.data.set(table.subarray(code, code + 4), 4 * (y * width + x));
      }
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    canvas.getContext("2d").putImageData(image, 0, 0);
    return canvas;
  };
  return {
    count, dim,
    flat: make(dim, count, (x, y) => y * dim + x),
    upright: make(count, dim, (x, y) => x * dim + y),
  };
}

/**
 * Draws one strip with a thin frame in its letter's colour.
 * @param {CanvasRenderingContext2D} ctx @param {Strips} from @param {number} index
 * @param {{x: number, y: number, w: number, h: number, upright: boolean, alpha?: number,
 *   frame?: string, bold?: boolean, dashed?: boolean}} to
 */
export function drawStrip(ctx, from, index, to) {
  const { x, y, w, h, upright, alpha = 1, frame = "", bold = false, dashed = false } = to;
  if (alpha <= 0) return;
  ctx.save();
  ctx.globalAlpha = alpha;
  ctx.imageSmoothingEnabled = false;
  if (upright) ctx.drawImage(from.upright, index, 0, 1, from.dim, x, y, w, h);
  else ctx.drawImage(from.flat, 0, index, from.dim, 1, x, y, w, h);
  if (frame && (bold || Math.min(w, h) >= 9)) {
    ctx.strokeStyle = frame;
    ctx.lineWidth = bold ? 2 : 1;
    ctx.setLineDash(dashed ? [3, 3] : []);
    const out = bold ? 1 : 0.5;
    ctx.strokeRect(x - out, y - out, w + 2 * out, h + 2 * out);
  }
  ctx.restore();
}
