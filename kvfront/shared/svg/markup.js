/**
 * What was recorded, in light and in dark, as one piece of SVG. Marks of one look become one element
 * as long as nothing between them is painted over.
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
    const group = KINDS[mark.kind](mark, dark[i], classes, paper);
    const key = `${mark.kind}${group.key}`;
    const found = place(groups, key, mark);
    const into = found ?? Object.assign(group, { key, area: new Area() });
    if (!found) groups.push(group);
    into.add(mark, dark[i]);
    into.area.add(mark.box);
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

/** All images whose cells lie in one direction, and as far apart. */
function cells(mark, classes, paper) {
  const lie = lieOf(mark);
  const look = ` transform="${transformOf(lie)}" fill="none"` +
    attribute("stroke-width", short(lie.thick), "1") + attribute("opacity", short(mark.alpha), "1");
  const paths = new CellPaths(lie, paper);
  return {
    key: look,
    add: (light, dark) => paths.add(light, dark),
    end: () => `<g${look}>${paths.markup(classes)}</g>`,
  };
}

const FORBIDDEN = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu; // in XML 1.0
const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** @param {string} text */
function escaped(text) {
  return text.replace(FORBIDDEN, "\ufffd").replace(/[&<>"]/g, (char) => ENTITIES[char]);
}
