/**
 * Where everything of a heatmap lies, in CSS pixels. Cells are whole device pixels, so that edges
 * stay sharp and every cell of a row is as wide as the next.
 *
 * @typedef {import("../tokens.js").Token} Token
 * @typedef {{left: number, top: number, cellW: number, cellH: number, rows: number, cols: number,
 *   width: number, height: number, labelW: number, labelH: number, ratio: number,
 *   labelMode: "flat"|"tilted"|"upright"|"none", narrow: boolean, font: number,
 *   reserve: {left: number, top: number, right: number, bottom: number}}} Geometry
 */
import { measureToken } from "../tokens.js";

const GAP = 6; // between labels and what they name
const NOTHING = { left: 0, top: 0, right: 0, bottom: 0 };

/** Outlines reach this far over the edge of the cells. */
export const EDGE = 3;

/**
 * @param {CanvasRenderingContext2D} ctx for measuring text
 * @param {number} available width of the box in px
 * @param {{rows: Token[]|null, cols: Token[]|null, nRows: number, nCols: number, family: string,
 *   ratio: number, square?: boolean, minCell?: number[], maxCell?: number[],
 *   height?: number, reserve?: (narrow: boolean) => Geometry["reserve"]}} options ratio: device
 *   pixels to one of CSS
 * @returns {Geometry}
 */
export function layout(ctx, available, options) {
  const { rows, cols, nRows, nCols, family, ratio } = options;
  const { square = true, minCell = [5, 5], maxCell = [56, 56], reserve: around } = options;
  const narrow = available < 520;
  const font = narrow ? 11 : 12;
  // Measured bold: the label of the chosen cell is, and nothing may move for it.
  const measure = (token, maxWidth) =>
    measureToken(ctx, token, { size: font, family, maxWidth, weight: 700 });
  // Less a browser's own rounding: to some, a character of 12 px is 12.0001 px wide.
  const widest = (tokens, limit) =>
    Math.ceil(tokens.reduce((most, token) => Math.max(most, measure(token, limit)), 0) - 0.01);
  const asked = around?.(narrow) ?? NOTHING;
  const labelW = rows ? widest(rows, narrow ? 58 : 112) + GAP : 0;
  const left = labelW + asked.left;
  const whole = (size) => Math.max(1, Math.floor(size * ratio)) / ratio;
  const clamp = (size, axis) => Math.min(maxCell[axis], Math.max(minCell[axis], size));
  const widthOf = (right) => whole(clamp((available - left - right) / nCols, 0));

  const limit = narrow ? 64 : 96;
  const longest = cols ? widest(cols, limit) : 0;
  const modeOf = (cell) => {
    if (!cols) return "none";
    if (longest <= cell - 4) return "flat";
    return cell >= 17 ? "tilted" : "upright";
  };
  let right = Math.max(asked.right, EDGE);
  let cellW = widthOf(right);
  if (modeOf(cellW) === "tilted") {
    // The last labels lean out over the right edge.
    cols.slice(-6).forEach((token, i, tail) => {
      const reach = measure(token, limit) + font;
      right = Math.max(right, Math.ceil(reach * Math.SQRT1_2 - (tail.length - i - 0.5) * cellW));
    });
    cellW = widthOf(right);
  }
  const labelMode = modeOf(cellW);
  const cellH = square ? cellW : whole(clamp((options.height ?? 0) / nRows, 1));
  const labelH = {
    none: 0,
    flat: font + GAP + 4,
    tilted: Math.ceil(longest * Math.SQRT1_2 + font * 0.8) + GAP,
    upright: longest + GAP + 2,
  }[labelMode];
  // Outlines reach over the edge, and so do the labels of rows lower than a line of text.
  const over = Math.max(EDGE, rows ? Math.ceil((font - cellH) / 2) : 0);
  const reserve = {
    left: asked.left, right, top: Math.max(asked.top, cols ? EDGE : over),
    bottom: Math.max(asked.bottom, over),
  };
  const top = labelH + reserve.top;
  return {
    left, top, cellW, cellH, rows: nRows, cols: nCols, labelW, labelH, ratio, labelMode, narrow,
    font, reserve,
    width: Math.ceil(left + nCols * cellW + reserve.right),
    height: Math.ceil(top + nRows * cellH + reserve.bottom),
  };
}

/** @param {Geometry} g @param {number} x @param {number} y @returns {[number, number]|null} */
export function cellAt(g, x, y) {
  const col = Math.floor((x - g.left) / g.cellW);
  const row = Math.floor((y - g.top) / g.cellH);
  return row >= 0 && col >= 0 && row < g.rows && col < g.cols ? [row, col] : null;
}
