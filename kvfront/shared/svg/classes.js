/** The classes of a picture: each stands for a colour in light and one in dark. */
import { rgbOf } from "../color.js";

/** @param {string} css @returns {number} three bytes as one number */
const bytesOf = (css) => rgbOf(css).reduce((sum, byte) => 256 * sum + Math.round(byte));

const hex = (bytes) => `#${bytes.toString(16).padStart(6, "0")}`;

export class Classes {
  constructor() {
    /** @type {Map<string, string>} */ this.names = new Map();
    this.light = "";
    this.dark = "";
    /** @type {Map<string, string>} the name of a tile that is repeated, by its markup */
    this.tiles = new Map();
  }

  /** @param {"fill"|"stroke"} kind @param {string} light @param {string} dark */
  of(kind, light, dark) {
    return this.ofBytes(kind, bytesOf(light), bytesOf(dark));
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

  /** What fills with a tile. @param {string} tile markup @param {string} size of it, square */
  pattern(tile, size) {
    const name = `kv-tile-${this.tiles.size}`;
    const made = ` width="${size}" height="${size}" patternUnits="userSpaceOnUse">${tile}</pattern>`;
    if (!this.tiles.has(made)) this.tiles.set(made, name);
    return `url(#${this.tiles.get(made)})`;
  }

  /** The tiles in use, to stand before what they fill. */
  defs() {
    const tiles = Array.from(this.tiles, ([tile, name]) => `<pattern id="${name}"${tile}`);
    return tiles.length ? `<defs>${tiles.join("")}</defs>` : "";
  }
}
