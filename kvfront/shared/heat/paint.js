/** All of a heatmap on one canvas: its cells, the hatch, its words, and what stands around it. */
import * as cells from "./cells.js";
import { paintColLabels, paintNumbers, paintRowLabels } from "./labels.js";

/**
 * @typedef {import("../tokens.js").Token} Token
 * @typedef {{
 *   g: import("./layout.js").Geometry, p: import("../color.js").Palette, view: cells.View,
 *   now: Uint8ClampedArray, rows: Token[]|null, cols: Token[]|null,
 *   current?: [number, number]|null, strength?: (axis: "row"|"col", index: number) => number,
 *   around?: () => void, before?: cells.View|null, progress?: number
 * }} Painting `now` is the colour of each cell; a view fades in from `before` as progress goes to 1
 *
 * @param {CanvasRenderingContext2D} ctx @param {Painting} painting
 */
export function paintHeat(ctx, painting) {
  const { g, p, view, now, rows, cols, current, before, around, progress = 1 } = painting;
  const strength = (axis) => (index) => painting.strength?.(axis, index) ?? 1;
  cells.paintCells(ctx, g, now);
  cells.paintGrid(ctx, g, p);
  const old = before?.mask;
  if (old) cells.paintHatch(ctx, g, p, old, (1 - progress) * (before.hatch ?? 1), before.empty);
  if (view.mask) cells.paintHatch(ctx, g, p, view.mask, progress * (view.hatch ?? 1), view.empty);
  if (view.numbers) paintNumbers(ctx, g, p, now, view);
  if (rows) paintRowLabels(ctx, g, p, rows, current?.[0] ?? null, strength("row"));
  if (cols) paintColLabels(ctx, g, p, cols, current?.[1] ?? null, strength("col"));
  around?.();
  cells.paintOutlines(ctx, g, p, view.outlines ?? [], progress);
  if (current) cells.paintCurrent(ctx, g, p, current);
}
