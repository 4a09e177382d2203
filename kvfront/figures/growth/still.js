/** One step of a run as a picture; a small one has the two squares alone. */
import { colours } from "../../shared/heat/cells.js";
import { layout } from "../../shared/heat/layout.js";
import { paintHeat } from "../../shared/heat/paint.js";
import { newest } from "../../shared/newest.js";
import { paintBars } from "../../shared/svg/bars.js";
import { paintCounts } from "../../shared/svg/counts.js";
import { paintLegends } from "../../shared/svg/legends.js";
import { paintLines } from "../../shared/svg/lines.js";
import { mapLayout, paintMap } from "./map.js";
import * as scene from "./scene.js";
import { cachedView, recomputeView, rowsView } from "./views.js";

const WIDTH = 600;
const BETWEEN = 28; // two panels
const BESIDE = 100; // what stands around the cells of one
const CELL = 4; // the least of a picture in which nothing scrolls

/**
 * @param {import("../../record/pack.js").Block} block
 * @param {import("../../shared/svg/picture.js").Room} room
 * @returns {import("../../shared/svg/picture.js").Still}
 */
export default function still(block, room) {
  const { meta, arrays } = scene.unfold(block, (of) => windowOf(of, room.tokens)[0]);
  const step = meta.steps[meta.step];
  const seen = cut(meta, arrays, windowOf(meta, room.tokens));
  const half = Math.max((WIDTH - BETWEEN) / 2, seen.tokens.length * CELL + BESIDE);
  const width = 2 * half + BETWEEN;
  const { text } = meta;
  const titles = scene.titlesOf(meta, step);
  const spans = scene.spansOf(arrays);
  const legends = scene.legendsOf(text, spans);
  /** @type {any} */
  const counts = Object.entries(scene.countsOf(step)).map(([name, value]) => [text[name], value]);
  return {
    shown: seen.tokens.length,
    tokens: meta.tokens.length,
    paint: (ctx, p) => {
      const heat = (name, view, grid) => (top) => {
        const g = layout(ctx, half, { ...grid, family: p.font, ratio: 1 });
        ctx.save();
        ctx.translate(0, top);
        paintHeat(ctx, { g, p, view, now: colours(view, g, p), rows: grid.rows, cols: grid.cols });
        ctx.restore();
        return paintLegends(ctx, p, legends[name], top + g.height + 8, half);
      };
      const pair = (top, names, paints, inks = []) => {
        const bottoms = names.map((name, i) => aside(ctx, i * (half + BETWEEN), () => {
          const look = { size: 15, weight: 600, colour: inks[i] };
          return paintLines(ctx, p, titles[name], 0, top, half, look);
        }));
        const below = Math.max(...bottoms) + 8;
        const ends = paints.map((paint, i) => aside(ctx, i * (half + BETWEEN), () => paint(below)));
        return Math.max(...ends) + 16;
      };
      const { tokens } = seen;
      const n = tokens.length;
      const square = { ...scene.SQUARE, rows: tokens, cols: tokens, nRows: n, nCols: n };
      let y = paintLines(ctx, p, scene.sentenceOf(meta, meta.step), 0, 0, width) + 12;
      y = paintCounts(ctx, p, counts, y, width) + 20;
      y = pair(y, ["recompute", "cached"], [
        heat("recompute", recomputeView(seen.arrays, seen.step), square),
        heat("cached", cachedView(seen.arrays, seen.step), square),
      ]);
      if (!room.every) return { width, height: y - 16 };
      const rows = (name) => heat(name, rowsView(arrays, step, name, spans[name]), {
        ...scene.ROWS, rows: meta.tokens, cols: null, nRows: arrays[name].shape[0],
        nCols: arrays[name].shape[1],
      });
      y = pair(y, ["k", "v"], [rows("k"), rows("v")], [p.ink.k, p.ink.v]);
      const map = (top) => {
        const state = scene.mapOf(meta, step);
        const g = mapLayout(ctx, p, state, half, 1);
        ctx.save();
        ctx.translate(0, top);
        paintMap(ctx, g, p, state);
        ctx.restore();
        return top + g.height;
      };
      const next = (top) => paintBars(ctx, p, step.next, step.chosen, top, half);
      return { width, height: pair(y, ["map", "next"], [map, next]) - 16 };
    },
  };
}

/** The result of `paint`, which paints from x on. */
function aside(ctx, x, paint) {
  ctx.save();
  ctx.translate(x, 0);
  const made = paint();
  ctx.restore();
  return made;
}

/**
 * The newest tokens that the step has seen, as many as there is room for.
 * @returns {[number, number]} the first, and the one after the last
 */
function windowOf({ tokens, steps, step }, most) {
  const last = Math.min(tokens.length, Math.max(steps[step].start + steps[step].fed, most));
  return [Math.max(0, last - most), last];
}

/** The step as it looks in that window. */
function cut(meta, arrays, [first, last]) {
  const all = meta.tokens.length;
  const step = meta.steps[meta.step];
  const end = step.start + step.fed;
  const start = Math.max(0, step.start - first);
  return {
    tokens: meta.tokens.slice(first, last), step: { ...step, start, fed: end - first - start },
    arrays: Object.fromEntries(["weights", "mask"].map((name) => [
      name, { data: newest(arrays[name].data, all, first, last) },
    ])),
  };
}
