// @ts-check
/**
 * Values from the rows of a record: what `attend` in kvcore/ops/attention.py computes of them,
 * in 64-bit sums.
 *
 * @typedef {import("./record.js").RunRecord} RunRecord
 * @typedef {{data: Float32Array, shape: number[]}} Floats
 * @typedef {{q: Floats, k: Floats, v: Floats, scores: Floats, weights: Floats,
 *   mask: {data: Uint8Array, shape: number[]}}} Attention one head: q (T, D); k and v (S, D);
 *   scores before the mask, mask (1 = may attend) and weights (T, S)
 */

/**
 * The rows of one letter in one layer and head.
 * @param {RunRecord} record @param {"q"|"k"|"v"} letter @returns {Floats} (S - start, D)
 */
export function rows(record, letter, layer, head) {
  const { layers, heads, data, shape } = record[letter];
  const [count, , , dim] = shape;
  const at = layers.indexOf(layer) * heads.length + heads.indexOf(head);
  const each = layers.length * heads.length;
  if (each === 1) return { data, shape: [count, dim] };
  const own = new Float32Array(count * dim);
  for (let i = 0; i < count; i++)
    own.set(data.subarray((i * each + at) * dim, (i * each + at + 1) * dim), i * dim);
  return { data: own, shape: [count, dim] };
}

/** The kv head that a query head reads. @param {RunRecord} record @param {number} head */
export function kvHead({ model: { n_heads, n_kv_heads } }, head) {
  return Math.floor((head * n_kv_heads) / n_heads);
}

/** @param {import("./record.js").Rule} rule whether a query at `q` may attend to a key at `k` */
export function sees({ causal, window, n_sink }, q, k) {
  return !causal || (k <= q && (window === null || q - k < window || k < n_sink));
}

/**
 * @param {RunRecord} record @param {number} layer @param {number} head of the queries, T of them:
 *   those that the record carries
 * @param {number} [first] query that is looked at; the rows before it stay empty
 * @returns {Attention}
 */
export function attention(record, layer, head, first = 0) {
  const own = kvHead(record, head);
  const q = rows(record, "q", layer, head);
  const [k, v] = [rows(record, "k", layer, own), rows(record, "v", layer, own)];
  const [[count, dim], [all]] = [q.shape, k.shape];
  const square = [count, all];
  const scores = new Float32Array(count * all);
  const weights = new Float32Array(count * all);
  const mask = new Uint8Array(count * all);
  for (let i = first; i < count; i++) {
    const [from, to] = [i * all, (i + 1) * all];
    const pos = record.q.start + i;
    for (let j = 0; j < all; j++) {
      scores[from + j] = dot(q.data, k.data, i * dim, j * dim, dim) / Math.sqrt(dim);
      mask[from + j] = Number(sees(record.rules[layer], pos, j));
    }
    softmax(scores.subarray(from, to), mask.subarray(from, to), weights.subarray(from, to));
  }
  return {
    q, k, v, scores: { data: scores, shape: square }, weights: { data: weights, shape: square },
    mask: { data: mask, shape: square },
  };
}

/** z of one query: its weights times v. @param {Attention} attention @param {number} query
 * @returns {Floats} (1, D) */
export function mixed({ weights, v }, query) {
  const [count, dim] = v.shape;
  const sums = new Float64Array(dim);
  for (let j = 0; j < count; j++)
    for (let d = 0; d < dim; d++) sums[d] += weights.data[query * count + j] * v.data[j * dim + d];
  return { data: Float32Array.from(sums), shape: [1, dim] };
}

/** The length of each token's K, all kv heads together. @param {RunRecord} record
 * @returns {Floats} (S, L) */
export function lengths({ model, k, k_lengths }) {
  if (k_lengths) return k_lengths;
  const [count, layers, heads, dim] = k.shape;
  const each = heads * dim;
  const data = new Float32Array(count * model.n_layers);
  for (let row = 0; row < count * layers; row++) {
    let sum = 0;
    for (let at = row * each; at < (row + 1) * each; at++) sum += k.data[at] ** 2;
    data[row] = Math.sqrt(sum);
  }
  return { data, shape: [count, model.n_layers] };
}

function dot(a, b, i, j, dim) {
  let sum = 0;
  for (let d = 0; d < dim; d++) sum += a[i + d] * b[j + d];
  return sum;
}

/** @param {Float32Array} scores @param {Uint8Array} mask @param {Float32Array} weights written */
function softmax(scores, mask, weights) {
  let most = -Infinity;
  for (let j = 0; j < scores.length; j++) if (mask[j] && scores[j] > most) most = scores[j];
  let sum = 0;
  for (let j = 0; j < scores.length; j++) if (mask[j]) sum += Math.exp(scores[j] - most);
  for (let j = 0; j < scores.length; j++)
    if (mask[j]) weights[j] = Math.exp(scores[j] - most) / sum;
}
