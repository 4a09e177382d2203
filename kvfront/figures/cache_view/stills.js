/**
 * The four stills of one token's way, as buttons that name what is seen: they light up in turn while
 * it plays, and hold the picture when pressed.
 */
import { element } from "../../shared/figure.js";
import { letters } from "../../shared/letters.js";

const NAMES = ["made", "reach", "mix", "gone"];

export class Stills {
  /** @param {HTMLElement} container @param {{hold: (still: number) => void, replay: () => void}} on */
  constructor(container, on) {
    this.node = element("div", "kv-stills");
    this.node.setAttribute("role", "group");
    this.replay = element("button", "kv-button");
    this.replay.type = "button";
    this.replay.append(triangle());
    this.replay.addEventListener("click", on.replay);
    this.buttons = NAMES.map((_, i) => {
      const button = element("button", "kv-still");
      button.type = "button";
      button.addEventListener("click", () => on.hold(i));
      return button;
    });
    this.node.append(this.replay, ...this.buttons);
    container.append(this.node);
  }

  /** @param {Record<string, string>} text */
  name(text) {
    this.node.setAttribute("aria-label", text.stills);
    this.replay.setAttribute("aria-label", text.replay);
    this.replay.title = text.replay;
    this.buttons.forEach((button, i) => {
      const number = element("span", "kv-still-number", String(i + 1));
      const words = element("span");
      words.append(...letters(text[NAMES[i]]));
      button.replaceChildren(number, words);
    });
  }

  /** Motion is unwanted: the stills are stepped through, nothing plays. @param {boolean} still */
  quiet(still) {
    this.node.classList.toggle("kv-quiet", still);
  }

  /** @param {number} still @param {boolean} held the visitor asked for it */
  light(still, held) {
    if (this.lit === still && this.held === held) return;
    this.lit = still;
    this.held = held;
    this.buttons.forEach((button, i) => {
      button.classList.toggle("kv-now", i === still);
      button.setAttribute("aria-pressed", String(held && i === still));
    });
  }
}

function triangle() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", "M4 2.5v11l9.5-5.5z");
  svg.append(path);
  return svg;
}
