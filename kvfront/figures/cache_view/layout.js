/**
 * Where everything of the cache view lies, in CSS pixels. From top to bottom: the tokens; the place
 * where q stands and reaches from; the strips of the chosen kv head, tall; those of the others, low;
 * then the strips of the other layers, lower still, or where they are not shown one thin line for
 * every layer. A token is one column through all of them.
 *
 * @typedef {import("../../shared/tokens.js").Token} Token
 * @typedef {{layer: number, head: number, row: number, top: number, unit: number, height: number}}
 *   StripPair one kv head's strips, of K and of V; `row` is its place among all that a token left
 * @typedef {{left: number, width: number, middle: number, k: number, v: number}} Column k and v are
 *   the left edges of its two strips
 * @typedef {{token: Token, from: number, to: number, font: number}} Label names the columns
 *   from `from` up to, not with, `to`: several when they are pieces of one character
 * @typedef {{ratio: number, width: number, height: number, font: number, narrow: boolean,
 *   angle: number, labelH: number, labelMax: number, labels: Label[], columns: Column[], end: number,
 * strip: number, gap: number, pairs: StripPair[],
 *   reach: {top: number, bottom: number}, q: {top: number, height: number},
 *   weights: {top: number, height: number}, map: {top: number, line: number, bottom: number}|null}}
 *   CacheLayout
 */
import { measureToken } from "../../shared/tokens.js";

const NARROWEST = 12;
const TAIL = 24; // what has not been written yet always shows, at the right
const LABEL = 56; // longest label that is turned
const LEAST = [46, 34, 26]; // widths of a short word's column: few steps, so that few keys move all

/**
 * @param {CanvasRenderingContext2D} ctx for measuring text
 * @param {number} available width in px
 * @param {{tokens: Token[], shown: number[], layer: number, heads: number[], kvHead: number,
 *   headDim: number, nLayers: number, family: string, ratio: number}} options
 *   shown, heads: the layers and kv heads that have strips; ratio: device pixels to one of CSS
 * @returns {CacheLayout}
 */
export function layout(ctx, available, options) {
  const { tokens, shown, heads, headDim, nLayers, family, ratio } = options;
  const narrow = available < 400;
  const font = narrow ? 11 : 13;
  const snap = (x) => Math.round(x * ratio) / ratio;
  const measure = (token) => measureToken(ctx, token, { size: font, family, weight: 700 });
  const labels = named(tokens).map((label) => ({ ...label, font, length: measure(label.token) }));

  // As long as the tokens read as a line of text, columns are as wide as their words.
  const asWords = (least) =>
    labels.flatMap(({ from, to, length }) =>
      Array(to - from).fill(Math.max(least, (length + 9) / (to - from))),
    );
  const fits = (all) => all.reduce((total, width) => total + width, TAIL) <= available;
  let widths = LEAST.map(asWords).find(fits);
  let tail = TAIL;
  let angle = 0;
  if (!widths) {
    const share = (right) => Math.max(NARROWEST, Math.floor((available - right) / tokens.length));
    let width = Math.min(26, share(tail));
    // A single character, say a Chinese one, shrinks a little; for anything longer all are turned.
    const wide = ({ token, from, to, length }) => !single(token) && length > (to - from) * width - 2;
    if (labels.some(wide)) angle = width >= 17 ? -Math.PI / 4 : -Math.PI / 2;
    if (angle && width >= 17) {
      // The last labels lean out to the right.
      for (const { from, length } of labels.slice(-4)) {
        const lean = Math.min(LABEL, length) * Math.SQRT1_2 + font;
        tail = Math.max(tail, Math.ceil(lean - (tokens.length - from - 0.5) * width));
      }
      width = Math.min(width, share(tail));
    }
    widths = tokens.map(() => width);
  }
  for (const label of labels) {
    const room = widths.slice(label.from, label.to).reduce((total, width) => total + width, 0);
    label.font = angle ? font : Math.min(font, (font * room) / label.length);
  }

  const thinnest = Math.min(...widths);
  const [gap, side] = thinnest < 20 ? [1, 1] : thinnest < 30 ? [2, 1.5] : [3, 3];
  const strip = Math.max(3, Math.min(16, Math.floor((thinnest - gap) / 2 - side)));
  const columns = [];
  let x = 2;
  for (const width of widths) {
    const middle = x + width / 2;
    const k = snap(middle - gap / 2 - strip);
    columns.push({ left: x, width, middle, k, v: snap(k + strip + gap) });
    x += width;
  }

  const labelH = !angle ? font + 12 : narrow ? 52 : 58;
  const tall = (height) => Math.max(1, Math.floor(height / headDim)) * headDim;
  const q = { top: labelH + 3, height: tall(64) };
  const reach = { top: labelH, bottom: q.top + q.height + 20 };
  const weights = { top: reach.bottom, height: 6 };
  let top = weights.top + weights.height + 5;
  const pairs = order(options).map(({ layer, head }, i) => {
    const near = layer === options.layer;
    const height = tall(i ? (near ? 64 : 32) : 128);
    const row = shown.indexOf(layer) * heads.length + heads.indexOf(head);
    if (!near && head === heads[0]) top += 9; // each layer stands a little apart
    const pair = { layer, head, row, top, height, unit: height / headDim };
    top += height + 13;
    return pair;
  });
  const line = Math.max(3, Math.min(10, Math.floor(120 / nLayers)));
  const map =
    shown.length < nLayers ? { top: top + 8, line, bottom: top + 8 + nLayers * line } : null;
  return {
    ratio, narrow, font, angle, labelH, labelMax: LABEL, labels, columns, end: x, strip, gap, pairs,
    reach, q, weights, map,
    width: Math.ceil(Math.max(available, x + tail)), height: Math.ceil(map ? map.bottom + 5 : top),
  };
}

/** The pairs of strips from top to bottom: the kv head that is read, its layer's others, the rest. */
function order({ shown, layer, heads, kvHead }) {
  const first = (all, one) => [one, ...all.filter((each) => each !== one)];
  return first(shown, layer).flatMap((each) =>
    (each === layer ? first(heads, kvHead) : heads).map((head) => ({ layer: each, head })),
  );
}

/**
 * Tokens that are pieces of one character stand together under it.
 * @param {Token[]} tokens @returns {{token: Token, from: number, to: number}[]}
 */
function named(tokens) {
  const labels = [];
  for (let from = 0, to; from < tokens.length; from = to) {
    const { text, part, parts } = tokens[from];
    const next = (i) => tokens[i]?.text === text && tokens[i].part === part + i - from;
    for (to = from + 1; parts > 1 && next(to); to++);
    const whole = to - from === parts;
    labels.push({ token: whole ? { ...tokens[from], part: 1, parts: 1 } : tokens[from], from, to });
  }
  return labels;
}

const single = ({ text, space, parts }) => parts === 1 && !space && Array.from(text).length === 1;

/** The edges of the strips of columns `from` up to, not with, `to`. @param {CacheLayout} g */
export function span(g, from, to) {
  const left = g.columns[from].k;
  return { left, width: g.columns[to - 1].v + g.strip - left };
}

/** @param {CacheLayout} g @param {number} x @returns {number|null} the column at x */
export function columnAt(g, x) {
  const at = g.columns.findIndex(({ left, width }) => x >= left && x < left + width);
  return at < 0 ? null : at;
}

/**
 * The way from q at the head of the last column to the key of column `to`: out to the left, then
 * down. Far keys leave higher, so that no two ways cross.
 * @param {CacheLayout} g @param {number} to
 * @returns {number[][]} four points of a cubic Bezier curve
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

/** @param {number[][]} p @param {number} t 0..1 @returns {number[]} */
export function along([a, b, c, d], t) {
  const u = 1 - t;
  const at = (i) => u ** 3 * a[i] + 3 * u * u * t * b[i] + 3 * u * t * t * c[i] + t ** 3 * d[i];
  return [at(0), at(1)];
}

/** The first part of a curve, up to t. @param {number[][]} points @param {number} t */
export function part(points, t) {
  const mix = (a, b) => [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t];
  const [a, b, c, d] = points;
  const [ab, bc, cd] = [mix(a, b), mix(b, c), mix(c, d)];
  const [abc, bcd] = [mix(ab, bc), mix(bc, cd)];
  return [a, ab, abc, mix(abc, bcd)];
}
