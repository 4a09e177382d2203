/** The cache view, cut to what a picture has room for. */

/**
 * The newest tokens, in all layers that are shown; where these are too many values, in the chosen
 * one alone, as the page does with a large model; else in the kv head that the head reads.
 * @param {import("./scene.js").Shown} shown
 * @param {import("../../shared/svg/picture.js").Room} room
 * @returns {import("./scene.js").Shown}
 */
export function fitting({ meta, arrays }, room) {
  const [all, , , dim] = arrays.k.shape;
  const first = Math.max(0, all - room.tokens);
  const every = [meta.shown, Array.from({ length: meta.n_kv_heads }, (_, i) => i)];
  const chosen = [[meta.layer], every[1]];
  const fits = ([layers, heads]) =>
    (all - first) * layers.length * heads.length * dim <= room.values;
  const [shown, heads] = [every, chosen].find(fits) ?? [[meta.layer], [meta.kv_head]];
  const cut = ({ data }) => {
    const left = new Float32Array((all - first) * shown.length * heads.length * dim);
    let to = 0;
    for (let token = first; token < all; token++)
      for (const layer of shown)
        for (const head of heads) {
          const at = token * meta.shown.length + meta.shown.indexOf(layer);
          const row = at * meta.n_kv_heads + head;
          left.set(data.subarray(row * dim, (row + 1) * dim), to);
          to += dim;
        }
    return { data: left, shape: [all - first, shown.length, heads.length, dim] };
  };
  return {
    meta: {
      ...meta, shown, heads, first, tokens: meta.tokens.slice(first),
      start: Math.max(0, meta.start - first),
    },
    arrays: {
      ...arrays, k: cut(arrays.k), v: cut(arrays.v),
      weights: { data: arrays.weights.data.subarray(first), shape: [all - first] },
    },
  };
}
