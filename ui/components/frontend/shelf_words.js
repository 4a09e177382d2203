/** What the shelf says: one column, what an edit took away, the table behind the picture. */
import { fill, number } from "./format.js";
import { tokenHeadings } from "./table.js";
import { tokenName } from "./tokens.js";

const NAMED = 6; // tokens that fell away, before the sentence breaks off

/** How much the newest token looks at one column. @param {Float32Array} weights */
export function column({ tokens, text, layer, head }, weights, at) {
  const last = tokens.length - 1;
  return fill(text.weight, {
    query: tokenName(tokens[last]), query_pos: last, key: tokenName(tokens[at]), key_pos: at,
    layer, head, value: number(weights[at]),
  });
}

/** @returns {string} empty when nothing fell */
export function fell({ dropped, text }) {
  const names = dropped.slice(0, NAMED).map((token) => `‘${tokenName(token)}’`);
  const tokens = names.join(" ") + (dropped.length > NAMED ? " …" : "");
  return tokens && fill(text.dropped, { tokens });
}

/** What the last step did, for a screen reader. */
export function summary(meta) {
  const { text, tokens, start } = meta;
  const counts = `${text.reused}: ${start}. ${text.computed}: ${tokens.length - start}.`;
  return `${counts} ${fell(meta)}`.trim();
}

/**
 * @param {() => {meta: any, arrays: any}} now what is on screen when the table is filled
 * @returns {import("./table.js").TableSource}
 */
export function table(now) {
  return {
    rows: () => tokenHeadings(now().meta.tokens),
    cols: () => [now().meta.text.legend_weight, now().meta.text.legend_new],
    cell: (row, col) => {
      const { meta, arrays } = now();
      if (col === 0) return number(arrays.weights.data[row]);
      return row < meta.start ? meta.text.kept : "✓";
    },
  };
}
