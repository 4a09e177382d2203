/**
 * Pictures of the figures, painted by the same functions as in a page: `still` is what a server
 * calls in an engine of its own, where there is no browser.
 */
import growth from "./figures/growth/still.js";
import matrix from "./figures/matrix/still.js";
import race from "./figures/race/still.js";
import shelf from "./figures/shelf/still.js";
import { unpack } from "./shared/pack.js";
import { picture } from "./shared/svg/picture.js";

const FIGURES = { growth, matrix, race, shelf };

/**
 * @param {string} figure @param {string} block its bytes, each as a character
 * @param {string} options JSON: {themes: [light, dark], room}
 * @returns {string} JSON of what `picture` returns
 */
globalThis.still = (figure, block, options) => {
  const { themes, room } = JSON.parse(options);
  const made = FIGURES[figure](unpack(Uint8Array.from(block, byteOf)), room);
  return JSON.stringify(picture(made, themes));
};

const byteOf = (char) => char.charCodeAt(0);
