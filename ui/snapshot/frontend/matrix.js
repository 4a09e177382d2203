// @ts-check
/** The snapshot of /why-not-q: seven steps, and every layer and head that was recorded. */
import draw from "../../../kvfront/figures/matrix/live.js";
import { attend } from "./attention.js";
import { floats } from "./block.js";
import { CellNumbers } from "./cell.js";
import { open } from "./snapshot.js";

/** @type {Float32Array|null} */
let values = null; // (layers, H + 2 Hkv, S, D): q heads, then k heads, then v heads

/** @param {import("./block.js").Block} block @param {{plain: any, deleting: any}} text */
function compose({ meta, arrays }, text, picks) {
  const { n_heads, n_kv_heads, first_layer } = meta.run;
  const { deleted, cell, control, tokens } = meta;
  values ??= floats(/** @type {Uint8Array} */ (arrays.planes.data));
  const [, , heads, count, dim] = arrays.planes.shape;
  const stage = Number(picks.step);
  const layer = Number(picks.layer) - first_layer;
  const head = Number(picks.head);
  const rows = (at) => {
    const start = (layer * heads + at) * count * dim;
    return values.subarray(start, start + count * dim);
  };
  const kvHead = Math.floor((head * n_kv_heads) / n_heads);
  const own = { q: rows(head), k: rows(n_heads + kvHead), v: rows(n_heads + n_kv_heads + kvHead) };
  const { scores, weights, z } = attend(own, arrays.mask.data, dim);
  const wide = (data) => ({ data, shape: [count, dim] });
  const square = (data) => ({ data, shape: [count, count] });
  return {
    meta: { tokens, stage, deleted, text: stage === 7 ? text.deleting : text.plain, cell, control },
    arrays: {
      q: wide(own.q), k: wide(own.k), v: wide(own.v), z: wide(z),
      scores: square(scores), mask: arrays.mask, weights: square(weights),
    },
  };
}

const numbers = new CellNumbers();
document.getElementById("kv-figure")?.after(numbers.node);

open(draw, compose, (block, text) => numbers.show(block, text.cell));
