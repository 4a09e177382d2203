/** The letters q, k, v and z in running text carry their colour; z is a mix of v and takes its. */
import { element } from "./figure.js";

const HUES = { q: "q", k: "k", v: "v", z: "v" };

/** @param {string} text @returns {{text: string, hue: string}[]} its parts; words have no hue */
export function pieces(text) {
  const parts = text.split(/\b([qkvzQKVZ])\b/);
  return parts
    .map((part, i) => ({ text: part, hue: i % 2 ? HUES[part.toLowerCase()] : "" }))
    .filter((part) => part.text);
}

/** @param {string} text @returns {(string|HTMLElement)[]} its parts, to append as text */
export function letters(text) {
  return pieces(text).map(({ text: part, hue }) =>
    hue ? element("span", `kv-letter kv-ink-${hue}`, part) : part);
}

/** Sets the colours that letters.css uses. @param {HTMLElement} root @param {any} p palette */
export function ink(root, p) {
  for (const letter of ["q", "k", "v"]) root.style.setProperty(`--kv-ink-${letter}`, p.ink[letter]);
}
