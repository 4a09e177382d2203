/**
 * The one matrix: a canvas of rows x cols cells with token labels, one chosen cell that mouse,
 * touch and arrow keys move, its words below, and a table behind it.
 *
 * The row labels stand on a canvas of their own that stays in place when the rest scrolls. Both
 * canvases run the same painting code in the same coordinates and show different parts of it.
 *
 * What it is a matrix of may change, its elements do not: whoever walks through it with the
 * keyboard keeps their place.
 *
 * @typedef {import("../tokens.js").Token} Token
 * @typedef {import("./cells.js").View} View
 * @typedef {import("./layout.js").Geometry} Geometry
 * @typedef {{
 *   rows: Token[]|null, cols: Token[]|null, nRows: number, nCols: number, height?: number,
 *   text: {label: string, help: string, hint: string, space: string, as_table?: string}
 * }} Grid what it is a matrix of
 * @typedef {{
 *   describe: (row: number, col: number) => string,
 *   square?: boolean, minCell?: number[], maxCell?: number[],
 *   reserve?: (narrow: boolean) => Geometry["reserve"],
 *   paint?: (ctx: CanvasRenderingContext2D, g: Geometry, p: object, progress: number) => void,
 *   labelStrength?: (axis: "row"|"col", index: number) => number,
 *   describeAt?: (x: number, y: number, g: Geometry) => string|null,
 *   choose?: (row: number, col: number) => void,
 *   table?: import("../table.js").TableSource,
 *   scrollToEnd?: boolean
 * }} HeatmapOptions describeAt names what lies outside the cells; choose hears clicks and Enter
 */
import { palette } from "../color.js";
import { element, reducedMotion } from "../figure.js";
import * as cells from "./cells.js";
import { CellCursor } from "./cursor.js";
import { EDGE, cellAt, layout } from "./layout.js";
import { paintHeat } from "./paint.js";
import { fitPaper, shareWidth } from "../paper.js";
import { lazyTable } from "../table.js";
import { spoken } from "../tokens.js";

const DURATION = 350;

export class Heatmap {
  /** @param {HTMLElement} container @param {HeatmapOptions} options */
  constructor(container, options) {
    this.options = options;
    this.node = element("div", "kv-heat");
    this.box = element("div", "kv-scroll kv-heat-box");
    this.side = element("canvas", "kv-heat-side");
    this.main = element("canvas", "kv-heat-main");
    this.box.append(this.side, this.main);
    this.words = element("p", "kv-words");
    this.live = element("p", "kv-hidden");
    this.live.setAttribute("aria-live", "polite");
    /** Empty: the figure's owner puts its scales here. */
    this.legend = element("div", "kv-legends");
    this.node.append(this.box, this.legend, this.words, this.live);
    if (options.table) {
      this.table = lazyTable(options.table);
      this.node.append(this.table.node);
    }
    container.append(this.node);
    /** @type {Grid|null} */ this.grid = null;
    /** @type {View|null} */ this.view = null;
    /** @type {Geometry|null} */ this.geometry = null;
    this.progress = 1;
    this.frame = 0;
    this.cursor = new CellCursor(this.box, {
      size: () => [this.grid.nRows, this.grid.nCols],
      locate: (event) => this.#locate(event),
      changed: (why) => this.#moved(why),
      entered: (row, col) => options.choose?.(row, col),
    });
  }

  /**
   * Becomes a matrix of other tokens, or of the same in other words. The focus stays, and so does
   * the chosen cell if there still is one at its place. @param {Grid} grid
   */
  load(grid) {
    this.grid = grid;
    this.cursor.stayInside();
    const { text } = grid;
    this.cursor.name(text);
    this.table?.name(text.as_table, text.label, text.space);
    this.#say("show");
  }

  /** Shows a view; the cells fade from the last one unless motion is unwanted. @param {View} view */
  show(view, { animate = false } = {}) {
    this.before = animate && this.view && !reducedMotion() ? this.view : null;
    this.from = this.before ? this.now : null;
    this.view = view;
    cancelAnimationFrame(this.frame);
    this.progress = this.before ? 0 : 1;
    this.target = null;
    if (this.before) {
      const start = performance.now();
      const tick = (time) => {
        const t = Math.min(1, Math.max(0, (time - start) / DURATION));
        this.progress = t * t * (3 - 2 * t);
        this.#draw();
        if (t < 1) this.frame = requestAnimationFrame(tick);
      };
      this.frame = requestAnimationFrame(tick);
    }
    this.repaint();
    this.table?.refresh();
    this.#say("show");
  }

  /** Measures and paints again: after a new width, a new theme or new labels. */
  repaint() {
    const available = this.box.clientWidth;
    if (!this.view || available === 0) return;
    const { grid, options } = this;
    const p = (this.palette = palette(this.node));
    const g = (this.geometry = layout(this.main.getContext("2d"), available, {
      ...options, ...grid, family: p.font, ratio: Math.max(1, window.devicePixelRatio || 1),
    }));
    this.target = null;
    const first = this.main.width <= 1 || this.sized !== g.width;
    this.sized = g.width;
    this.split = g.left - EDGE;
    this.#size(this.side, this.split, g);
    this.#size(this.main, g.width - this.split, g);
    fitPaper(this.box, 1, g.height);
    this.box.classList.toggle("kv-scrolls", g.width > available);
    if (first && options.scrollToEnd) this.box.scrollLeft = g.width;
    this.#draw();
  }

  /** Moves the chosen cell without telling anyone. @param {[number, number]|null} cell */
  choose(cell) {
    this.cursor.chosen = cell;
    if (this.geometry) this.#draw();
    this.#say("show");
  }

  dispose() {
    cancelAnimationFrame(this.frame);
    this.cursor.dispose();
    this.node.remove();
  }

  #size(canvas, width, g) {
    canvas.width = Math.max(1, Math.round(width * g.ratio));
    canvas.height = Math.round(g.height * g.ratio);
    canvas.style.width = `${canvas.width / g.ratio}px`;
    canvas.style.height = `${g.height}px`;
    shareWidth(canvas, width / g.width);
  }

  /** Both canvases run the same painting, each in its part of the picture. */
  #draw() {
    const { view, geometry: g, palette: p } = this;
    if (!g) return;
    this.target ??= cells.colours(view, g, p);
    this.now = cells.blend(this.from, this.target, this.progress);
    for (const canvas of [this.side, this.main]) {
      const shift = canvas === this.main ? this.split : 0;
      const ctx = canvas.getContext("2d");
      ctx.setTransform(1, 0, 0, 1, 0, 0);
      ctx.fillStyle = p.bg;
      ctx.fillRect(0, 0, canvas.width, canvas.height);
      ctx.setTransform(g.ratio, 0, 0, g.ratio, -Math.round(shift * g.ratio), 0);
      this.#paint(ctx);
    }
  }

  #paint(ctx) {
    const { view, before, geometry: g, palette: p, grid, options, progress, now } = this;
    paintHeat(ctx, {
      g, p, view, before, now, progress, rows: grid.rows, cols: grid.cols,
      current: this.cursor.current(), strength: options.labelStrength,
      around: () => options.paint?.(ctx, g, p, progress),
    });
  }

  /** Page coordinates to the figure's own, on whichever canvas the pointer is. */
  #locate({ clientX, clientY }) {
    const g = this.geometry;
    if (!g) return null;
    const side = this.side.getBoundingClientRect();
    const x = clientX < side.left + this.split
      ? clientX - side.left
      : clientX - this.main.getBoundingClientRect().left + this.split;
    this.at = [x, clientY - side.top];
    return cellAt(g, this.at[0], this.at[1]);
  }

  #moved(why) {
    const current = this.cursor.current();
    if (why === "key" && current && this.geometry) {
      const g = this.geometry;
      const x = current[1] * g.cellW;
      const seen = this.box.clientWidth - g.left - g.reserve.right;
      if (x < this.box.scrollLeft) this.box.scrollLeft = x;
      else if (x + g.cellW > this.box.scrollLeft + seen) this.box.scrollLeft = x + g.cellW - seen;
    }
    this.#draw();
    this.#say(why);
  }

  #say(why) {
    const cell = this.cursor.current();
    const aside = why === "hover" && !this.cursor.hovered && this.at && this.geometry
      ? this.options.describeAt?.(this.at[0], this.at[1], this.geometry)
      : null;
    const words = aside ?? (cell ? this.options.describe(...cell) : this.grid.text.hint);
    const say = (line) => line.replaceChildren(...spoken(words, this.grid.text.space));
    say(this.words);
    if (why === "key" || why === "click") say(this.live);
  }
}
