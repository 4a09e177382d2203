/** The matrix as a picture, of a long text its newest tokens; what was chosen is said below. */
import { colours } from "../../shared/heat/cells.js";
import { layout } from "../../shared/heat/layout.js";
import { paintHeat } from "../../shared/heat/paint.js";
import { paintLegends } from "../../shared/svg/legends.js";
import { paintLines } from "../../shared/svg/lines.js";
import { newest } from "./newest.js";
import { paintAround, reserve } from "./paint.js";
import { barcodes, legendsOf, sceneOf, sentence, strengthOf, unfold } from "./scene.js";

const WIDTH = 600;
const NARROW = 420; // a short text leaves room, which its legends need
const CELL = 6; // the least of a picture in which nothing scrolls
const AROUND = 300;

/**
 * @param {import("../../record/pack.js").Block} block
 * @param {import("../../shared/svg/picture.js").Room} room
 * @returns {import("../../shared/svg/picture.js").Still}
 */
export default function still(block, room) {
  const whole = unfold(block, room.tokens);
  const { first, ...cut } = newest(whole, room.tokens);
  const scene = sceneOf(cut);
  const { meta, run, view, look } = scene;
  const { tokens, text, cell } = meta;
  const available = Math.max(WIDTH, tokens.length * CELL + AROUND);
  return {
    shown: tokens.length,
    tokens: whole.meta.tokens.length,
    paint: (ctx, p) => {
      const g = layout(ctx, available, {
        rows: tokens, cols: tokens, nRows: tokens.length, nCols: tokens.length, family: p.font,
        reserve, ratio: 1,
      });
      paintHeat(ctx, {
        g, p, view, now: colours(view, g, p), rows: tokens, cols: tokens, current: cell,
        strength: (axis, index) => strengthOf(scene, axis, index),
        around: () => paintAround(ctx, g, p, look, { ...barcodes(scene, p), ...run }),
      });
      const width = Math.min(available, Math.max(NARROW, g.width));
      let y = paintLegends(ctx, p, legendsOf(scene), g.height + 8, width);
      for (const words of [text.caption, cell && sentence(scene, cell[0], cell[1], first)])
        if (words) y = paintLines(ctx, p, words, 0, y + 8, width);
      return { width, height: y };
    },
  };
}
