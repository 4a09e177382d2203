/** The map of the whole cache on a canvas of its own. */
import { palette } from "../../shared/color.js";
import { element } from "../../shared/figure.js";
import { mapLayout, paintMap } from "./map.js";

export class Minimap {
  /** @param {HTMLElement} container */
  constructor(container) {
    this.node = element("div", "kv-minimap");
    this.canvas = element("canvas");
    this.canvas.setAttribute("role", "img");
    this.node.append(this.canvas);
    container.append(this.node);
  }

  /** @param {import("./map.js").MapState} state @param {string} label the same in a sentence */
  show(state, label) {
    this.state = state;
    this.canvas.setAttribute("aria-label", label);
    this.repaint();
  }

  repaint() {
    const available = this.node.clientWidth;
    if (!this.state || !available) return;
    const p = palette(this.node);
    const ctx = this.canvas.getContext("2d");
    const g = mapLayout(ctx, p, this.state, available, Math.max(1, devicePixelRatio || 1));
    this.canvas.width = Math.round(g.width * g.ratio);
    this.canvas.height = Math.round(g.height * g.ratio);
    this.canvas.style.cssText = `width:${g.width}px;height:${g.height}px`;
    ctx.setTransform(g.ratio, 0, 0, g.ratio, 0, 0);
    paintMap(ctx, g, p, this.state);
  }
}
