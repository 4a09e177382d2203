/** The pixels of images as cells: equal ones along a line are one stroke, a colour is one path. */
import { pair, short } from "./paths.js";

/**
 * @typedef {{flat: boolean, start: number, unit: number, thick: number}} Lie a cell is one unit
 *   long from `start` on, along rows if it is flat, and as thick as its line
 * @param {import("./context.js").Cells} mark @returns {Lie}
 */
export function lieOf({ box: [left, top, right, bottom], cols, rows }) {
  return cols > 1
    ? { flat: true, start: left, unit: (right - left) / cols, thick: (bottom - top) / rows }
    : { flat: false, start: top, unit: (bottom - top) / rows, thick: right - left };
}

export class CellPaths {
  /** @param {Lie} lie @param {[number, number]} paper three bytes each: such a cell is not drawn */
  constructor(lie, paper) {
    this.lie = lie;
    this.paper = paper.map((rgb) => ((rgb & 255) << 16) | (rgb & 0xff00) | (rgb >> 16));
    /** By both colours. @type {Map<number, any>} */
    this.paths = new Map();
  }

  /** @param {import("./context.js").Cells} light @param {import("./context.js").Cells} dark */
  add(light, dark) {
    const { flat, thick } = this.lie;
    const [lines, length] = flat ? [light.rows, light.cols] : [1, light.rows];
    const [one, other] = [light, dark].map(({ pixels }) => new Uint32Array(pixels.buffer));
    const edge = light.box[flat ? 1 : 0];
    for (let line = 0; line < lines; line++) {
      const [begin, end] = [line * length, (line + 1) * length];
      for (let from = begin, i = begin + 1; i <= end; i++) {
        if (i < end && one[i] === one[from] && other[i] === other[from]) continue;
        if (one[from] >>> 24)
          this.#stroke(one[from] & 0xffffff, other[from] & 0xffffff, from - begin, i - from,
            edge + (line + 0.5) * thick);
        from = i;
      }
    }
  }

  /** Colours as an image has them: red is the lowest byte. */
  #stroke(light, dark, from, length, across) {
    if (light === this.paper[0] && dark === this.paper[1]) return;
    const key = light * 0x1000000 + dark;
    let path = this.paths.get(key);
    if (!path) this.paths.set(key, (path = { light, dark, parts: [], at: 0, across: 0 }));
    const { flat } = this.lie;
    const aside = across - path.across;
    const step = flat ? pair(from - path.at, aside) : pair(aside, from - path.at);
    path.parts.push(`${path.parts.length ? "m" : "M"}${step}${flat ? "h" : "v"}${length}`);
    path.at = from + length;
    path.across = Math.round(across * 100) / 100;
  }

  /** @param {import("./classes.js").Classes} classes @returns {string} a path for each colour */
  markup(classes) {
    const rgb = (bgr) => ((bgr & 255) << 16) | (bgr & 0xff00) | (bgr >> 16);
    return Array.from(this.paths.values(), ({ light, dark, parts }) => {
      const name = classes.ofBytes("stroke", rgb(light), rgb(dark));
      return `<path class="${name}" d="${parts.join("")}"/>`;
    }).join("");
  }
}

/** The transform of all images whose cells can share their paths. @param {Lie} lie */
export function transformOf({ flat, start, unit }) {
  const by = String(Math.round(unit * 10000) / 10000);
  return flat
    ? `translate(${short(start)} 0) scale(${by} 1)`
    : `translate(0 ${short(start)}) scale(1 ${by})`;
}
