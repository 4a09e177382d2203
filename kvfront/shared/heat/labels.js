/** A heatmap's words: token labels at its edges, numbers in cells large enough to hold them. */
import { COLORS } from "../colors.js";
import { drawToken } from "../tokens.js";
import { brief } from "../format.js";

/** Every nth label when cells are narrower than a line of text; the last one always. */
function shown(index, count, size, font) {
  const every = Math.max(1, Math.ceil((font + 1) / size));
  return every === 1 || index === count - 1 || (index % every === 0 && count - 1 - index >= every);
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {import("./layout.js").Geometry} g @param {import("../color.js").Palette} p
 * @param {import("../tokens.js").Token[]} tokens
 * @param {number|null} chosen this row's label is always drawn, bold
 * @param {(row: number) => number} strength
 */
export function paintRowLabels(ctx, g, p, tokens, chosen, strength) {
  const at = (row) => g.top + (row + 0.5) * g.cellH;
  const near = (row) => chosen !== null && Math.abs(at(row) - at(chosen)) < g.font + 1;
  for (let row = 0; row < g.rows; row++) {
    const own = row === chosen;
    if (!own && (near(row) || !shown(row, g.rows, g.cellH, g.font))) continue;
    ctx.globalAlpha = own ? 1 : strength(row);
    drawToken(ctx, tokens[row], g.labelW - 6, at(row), {
      size: g.font, family: p.font, color: own ? p.fg : p.muted, markColor: p.faint,
      align: "right", maxWidth: g.labelW - 6, weight: own ? 700 : 400,
    });
  }
  ctx.globalAlpha = 1;
}

/** As paintRowLabels, for the columns: flat, tilted or upright as the layout chose. */
export function paintColLabels(ctx, g, p, tokens, chosen, strength) {
  const base = g.labelH - 6;
  const at = (col) => g.left + (col + 0.5) * g.cellW;
  const room = g.labelMode === "flat" ? 0 : g.font + 1;
  const near = (col) => chosen !== null && Math.abs(at(col) - at(chosen)) < room;
  for (let col = 0; col < g.cols; col++) {
    const own = col === chosen;
    const fits = g.labelMode !== "upright" || shown(col, g.cols, g.cellW, g.font);
    if (!own && (!fits || (g.labelMode === "upright" && near(col)))) continue;
    ctx.globalAlpha = own ? 1 : strength(col);
    const flat = g.labelMode === "flat";
    const angle = flat ? 0 : g.labelMode === "tilted" ? -Math.PI / 4 : -Math.PI / 2;
    // A narrow first column: its upright label would reach over the edge of the canvas.
    const x = g.labelMode === "upright" ? Math.max(at(col), g.left + g.font / 2) : at(col);
    drawToken(ctx, tokens[col], x, flat ? base - g.font / 2 : base, {
      size: g.font, family: p.font, color: own ? p.fg : p.muted, markColor: p.faint, angle,
      align: flat ? "center" : "left", maxWidth: g.narrow ? 64 : 96, weight: own ? 700 : 400,
    });
  }
  ctx.globalAlpha = 1;
}

/**
 * @param {Uint8ClampedArray} rgba what the cells look like now
 * @param {import("./cells.js").View} view only cells at full strength carry their number
 */
export function paintNumbers(ctx, g, p, rgba, view) {
  if (g.cellW < 38 || g.cellH < 20) return;
  ctx.font = `${g.cellW >= 46 ? 12 : 11}px ${p.font}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  for (let i = 0; i < view.values.length; i++) {
    const [row, col] = [Math.floor(i / g.cols), i % g.cols];
    if (rgba[4 * i + 3] < 255 || (view.strength?.(row, col) ?? 1) < 0.5) continue;
    // Relative luminance decides between black and white: the crossing of their contrasts.
    const [red, green, blue] = [0, 1, 2].map((c) => (rgba[4 * i + c] / 255) ** 2.2);
    const light = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    ctx.fillStyle = light > 0.19 ? COLORS.cell.dark : COLORS.cell.light;
    const x = g.left + (col + 0.5) * g.cellW;
    ctx.fillText(brief(view.values[i]), x, g.top + (row + 0.5) * g.cellH);
  }
}
