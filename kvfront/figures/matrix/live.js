/** kv.matrix: the seven steps of "Why K and V, and not Q?" over one matrix. */
import { span, strips } from "../../shared/barcode.js";
import { palette } from "../../shared/color.js";
import { element, mount } from "../../shared/figure.js";
import { fill, number } from "../../shared/format.js";
import { Heatmap } from "../../shared/heat/heatmap.js";
import { scaleLegend, swatch } from "../../shared/legend.js";
import { paintAround, places, reserve } from "./paint.js";
import { between, labelStrength, lookOf, reach, viewOf } from "./stages.js";
import { tokenHeadings } from "../../shared/table.js";
import { tokenName } from "../../shared/tokens.js";

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
      describe: (row, col) => this.#describe(row, col),
      describeAt: (x, y, g) => this.#describeStrip(x, y, g),
      labelStrength: (axis, i) => labelStrength(this.meta.stage, axis, i, this.run.count),
      paint: (ctx, g, p, progress) => this.#paint(ctx, g, p, progress),
      choose: (row, col) => this.#settled([row, col]),
      table: { rows: names, cols: names, cell: (row, col) => this.#value(row, col) },
      scrollToEnd: true,
    });
  }

  update({ meta, arrays }) {
    const nothing = { q: false, k: null, v: null };
    const deleted = meta.stage === 7 ? { ...nothing, ...meta.deleted } : nothing;
    const same = this.meta && JSON.stringify(this.meta.tokens) === JSON.stringify(meta.tokens);
    this.meta = meta;
    this.arrays = arrays;
    this.run = {
      scores: arrays.scores.data, weights: arrays.weights.data, mask: arrays.mask.data,
      reach: reach(arrays.scores.data), count: meta.tokens.length, deleted,
    };
    this.spans = Object.fromEntries(["q", "k", "v"].map((name) => [name, span(arrays[name].data)]));
    this.lookFrom = this.look ?? null;
    this.look = lookOf(meta.stage, deleted);
    this.strips = null;
    this.caption.textContent = meta.text.caption ?? "";
    const { tokens, text } = meta;
    const { length } = tokens;
    this.heat.load({ rows: tokens, cols: tokens, nRows: length, nCols: length, text });
    this.heat.cursor.fixed = meta.hold === "fixed";
    this.#legends();
    this.heat.show(viewOf(meta.stage, this.run), { animate: same });
    const lost = !same && !this.heat.cursor.chosen;
    if (lost || meta.hold !== "free") this.heat.choose(meta.cell ?? null);
    if (meta.hold === "moved" && this.reported) this.#settled(meta.cell);
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
    const { text, stage } = this.meta;
    const p = palette(this.root);
    const most = this.run.reach;
    const own = stage < 5
      ? [scaleLegend(p, { scale: "diverging", low: -most, high: most, title: text.scores })]
      : [
          scaleLegend(p, { scale: "sequential", low: 0, high: 1, title: text.weights }),
          swatch(text.masked, "kv-swatch-hatch"),
        ];
    for (const [name, full] of Object.entries(this.spans)) {
      const legend = scaleLegend(p, {
        scale: "diverging", hue: name, low: -full, high: full, clipped: true,
        title: name.toUpperCase(),
      });
      legend.firstChild.style.cssText = `color:${p.ink[name]};font-weight:600;font-style:italic`;
      own.push(legend);
    }
    this.heat.legend.replaceChildren(...own);
  }

  #paint(ctx, g, p, progress) {
    this.strips ??= Object.fromEntries(
      [["q", "q"], ["k", "k"], ["v", "v"], ["z", "v"]].map(([name, hue]) => [
        name, strips(this.arrays[name], hue, p, this.spans[hue]),
      ]),
    );
    const look = this.lookFrom ? between(this.lookFrom, this.look, progress) : this.look;
    paintAround(ctx, g, p, look, { ...this.strips, ...this.run });
  }

  #value(row, col) {
    const { run, meta } = this;
    const i = row * run.count + col;
    if (meta.stage === 1 && Math.max(row, col) === run.count - 1) return meta.text.empty;
    if (meta.stage >= 5 && !run.mask[i]) return meta.text.masked;
    return number((meta.stage < 5 ? run.scores : run.weights)[i]);
  }

  #describe(row, col) {
    const { tokens, text } = this.meta;
    const score = number(this.run.scores[row * tokens.length + col]);
    return fill(text.cell, {
      query: tokenName(tokens[row]), query_pos: row, key: tokenName(tokens[col]), key_pos: col,
      value: this.#value(row, col), score,
    });
  }

  /** The one value of a barcode under the mouse. */
  #describeStrip(x, y, g) {
    const at = places(g);
    const { tokens, text } = this.meta;
    const last = tokens.length - 1;
    const row = Math.floor((y - g.top) / g.cellH);
    const col = Math.floor((x - g.left) / g.cellW);
    const dim = this.arrays.k.shape[1];
    const say = (letter, index, share) => {
      if (index < 0 || index > last || share < 0 || share >= 1) return null;
      const d = Math.floor(share * dim);
      return fill(text.strip, {
        letter, token: tokenName(tokens[index]), pos: index, dim: d,
        value: number(this.arrays[letter].data[index * dim + d]),
      });
    };
    const shown = (letter, index) => {
      const look = this.look;
      return index === last ? look[`new${letter.toUpperCase()}`] : look[letter];
    };
    const q = at.q(0);
    const z = at.z();
    if (x < g.left && row >= 0 && row <= last && shown("q", row) > 0)
      return say("q", row, (x - q.x) / q.w);
    if (x >= z.x && x <= z.x + z.w && this.look.z > 0) return say("z", last, (y - z.y) / z.h);
    if (col < 0 || col > last) return null;
    return y < g.top ? say("k", col, (y - at.k(0).y) / at.length)
      : say("v", col, (y - at.vTop) / at.length);
  }
}

/** @param {any} component what Streamlit passes */
export default function matrix(component) {
  return mount(component, (stage) => new Matrix(stage));
}
