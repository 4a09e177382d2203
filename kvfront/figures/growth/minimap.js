/**
 * The whole cache at a glance: one line a layer, one column a position, K beside V. The columns of
 * this step are outlined across every layer.
 */
import { palette } from "../../shared/color.js";
import { element } from "../../shared/figure.js";

const FONT = 11;
const TOP = 18; // the letters K and V
const BETWEEN = 14; // K and V

export class Minimap {
  /** @param {HTMLElement} container */
  constructor(container) {
    this.node = element("div", "kv-minimap");
    this.canvas = element("canvas");
    this.canvas.setAttribute("role", "img");
    this.node.append(this.canvas);
    container.append(this.node);
  }

  /**
   * @param {{nLayers: number, nTokens: number, start: number, end: number, layer: number,
   *   label: string, layerName: (layer: number) => string}} state
   *   positions below `end` are held, those from `start` on are new
   */
  show(state) {
    this.state = state;
    this.canvas.setAttribute("aria-label", state.label);
    this.repaint();
  }

  repaint() {
    const available = this.node.clientWidth;
    if (!this.state || !available) return;
    const { nLayers, nTokens, layer, layerName } = this.state;
    const p = palette(this.node);
    const ratio = Math.max(1, devicePixelRatio || 1);
    const ctx = this.canvas.getContext("2d");
    ctx.font = `${FONT}px ${p.font}`;
    const named = [...new Set([layer, 0, nLayers - 1])];
    const widths = named.map((i) => ctx.measureText(layerName(i)).width);
    const margin = Math.ceil(Math.max(...widths)) + 14;
    const line = Math.max(5, Math.min(16, Math.floor(200 / nLayers)));
    const cell = Math.min(14, (available - margin - BETWEEN - 4) / 2 / nTokens);
    const width = margin + 2 * nTokens * cell + BETWEEN + 4;
    const height = TOP + nLayers * line + 4;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.canvas.style.cssText = `width:${width}px;height:${height}px`;
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.#names(ctx, p, { named, margin, line });
    const shape = { line, cell, ratio };
    this.#half(ctx, p, { ...shape, left: margin, letter: "K", colour: p.k, ink: p.ink.k });
    const left = margin + nTokens * cell + BETWEEN;
    this.#half(ctx, p, { ...shape, left, letter: "V", colour: p.v, ink: p.ink.v });
  }

  /** One of K and V: a strip a layer, held up to `end`. */
  #half(ctx, p, { left, line, cell, ratio, letter, colour, ink }) {
    const { nLayers, nTokens, start, end, layer } = this.state;
    const snap = (x) => Math.round(x * ratio) / ratio;
    const x = (pos) => snap(left + pos * cell);
    const gap = cell >= 5 ? 1 : 0;
    ctx.font = `italic 600 14px ${p.font}`;
    ctx.textAlign = "left";
    ctx.textBaseline = "middle";
    ctx.fillStyle = ink;
    ctx.fillText(letter, left, TOP / 2 - 2);
    for (let i = 0; i < nLayers; i++) {
      const y = TOP + i * line;
      ctx.fillStyle = p.grid;
      ctx.fillRect(x(0), y, x(nTokens) - x(0), line - 1);
      ctx.globalAlpha = i === layer ? 1 : 0.55;
      ctx.fillStyle = colour;
      for (let pos = 0; pos < end; pos++)
        ctx.fillRect(x(pos), y, x(pos + 1) - x(pos) - gap, line - 1);
      ctx.globalAlpha = 1;
    }
    ctx.strokeStyle = p.outline;
    ctx.lineWidth = 2;
    ctx.strokeRect(x(start) - 1, TOP - 1, x(end) - x(start) - gap + 2, nLayers * line + 1);
  }

  #names(ctx, p, { named, margin, line }) {
    const { layer, layerName } = this.state;
    const middle = (i) => TOP + i * line + (line - 1) / 2;
    ctx.font = `${FONT}px ${p.font}`;
    ctx.textAlign = "right";
    ctx.textBaseline = "middle";
    for (const i of named) {
      // The chosen layer's name comes first; the ends make room for it.
      if (i !== layer && Math.abs(i - layer) * line < FONT + 1) continue;
      ctx.fillStyle = i === layer ? p.fg : p.muted;
      ctx.fillText(layerName(i), margin - 10, middle(i));
    }
    ctx.fillStyle = p.fg;
    ctx.beginPath();
    ctx.moveTo(margin - 7, middle(layer) - 4);
    ctx.lineTo(margin - 2, middle(layer));
    ctx.lineTo(margin - 7, middle(layer) + 4);
    ctx.fill();
  }
}
