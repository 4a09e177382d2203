/** The words and panels of one step of a run: the page and a picture have the same. */
import { attention, kvHead } from "../../record/derive.js";
import { opened } from "../../record/record.js";
import { span } from "../../shared/barcode.js";
import { bytes, fill, number } from "../../shared/format.js";
import { tokenName } from "../../shared/tokens.js";

/** How large the cells of a square may be, and those of the rows of K and V. */
export const SQUARE = { minCell: [2.5, 2.5], maxCell: [28, 28] };
export const ROWS = { square: false, minCell: [2, 3], maxCell: [14, 16], height: 320 };

/**
 * The run with one head of it, and what follows from its rows.
 * @param {import("../../record/pack.js").Block} block
 * @param {(meta: any) => number} [first] query that is looked at
 * @returns {{meta: any, arrays: any}}
 */
export function unfold(block, first = () => 0) {
  const { record, state, text } = opened(block);
  const { tokens, steps, model } = record;
  const meta = { ...model, tokens, steps, text, kv_head: kvHead(record, state.head), ...state };
  return { meta, arrays: attention(record, state.layer, state.head, first(meta)) };
}

/** @param {any} meta of the run @param {number} index of the step */
export function sentenceOf({ steps, tokens, text }, index) {
  const step = steps[index];
  const next = step.chosen === null ? "" : tokenName(step.next[step.chosen].label);
  return fill(text[`step_${step.phase}`], {
    step: index, steps: steps.length - 1, fed: step.fed, pos: step.start,
    token: tokenName(tokens[step.start]), held: step.start + step.fed, next,
  });
}

/** The numbers of a step, by what they count. @param {import("./views.js").Step} step */
export function countsOf({ fed, held_bytes, read_bytes, ms }) {
  return { fed: String(fed), held: bytes(held_bytes), read: bytes(read_bytes), ms: number(ms) };
}

/** The title of each panel. @param {any} meta @param {import("./views.js").Step} step */
export function titlesOf(meta, { phase, start, fed }) {
  const { text } = meta;
  const end = start + fed;
  const slots = { rows: end, again: start, fed };
  return {
    recompute: fill(text[`recompute_${phase}`], slots),
    cached: fill(text[`cached_${phase}`], slots),
    k: fill(text.k, meta), v: fill(text.v, meta), map: fill(text.map, { ...meta, held: end, fed }),
    next: text.next,
  };
}

/** @param {{k: any, v: any}} arrays @returns {{k: number, v: number}} values of a full colour */
export const spansOf = ({ k, v }) => ({ k: span(k.data), v: span(v.data) });

/** The legends of each panel. @param {any} text @param {{k: number, v: number}} spans */
export function legendsOf(text, spans) {
  const rows = (hue) => [
    { scale: "diverging", hue, low: -spans[hue], high: spans[hue], clipped: true },
  ];
  return {
    recompute: [{ swatch: "redo", title: text.again }],
    cached: [
      { scale: "sequential", low: 0, high: 1, title: text.weights },
      { swatch: "hatch", title: text.masked },
    ],
    k: rows("k"), v: rows("v"),
  };
}

/** The state of the map of the whole cache. @returns {import("./map.js").MapState} */
export function mapOf({ n_layers, tokens, layer, text }, { start, fed }) {
  return {
    nLayers: n_layers, nTokens: tokens.length, start, end: start + fed, layer,
    layerName: (each) => fill(text.layer, { layer: each }),
  };
}
