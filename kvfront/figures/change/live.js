/** kv.change: a layer x position map of how much each token's row of K or V moved. */
import { palette } from "../../shared/color.js";
import { element, mount } from "../../shared/figure.js";
import { fill, number } from "../../shared/format.js";
import { Heatmap } from "../../shared/heat/heatmap.js";
import { legendBox } from "../../shared/legend.js";
import { tokenHeadings } from "../../shared/table.js";
import { tokenName } from "../../shared/tokens.js";

class ChangeMap {
  /** @param {import("../../shared/figure.js").Stage} stage */
  constructor({ root }) {
    this.root = root;
    this.caption = element("p", "kv-caption");
    this.picture = element("div");
    root.append(this.caption, this.picture);
    this.heat = new Heatmap(this.picture, {
      square: false, minCell: [9, 5], maxCell: [40, 18],
      describe: (row, col) => this.#describe(row, col),
      table: {
        rows: () => this.layers, cols: () => tokenHeadings(this.meta.tokens),
        cell: (row, col) => this.#value(row, col),
      },
    });
  }

  update({ meta, arrays }) {
    this.meta = meta;
    this.values = arrays.change.data;
    const [nLayers, nTokens] = arrays.change.shape;
    // Few layers are rows that a hand can point at.
    const line = Math.max(5, Math.min(18, Math.floor(150 / nLayers)));
    this.layers = Array.from({ length: nLayers }, (_, i) => `${i}`);
    const { tokens, text } = meta;
    this.caption.textContent = text.caption;
    this.heat.load({
      // Beside thin rows there is room for every fifth name.
      rows: this.layers.map((name, i) => ({
        text: line < 12 && i % 5 ? "" : name, space: false, part: 1, parts: 1,
      })),
      cols: tokens, nRows: nLayers, nCols: nTokens, height: line * nLayers, text,
    });
    this.repaint();
  }

  repaint() {
    const { meta, values } = this;
    const high = meta.high;
    const scale = { scale: "sequential", low: 0, high, hue: meta.hue };
    const title = meta.text.legend;
    this.heat.legend.replaceChildren(legendBox(palette(this.root), { ...scale, title }));
    this.heat.show({ ...scale, values });
  }

  dispose() {
    this.heat.dispose();
  }

  #value(row, col) {
    return number(this.values[row * this.meta.tokens.length + col]);
  }

  #describe(row, col) {
    const { text, tokens } = this.meta;
    const value = this.#value(row, col);
    return fill(text.cell, { layer: row, token: tokenName(tokens[col]), pos: col, value });
  }
}

/** @param {any} component what Streamlit passes */
export default function change(component) {
  return mount(component, (stage) => new ChangeMap(stage));
}
