/** kv.matrix: the seven steps of "Why K and V, and not Q?" over one matrix. */
import { palette } from "../../shared/color.js";
import { element, mount } from "../../shared/figure.js";
import { fill, number } from "../../shared/format.js";
import { Heatmap } from "../../shared/heat/heatmap.js";
import { legendBox } from "../../shared/legend.js";
import { tokenHeadings } from "../../shared/table.js";
import { tokenName } from "../../shared/tokens.js";
import { paintAround, places, reserve } from "./paint.js";
import {
  barcodes, legendsOf, sceneOf, sentence, strengthOf, unfold, valueOf,
} from "./scene.js";
import { between } from "./stages.js";

class Matrix {
  /** @param {import("../../shared/figure.js").Stage} stage */
  constructor({ root, report }) {
    this.root = root;
    this.report = report;
    this.picture = element("div");
    this.caption = element("p", "kv-caption");
    root.append(this.caption, this.picture);
    const names = () => tokenHeadings(this.meta.tokens);
    this.heat = new Heatmap(this.picture, {
      reserve,
      describe: (row, col) => sentence(this.scene, row, col),
      describeAt: (x, y, g) => this.#describeStrip(x, y, g),
      labelStrength: (axis, i) => strengthOf(this.scene, axis, i),
      paint: (ctx, g, p, progress) => this.#paint(ctx, g, p, progress),
      choose: (row, col) => this.#settled([row, col]),
      table: { rows: names, cols: names, cell: (row, col) => valueOf(this.scene, row, col) },
      scrollToEnd: true,
    });
  }

  update(block) {
    const { meta, arrays } = unfold(block);
    const same = this.meta && JSON.stringify(this.meta.tokens) === JSON.stringify(meta.tokens);
    this.lookFrom = this.scene?.look ?? null;
    this.scene = sceneOf({ meta, arrays });
    this.meta = meta;
    this.arrays = arrays;
    this.strips = null;
    this.caption.textContent = meta.text.caption ?? "";
    const { tokens, text } = meta;
    const { length } = tokens;
    this.heat.load({ rows: tokens, cols: tokens, nRows: length, nCols: length, text });
    this.heat.cursor.fixed = meta.control === "fixed";
    this.#legends();
    this.heat.show(this.scene.view, { animate: same });
    const lost = !same && !this.heat.cursor.chosen;
    if (lost || meta.control !== "free") this.heat.choose(meta.cell ?? null);
    if (meta.control === "moved" && this.reported) this.#settled(meta.cell);
  }

  repaint() {
    this.strips = null;
    this.#legends();
    this.heat.repaint();
  }

  dispose() {
    this.heat.dispose();
  }

  /** @param {[number, number]} cell that the page shall know of */
  #settled(cell) {
    this.reported = cell;
    this.report("cell", cell);
  }

  #legends() {
    const p = palette(this.root);
    this.heat.legend.replaceChildren(...legendsOf(this.scene).map((each) => legendBox(p, each)));
  }

  #paint(ctx, g, p, progress) {
    const { scene, lookFrom } = this;
    this.strips ??= barcodes(scene, p);
    const look = lookFrom ? between(lookFrom, scene.look, progress) : scene.look;
    paintAround(ctx, g, p, look, { ...this.strips, ...scene.run });
  }

  /** The one value of a barcode under the mouse. */
  #describeStrip(x, y, g) {
    const at = places(g);
    const { tokens, text } = this.meta;
    const last = tokens.length - 1;
    const row = Math.floor((y - g.top) / g.cellH);
    const col = Math.floor((x - g.left) / g.cellW);
    const dim = this.arrays.k.shape[1];
    const say = (letter, index, share, held = index) => {
      if (index < 0 || index > last || share < 0 || share >= 1) return null;
      const d = Math.floor(share * dim);
      return fill(text.strip, {
        letter, token: tokenName(tokens[index]), pos: index, dim: d,
        value: number(this.arrays[letter].data[held * dim + d]),
      });
    };
    const shown = (letter, index) => {
      const { look } = this.scene;
      return index === last ? look[`new${letter.toUpperCase()}`] : look[letter];
    };
    const q = at.q(0);
    const z = at.z();
    if (x < g.left && row >= 0 && row <= last && shown("q", row) > 0)
      return say("q", row, (x - q.x) / q.w);
    if (x >= z.x && x <= z.x + z.w && this.scene.look.z > 0) return say("z", last, (y - z.y) / z.h, 0);
    if (col < 0 || col > last) return null;
    return y < g.top ? say("k", col, (y - at.k(0).y) / at.length)
      : say("v", col, (y - at.vTop) / at.length);
  }
}

/** @param {any} component what Streamlit passes */
export default function matrix(component) {
  return mount(component, (stage) => new Matrix(stage));
}
