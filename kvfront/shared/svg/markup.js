/**
 * What was recorded, in light and in dark, as one piece of SVG. Marks of one look become one element
 * as long as nothing between them is painted over.
 */
import { Classes } from "./classes.js";
import { Pen, short } from "./paths.js";

/**
 * @typedef {import("./context.js").Mark} Mark
 * @typedef {{key: string, boxes: import("./context.js").Box[], add: (light: Mark, dark: Mark) => void,
 *   end: () => string}} Group
 */

/**
 * @param {Mark[]} light @param {Mark[]} dark the same marks in other colours
 * @param {[number, number]} paper three bytes each: cells of this colour are not drawn
 * @returns {{markup: string, light: string, dark: string}} with the rules of its classes
 */
export function markup(light, dark, paper) {
  const classes = new Classes();
  const body = drawn(light, dark, paper, classes);
  return { markup: `${classes.defs()}${body}`, light: classes.light, dark: classes.dark };
}

function drawn(light, dark, paper, classes) {
  /** @type {Group[]} */
  const groups = [];
  light.forEach((mark, i) => {
    const group = KINDS[mark.kind](mark, dark[i], classes, paper);
    const found = place(groups, group.key, mark);
    const into = found ?? group;
    if (!found) groups.push(Object.assign(group, { boxes: [] }));
    into.add(mark, dark[i]);
    into.boxes.push(mark.box);
  });
  return groups.map((group) => group.end()).join("");
}

/** The group of this look that a mark can still join, or none. */
function place(groups, key, { box, alpha, kind }) {
  for (let i = groups.length - 1; i >= 0; i--) {
    const { key: other, boxes } = groups[i];
    const over = () => boxes.some((each) => hit(each, box));
    if (other === key) return (alpha < 1 && kind !== "cells") && over() ? null : groups[i];
    if (over()) return null;
  }
  return null;
}

const hit = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

const attribute = (name, value, usual) => (value === usual ? "" : ` ${name}="${value}"`);

/** @type {Record<string, (light: any, dark: any, classes: Classes, paper: any) => any>} */
const KINDS = {
  fill: (light, dark, classes) => {
    const paint = light.paint.tile ? tiled(light.paint, dark.paint, classes) : "";
    const look = paint ? ` fill="${paint}"`
      : ` class="${classes.of("fill", light.paint, dark.paint)}"`;
    return path(`${look}${attribute("opacity", short(light.alpha), "1")}`);
  },
  stroke: (light, dark, classes) => path(
    ` class="${classes.of("stroke", light.paint, dark.paint)}" fill="none"` +
    attribute("stroke-width", short(light.width), "1") +
    attribute("stroke-dasharray", light.dash.join(" "), "") +
    attribute("opacity", short(light.alpha), "1"),
  ),
  text: (light, dark, classes) => {
    const { font, halo, align, alpha } = light;
    const kind = halo ? "stroke" : "fill";
    const look = ` class="${classes.of(kind, light.paint, dark.paint)}"` +
      attribute("stroke-width", short(halo), "0") + (halo ? ' stroke-linejoin="round"' : "") +
      attribute("font-size", short(font.size), "13") +
      attribute("font-weight", font.weight, 400) + (font.italic ? ' font-style="italic"' : "") +
      attribute("text-anchor", { left: "start", center: "middle", right: "end" }[align], "start") +
      attribute("opacity", short(alpha), "1");
    const lines = [];
    return {
      key: look,
      add: ({ text, x, y, angle }) => {
        const [px, py] = [x, y].map((at) => short(Math.round(at * 10) / 10));
        const turn = angle ? ` transform="rotate(${short((angle * 180) / Math.PI)} ${px} ${py})"` : "";
        lines.push(`<text x="${px}" y="${py}"${turn}>${escaped(text)}</text>`);
      },
      end: () => (lines.length > 1 ? `<g${look}>${lines.join("")}</g>`
        : lines.join("").replace("<text", () => `<text${look}`)),
    };
  },
  cells: (light, dark, classes, paper) => cells(light, classes, paper),
};

/** One path of all shapes of a look. @param {string} look */
function path(look) {
  const pen = new Pen();
  return {
    key: look,
    add: ({ lines }) => lines.forEach((points) => pen.through(points)),
    end: () => `<path${look} d="${pen}"/>`,
  };
}

function tiled({ tile, scale }, dark, classes) {
  const marks = [tile, dark.tile].map((each) => each.context.marks);
  return classes.pattern(drawn(marks[0], marks[1], null, classes), short(tile.width * scale));
}

/** Cells of equal colour along a line are one stroke, and what is as white as paper is none. */
function cells({ box, cols, rows, alpha }, classes, paper) {
  const flat = cols > 1;
  const [start, unit] = flat ? [box[0], (box[2] - box[0]) / cols] : [box[1], (box[3] - box[1]) / rows];
  const thick = flat ? (box[3] - box[1]) / rows : box[2] - box[0];
  const transform = flat
    ? `translate(${short(start)} 0) scale(${precise(unit)} 1)`
    : `translate(0 ${short(start)}) scale(1 ${precise(unit)})`;
  const look = ` transform="${transform}" fill="none"` +
    attribute("stroke-width", short(thick), "1") + attribute("opacity", short(alpha), "1");
  /** @type {Map<string, Pen>} */
  const pens = new Map();
  return {
    key: look,
    add: (light, dark) => {
      const across = flat ? light.box[1] : light.box[0];
      runs(light.pixels, dark.pixels, cols, rows, (line, from, to, own) => {
        if (own[0] === paper[0] && own[1] === paper[1]) return;
        const name = classes.ofBytes("stroke", ...own);
        if (!pens.has(name)) pens.set(name, new Pen());
        const pen = pens.get(name);
        const at = across + (line + 0.5) * thick;
        pen.move(...(flat ? [from, at] : [at, from]));
        pen.line(...(flat ? [to, at] : [at, to]));
      });
    },
    end: () => {
      const paths = Array.from(pens, ([name, pen]) => `<path class="${name}" d="${pen}"/>`);
      return `<g${look}>${paths.join("")}</g>`;
    },
  };
}

/** Calls `each` with every run of equal pixels, as far as they are there. */
function runs(light, dark, cols, rows, each) {
  const [lines, length] = cols > 1 ? [rows, cols] : [1, rows];
  const rgb = (from, i) => (from[i] << 16) | (from[i + 1] << 8) | from[i + 2];
  for (let line = 0; line < lines; line++) {
    let from = 0;
    let before = null;
    for (let i = 0; i <= length; i++) {
      const at = 4 * (line * length + i);
      const own = i < length && light[at + 3] ? [rgb(light, at), rgb(dark, at)] : null;
      if (before && own && before[0] === own[0] && before[1] === own[1]) continue;
      if (before) each(line, from, i, before);
      [before, from] = [own, i];
    }
  }
}

const precise = (value) => String(Math.round(value * 10000) / 10000);

const FORBIDDEN = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu; // in XML 1.0
const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** @param {string} text */
function escaped(text) {
  return text.replace(FORBIDDEN, "\ufffd").replace(/[&<>"]/g, (char) => ENTITIES[char]);
}
