/**
 * Where everything of a heatmap lies, in CSS pixels. Cells are whole device pixels, so that edges
 * stay sharp and every cell of a row is as wide as the next.
 *
 * @typedef {import("./tokens.js").Token} Token
 * @typedef {{left: number, top: number, cellW: number, cellH: number, rows: number, cols: number,
 *   width: number, height: number, labelW: number, labelH: number, ratio: number,
 *   labelMode: "flat"|"tilted"|"upright"|"none", narrow: boolean, font: number,
 *   reserve: {left: number, top: number, right: number, bottom: number}}} Geometry
 */
import { measureToken } from "./tokens.js";

const GAP = 6; // between labels and what they name

/**
 * @param {CanvasRenderingContext2D} ctx for measuring text
 * @param {number} available width of the box in px
 * @param {{rows: Token[]|null, cols: Token[]|null, nRows: number, nCols: number, family: string,
 *   square: boolean, minCell: [number, number], maxCell: [number, number], height?: number,
 *   reserve: (narrow: boolean) => Geometry["reserve"]}} options
 * @returns {Geometry}
 */
export function layout(ctx, available, options) {
  const { rows, cols, nRows, nCols, family, minCell, maxCell } = options;
  const ratio = Math.max(1, window.devicePixelRatio || 1);
  const narrow = available < 520;
  const font = narrow ? 11 : 12;
  const reserve = options.reserve(narrow);
  const widest = (tokens, limit) =>
    Math.ceil(
      tokens.reduce(
        (most, token) =>
          Math.max(most, measureToken(ctx, token, { size: font, family, maxWidth: limit })),
        0,
      ),
    );
  const labelW = rows ? widest(rows, narrow ? 58 : 112) + GAP : 0;
  const left = labelW + reserve.left;
  const whole = (size) => Math.max(1, Math.floor(size * ratio)) / ratio;
  const clamp = (size, axis) => Math.min(maxCell[axis], Math.max(minCell[axis], size));
  const cellW = whole(clamp((available - left - reserve.right - 1) / nCols, 0));
  const cellH = options.square ? cellW : whole(clamp((options.height ?? 0) / nRows, 1));

  let labelMode = "none";
  let labelH = 0;
  if (cols) {
    const longest = widest(cols, narrow ? 64 : 96);
    if (longest <= cellW - 4) labelMode = "flat";
    else labelMode = cellW >= 17 ? "tilted" : "upright";
    labelH =
      labelMode === "flat"
        ? font + GAP + 4
        : labelMode === "tilted"
          ? Math.ceil(longest * Math.SQRT1_2 + font * 0.8) + GAP
          : longest + GAP + 2;
  }
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
