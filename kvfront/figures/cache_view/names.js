/** The names of the cache view's lines, which stand at its left. */
import { fill } from "../../shared/format.js";

/**
 * @param {import("./layout.js").CacheLayout} g @param {any} meta of the block
 * @returns {{text: string, middle: number, chosen: boolean}[]} the chosen layer's is marked
 */
export function namesOf(g, meta) {
  const { text } = meta;
  const name = (words, middle, chosen = false) => ({ text: words, middle, chosen });
  const names = [name(fill(text.query, meta), g.q.top + g.q.height / 2)];
  for (const layer of meta.shown) {
    const pairs = g.pairs.filter((pair) => pair.layer === layer);
    if (layer === meta.layer) {
      for (const { head, top, height } of pairs)
        names.push(name(fill(text.kv_head, { kv_head: head }), top + height / 2));
      if (!g.map) names.push(name(fill(text.layer, meta), pairs[0].top + 7, true));
    } else {
      const { top, height } = pairs.at(-1);
      names.push(name(fill(text.layer, { layer }), (pairs[0].top + top + height) / 2));
    }
  }
  if (!g.map) return names;
  const middle = (layer) => g.map.top + (layer + 0.5) * g.map.line - 0.5;
  names.push(name(fill(text.layer, meta), middle(meta.layer), true));
  for (const end of [0, meta.n_layers - 1])
    if (Math.abs(end - meta.layer) * g.map.line > 20) names.push(name(`${end}`, middle(end)));
  return names;
}
