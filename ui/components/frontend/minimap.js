/**
 * The whole cache at a glance: one line a layer, one column a position. A held position shows its
 * two halves, K over V; the columns of this step are outlined across every layer.
 */
import { palette } from "./color.js";
import { element } from "./figure.js";

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
    const { nLayers, nTokens, start, end, layer, layerName } = this.state;
    const p = palette(this.node);
    const ratio = Math.max(1, devicePixelRatio || 1);
    const ctx = this.canvas.getContext("2d");
    const font = `11px ${p.font}`;
    ctx.font = font;
    const shown = [...new Set([0, layer, nLayers - 1])];
    const margin = Math.ceil(Math.max(...shown.map((i) => ctx.measureText(layerName(i)).width))) + 14;
    const line = Math.max(5, Math.min(16, Math.floor(240 / nLayers)));
    const cell = Math.min(16, (available - margin - 4) / nTokens);
    const gap = cell >= 5 ? 1 : 0;
    const width = margin + nTokens * cell + 4;
    const height = nLayers * line + 6;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.canvas.style.cssText = `width:${width}px;height:${height}px`;
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    const half = Math.floor((line - 1) / 2);
    for (let i = 0; i < nLayers; i++) {
      const y = 3 + i * line;
      ctx.fillStyle = p.grid;
      ctx.fillRect(margin, y, nTokens * cell - gap, 2 * half);
      ctx.globalAlpha = i === layer ? 1 : 0.6;
      for (let pos = 0; pos < end; pos++) {
        ctx.fillStyle = p.k;
        ctx.fillRect(margin + pos * cell, y, cell - gap, half);
        ctx.fillStyle = p.v;
        ctx.fillRect(margin + pos * cell, y + half, cell - gap, half);
      }
      ctx.globalAlpha = 1;
    }
    ctx.font = font;
    ctx.textAlign = "right";
    ctx.textBaseline = "middle";
    for (const i of shown) {
      // The chosen layer's name comes first; the ends make room for it.
      if (i !== layer && Math.abs(i - layer) * line < 12) continue;
      ctx.fillStyle = i === layer ? p.fg : p.muted;
      ctx.fillText(layerName(i), margin - 10, 3 + i * line + half);
    }
    ctx.fillStyle = p.fg;
    const middle = 3 + layer * line + half;
    ctx.beginPath();
    ctx.moveTo(margin - 7, middle - 4);
    ctx.lineTo(margin - 2, middle);
    ctx.lineTo(margin - 7, middle + 4);
    ctx.fill();
    ctx.strokeStyle = p.outline;
    ctx.lineWidth = 2;
    ctx.strokeRect(margin + start * cell - 1, 2, (end - start) * cell - gap + 2, height - 4);
  }
}
