/** kv.growth: a run sent once, played step by step in the browser. */
import { showBars } from "../../shared/bars.js";
import { palette } from "../../shared/color.js";
import { Counters } from "../../shared/counters.js";
import { element, mount } from "../../shared/figure.js";
import { fill, number } from "../../shared/format.js";
import { Heatmap } from "../../shared/heat/heatmap.js";
import { legendBox } from "../../shared/legend.js";
import { Player } from "../../shared/player.js";
import { tokenHeadings } from "../../shared/table.js";
import { inWords, spoken, tokenName } from "../../shared/tokens.js";
import { Minimap } from "./minimap.js";
import {
  ROWS, SQUARE, countsOf, legendsOf, mapOf, sentenceOf, spansOf, titlesOf, unfold,
} from "./scene.js";
import { cachedView, recomputeView, rowsView } from "./views.js";

/** Everything but the step: a new step of the same run must not begin the figure anew. */
function content({ meta, arrays }) {
  const { step: _, control, ...rest } = meta;
  rest.fixed = control === "fixed";
  return JSON.stringify([rest, Object.values(arrays).map(({ data }) => sum(data))]);
}

const sum = (data) => data.reduce((total, value, i) => total + value * ((i % 97) + 1), 0);

class Growth {
  /** @param {import("../../shared/figure.js").Stage} stage */
  constructor({ root, report }) {
    this.root = root;
    this.report = report;
    this.sentence = element("p", "kv-sentence");
    this.live = element("p", "kv-hidden");
    this.live.setAttribute("aria-live", "polite");
    this.counts = element("div");
    const rows = Array.from({ length: 3 }, () => element("div", "kv-pair"));
    this.titles = {};
    const panel = (row, name) => {
      const box = element("section", "kv-panel");
      this.titles[name] = element("h2", "kv-title");
      box.append(this.titles[name]);
      rows[row].append(box);
      return box;
    };
    this.redo = this.#square(panel(0, "recompute"), true);
    this.cached = this.#square(panel(0, "cached"), false);
    this.k = this.#rows(panel(1, "k"), "k");
    this.v = this.#rows(panel(1, "v"), "v");
    this.map = new Minimap(panel(2, "map"));
    this.next = element("ul");
    panel(2, "next").append(this.next);
    this.player = new Player({
      words: (step) => inWords(sentenceOf(this.meta, step), this.meta.text.space),
      moved: (step, playing) => this.#show(step, playing),
      settled: (step) => this.#settled(step),
    });
    this.more = element("summary");
    root.append(this.sentence, this.live, this.counts, ...this.#folded(rows), this.player.node);
  }

  /** In the column of another page the squares stand alone, the rest behind a line. */
  #folded(rows) {
    const [squares, ...rest] = rows;
    if (window.parent === window) return [squares, ...rest];
    const details = element("details", "kv-more");
    details.append(this.more, ...rest);
    // In some browsers it had no width until now.
    details.addEventListener("toggle", () => details.open && this.repaint());
    return [squares, details];
  }

  update(block) {
    const { meta, arrays } = unfold(block);
    const now = content({ meta, arrays });
    const { step, control } = meta;
    // What the visitor did since the page was asked for this goes before it.
    const ahead = control === "free" && this.player.ahead;
    const shown = ahead ? this.player.step : step;
    if (now !== this.content) {
      this.content = now;
      this.meta = meta;
      this.arrays = arrays;
      this.#load(shown);
      if (ahead) this.player.go(shown);
    } else if (shown !== this.player.step) this.player.jump(shown);
    if (step === this.player.step) this.player.ahead = false;
    if (control === "moved" && this.reported !== undefined) this.#settled(step);
  }

  /** @param {number} step that the page shall know of */
  #settled(step) {
    this.reported = step;
    this.report("step", step);
  }

  repaint() {
    this.#legends();
    for (const part of [this.redo, this.cached, this.k, this.v, this.map]) part.repaint();
  }

  dispose() {
    this.player.dispose();
    for (const heat of [this.redo, this.cached, this.k, this.v]) heat.dispose();
  }

  /** Another run, or another layer or head of it. @param {number} step that is shown first */
  #load(step) {
    const { meta, arrays } = this;
    const { text, tokens } = meta;
    const { length } = tokens;
    this.spans = spansOf(arrays);
    this.end = 0; // until a step is shown
    this.counters = new Counters(["fed", "held", "read", "ms"].map((name) => text[name]));
    this.counts.replaceChildren(this.counters.node);
    const said = (name, hint) => (
      {
        label: text[`label_${name}`], help: text.help, hint, as_table: text.as_table,
        space: text.space,
      }
    );
    const square = { rows: tokens, cols: tokens, nRows: length, nCols: length };
    this.redo.load({ ...square, text: said("recompute", text.hint) });
    this.cached.load({ ...square, text: said("cached", "") });
    for (const name of ["k", "v"]) {
      const [nRows, nCols] = arrays[name].shape;
      this[name].load({
        rows: tokens, cols: null, nRows, nCols, height: ROWS.height, text: said(name, ""),
      });
      this.titles[name].classList.add(`kv-ink-${name}`);
    }
    this.#legends();
    this.more.textContent = text.more;
    this.next.setAttribute("aria-label", text.next);
    const fixed = meta.control === "fixed";
    if (fixed) this.player.node.remove();
    else if (!this.player.node.isConnected) this.root.append(this.player.node);
    this.player.load({ count: meta.steps.length, step, text });
  }

  /** Both squares control the same numbers: the first has the hint and the table. */
  #square(container, first) {
    const describe = (row, col) => {
      const { text, tokens } = this.meta;
      return fill(text.cell, {
        query: tokenName(tokens[row]), query_pos: row, key: tokenName(tokens[col]), key_pos: col,
        value: this.#weight(row, col),
      });
    };
    const names = () => tokenHeadings(this.meta.tokens);
    const cell = (row, col) => this.#weight(row, col);
    const table = first ? { rows: names, cols: names, cell } : undefined;
    return new Heatmap(container, { describe, ...SQUARE, table });
  }

  #rows(container, letter) {
    const cell = (row, d) => {
      const { data, shape } = this.arrays[letter];
      return row < this.end ? number(data[row * shape[1] + d]) : this.meta.text.empty;
    };
    return new Heatmap(container, {
      ...ROWS,
      describe: (row, dim) => {
        const { text, tokens, layer, kv_head } = this.meta;
        const token = tokenName(tokens[row]);
        const value = cell(row, dim);
        return fill(text.strip, { letter, token, pos: row, layer, kv_head, dim, value });
      },
      table: {
        rows: () => tokenHeadings(this.meta.tokens),
        cols: () => Array.from({ length: this.arrays[letter].shape[1] }, (_, d) => String(d)),
        cell,
      },
    });
  }

  #weight(row, col) {
    const { text, tokens } = this.meta;
    const i = row * tokens.length + col;
    if (Math.max(row, col) >= this.end) return text.empty;
    return this.arrays.mask.data[i] ? number(this.arrays.weights.data[i]) : text.masked;
  }

  #legends() {
    const p = palette(this.root);
    const legends = legendsOf(this.meta.text, this.spans);
    const parts = { recompute: this.redo, cached: this.cached, k: this.k, v: this.v };
    for (const [name, part] of Object.entries(parts))
      part.legend.replaceChildren(...legends[name].map((each) => legendBox(p, each)));
  }

  #show(index, playing) {
    const { meta, arrays } = this;
    const { text } = meta;
    const step = meta.steps[index];
    this.end = step.start + step.fed;
    const words = sentenceOf(meta, index);
    this.sentence.replaceChildren(...spoken(words, text.space));
    if (!playing) this.live.replaceChildren(...spoken(words, text.space));
    this.counters.show(Object.values(countsOf(step)));
    const titles = titlesOf(meta, step);
    for (const [name, title] of Object.entries(titles)) this.titles[name].textContent = title;
    this.redo.show(recomputeView(arrays, step));
    this.cached.show(cachedView(arrays, step));
    for (const name of ["k", "v"]) this[name].show(rowsView(arrays, step, name, this.spans[name]));
    this.map.show(mapOf(meta, step), titles.map);
    showBars(this.next, step.next, step.chosen, text);
  }
}

/** @param {any} component what Streamlit passes */
export default function growth(component) {
  return mount(component, (stage) => new Growth(stage));
}
