/**
 * The recorded marks, in light and in dark, as one piece of SVG. Those of one look become one
 * element as long as nothing between them is painted over.
 */
import { Area } from "./area.js";
import { CellPaths, lieOf, transformOf } from "./cells.js";
import { Classes } from "./classes.js";
import { Pen, short } from "./paths.js";

/**
 * @typedef {import("./context.js").Mark} Mark
 * @typedef {{key: string, area: Area, add: (light: Mark, dark: Mark) => void, end: () => string}}
 *   Group
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
    const look = LOOKS[mark.kind](mark, dark[i], classes);
    const key = `${mark.kind}${look}`;
    let group = place(groups, key, mark);
    if (!group) {
      group = { key, area: new Area(), ...GROUPS[mark.kind](look, mark, classes, paper) };
      groups.push(group);
    }
    group.add(mark, dark[i]);
    group.area.add(mark.box);
  });
  return groups.map((group) => group.end()).join("");
}

/** The group of this look that a mark can still join, or none. */
function place(groups, key, { box, alpha, kind }) {
  for (let i = groups.length - 1; i >= 0; i--) {
    const { key: other, area } = groups[i];
    // Where something is seen through, what lies over itself is seen twice.
    if (other === key) return alpha < 1 && kind !== "cells" && area.hits(box) ? null : groups[i];
    if (area.hits(box)) return null;
  }
  return null;
}

const attribute = (name, value, usual) => (value === usual ? "" : ` ${name}="${value}"`);

/**
 * The attributes that marks share.
 * @type {Record<string, (light: any, dark: any, classes: Classes) => string>}
 */
const LOOKS = {
  fill: (light, dark, classes) => {
    const { paint, alpha } = light;
    const own = paint.tile ? ` fill="${tiled(light, dark.paint, classes)}"`
      : ` class="${classes.of("fill", paint, dark.paint)}"`;
    return own + attribute("opacity", short(alpha), "1");
  },
  stroke: ({ paint, width, dash, alpha }, dark, classes) =>
    ` class="${classes.of("stroke", paint, dark.paint)}" fill="none"` +
    attribute("stroke-width", short(width), "1") +
    attribute("stroke-dasharray", dash.join(" "), "") +
    attribute("opacity", short(alpha), "1"),
  text: ({ paint, font, halo, align, alpha }, dark, classes) =>
    ` class="${classes.of(halo ? "stroke" : "fill", paint, dark.paint)}"` +
    attribute("stroke-width", short(halo), "0") + (halo ? ' stroke-linejoin="round"' : "") +
    attribute("font-size", short(font.size), "13") + attribute("font-weight", font.weight, 400) +
    (font.italic ? ' font-style="italic"' : "") +
    attribute("text-anchor", { left: "start", center: "middle", right: "end" }[align], "start") +
    attribute("opacity", short(alpha), "1"),
  cells: (mark) => {
    const lie = lieOf(mark);
    return ` transform="${transformOf(lie)}" fill="none"` +
      attribute("stroke-width", short(lie.thick), "1") +
      attribute("opacity", short(mark.alpha), "1");
  },
};

/** Gatherers of marks of one look. @type {Record<string, (look: string, ...rest: any[]) => any>} */
const GROUPS = { fill: path, stroke: path, text, cells };

/** @param {string} look */
function path(look) {
  const pen = new Pen();
  return {
    add: ({ lines }) => lines.forEach((points) => pen.through(points)),
    end: () => `<path${look} d="${pen}"/>`,
  };
}

/** @param {string} look */
function text(look) {
  const lines = [];
  return {
    add: ({ text: words, x, y, angle }) => {
      const [px, py] = [x, y].map((at) => short(Math.round(at * 10) / 10));
      const degrees = short((angle * 180) / Math.PI);
      const turn = angle ? ` transform="rotate(${degrees} ${px} ${py})"` : "";
      lines.push(`<text x="${px}" y="${py}"${turn}>${escaped(words)}</text>`);
    },
    end: () => (lines.length > 1 ? `<g${look}>${lines.join("")}</g>`
      : lines.join("").replace("<text", () => `<text${look}`)),
  };
}

/** All images whose cells lie in one direction, and as far apart. @param {string} look */
function cells(look, mark, classes, paper) {
  const paths = new CellPaths(lieOf(mark), paper);
  return {
    add: (light, dark) => paths.add(light, dark),
    end: () => `<g${look}>${paths.markup(classes)}</g>`,
  };
}

function tiled({ paint: { tile, scale }, x, y }, dark, classes) {
  const marks = [tile, dark.tile].map((each) => each.context.marks);
  const size = tile.width * scale;
  const [left, top] = [x, y].map((at) => ((at % size) + size) % size);
  return classes.pattern(drawn(marks[0], marks[1], null, classes), { size, left, top });
}

const FORBIDDEN = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu; // in XML 1.0
const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** @param {string} text */
function escaped(text) {
  return text.replace(FORBIDDEN, "\ufffd").replace(/[&<>"]/g, (char) => ENTITIES[char]);
}
