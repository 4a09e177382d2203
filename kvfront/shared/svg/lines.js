/** Text in lines that fit: broken at spaces, or after any Chinese character. */

const BREAKABLE = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]|[^\s\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]+\s*|\s+/gu;
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
    const fits = ctx.measureText(longer.trimEnd()).width <= width;
    if (fits || !lines.at(-1) || CLOSING.test(piece)) lines[lines.length - 1] = longer;
    else lines.push(piece);
  }
  return lines.map((line) => line.trim());
}
