// @ts-check
/**
 * Scores, weights and z of one head, from the q, k and v that the model computed: what `attend` in
 * kvcore/model/transformer.py does, so that a recording of all heads need not carry their matrices.
 */

/**
 * @param {{q: Float32Array, k: Float32Array, v: Float32Array}} rows each (S, D)
 * @param {Uint8Array} mask (S, S), 1 = may attend
 * @param {number} dim D
 * @returns {{scores: Float32Array, weights: Float32Array, z: Float32Array}} (S, S), (S, S), (S, D)
 */
export function attend({ q, k, v }, mask, dim) {
  const count = q.length / dim;
  const scores = new Float32Array(count * count);
  const weights = new Float32Array(count * count);
  const z = new Float32Array(count * dim);
  for (let i = 0; i < count; i++) {
    const row = scores.subarray(i * count, (i + 1) * count);
    for (let j = 0; j < count; j++) row[j] = dot(q, k, i * dim, j * dim, dim) / Math.sqrt(dim);
    const seen = Array.from(row.keys()).filter((j) => mask[i * count + j]);
    const most = Math.max(...seen.map((j) => row[j]));
    const sum = seen.reduce((total, j) => total + Math.exp(row[j] - most), 0);
    for (const j of seen) {
      const weight = Math.exp(row[j] - most) / sum;
      weights[i * count + j] = weight;
      for (let d = 0; d < dim; d++) z[i * dim + d] += weight * v[j * dim + d];
    }
  }
  return { scores, weights, z };
}

function dot(a, b, i, j, dim) {
  let sum = 0;
  for (let d = 0; d < dim; d++) sum += a[i + d] * b[j + d];
  return sum;
}
