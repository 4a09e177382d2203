/** Numbers and paths in as few letters as they take. */

const hundredth = (value) => Math.round(value * 100) / 100;

/** @param {number} value @returns {string} at most two decimals */
export function short(value) {
  const text = String(hundredth(value));
  if (text.startsWith("0.")) return text.slice(1);
  return text.startsWith("-0.") ? `-${text.slice(2)}` : text;
}

/** A pen that writes steps from where it stands, and keeps to what it has written. */
export class Pen {
  constructor() {
    /** @type {string[]} */ this.parts = [];
    this.x = 0;
    this.y = 0;
  }

  /** @param {number} x @param {number} y */
  move(x, y) {
    const [dx, dy] = this.#step(x, y);
    this.parts.push(this.parts.length ? `m${pair(dx, dy)}` : `M${pair(dx, dy)}`);
  }

  line(x, y) {
    const [dx, dy] = this.#step(x, y);
    if (!dx && !dy) return;
    this.parts.push(!dy ? `h${short(dx)}` : !dx ? `v${short(dy)}` : `l${pair(dx, dy)}`);
  }

  /** @param {number[]} points two that it bends to, and its end */
  curve([ax, ay, bx, by, x, y]) {
    const [from, fy] = [this.x, this.y];
    const first = pair(ax - from, ay - fy);
    const second = pair(bx - from, by - fy);
    this.parts.push(`c${first} ${second} ${pair(...this.#step(x, y))}`);
  }

  /** @param {number[][]} points one after the other; closed where the last is the first */
  through(points) {
    const [[x, y]] = points;
    const last = points.at(-1);
    const closed = points.length > 2 && last[0] === x && last[1] === y;
    this.move(x, y);
    const start = [this.x, this.y];
    for (const point of closed ? points.slice(1, -1) : points.slice(1))
      if (point.length > 2) this.curve(point);
      else this.line(point[0], point[1]);
    if (!closed) return;
    this.parts.push("z");
    [this.x, this.y] = start;
  }

  toString() {
    return this.parts.join("");
  }

  /** @returns {[number, number]} */
  #step(x, y) {
    const [px, py] = [this.x, this.y];
    [this.x, this.y] = [hundredth(x), hundredth(y)];
    return [hundredth(this.x - px), hundredth(this.y - py)];
  }
}

/** Two numbers, which a minus sign separates. @param {number} x @param {number} y */
export function pair(x, y) {
  const second = short(y);
  return `${short(x)}${second[0] === "-" ? "" : " "}${second}`;
}
