/** Text in lines that fit: broken at spaces, or after any Chinese character. */
import { BROADER } from "./measure.js";

const WIDE = "\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}";
const BREAKABLE = new RegExp(`[${WIDE}]|[^\\s${WIDE}]+\\s*|\\s+`, "gu");
const CLOSING = /^[\s·,.;:!?)”’，。、；：？！）》」]/; // no line begins so

/**
 * @param {{font: string, measureText: (text: string) => {width: number}}} ctx
 * @param {string} text @param {number} width @param {string} family
 * @param {number} [weight] @param {number} [size] @returns {string[]}
 */
export function wrapped(ctx, text, width, family, weight = 400, size = 16) {
  ctx.font = `${weight} ${size}px ${family}`;
  const lines = [""];
  for (const piece of text.match(BREAKABLE) ?? []) {
    const longer = lines.at(-1) + piece;
    const fits = BROADER * ctx.measureText(longer.trimEnd()).width <= width;
    if (fits || !lines.at(-1) || CLOSING.test(piece)) lines[lines.length - 1] = longer;
    else lines.push(piece);
  }
  return lines.map((line) => line.trim());
}

/**
 * Writes a text in as many lines as it takes.
 * @param {any} ctx @param {import("../color.js").Palette} p @param {string} text
 * @param {number} x @param {number} y @param {number} width
 * @param {{size?: number, weight?: number, colour?: string}} [look] @returns {number} where it ends
 */
export function paintLines(ctx, p, text, x, y, width, look = {}) {
  const { size = 16, weight = 400, colour = p.fg } = look;
  const line = Math.round(1.5 * size); // whole pixels: what comes below stays sharp
  let bottom = y;
  for (const words of wrapped(ctx, text, width, p.font, weight, size)) {
    ctx.textAlign = "left";
    ctx.textBaseline = "middle";
    ctx.fillStyle = colour;
    ctx.fillText(words, x, bottom + line / 2);
    bottom += line;
  }
  return bottom;
}
