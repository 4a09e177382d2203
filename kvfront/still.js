// @ts-check
/**
 * Pictures of the figures, painted by the same functions as in a page: what this makes is called by
 * a server in an engine of its own, where there is no browser.
 */
import { unpack } from "./record/pack.js";
import { picture } from "./shared/svg/picture.js";

/** @param {Record<string, Function>} figures what `still.js` of each exports, by its name */
export function painter(figures) {
  /**
   * @param {string} figure @param {string} block its bytes, each as a character
   * @param {string} options JSON: {themes: [light, dark], room}
   * @returns {string} JSON of what `picture` returns
   */
  return (figure, block, options) => {
    const { themes, room } = JSON.parse(options);
    const made = figures[figure](unpack(Uint8Array.from(block, byteOf)), room);
    return JSON.stringify(picture(made, themes));
  };
}

const byteOf = (char) => char.charCodeAt(0);
