/**
 * A 2D context that records what is painted on it. It knows what our painting uses of a canvas, and
 * nothing else: a method that is missing here fails loudly.
 *
 * @typedef {[number, number, number, number]} Box left, top, right, bottom
 * @typedef {{kind: "fill"|"stroke", box: Box, alpha: number, paint: any, lines: number[][][],
 *   x: number, y: number, width: number, dash: number[]}} Shape lines of points, closed where the
 *   last is the first; of six numbers, it is a curve to the last two of them
 * @typedef {{kind: "text", box: Box, alpha: number, paint: any, text: string, x: number, y: number,
 *   angle: number, font: import("./measure.js").Font, align: string, halo: number}} Text
 * @typedef {{kind: "cells", box: Box, alpha: number, cols: number, rows: number,
 *   pixels: Uint8ClampedArray}} Cells each pixel of an image, as large as its box makes it
 * @typedef {Shape|Text|Cells} Mark
 */
import { RISE, fontOf, textWidth } from "./measure.js";

const FRESH = {
  fillStyle: "#000000", strokeStyle: "#000000", lineWidth: 1, dash: [], globalAlpha: 1,
  font: "10px sans", textAlign: "left", textBaseline: "alphabetic", matrix: [1, 0, 0, 1, 0, 0],
};

export class Recorder {
  fillStyle = FRESH.fillStyle;
  strokeStyle = FRESH.strokeStyle;
  lineWidth = FRESH.lineWidth;
  globalAlpha = FRESH.globalAlpha;
  font = FRESH.font;
  textAlign = FRESH.textAlign;
  textBaseline = FRESH.textBaseline;
  dash = FRESH.dash;
  matrix = FRESH.matrix;

  constructor() {
    /** @type {Mark[]} */ this.marks = [];
    this.saved = [];
    this.path = [];
    /** Of a small canvas that is drawn as an image. @type {ImageData|null} */ this.image = null;
  }

  save() {
    this.saved.push(Object.fromEntries(Object.keys(FRESH).map((name) => [name, this[name]])));
  }

  restore() {
    Object.assign(this, this.saved.pop());
  }

  translate(x, y) {
    const [a, b, c, d, e, f] = this.matrix;
    this.matrix = [a, b, c, d, e + a * x + c * y, f + b * x + d * y];
  }

  rotate(angle) {
    const [a, b, c, d, e, f] = this.matrix;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    this.matrix = [
      a * cos + c * sin, b * cos + d * sin, c * cos - a * sin, d * cos - b * sin, e, f,
    ];
  }

  setLineDash(dash) {
    this.dash = dash;
  }

  beginPath() {
    this.path = [];
  }

  moveTo(x, y) {
    this.path.push([this.#at(x, y)]);
  }

  lineTo(x, y) {
    this.path.at(-1).push(this.#at(x, y));
  }

  bezierCurveTo(ax, ay, bx, by, x, y) {
    this.path.at(-1).push([...this.#at(ax, ay), ...this.#at(bx, by), ...this.#at(x, y)]);
  }

  rect(x, y, w, h) {
    this.path.push(this.#corners(x, y, w, h));
  }

  fill() {
    this.#shape("fill", this.path);
  }

  stroke() {
    this.#shape("stroke", this.path);
  }

  fillRect(x, y, w, h) {
    this.#shape("fill", [this.#corners(x, y, w, h)]);
  }

  strokeRect(x, y, w, h) {
    this.#shape("stroke", [this.#corners(x, y, w, h)]);
  }

  measureText(text) {
    return { width: textWidth(text, fontOf(this.font)) };
  }

  fillText(text, x, y) {
    this.#text(text, x, y, this.fillStyle, 0);
  }

  /** A halo: nothing of ours outlines a letter otherwise. */
  strokeText(text, x, y) {
    this.#text(text, x, y, this.strokeStyle, this.lineWidth);
  }

  createPattern(tile) {
    return { tile, scale: 1, setTransform({ a }) { this.scale = a; } };
  }

  putImageData(image) {
    this.image = image;
  }

  /** All of an image, or with eight numbers a part of it. */
  drawImage({ context: { image } }, ...to) {
    const whole = [0, 0, image.width, image.height];
    const [left, top, cols, rows, x, y, w, h] = to.length > 4 ? to : [...whole, ...to];
    const pixels = new Uint8ClampedArray(4 * cols * rows);
    for (let row = 0; row < rows; row++) {
      const from = 4 * ((top + row) * image.width + left);
      pixels.set(image.data.subarray(from, from + 4 * cols), 4 * row * cols);
    }
    const box = [...this.#at(x, y), ...this.#at(x + w, y + h)];
    this.#mark({ kind: "cells", box, cols, rows, pixels });
  }

  #at(x, y) {
    const [a, b, c, d, e, f] = this.matrix;
    return [a * x + c * y + e, b * x + d * y + f];
  }

  #corners(x, y, w, h) {
    const from = this.#at(x, y);
    return [from, this.#at(x + w, y), this.#at(x + w, y + h), this.#at(x, y + h), from];
  }

  #shape(kind, lines) {
    const out = kind === "stroke" ? this.lineWidth / 2 : 0;
    const paint = kind === "stroke" ? this.strokeStyle : this.fillStyle;
    const own = { kind, paint, lines, box: around(lines.flat(), out) };
    const [, , , , x, y] = this.matrix;
    // A pattern begins where what is painted has its origin.
    this.#mark(
      kind === "fill" ? { ...own, x, y } : { ...own, width: this.lineWidth, dash: this.dash },
    );
  }

  #text(given, at, y, paint, halo) {
    const text = given.trim();
    if (!text) return;
    const font = fontOf(this.font);
    const width = textWidth(text, font);
    const align = this.textAlign;
    // Where a text begins with a space, SVG begins with what comes after it.
    const spaces = given.slice(0, given.length - given.trimStart().length);
    const x = align === "left" ? at + textWidth(spaces, font) : at;
    const left = x - { left: 0, center: 0.5, right: 1 }[align] * width;
    const base = y + RISE[this.textBaseline] * font.size;
    const [top, bottom] = [base - font.size, base + 0.3 * font.size];
    const box = around(this.#corners(left, top, width, bottom - top), halo / 2);
    const [px, py] = this.#at(x, base);
    const angle = Math.atan2(this.matrix[1], this.matrix[0]);
    this.#mark({ kind: "text", paint, text, x: px, y: py, angle, font, align, halo, box });
  }

  #mark(mark) {
    if (this.globalAlpha > 0) this.marks.push({ alpha: this.globalAlpha, ...mark });
  }
}

/** @param {number[][]} points @param {number} more @returns {Box} */
function around(points, more) {
  const [xs, ys] = [0, 1].map((axis) => points.flat().filter((_, i) => i % 2 === axis));
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  return [left - more, top - more, Math.max(...xs) + more, Math.max(...ys) + more];
}
