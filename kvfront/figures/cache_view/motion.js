/**
 * The moving part of the cache view: q appears at the head of its column, reaches to every k, brings
 * back the mix of v, and is gone. What an edit took away falls. Painted on a canvas above the rest,
 * so that a new text can cut it off at any moment.
 *
 * @typedef {import("./layout.js").CacheLayout} CacheLayout
 * @typedef {{q: number, reach: number, mix: number, z: number, rise: number, still: number}} Moment
 *   each 0..1: how much of q and z is there, how far the lines and the mix have come, how far z has
 *   gone on; `still` is the still the moment belongs to
 */
import { along, part, span, way } from "./layout.js";
import { paintColumn, strip } from "./paint.js";

const MADE = 450;
const REACH = 800;
const MIX = 1000;
const GONE = 650;
export const LASTING = MADE + REACH + MIX + GONE;
export const FALLING = 700;

/** The four stills: q, k and v are made; q meets every k; the mix of v; q is gone. */
export const STILLS = [
  { q: 1, reach: 0, mix: 0, z: 0, rise: 0, still: 0 },
  { q: 1, reach: 1, mix: 0, z: 0, rise: 0, still: 1 },
  { q: 1, reach: 1, mix: 0.55, z: 1, rise: 0, still: 2 },
  { q: 0, reach: 1, mix: 0, z: 0, rise: 1, still: 3 },
];

const ease = (t) => t * t * (3 - 2 * t);

/** @param {number} ms since the token was fed @returns {Moment} */
export function momentAt(ms) {
  if (ms < MADE) return STILLS[0];
  if (ms < MADE + REACH) return { ...STILLS[1], reach: ease((ms - MADE) / REACH) };
  if (ms < MADE + REACH + MIX) {
    const t = (ms - MADE - REACH) / MIX;
    return { ...STILLS[2], mix: t, z: ease(Math.max(0, (t - 0.4) / 0.6)) };
  }
  if (ms >= LASTING) return STILLS[3];
  const t = ease((ms - LASTING + GONE) / GONE);
  return { q: 1 - t, reach: 1, mix: 0, z: 1 - t, rise: t, still: 3 };
}

/** Small weights stay visible as thin lines; the words give the number. */
const strength = (weight) => 0.06 + 0.94 * weight ** 0.6;

/**
 * @param {CanvasRenderingContext2D} ctx @param {CacheLayout} g @param {any} p palette
 * @param {{weights: Float32Array, q: any, z: any}} query strips of q and z
 * @param {Moment} at @param {number|null} current a column whose line stands out
 */
export function paintQuery(ctx, g, p, { weights, q, z }, at, current) {
  const last = g.columns.length - 1;
  const { k, v } = g.columns[last];
  const over = at.still === 3 ? 0.45 + 0.55 * at.q : 1;
  for (let to = 0; to <= last && at.reach > 0; to++) {
    const own = to === current;
    ctx.globalAlpha = own ? 1 : strength(weights[to]) * (current === null ? over : 0.35 * over);
    ctx.strokeStyle = p.ink.attention;
    ctx.lineWidth = own ? 2 : 1 + 1.5 * weights[to];
    curve(ctx, part(way(g, to), at.reach));
  }
  for (let to = 0; to <= last && at.mix > 0; to++) pulse(ctx, g, p, to, weights[to], at.mix);
  ctx.globalAlpha = 1;
  slot(ctx, g, p.q, k, 1 - at.q);
  slot(ctx, g, p.v, v, 1 - at.z);
  ctx.globalAlpha = at.q;
  if (at.q) strip(ctx, q, 0, k, g.q.top - 10 * (1 - at.q), g.strip, g.q.height, p.q);
  ctx.globalAlpha = at.z;
  if (at.z) strip(ctx, z, 0, v, g.q.top - 14 * at.rise, g.strip, g.q.height, p.v);
  ctx.globalAlpha = 1;
}

/** @param {any} ctx @param {number[][]} points */
function curve(ctx, [a, b, c, d]) {
  ctx.beginPath();
  ctx.moveTo(...a);
  ctx.bezierCurveTo(...b, ...c, ...d);
  ctx.stroke();
}

/** A share of one v on its way back: as large as its weight. */
function pulse(ctx, g, p, to, weight, t) {
  const [x, y] = along(way(g, to), 1 - ease(t));
  const fade = Math.min(1, 8 * (1 - t), 8 * t);
  ctx.globalAlpha = strength(weight) * fade;
  ctx.fillStyle = p.v;
  ctx.beginPath();
  ctx.arc(x, y, 1.2 + 4.3 * Math.sqrt(weight), 0, 2 * Math.PI);
  ctx.fill();
}

/** The empty place of what is not kept. */
function slot(ctx, g, colour, x, alpha) {
  if (alpha <= 0) return;
  ctx.globalAlpha = 0.8 * alpha;
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1;
  ctx.setLineDash([2, 3]);
  ctx.strokeRect(x - 0.5, g.q.top - 0.5, g.strip + 1, g.q.height + 1);
  ctx.setLineDash([]);
  ctx.globalAlpha = 1;
}

/**
 * The columns of the last text that an edit took away, on their way down.
 * @param {CanvasRenderingContext2D} ctx @param {any} p
 * @param {{g: CacheLayout, cache: any, from: number, to: number}} fallen where and what they were
 * @param {number} ms
 */
export function paintFallen(ctx, p, { g, cache, from, to }, ms) {
  for (let i = from; i < to; i++) {
    const t = Math.min(1, Math.max(0, (ms - 25 * Math.min(6, i - from)) / (FALLING - 150)));
    if (t >= 1) continue;
    const { left, width } = span(g, i, i + 1);
    const [x, y] = [left + width / 2, g.pairs[0].top];
    ctx.save();
    ctx.globalAlpha = 0.9 * (1 - t * t);
    ctx.translate(x, y + 14 + 0.55 * g.height * t * t);
    ctx.rotate((i % 2 ? 0.09 : -0.07) * t);
    ctx.translate(-x, -y);
    paintColumn(ctx, g, p, cache, i);
    ctx.restore();
  }
}

/**
 * Rings around what is spoken of: a column down to its first barcodes, or a barcode and a value in it.
 * @param {import("./values.js").Box[]} boxes
 */
export function paintCurrent(ctx, p, boxes) {
  for (const { x, y, w, h } of boxes)
    for (const [line, colour] of [[4, p.bg], [2, p.fg]]) {
      ctx.lineWidth = line;
      ctx.strokeStyle = colour;
      ctx.strokeRect(x - 3, y - 3, w + 6, h + 6);
    }
}
