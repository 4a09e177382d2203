/** The classes of a picture: each stands for a colour in light and one in dark. */
import { rgbOf } from "../color.js";
import { short } from "./paths.js";

/** @param {string} css @returns {number} three bytes as one number */
const bytesOf = (css) => rgbOf(css).reduce((sum, byte) => 256 * sum + Math.round(byte));

const hex = (bytes) => `#${bytes.toString(16).padStart(6, "0")}`;

/** @param {string} css a colour @returns {string} #rrggbb */
export const hexOf = (css) => hex(bytesOf(css));

export class Classes {
  constructor() {
    /** @type {Map<string, string>} */ this.names = new Map();
    /** The same by the colours as they are written. @type {Map<string, string>} */
    this.known = new Map();
    this.light = "";
    this.dark = "";
    /** @type {Map<string, string>} the name of a tile that is repeated, by its markup */
    this.tiles = new Map();
  }

  /** @param {"fill"|"stroke"} kind @param {string} light @param {string} dark */
  of(kind, light, dark) {
    const written = `${kind} ${light} ${dark}`;
    if (!this.known.has(written))
      this.known.set(written, this.ofBytes(kind, bytesOf(light), bytesOf(dark)));
    return this.known.get(written);
  }

  /** @param {"fill"|"stroke"} kind @param {number} light @param {number} dark three bytes each */
  ofBytes(kind, light, dark) {
    const key = `${kind}${light}/${dark}`;
    if (!this.names.has(key)) {
      const name = `c${this.names.size}`;
      this.names.set(key, name);
      this.light += `.${name}{${kind}:${hex(light)}}`;
      this.dark += `.${name}{${kind}:${hex(dark)}}`;
    }
    return this.names.get(key);
  }

  /**
   * The fill that repeats a tile.
   * @param {string} tile markup @param {{size: number, left: number, top: number}} place of one of
   *   them, which are square
   */
  pattern(tile, { size, left, top }) {
    const name = `kv-tile-${this.tiles.size}`;
    const [x, y, side] = [left, top, size].map(short);
    const made = ` x="${x}" y="${y}" width="${side}" height="${side}"` +
      ` patternUnits="userSpaceOnUse">${tile}</pattern>`;
    if (!this.tiles.has(made)) this.tiles.set(made, name);
    return `url(#${this.tiles.get(made)})`;
  }

  /** The tiles in use, to stand before what they fill. */
  defs() {
    const tiles = Array.from(this.tiles, ([tile, name]) => `<pattern id="${name}"${tile}`);
    return tiles.length ? `<defs>${tiles.join("")}</defs>` : "";
  }
}
