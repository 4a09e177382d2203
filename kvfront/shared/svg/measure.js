/** How wide a text is in our own fonts, where nothing can measure it but their own tables. */
import { WIDTHS } from "./widths.js";

// The fonts' ascent and descent, brought to one em as a canvas does.
const [ASCENT, DESCENT] = [1.025 / 1.3, 0.275 / 1.3];

/** How far a baseline lies below the middle and the lower edge of a line, in em. */
export const RISE = { alphabetic: 0, middle: (ASCENT - DESCENT) / 2, bottom: -DESCENT };

/** A reader without our fonts may have broader ones: what must not run into another has room. */
export const BROADER = 1.14;

const OTHER = 0.57; // em of a letter that our fonts lack and the reader's will have
const SCRIPTS = "\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Hangul}\\p{Emoji_Presentation}";
const WIDE = new RegExp(`[${SCRIPTS}\\u3000-\\u303f\\uff00-\\uff60\\uffe0-\\uffe6]`, "u");
const NARROW = /\p{M}|\p{Cf}/u; // what stands on the letter before it

/** @type {any} em of a character, by weight */
const known = Object.fromEntries(
  Object.entries(WIDTHS).map(([weight, chars]) => [
    weight,
    new Map(
      Object.entries(chars).flatMap(([em, all]) => Array.from(all, (c) => [c, Number(em) / 1000])),
    ),
  ]),
);

function widthOf(char) {
  if (NARROW.test(char)) return 0;
  return WIDE.test(char) ? 1 : OTHER;
}

/** @typedef {{italic: boolean, weight: number, size: number}} Font */

/** @type {Map<string, Font>} by what a canvas is told; a theme has a dozen, and a label its size */
const fonts = new Map();

/** @param {string} css as a canvas takes it: "italic 600 16px Plex Sans" @returns {Font} */
export function fontOf(css) {
  if (!fonts.has(css)) {
    if (fonts.size > 200) fonts.clear();
    const [, italic, weight, size] = /^(italic )?(?:(\d+) )?([\d.]+)px /.exec(`${css} `);
    const font = { italic: Boolean(italic), weight: Number(weight ?? 400), size: Number(size) };
    fonts.set(css, font);
  }
  return fonts.get(css);
}

/** @param {string} text @param {Font} font @returns {number} px */
export function textWidth(text, { weight, size }) {
  const em = known[weight < 500 ? 400 : 600];
  let sum = 0;
  for (const char of text) {
    if (!em.has(char)) em.set(char, widthOf(char));
    sum += em.get(char);
  }
  return sum * size;
}
