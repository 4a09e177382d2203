/**
 * A picture in light and in dark at once, painted twice.
 *
 * @typedef {{shown: number, tokens: number, paint: (ctx: any, p: import("../color.js").Palette) =>
 *   {width: number, height: number}}} Still how many of how many tokens are shown; paint returns
 *   the room that it took
 * @typedef {{tokens: number, values: number, every: boolean}} Room the most tokens and values of K
 *   that a picture may hold, and whether it has the parts that a small one has no place for
 */
import { paletteOf, rgbOf } from "../color.js";
import { paper } from "./browser.js";
import { markup } from "./markup.js";

/**
 * @param {Still} still @param {{bg: string, fg: string, font: string, shades: number}[]} themes
 * @returns {{markup: string, light: string, dark: string, width: number, height: number,
 *   shown: number, tokens: number}}
 */
export function picture({ paint, ...made }, themes) {
  let size = { width: 0, height: 0 };
  const [light, dark] = themes.map((theme) => {
    const ctx = paper();
    size = paint(ctx, paletteOf(theme));
    return ctx.marks;
  });
  const white = themes.map(({ bg }) => rgbOf(bg).reduce((sum, byte) => 256 * sum + byte));
  return { ...markup(light, dark, /** @type {any} */ (white)), ...made, ...size };
}
