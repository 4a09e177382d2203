/** The two lanes of a race: the page plays it, a picture shows its end. */
import { opened } from "../../record/record.js";
import { ends } from "./clock.js";

/** The lanes from top to bottom, and the hue of each. */
export const LANES = { cached: "k", recomputed: "redo" };

const SHOWN = 12; // tokens of the prompt's end that stay before the new ones

/**
 * Seconds to the hundredth, or to the thousandth where the whole race takes less than one.
 * @param {number} ms @param {number} end ms of the race @returns {string}
 */
export const seconds = (ms, end) => (ms / 1000).toFixed(end < 1000 ? 3 : 2);

/**
 * @typedef {{name: string, hue: string, ms: Float32Array, ends: number[], total: number}} Run
 *   milliseconds of each step, and when it ends
 * @typedef {{end: number, runs: Run[], prompt: any[], cut: boolean, tokens: any[], text: any}} Race
 *   of the first repeat: when the slower lane ends, both lanes, the end of the prompt, and the
 *   tokens that were written
 */

/** @param {import("../../record/pack.js").Block} block @returns {Race} */
export function lanesOf(block) {
  const { record, text } = opened(block);
  const tokens = record.tokens.slice(record.prompt);
  const runs = Object.entries(LANES).map(([name, hue]) => {
    const ms = record[`${name}_ms`].data.subarray(0, tokens.length);
    const times = ends(ms);
    return { name, hue, ms, ends: times, total: times.at(-1) };
  });
  return {
    end: Math.max(...runs.map(({ total }) => total)), runs,
    prompt: record.tokens.slice(0, record.prompt).slice(-SHOWN), cut: record.prompt > SHOWN,
    tokens, text,
  };
}
