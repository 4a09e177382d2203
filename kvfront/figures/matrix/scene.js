/** The matrix of one block, in words and numbers: in the page and in a picture. */
import { attention, mixed } from "../../record/derive.js";
import { opened } from "../../record/record.js";
import { span, strips } from "../../shared/barcode.js";
import { fill, number } from "../../shared/format.js";
import { tokenName } from "../../shared/tokens.js";
import { labelStrength, lookOf, reach, viewOf } from "./stages.js";

/**
 * @typedef {{meta: any, arrays: any, run: any, spans: Record<string, number>,
 *   look: import("./stages.js").Look, view: import("./stages.js").View}} Scene
 *   spans: the value of q, k and v whose colour is full
 */

/**
 * The head that is shown, with what follows from its rows.
 * @param {import("../../record/pack.js").Block} block
 * @param {number} [most] newest queries that are looked at
 * @returns {{meta: any, arrays: any}}
 */
export function unfold(block, most = Infinity) {
  const { record, state, text } = opened(block);
  const first = Math.max(0, record.tokens.length - most);
  const head = attention(record, state.layer, state.head, first);
  const arrays = { ...head, z: mixed(head, record.tokens.length - 1) };
  return { meta: { tokens: record.tokens, text, ...state }, arrays };
}

/** @param {{meta: any, arrays: any}} shown what `unfold` gives @returns {Scene} */
export function sceneOf({ meta, arrays }) {
  const nothing = { q: false, k: null, v: null };
  const deleted = meta.stage === 7 ? { ...nothing, ...meta.deleted } : nothing;
  const run = {
    scores: arrays.scores.data, weights: arrays.weights.data, mask: arrays.mask.data,
    reach: reach(arrays.scores.data), count: meta.tokens.length, deleted,
  };
  return {
    meta, arrays, run, look: lookOf(meta.stage, deleted), view: viewOf(meta.stage, run),
    spans: Object.fromEntries(["q", "k", "v"].map((name) => [name, span(arrays[name].data)])),
  };
}

/** @param {Scene} scene @param {"row"|"col"} axis @param {number} index */
export function strengthOf({ meta, run }, axis, index) {
  return labelStrength(meta.stage, axis, index, run.count);
}

/** The barcodes of all letters; z is a mix of v. @param {Scene} scene */
export function barcodes({ arrays, spans }, p) {
  const hues = { q: "q", k: "k", v: "v", z: "v" };
  return Object.fromEntries(
    Object.entries(hues).map(([name, hue]) => [name, strips(arrays[name], hue, p, spans[hue])]),
  );
}

/** @param {Scene} scene @returns {import("../../shared/legend.js").Legend[]} */
export function legendsOf({ meta: { text, stage }, run, spans }) {
  const most = run.reach;
  const own = stage < 5
    ? [{ scale: "diverging", low: -most, high: most, title: text.scores }]
    : [
        { scale: "sequential", low: 0, high: 1, title: text.weights },
        { swatch: "hatch", title: text.masked },
      ];
  const letters = Object.entries(spans).map(([hue, full]) => ({
    scale: "diverging", hue, low: -full, high: full, clipped: true, letter: hue.toUpperCase(),
  }));
  return [...own, ...letters];
}

/** @param {Scene} scene the value of a cell as it is read out */
export function valueOf({ run, meta }, row, col) {
  const i = row * run.count + col;
  if (meta.stage === 1 && Math.max(row, col) === run.count - 1) return meta.text.empty;
  if (meta.stage >= 5 && !run.mask[i]) return meta.text.masked;
  return number((meta.stage < 5 ? run.scores : run.weights)[i]);
}

/** A cell in a sentence. @param {Scene} scene @param {number} [first] the first token's position */
export function sentence(scene, row, col, first = 0) {
  const { meta: { tokens, text } } = scene;
  return fill(text.cell, {
    query: tokenName(tokens[row]), query_pos: first + row, key: tokenName(tokens[col]),
    key_pos: first + col, value: valueOf(scene, row, col),
  });
}
