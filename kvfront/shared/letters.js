/** The letters q, k, v and z in running text carry their colour; z is a mix of v and takes its. */
import { element } from "./figure.js";

const HUES = { q: "q", k: "k", v: "v", z: "v" };

/** @param {string} text @returns {(string|HTMLElement)[]} its parts, to append as text */
export function letters(text) {
  return text.split(/\b([qkvzQKVZ])\b/).map((piece, i) => {
    if (i % 2 === 0) return piece;
    return element("span", `kv-letter kv-ink-${HUES[piece.toLowerCase()]}`, piece);
  });
}

/** Sets the colours that letters.css uses. @param {HTMLElement} root @param {object} p palette */
export function ink(root, p) {
  for (const letter of ["q", "k", "v"]) root.style.setProperty(`--kv-ink-${letter}`, p.ink[letter]);
}
