/** The cache view's words: one column, what an edit took away, the table behind the picture. */
import { fill, number } from "../../shared/format.js";
import { tokenHeadings } from "../../shared/table.js";
import { tokenName } from "../../shared/tokens.js";

const NAMED = 6; // tokens that fell away, before the sentence breaks off

/**
 * How much the newest token looks at one column.
 * @param {any} meta @param {Float32Array} weights @param {number} at
 */
export function column(meta, weights, at) {
  const { tokens, text, layer, head } = meta;
  const last = tokens.length - 1;
  return fill(text.weight, {
    query: tokenName(tokens[last]), query_pos: last, key: tokenName(tokens[at]), key_pos: at,
    layer, head, value: number(weights[at]),
  });
}

/**
 * One value of K or V. @param {any} meta @param {any} arrays
 * @param {import("./values.js").Value} at @param {number} pos
 */
export function value(meta, arrays, { pair, letter, dim }, pos) {
  const { text, tokens } = meta;
  return fill(text.value, {
    letter, token: tokenName(tokens[pos]), pos, layer: pair.layer, kv_head: pair.head, dim,
    value: number(held(meta, arrays, letter, pos, pair.row, dim)),
  });
}

/** A value of the arrays (S, N, Hkv, D); `row` counts the barcodes of a token. */
function held({ shown, n_kv_heads, head_dim }, arrays, letter, pos, row, dim) {
  return arrays[letter].data[(pos * shown.length * n_kv_heads + row) * head_dim + dim];
}

/** @returns {string} empty when nothing fell */
export function fell({ dropped, text }) {
  const names = dropped.slice(0, NAMED).map((token) => fill(text.token, { text: tokenName(token) }));
  const tokens = names.join(" ") + (dropped.length > NAMED ? " …" : "");
  return tokens && fill(text.dropped, { tokens });
}

/** The last step in words, for a screen reader. */
export function summary(meta) {
  const { text, tokens, start } = meta;
  const counts = fill(text.counts, { reused: start, computed: tokens.length - start });
  return `${counts} ${fell(meta)}`.trim();
}

/**
 * @param {() => {meta: any, arrays: any}} now what is on screen when the table is filled
 * @returns {import("../../shared/table.js").TableSource}
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

/**
 * All that one token left: a row for each dimension, a column for each barcode.
 * @param {() => {meta: any, arrays: any, cursor: import("../../shared/heat/cursor.js").CellCursor}} now
 * @returns {import("../../shared/table.js").TableSource}
 */
export function values(now) {
  const barcodes = ({ shown, n_kv_heads }) =>
    shown.flatMap((layer, i) =>
      Array.from({ length: n_kv_heads }, (_, kv_head) => ({ layer, kv_head, row: i * n_kv_heads + kv_head })),
    ).flatMap((each) => ["k", "v"].map((letter) => ({ ...each, letter })));
  return {
    rows: () => Array.from({ length: now().meta.head_dim }, (_, dim) => String(dim)),
    cols: () => barcodes(now().meta).map((each) => fill(now().meta.text.barcode, each)),
    cell: (dim, col) => {
      const { meta, arrays, cursor } = now();
      const { letter, row } = barcodes(meta)[col];
      const pos = cursor.chosen?.[1] ?? meta.tokens.length - 1;
      return number(held(meta, arrays, letter, pos, row, dim));
    },
  };
}
