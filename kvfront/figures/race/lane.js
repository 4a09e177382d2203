/** One lane of a race: a name, a line with a piece for each token, and the text it has written. */
import { element } from "../../shared/figure.js";
import { fill, number } from "../../shared/format.js";
import { tokenElement } from "../../shared/tokens.js";
import { laneAt } from "./clock.js";
import { seconds } from "./lanes.js";

export class Lane {
  /**
   * @param {HTMLElement} container
   * @param {import("./lanes.js").Run} run
   * @param {import("./lanes.js").Race} race
   */
  constructor(container, run, { end, prompt, cut, tokens, text }) {
    const { name, ms } = run;
    this.text = text;
    this.name = text[name];
    this.end = end;
    this.ends = run.ends;
    this.total = run.total;
    this.node = element("section", `kv-lane kv-lane-${name}`);
    this.node.setAttribute("aria-label", this.name);
    const head = element("div", "kv-lane-head");
    this.progress = element("span", "kv-lane-progress");
    const total = fill(text.total, { seconds: seconds(this.total, end) });
    const time = element("span", "kv-lane-time", total);
    head.append(element("span", "kv-lane-name", this.name), this.progress, time);
    const line = element("div", "kv-lane-line");
    line.setAttribute("aria-hidden", "true");
    this.pieces = tokens.map(() => element("span"));
    line.append(...this.pieces);
    const written = element("p", "kv-lane-text");
    const before = element("span", "kv-lane-prompt");
    const shown = prompt.flatMap((token) => [tokenElement(token, text.space), " "]);
    before.append(cut ? "… " : "", ...shown);
    // All that will appear has its place from the start, so that nothing moves during the race.
    this.tokens = tokens.map((token, i) => {
      const made = element("span", "kv-lane-token");
      made.append(tokenElement(token, text.space), element("small", "", number(ms[i])));
      return made;
    });
    written.append(before, ...this.tokens.flatMap((made) => [made, " "]));
    this.node.append(head, line, written);
    container.append(this.node);
  }

  /** @param {number} elapsed ms of the measured run */
  show(elapsed) {
    const { done, share } = laneAt(this.ends, elapsed);
    const part = (i) => (i < done ? 1 : i === done ? share : 0);
    this.pieces.forEach((piece, i) => piece.style.setProperty("--kv-share", part(i).toFixed(3)));
    this.tokens.forEach((token, i) => token.classList.toggle("kv-written", i < done));
    this.node.classList.toggle("kv-finished", done === this.ends.length);
    this.done = done;
    this.progress.textContent = fill(this.text.progress, { done, total: this.ends.length });
  }

  /** @param {number} elapsed @returns {string} where the lane is, in a sentence */
  state(elapsed) {
    return fill(this.text.state, {
      lane: this.name, done: this.done, total: this.ends.length,
      seconds: seconds(Math.min(elapsed, this.total), this.end),
    });
  }
}
