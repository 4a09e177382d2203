/**
 * The controls of a figure that plays: back, play or pause, forward, a timeline to scrub, a speed.
 * Nothing starts by itself. What is settled on (paused, stepped or scrubbed to) is reported after
 * a short rest; what passes by while playing is not. Another run is played by the same controls:
 * whoever holds one of them with the keyboard goes on holding it.
 *
 * @typedef {{controls: string, play: string, pause: string, back: string, forward: string,
 *   scrub: string, speed: string}} PlayerText
 */
import { element } from "./figure.js";

const SHAPES = {
  play: "M4 2.5v11l9.5-5.5z",
  pause: "M4 3h3v10H4zM9 3h3v10H9z",
  back: "M12.5 3v10L5.5 8zM3.5 3h2v10h-2z",
  forward: "M3.5 3v10l7-5zM10.5 3h2v10h-2z",
};
const SPEEDS = [0.5, 1, 2, 4];
const BEAT = 900; // ms a step is shown at speed 1
const REST = 300; // ms without a change before a step is reported

/** @param {HTMLElement} button @param {keyof typeof SHAPES} shape replaces what the button holds */
export function draw(button, shape) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", SHAPES[shape]);
  svg.append(path);
  button.replaceChildren(svg);
}

/** Names a control for everyone. @param {HTMLElement} control @param {string} name */
function label(control, name) {
  control.setAttribute("aria-label", name);
  control.title = name;
}

export class Player {
  /**
   * @param {{words: (step: number) => string, moved: (step: number, playing: boolean) => void,
   *   settled: (step: number) => void}} options words names a step for the timeline
   */
  constructor(options) {
    this.options = options;
    this.node = element("div", "kv-player");
    this.node.setAttribute("role", "group");
    const button = (shape, act) => {
      const made = element("button", "kv-button");
      made.type = "button";
      made.addEventListener("click", act);
      draw(made, shape);
      this.node.append(made);
      return made;
    };
    this.back = button("back", () => this.go(this.step - 1));
    this.toggle = button("play", () => (this.timer ? this.pause() : this.play()));
    this.forward = button("forward", () => this.go(this.step + 1));
    this.line = element("input", "kv-line");
    Object.assign(this.line, { type: "range", min: "0", step: "1" });
    this.line.addEventListener("input", () => this.go(Number(this.line.value)));
    this.line.addEventListener("keydown", (event) => {
      if (event.key !== " ") return;
      event.preventDefault();
      this.toggle.click();
    });
    this.speed = element("select", "kv-speed");
    for (const speed of SPEEDS) {
      const choice = element("option", "", `${speed}×`);
      choice.value = String(speed);
      choice.selected = speed === 1;
      this.speed.append(choice);
    }
    this.node.append(this.line, this.speed);
    this.timer = 0;
    this.rest = 0;
    this.step = -1;
    /** The visitor has moved on, and the page has yet to show that it knows. */
    this.ahead = false;
  }

  /**
   * Plays a run of `count` steps, from `step` on. What was to be reported of another one is not.
   * @param {{count: number, step: number, text: PlayerText}} run
   */
  load({ count, step, text }) {
    this.count = count;
    this.text = text;
    this.node.setAttribute("aria-label", text.controls);
    this.line.max = String(count - 1);
    this.line.setAttribute("aria-label", text.scrub);
    for (const name of ["back", "forward", "speed"]) label(this[name], text[name]);
    clearTimeout(this.rest);
    this.jump(step);
  }

  /** Shows a step without reporting it. @param {number} step */
  show(step) {
    const last = this.count - 1;
    this.step = Math.min(last, Math.max(0, step));
    this.line.value = String(this.step);
    this.line.setAttribute("aria-valuetext", this.options.words(this.step));
    // aria-disabled keeps the focus where it is, a disabled button would lose it.
    this.back.setAttribute("aria-disabled", String(this.step === 0));
    this.forward.setAttribute("aria-disabled", String(this.step === last));
    this.options.moved(this.step, this.timer !== 0);
  }

  /** The page goes to a step: playing stops, nothing is reported. @param {number} step */
  jump(step) {
    this.ahead = false;
    this.#stop();
    this.show(step);
  }

  /** The visitor goes to a step: playing stops. @param {number} step */
  go(step) {
    this.ahead = true;
    this.#stop();
    this.show(step);
    this.#settle();
  }

  play() {
    this.ahead = true;
    if (this.step === this.count - 1) this.show(0);
    draw(this.toggle, "pause");
    label(this.toggle, this.text.pause);
    this.#beat();
  }

  pause() {
    this.#stop();
    this.#settle();
  }

  dispose() {
    clearTimeout(this.timer);
    clearTimeout(this.rest);
    this.node.remove();
  }

  #beat() {
    clearTimeout(this.rest);
    this.timer = setTimeout(() => {
      if (this.step >= this.count - 1) return this.pause();
      this.show(this.step + 1);
      this.#beat();
    }, BEAT / Number(this.speed.value));
  }

  #stop() {
    clearTimeout(this.timer);
    this.timer = 0;
    draw(this.toggle, "play");
    label(this.toggle, this.text.play);
  }

  #settle() {
    clearTimeout(this.rest);
    this.rest = setTimeout(() => this.options.settled(this.step), REST);
  }
}
