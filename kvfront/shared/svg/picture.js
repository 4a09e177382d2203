/**
 * A picture in light and in dark at once, painted twice.
 *
 * @typedef {{shown: number, tokens: number, paint: (ctx: any, p: import("../color.js").Palette) =>
 *   {width: number, height: number}}} Still how many of how many tokens are shown; paint returns
 *   the room that it took
 * @typedef {{tokens: number, values: number, every: boolean}} Room the most tokens and values of K
 *   that a picture may hold, and whether it has the parts that a small one has no place for
 * @typedef {{paper: string, fg: string, muted: string, grid: string}} Page in one theme
 */
import { paletteOf, rgbOf } from "../color.js";
import { paper } from "./browser.js";
import { hexOf } from "./classes.js";
import { markup } from "./markup.js";

/**
 * @param {Still} still @param {{bg: string, fg: string, font: string, shades: number}[]} themes
 * @returns {{markup: string, light: string, dark: string, width: number, height: number,
 *   shown: number, tokens: number, pages: Page[]}} pages: what a frame around it is painted with
 */
export function picture({ paint, ...made }, themes) {
  let size = { width: 0, height: 0 };
  const palettes = themes.map(paletteOf);
  const [light, dark] = palettes.map((p) => {
    const ctx = paper();
    size = paint(ctx, p);
    return ctx.marks;
  });
  const pages = palettes.map(({ bg, fg, muted, grid }) => ({
    paper: hexOf(bg), fg: hexOf(fg), muted: hexOf(muted), grid: hexOf(grid),
  }));
  const white = themes.map(({ bg }) => rgbOf(bg).reduce((sum, byte) => 256 * sum + byte));
  return { ...markup(light, dark, /** @type {any} */ (white)), ...made, ...size, pages };
}
