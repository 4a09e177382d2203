/**
 * Where everything of the shelf lies, in CSS pixels. From top to bottom: the tokens; the place where
 * q stands and reaches from; the shelf of the chosen kv head, tall; those of the others, low; one
 * thin line for every layer. A token is one column through all of them.
 *
 * @typedef {import("./tokens.js").Token} Token
 * @typedef {{head: number, top: number, unit: number, height: number}} Board one kv head's shelf
 * @typedef {{left: number, width: number, middle: number, k: number, v: number}} Column k and v are
 *   the left edges of its two strips
 * @typedef {{ratio: number, width: number, height: number, font: number, narrow: boolean,
 *   labelMode: "flat"|"tilted"|"upright", labelH: number, labelMax: number, columns: Column[],
 *   end: number, strip: number, gap: number, boards: Board[],
 *   reach: {top: number, bottom: number}, q: {top: number, height: number},
 *   weights: {top: number, height: number}, map: {top: number, line: number, bottom: number}}} Shelf
 */
import { measureToken } from "./tokens.js";

const NARROWEST = 12;
const TAIL = 24; // what has not been written yet always shows, at the right
const LABEL = 56; // longest label that is not flat
const LEAST = [46, 34, 26]; // widths of a short word's column: few steps, so that few keys move all

/**
 * @param {CanvasRenderingContext2D} ctx for measuring text
 * @param {number} available width in px
 * @param {{tokens: Token[], nKvHeads: number, kvHead: number, headDim: number, nLayers: number,
 *   family: string}} options
 * @returns {Shelf}
 */
export function layout(ctx, available, options) {
  const { tokens, nKvHeads, kvHead, headDim, nLayers, family } = options;
  const ratio = Math.max(1, window.devicePixelRatio || 1);
  const narrow = available < 400;
  const font = narrow ? 11 : 13;
  const snap = (x) => Math.round(x * ratio) / ratio;
  const lengths = tokens.map((token) => measureToken(ctx, token, { size: font, family, weight: 700 }));

  // As long as the tokens read as a line of text, columns are as wide as their words.
  const asWords = (least) => lengths.map((length) => Math.max(least, length + 9));
  const fits = (all) => all.reduce((total, width) => total + width, TAIL) <= available;
  let labelMode = "flat";
  let widths = LEAST.map(asWords).find(fits);
  let tail = TAIL;
  if (!widths) {
    const share = (right) => Math.max(NARROWEST, Math.floor((available - right) / tokens.length));
    let width = Math.min(26, share(tail));
    labelMode = width >= 17 ? "tilted" : "upright";
    if (labelMode === "tilted") {
      // The last labels lean out to the right.
      const lean = (at) => Math.min(LABEL, lengths[lengths.length - 1 - at]) * Math.SQRT1_2;
      for (let at = 0; at < Math.min(4, tokens.length); at++)
        tail = Math.max(tail, Math.ceil(lean(at) + font - (at + 0.5) * width));
      width = Math.min(width, share(tail));
    }
    widths = lengths.map(() => width);
  }

  const thinnest = Math.min(...widths);
  const gap = thinnest < 16 ? 1 : 3;
  const strip = Math.max(3, Math.min(16, Math.floor((thinnest - gap) / 2 - (thinnest < 16 ? 1 : 3))));
  const columns = [];
  let x = 2;
  for (const width of widths) {
    const middle = x + width / 2;
    const k = snap(middle - gap / 2 - strip);
    columns.push({ left: x, width, middle, k, v: snap(k + strip + gap) });
    x += width;
  }

  const labelH = labelMode === "flat" ? font + 12 : narrow ? 52 : 58;
  const tall = (height) => Math.max(1, Math.floor(height / headDim)) * headDim;
  const q = { top: labelH + 3, height: tall(64) };
  const reach = { top: labelH, bottom: q.top + q.height + 20 };
  const weights = { top: reach.bottom, height: 6 };
  let top = weights.top + weights.height + 5;
  const order = [kvHead, ...Array.from({ length: nKvHeads }, (_, i) => i).filter((i) => i !== kvHead)];
  const boards = order.map((head, i) => {
    const height = tall(i ? 64 : 128);
    const board = { head, top, height, unit: height / headDim };
    top += height + 13;
    return board;
  });
  const line = Math.max(3, Math.min(10, Math.floor(120 / nLayers)));
  const map = { top: top + 8, line, bottom: top + 8 + nLayers * line };
  return {
    ratio, narrow, font, labelMode, labelH, labelMax: LABEL, columns, end: x, strip, gap, boards,
    reach, q, weights, map,
    width: Math.ceil(Math.max(available, x + tail)), height: Math.ceil(map.bottom + 5),
  };
}

/** The edges of the strips of columns `from` up to, not with, `to`. @param {Shelf} g */
export function span(g, from, to) {
  const left = g.columns[from].k;
  return { left, width: g.columns[to - 1].v + g.strip - left };
}

/** @param {Shelf} g @param {number} x @returns {number|null} the column at x */
export function columnAt(g, x) {
  const at = g.columns.findIndex(({ left, width }) => x >= left && x < left + width);
  return at < 0 ? null : at;
}

/**
 * The way from q at the head of the last column to the key of column `to`: out to the left, then
 * down. Far keys leave higher, so that no two ways cross.
 * @param {Shelf} g @param {number} to
 * @returns {[number, number][]} four points of a cubic Bezier curve
 */
export function way(g, to) {
  const last = g.columns.length - 1;
  const from = g.columns[last];
  const end = [g.columns[to].middle, g.weights.top];
  const bottom = g.q.top + g.q.height;
  if (to === last) {
    const x = from.k + g.strip / 2;
    return [[x, bottom], [x, bottom + 8], [end[0], end[1] - 8], end];
  }
  const far = Math.sqrt((last - to) / Math.max(1, last));
  const y = bottom - 4 - far * (g.q.height - 8);
  const reach = from.k - end[0];
  return [[from.k, y], [from.k - 0.55 * reach, y], [end[0], y + 0.1 * (end[1] - y)], end];
}

/** @param {[number, number][]} p @param {number} t 0..1 @returns {[number, number]} */
export function along([a, b, c, d], t) {
  const u = 1 - t;
  const at = (i) => u ** 3 * a[i] + 3 * u * u * t * b[i] + 3 * u * t * t * c[i] + t ** 3 * d[i];
  return [at(0), at(1)];
}

/** The first part of a curve, up to t. @param {[number, number][]} points @param {number} t */
export function part(points, t) {
  const mix = (a, b) => [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t];
  const [a, b, c, d] = points;
  const [ab, bc, cd] = [mix(a, b), mix(b, c), mix(c, d)];
  const [abc, bcd] = [mix(ab, bc), mix(bc, cd)];
  return [a, ab, abc, mix(abc, bcd)];
}
