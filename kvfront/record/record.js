// @ts-check
/**
 * The record of a run, what is shown of it, and in which words. FORMAT.md has every name.
 *
 * @typedef {{text: string, space: boolean, part: number, parts: number}} Token
 * @typedef {{layers: number[], heads: number[], start: number, data: Float32Array,
 *   shape: number[]}} Rows (S - start, layers, heads, D)
 * @typedef {{causal: boolean, window: number|null, n_sink: number}} Rule
 * @typedef {{phase: "prefill"|"decode", start: number, fed: number, dropped: Token[],
 *   held_bytes: number, read_bytes: number, ms: number, next: {label: Token, p: number}[],
 *   chosen: number|null}} Step
 * @typedef {{tokens: Token[], prompt: number, steps: Step[], rules: Rule[],
 *   model: {n_layers: number, n_heads: number, n_kv_heads: number, head_dim: number},
 *   q: Rows, k: Rows, v: Rows, k_lengths?: import("./pack.js").PackedArray,
 *   cached_ms?: import("./pack.js").PackedArray,
 *   recomputed_ms?: import("./pack.js").PackedArray}} RunRecord
 * @typedef {{record: RunRecord, state: any, text: any}} Message
 */

const FORMAT = 1;

/** @param {import("./pack.js").Block} block @returns {Message} */
export function opened({ meta, arrays }) {
  const { format, record, state, text } = meta;
  if (format !== FORMAT)
    throw new Error(`a record of format ${format} came, and this reads ${FORMAT}: reload the page`);
  const whole = { ...record };
  for (const [name, array] of Object.entries(arrays)) whole[name] = { ...whole[name], ...array };
  return { record: whole, state, text };
}
