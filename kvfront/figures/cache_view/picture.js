/**
 * The cache view on two canvases, one for what stays, one above it for what moves, with the names of
 * its lines at the left, in place while the rest scrolls.
 */
import { palette } from "../../shared/color.js";
import { element } from "../../shared/figure.js";
import { letters } from "../../shared/letters.js";
import { fitPaper } from "../../shared/paper.js";
import { layout } from "./layout.js";
import { paintFallen, paintCurrent, paintQuery } from "./motion.js";
import { namesOf } from "./names.js";
import { paintCache } from "./paint.js";
import { cacheOf, placesOf, queryOf } from "./scene.js";
import { boxesOf, cellAt } from "./values.js";

export class CacheViewPicture {
  /** @param {HTMLElement} container */
  constructor(container) {
    this.box = element("div", "kv-scroll kv-cache-view-box");
    this.side = element("div", "kv-cache-view-side");
    const stage = element("div", "kv-cache-view-stage");
    this.still = element("canvas");
    this.moving = element("canvas", "kv-cache-view-moving");
    stage.append(this.still, this.moving);
    this.box.append(this.side, stage);
    container.append(this.box);
    this.fallen = null;
  }

  /** Takes a new state of the cache; what it lost may be seen falling. @param {import("./scene.js").Shown} shown */
  take(shown, { fresh, falls }) {
    const { dropped, start, layer } = shown.meta;
    const before = this.cache;
    const same = before && before.layer === layer && before.tokens.length >= start + dropped.length;
    this.fallen = falls && dropped.length && same && this.g
      ? { g: this.g, cache: before, from: start, to: start + dropped.length }
      : null;
    this.shown = shown;
    this.scrollToEnd ||= fresh;
  }

  /** Measures and paints what stays. @returns {boolean} false while the figure has no width */
  repaint() {
    const { meta } = this.shown;
    const available = this.box.clientWidth - this.side.offsetWidth;
    if (available <= 0) return false;
    const p = (this.palette = palette(this.box));
    const ctx = this.still.getContext("2d");
    const g = (this.g = layout(ctx, available, {
      ...placesOf(meta), family: p.font, ratio: Math.max(1, window.devicePixelRatio || 1),
    }));
    for (const canvas of [this.still, this.moving]) {
      const [width, height] = [Math.round(g.width * g.ratio), Math.round(g.height * g.ratio)];
      // Setting a size clears a canvas and costs time: only when it changed.
      if (canvas.width !== width) canvas.width = width;
      if (canvas.height !== height) canvas.height = height;
      canvas.style.width = `${g.width}px`;
      canvas.style.height = `${g.height}px`;
    }
    fitPaper(this.box, available / g.width, g.height);
    this.cache = cacheOf(this.shown, p);
    this.query = queryOf(this.shown, p);
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.fillStyle = p.bg;
    ctx.fillRect(0, 0, this.still.width, this.still.height);
    ctx.setTransform(g.ratio, 0, 0, g.ratio, 0, 0);
    paintCache(ctx, g, p, this.cache);
    this.#names();
    if (this.scrollToEnd) this.box.scrollLeft = g.width;
    this.scrollToEnd = false;
    return true;
  }

  /**
   * Paints what moves.
   * @param {import("./motion.js").Moment} moment @param {number} fallen ms since the fall began
   * @param {[number, number]|null} current row and column, as values.js counts them
   */
  move(moment, fallen, current) {
    if (!this.g) return;
    const { g, palette: p } = this;
    const ctx = this.moving.getContext("2d");
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(0, 0, this.moving.width, this.moving.height);
    ctx.setTransform(g.ratio, 0, 0, g.ratio, 0, 0);
    paintQuery(ctx, g, p, this.query, moment, current ? current[1] : null);
    if (current) paintCurrent(ctx, p, boxesOf(g, this.shown.meta.head_dim, ...current));
    if (this.fallen) paintFallen(ctx, p, this.fallen, fallen);
  }

  /** @param {MouseEvent} event @returns {[number, number]|null} row and column under it */
  locate({ clientX, clientY }) {
    const { left, top } = this.still.getBoundingClientRect();
    return this.g && cellAt(this.g, this.shown.meta.head_dim, clientX - left, clientY - top);
  }

  /** Scrolls a column into sight. @param {number} column */
  reveal(column) {
    const { left, width } = this.g.columns[column];
    const seen = this.box.clientWidth - this.side.offsetWidth;
    const { scrollLeft } = this.box;
    if (left < scrollLeft) this.box.scrollLeft = left - 4;
    else if (left + width > scrollLeft + seen) this.box.scrollLeft = left + width - seen + 4;
  }

  #names() {
    this.side.replaceChildren(
      ...namesOf(this.g, this.shown.meta).map(({ text, middle, chosen }) => {
        const label = element("span", `kv-cache-view-name ${chosen ? "kv-cache-view-layer" : ""}`);
        label.append(...letters(text));
        label.style.top = `${middle}px`;
        return label;
      }),
    );
  }
}
