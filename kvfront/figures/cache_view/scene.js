/** What the cache view shows of one block: the page and a picture paint the same. */
import { mapImage, strips } from "./paint.js";

/** @typedef {{meta: any, arrays: Record<string, {data: any, shape: number[]}>}} Block */

/** The kv heads that have strips: all, unless a picture has no room for them. */
const headsOf = (meta) => meta.heads ?? Array.from({ length: meta.n_kv_heads }, (_, i) => i);

/** What decides where everything lies. @param {any} meta */
export function placesOf(meta) {
  return {
    tokens: meta.tokens, shown: meta.shown, layer: meta.layer, heads: headsOf(meta),
    kvHead: meta.kv_head, headDim: meta.head_dim, nLayers: meta.n_layers,
  };
}

/** What stays. @param {Block} block @param {import("../../shared/color.js").Palette} p */
export function cacheOf({ meta, arrays }, p) {
  return {
    tokens: meta.tokens, start: meta.start, layer: meta.layer, nLayers: meta.n_layers,
    first: meta.first, nRows: meta.shown.length * headsOf(meta).length,
    weights: arrays.weights.data, map: mapImage(arrays.key_norms.data, meta.n_layers, p),
    k: image(meta, arrays, p, "k", "k"), v: image(meta, arrays, p, "v", "v"),
  };
}

/** What is on its way. @param {Block} block @param {import("../../shared/color.js").Palette} p */
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
