/**
 * The whole cache at a glance: one line a layer, one column a position, K beside V. The columns of
 * this step are outlined across every layer.
 *
 * @typedef {{nLayers: number, nTokens: number, start: number, end: number, layer: number,
 *   layerName: (layer: number) => string}} MapState positions below `end` are held, those from
 *   `start` on are new
 * @typedef {{named: number[], margin: number, line: number, cell: number, ratio: number,
 *   width: number, height: number}} MapPlaces
 */

const FONT = 11;
const TOP = 18; // the letters K and V
const BETWEEN = 14; // K and V

/**
 * @param {any} ctx @param {any} p @param {MapState} state @param {number} available width in px
 * @param {number} ratio device pixels to one of CSS @returns {MapPlaces}
 */
export function mapLayout(ctx, p, { nLayers, nTokens, layer, layerName }, available, ratio) {
  ctx.font = `${FONT}px ${p.font}`;
  const named = [...new Set([layer, 0, nLayers - 1])];
  const widths = named.map((i) => ctx.measureText(layerName(i)).width);
  const margin = Math.ceil(Math.max(...widths) - 0.01) + 14;
  const line = Math.max(5, Math.min(16, Math.floor(200 / nLayers)));
  const cell = Math.min(14, (available - margin - BETWEEN - 4) / 2 / nTokens);
  return {
    named, margin, line, cell, ratio, width: margin + 2 * nTokens * cell + BETWEEN + 4,
    height: TOP + nLayers * line + 4,
  };
}

/** @param {any} ctx @param {MapPlaces} g @param {any} p @param {MapState} state */
export function paintMap(ctx, g, p, state) {
  paintNames(ctx, g, p, state);
  paintHalf(ctx, g, p, state, { left: g.margin, letter: "K", colour: p.k, ink: p.ink.k });
  const left = g.margin + state.nTokens * g.cell + BETWEEN;
  paintHalf(ctx, g, p, state, { left, letter: "V", colour: p.v, ink: p.ink.v });
}

/** One of K and V: a strip a layer, held up to `end`. */
function paintHalf(ctx, { line, cell, ratio }, p, state, { left, letter, colour, ink }) {
  const { nLayers, nTokens, start, end, layer } = state;
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

function paintNames(ctx, { named, margin, line }, p, { layer, layerName }) {
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
