/** The cache view as a picture: the cache under its tokens, and the newest q, which meets every k. */
import { pieces } from "../../shared/letters.js";
import { paintLegends } from "../../shared/svg/legends.js";
import { wrapped } from "../../shared/svg/lines.js";
import { fitting } from "./fitting.js";
import { layout } from "./layout.js";
import { STILLS, paintQuery } from "./motion.js";
import { namesOf } from "./names.js";
import { paintCache } from "./paint.js";
import { cacheOf, legendsOf, placesOf, queryOf, unfold } from "./scene.js";

const WIDTH = 600;
const SIDE = 72; // of the names of the lines
const COLUMN = 12; // the narrowest
const AFTER = 24; // right of the newest token

/**
 * @param {import("../../record/pack.js").Block} block
 * @param {import("../../shared/svg/picture.js").Room} room
 * @returns {import("../../shared/svg/picture.js").Still}
 */
export default function still(block, room) {
  const whole = unfold(block);
  const cut = fitting(whole, room);
  const { meta } = cut;
  const count = meta.tokens.length;
  const available = Math.max(WIDTH - SIDE, count * COLUMN + AFTER);
  return {
    shown: count,
    tokens: whole.meta.tokens.length,
    paint: (ctx, p) => {
      const g = layout(ctx, available, { ...placesOf(meta), family: p.font, ratio: 1 });
      ctx.save();
      ctx.translate(SIDE, 0);
      paintCache(ctx, g, p, cacheOf(cut, p));
      paintQuery(ctx, g, p, queryOf(cut, p), STILLS[1], null);
      ctx.restore();
      for (const name of namesOf(g, meta)) paintName(ctx, p, name);
      const width = SIDE + g.width;
      return { width, height: paintLegends(ctx, p, legendsOf(meta, g.map), g.height + 8, width) };
    },
  };
}

/** A name in as many lines as it takes, which end before the cache view. */
function paintName(ctx, p, { text, middle, chosen }) {
  const right = SIDE - 10;
  const lines = wrapped(ctx, text, right, p.font, 400, 12);
  lines.forEach((line, i) => {
    const parts = pieces(line);
    const wide = parts.map(({ text: part, hue }) => {
      ctx.font = fontOf(p, hue);
      return ctx.measureText(part).width;
    });
    let x = right - wide.reduce((sum, width) => sum + width, 0);
    ctx.textAlign = parts.length > 1 ? "left" : "right"; // the reader's font knows where it ends
    ctx.textBaseline = "middle";
    parts.forEach(({ text: part, hue }, at) => {
      ctx.font = fontOf(p, hue);
      ctx.fillStyle = hue ? p.ink[hue] : p.muted;
      const y = middle + (i - (lines.length - 1) / 2) * 14.4;
      ctx.fillText(part, parts.length > 1 ? x : right, y);
      x += wide[at];
    });
  });
  if (!chosen) return;
  ctx.fillStyle = p.muted;
  ctx.beginPath();
  ctx.moveTo(right + 4, middle - 4);
  ctx.lineTo(right + 8, middle);
  ctx.lineTo(right + 4, middle + 4);
  ctx.fill();
}

const fontOf = (p, hue) => `${hue ? "italic 600 " : ""}12px ${p.font}`;
