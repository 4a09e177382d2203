// @ts-check
/**
 * Pictures of the figures, painted by the same functions as in a page: what this makes is called by
 * a server in an engine of its own, where there is no browser.
 */
import { unpack } from "./record/pack.js";
import { picture } from "./shared/svg/picture.js";

/** @param {Record<string, Function>} figures what `still.js` of each exports, by its name */
export function painter(figures) {
  /** The last one, which is painted again in fewer shades while its file is too large. */
  let last = { figure: "", block: "", room: "", made: null };
  /**
   * @param {string} figure @param {string} block its bytes, each as a character
   * @param {string} options JSON: {themes: [light, dark], room}
   * @returns {string} JSON of what `picture` returns
   */
  return (figure, block, options) => {
    const { themes, room } = JSON.parse(options);
    const now = { figure, block, room: JSON.stringify(room) };
    if (now.figure !== last.figure || now.room !== last.room || now.block !== last.block) {
      const made = figures[figure](unpack(Uint8Array.from(block, byteOf)), room);
      last = { ...now, made };
    }
    return JSON.stringify(picture(last.made, themes));
  };
}

const byteOf = (char) => char.charCodeAt(0);
