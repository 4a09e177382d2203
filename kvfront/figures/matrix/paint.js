/**
 * The surroundings of the matrix: Q at the left of its rows, Kᵀ on top of its columns, and under
 * them the shares of the newest query, V and the mixed z. It reads as Q · Kᵀ, then a · V.
 */
import { drawStrip } from "../../shared/barcode.js";
import { brief } from "../../shared/format.js";

const BARS = 38;
const THICK = 24; // a barcode is a strip, however wide its column

/** @param {boolean} narrow @returns {number} length of a barcode in px */
const lengthOf = (narrow) => (narrow ? 36 : 64);

/** The room the heatmap keeps free for all this. */
export function reserve(narrow) {
  const length = lengthOf(narrow);
  return { left: length + 12, top: length + 12, right: narrow ? 40 : 62, bottom: BARS + length + 34 };
}

/** @param {import("../../shared/heat/layout.js").Geometry} g where each kind of barcode lies */
export function places(g) {
  const length = lengthOf(g.narrow);
  const bottom = g.top + g.rows * g.cellH;
  const right = g.left + g.cols * g.cellW;
  const gap = (size) => (size >= 10 ? 3 : size >= 6 ? 1 : 0);
  const w = Math.min(THICK, g.cellW - gap(g.cellW));
  const h = Math.min(THICK, g.cellH - gap(g.cellH));
  const barsTop = bottom + 22;
  const vTop = barsTop + BARS + 6;
  return {
    length, bottom, right, barsTop, barsBottom: barsTop + BARS, vTop,
    q: (i) => ({ x: g.left - 6 - length, y: g.top + (i + 0.5) * g.cellH - h / 2, w: length, h }),
    k: (j) => ({ x: g.left + (j + 0.5) * g.cellW - w / 2, y: g.top - 6 - length, w, h: length }),
    v: (j) => ({ x: g.left + (j + 0.5) * g.cellW - w / 2, y: vTop, w, h: length }),
    z: () => ({ x: right + (g.narrow ? 20 : 30), y: vTop, w: Math.max(10, w), h: length }),
  };
}

/** A letter with an optional index, as in a formula. */
function letter(ctx, p, text, x, y, { colour, size = 16, align = "left", index = "" }) {
  ctx.font = `italic 600 ${size}px ${p.font}`;
  const width = ctx.measureText(text).width;
  ctx.font = `italic 600 ${size * 0.68}px ${p.font}`;
  const full = width + (index ? ctx.measureText(index).width + 1 : 0);
  const left = align === "right" ? x - full : align === "center" ? x - full / 2 : x;
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  ctx.fillStyle = colour;
  ctx.fillText(index, left + width + 1, y + (index === "T" ? -size * 0.32 : size * 0.3));
  ctx.font = `italic 600 ${size}px ${p.font}`;
  ctx.fillText(text, left, y);
}

function strike(ctx, p, { x, y, w, h }, alongX) {
  ctx.strokeStyle = p.fg;
  ctx.lineWidth = 2;
  ctx.beginPath();
  if (alongX) {
    ctx.moveTo(x - 3, y + h / 2);
    ctx.lineTo(x + w + 3, y + h / 2);
  } else {
    ctx.moveTo(x + w / 2, y - 3);
    ctx.lineTo(x + w / 2, y + h + 3);
  }
  ctx.stroke();
}

/**
 * @param {CanvasRenderingContext2D} ctx @param {import("../../shared/heat/layout.js").Geometry} g
 * @param {import("../../shared/color.js").Palette} p @param {import("./stages.js").Look} look
 * @param {{q: any, k: any, v: any, z: any, weights: Float32Array,
 *   deleted: {q: boolean, k: number|null, v: number|null}}} run strips by letter
 */
export function paintAround(ctx, g, p, look, run) {
  const at = places(g);
  const last = g.rows - 1;
  for (let i = 0; i < g.rows; i++) {
    const own = i === last;
    const bold = { bold: own, frame: own ? p.outline : "" };
    const ghost = look.question > 0.5 && !own;
    const q = { ...bold, frame: own ? p.outline : p.q, dashed: ghost, upright: false };
    drawStrip(ctx, run.q, i, { ...at.q(i), ...q, alpha: own ? look.newQ : look.q });
    const k = { ...bold, frame: own ? p.outline : p.k, upright: true };
    drawStrip(ctx, run.k, i, { ...at.k(i), ...k, alpha: own ? look.newK : look.k });
    const v = { ...bold, frame: own ? p.outline : p.v, upright: true };
    drawStrip(ctx, run.v, i, { ...at.v(i), ...v, alpha: own ? look.newV : look.v });
  }
  drawStrip(ctx, run.z, 0, { ...at.z(), frame: p.outline, bold: true, upright: true, alpha: look.z });
  paintBars(ctx, g, p, look, run, at);
  paintLetters(ctx, g, p, look, at);
  paintDeleted(ctx, g, p, run.deleted, at);
}

function paintBars(ctx, g, p, look, { weights }, at) {
  if (look.bars <= 0) return;
  ctx.save();
  ctx.globalAlpha = look.bars;
  const shares = weights.subarray((g.rows - 1) * g.cols);
  const most = shares.reduce((a, b) => Math.max(a, b), 0) || 1;
  const top = shares.indexOf(most);
  ctx.fillStyle = p.attention;
  for (let j = 0; j < g.cols; j++) {
    const { x, w } = at.v(j);
    const h = (BARS - 13) * (shares[j] / most);
    ctx.fillRect(x, at.barsBottom - h, w, h);
  }
  ctx.fillStyle = p.grid;
  ctx.fillRect(g.left, at.barsBottom, g.cols * g.cellW, 1);
  ctx.fillStyle = p.ink.attention;
  ctx.font = `11px ${p.font}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "bottom";
  for (let j = 0; j < g.cols; j++) {
    if (j !== top && g.cellW < 30) continue;
    const { x, w } = at.v(j);
    ctx.fillText(brief(shares[j]), x + w / 2, at.barsBottom - (BARS - 13) * (shares[j] / most) - 1);
  }
  ctx.restore();
}

function paintLetters(ctx, g, p, look, at) {
  const write = (alpha, ...rest) => {
    ctx.globalAlpha = alpha;
    letter(ctx, p, ...rest);
    ctx.globalAlpha = 1;
  };
  const { left, top } = g;
  const middleV = at.vTop + at.length / 2;
  const middleBars = at.barsBottom - 10;
  const soft = (a, b) => Math.max(0.35, a, b);
  write(soft(look.q, look.newQ), "Q", left - 6 - at.length, top - 14, { colour: p.ink.q });
  const beside = { align: "right" };
  const middleK = top - 6 - at.length / 2;
  write(soft(look.k, look.newK), "K", left - 8, middleK - (g.narrow ? 9 : 0), {
    colour: p.ink.k, index: "T", ...beside,
  });
  write(soft(look.v, look.newV), "V", left - 8, middleV, { colour: p.ink.v, ...beside });
  write(look.bars, "a", left - 8, middleBars, { colour: p.ink.attention, ...beside });
  const small = { size: 14, index: "n" };
  write(look.newQ, "q", left - 6 - at.length / 2, at.bottom + 11, {
    colour: p.ink.q, align: "center", ...small,
  });
  const after = at.right + 7;
  write(look.newK >= 1 ? 1 : 0, "k", after, middleK, { colour: p.ink.k, ...small });
  write(look.newV * (1 - look.z), "v", after, middleV, { colour: p.ink.v, ...small });
  write(look.z, "=", after, middleV, { colour: p.muted, size: 14 });
  const z = at.z();
  write(look.z, "z", z.x + z.w / 2, middleBars, { colour: p.ink.v, align: "center", ...small });
  if (look.question > 0 && g.rows > 1) {
    const y = top + ((g.rows - 1) * g.cellH) / 2;
    const x = left - 6 - at.length / 2;
    ctx.globalAlpha = look.question;
    ctx.font = `700 ${g.narrow ? 24 : 32}px ${p.font}`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.lineWidth = 6;
    ctx.lineJoin = "round";
    ctx.strokeStyle = p.bg;
    ctx.strokeText("?", x, y);
    ctx.fillStyle = p.ink.q;
    ctx.fillText("?", x, y);
    ctx.globalAlpha = 1;
  }
}

/** The deletions: all old q, the k of one token, the v of one. */
export function paintDeleted(ctx, g, p, deleted, at) {
  if (deleted.q) for (let i = 0; i < g.rows - 1; i++) strike(ctx, p, at.q(i), true);
  // Zeros, and not gone: the column stays, with a score of 0 for a k and all its weight for a v.
  if (deleted.v !== null) paintZeros(ctx, p, at.v(deleted.v), p.v);
  if (deleted.k !== null) paintZeros(ctx, p, at.k(deleted.k), p.k);
}

/** A strip in the colour of 0, with a line through it: its numbers were put to zero. */
function paintZeros(ctx, p, box, frame) {
  ctx.fillStyle = p.bg;
  ctx.fillRect(box.x, box.y, box.w, box.h);
  ctx.strokeStyle = frame;
  ctx.lineWidth = 1;
  ctx.strokeRect(box.x + 0.5, box.y + 0.5, box.w - 1, box.h - 1);
  strike(ctx, p, box, false);
}
