// @ts-check
/** The snapshot of /why-not-q: seven steps, and every layer and head that was recorded. */
import draw from "../../../kvfront/figures/matrix/live.js";
import { unfold } from "../../../kvfront/figures/matrix/scene.js";
import { CellNumbers } from "./cell.js";
import { open } from "./snapshot.js";

/**
 * @param {import("../../../kvfront/record/pack.js").Block} block
 * @param {{plain: any, deleting: any}} text @param {Record<string, string>} picks
 */
function compose({ meta, arrays }, text, { step, layer, head }) {
  const stage = Number(step);
  const state = { ...meta.state, stage, layer: Number(layer), head: Number(head) };
  return { meta: { ...meta, state, text: stage === 7 ? text.deleting : text.plain }, arrays };
}

const numbers = new CellNumbers();
document.getElementById("kv-figure")?.after(numbers.node);

open(draw, compose, (block, text) => numbers.show(unfold(block), text.cell));
