/** The legends of a picture, in rows that end where it ends: the twin of legendBox in legend.js. */
import { hatch } from "../color.js";
import { stops, ticks } from "../legend.js";
import { BROADER } from "./measure.js";

const [TALL, ROW, BETWEEN, AFTER] = [10, 36, 20, 6];
const BAR = 42; // colours of a scale, each of whole pixels, between which no paper shows

/**
 * @param {any} ctx @param {import("../color.js").Palette} p
 * @param {any[]} legends each a Legend @param {number} top @param {number} width
 * @returns {number} where the last row ends
 */
export function paintLegends(ctx, p, legends, top, width) {
  let [x, y] = [0, top];
  for (const legend of legends) {
    const { swatch, title = "", letter = "" } = legend;
    const font = letter ? `italic 600 13px ${p.font}` : `13px ${p.font}`;
    const under = swatch ? [] : ticks(legend);
    ctx.font = `12px ${p.font}`;
    const wide = swatch ? 20 : BAR * Math.max(2, Math.ceil(room(ctx, under) / BAR));
    ctx.font = font;
    const own = title || letter;
    const named = own ? BROADER * ctx.measureText(own).width + AFTER : 0;
    if (x && x + named + wide > width) [x, y] = [0, y + ROW];
    const [left, text] = swatch ? [x, x + wide + AFTER] : [x + named, x];
    write(ctx, own, text, y + 7, "left", letter ? p.ink[legend.hue] : p.fg);
    if (swatch) {
      paintSwatch(ctx, p, swatch, left, y + 2, wide);
    } else {
      frame(ctx, p.grid, 1, left, y + 2, wide);
      paintScale(ctx, p, legend, left, y + 2, wide);
      ctx.font = `12px ${p.font}`;
      const places = [[left, "left"], [left + wide / 2, "center"], [left + wide, "right"]];
      under.forEach((tick, i) => write(ctx, tick, places[i][0], y + 21, places[i][1], p.fg));
    }
    x += named + wide + BETWEEN;
  }
  return legends.length ? y + ROW - 8 : top;
}

/** For three numbers side by side, the second in the middle. */
function room(ctx, texts) {
  const [first, middle, last] = texts.map((text) => BROADER * ctx.measureText(text).width);
  return 2 * Math.max(first, last) + middle + 2 * AFTER;
}

function paintScale(ctx, p, legend, x, y, width) {
  const colours = stops(p, legend, BAR);
  const image = new ImageData(BAR, 1);
  colours.forEach((rgb, i) => image.data.set([...rgb, 255], 4 * i));
  const strip = document.createElement("canvas");
  strip.getContext("2d").putImageData(image, 0, 0);
  ctx.drawImage(strip, x, y, width, TALL);
}

/** A colour, the hatch, or the bold outline of what is new. */
function paintSwatch(ctx, p, kind, x, y, width) {
  if (kind === "new") return frame(ctx, p.outline, 2, x, y, width);
  frame(ctx, p.grid, 1, x, y, width);
  ctx.fillStyle = kind === "hatch" ? hatch(ctx, p, 1) : p[kind];
  ctx.fillRect(x, y, width, TALL);
}

function frame(ctx, colour, line, x, y, width) {
  ctx.strokeStyle = colour;
  ctx.lineWidth = line;
  ctx.strokeRect(x - 0.5, y - 0.5, width + 1, TALL + 1);
}

function write(ctx, text, x, y, align, colour) {
  ctx.textAlign = align;
  ctx.textBaseline = "middle";
  ctx.fillStyle = colour;
  ctx.fillText(text, x, y);
}
