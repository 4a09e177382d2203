/** kv.change: a layer x position map of how much each token's row of K or V moved. */
import { palette } from "./color.js";
import { element, mount } from "./figure.js";
import { fill, number } from "./format.js";
import { Heatmap } from "./heatmap.js";
import { scaleLegend } from "./legend.js";
import { tokenHeadings } from "./table.js";
import { tokenName } from "./tokens.js";

class ChangeMap {
  /** @param {import("./figure.js").Stage} stage */
  constructor({ root }) {
    this.root = root;
    this.caption = element("p", "kv-caption");
    this.picture = element("div");
    root.append(this.caption, this.picture);
  }

  update({ meta, arrays }) {
    this.meta = meta;
    this.values = arrays.change.data;
    const [nLayers, nTokens] = arrays.change.shape;
    // Few layers are rows that a hand can point at.
    const line = Math.max(5, Math.min(18, Math.floor(150 / nLayers)));
    const layers = Array.from({ length: nLayers }, (_, i) => `${i}`);
    const { tokens, text } = meta;
    this.heat?.dispose();
    this.caption.textContent = text.caption;
    this.heat = new Heatmap(this.picture, {
      // Beside thin rows there is room for every fifth name.
      rows: layers.map((name, i) => ({
        text: line < 12 && i % 5 ? "" : name, space: false, part: 1, parts: 1,
      })),
      cols: tokens, nRows: nLayers, nCols: nTokens, text, square: false,
      height: line * nLayers, minCell: [9, 5], maxCell: [40, 18],
      describe: (row, col) => fill(text.cell, {
        layer: row, token: tokenName(tokens[col]), pos: col,
        value: number(this.values[row * nTokens + col]),
      }),
      table: {
        rows: () => layers, cols: () => tokenHeadings(tokens),
        cell: (row, col) => number(this.values[row * nTokens + col]),
      },
    });
    this.repaint();
  }

  repaint() {
    const { meta, values } = this;
    const high = meta.high;
    const scale = { scale: "sequential", low: 0, high, hue: meta.hue };
    const title = meta.text.legend;
    this.heat.legend.replaceChildren(scaleLegend(palette(this.root), { ...scale, title }));
    this.heat.show({ ...scale, values });
  }

  dispose() {
    this.heat?.dispose();
  }
}

/** @param {any} component what Streamlit passes */
export default function change(component) {
  return mount(component, (stage) => new ChangeMap(stage));
}
