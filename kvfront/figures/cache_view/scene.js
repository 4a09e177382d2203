/** The cache view of one step: the page and a picture paint the same. */
import { attention, kvHead, lengths, mixed } from "../../record/derive.js";
import { opened } from "../../record/record.js";
import { fullScale } from "../../shared/scale.js";
import { mapImage, strips } from "./paint.js";

/** @typedef {{meta: any, arrays: Record<string, {data: any, shape: number[]}>}} Shown
 *   k and v (S, layers, heads, D), the newest q and z (D), its weights (S), lengths of K (S, L) */

/**
 * The cache after the step of a record, and what its newest token looked at.
 * @param {import("../../record/pack.js").Block} block @returns {Shown}
 */
export function unfold(block) {
  const { record, state, text } = opened(block);
  const { k, v, model, tokens, steps: [{ start, dropped, held_bytes, ms, next }] } = record;
  const newest = attention(record, state.layer, state.head);
  const full = { k: fullScale(k.data), v: fullScale(v.data), q: fullScale(newest.q.data) };
  return {
    meta: {
      ...model, tokens, start, dropped, held_bytes, ms, next, shown: k.layers, full, text,
      kv_head: kvHead(record, state.head), ...state,
    },
    arrays: {
      k, v, q: newest.q, z: mixed(newest, 0), weights: newest.weights,
      k_lengths: lengths(record),
    },
  };
}

/** The kv heads that have strips: all, unless a picture has no room for them. */
const headsOf = (meta) => meta.heads ?? Array.from({ length: meta.n_kv_heads }, (_, i) => i);

/** The parts of `meta` that decide where everything lies. @param {any} meta */
export function placesOf(meta) {
  return {
    tokens: meta.tokens, shown: meta.shown, layer: meta.layer, heads: headsOf(meta),
    kvHead: meta.kv_head, headDim: meta.head_dim, nLayers: meta.n_layers,
  };
}

/** The parts that stay. @param {Shown} shown @param {import("../../shared/color.js").Palette} p */
export function cacheOf({ meta, arrays }, p) {
  return {
    tokens: meta.tokens, start: meta.start, layer: meta.layer, nLayers: meta.n_layers,
    first: meta.first, nRows: meta.shown.length * headsOf(meta).length,
    weights: arrays.weights.data, map: mapImage(arrays.k_lengths.data, meta.n_layers, p),
    k: image(meta, arrays, p, "k", "k"), v: image(meta, arrays, p, "v", "v"),
  };
}

/** The query on its way. @param {Shown} shown @param {import("../../shared/color.js").Palette} p */
export function queryOf({ meta, arrays }, p) {
  return {
    weights: arrays.weights.data, q: image(meta, arrays, p, "q", "q"),
    z: image(meta, arrays, p, "z", "v"),
  };
}

/** @param {string} hue whose full colour it has: z is a mix of v */
function image(meta, arrays, p, name, hue) {
  return strips(arrays[name].data, meta.head_dim, p, hue, meta.full[hue]);
}

/** @param {any} meta @param {any} map where it is drawn
 * @returns {import("../../shared/legend.js").Legend[]} */
export function legendsOf({ text, full }, map) {
  const letters = ["q", "k", "v"].map((hue) => ({
    scale: "diverging", hue, low: -full[hue], high: full[hue], title: hue, clipped: true,
  }));
  return [
    ...letters,
    { scale: "sequential", low: 0, high: 1, title: text.legend_weight },
    { swatch: "new", title: text.legend_new },
    { swatch: "hatch", title: text.legend_masked },
    ...(map ? [{ swatch: "k", title: text.legend_minimap }] : []),
  ];
}
