/** kv.pulse: a bar for each token that the newest one sees. */
import { attention } from "../../record/derive.js";
import { opened } from "../../record/record.js";
import { element, mount } from "../../shared/figure.js";
import { number } from "../../shared/format.js";
import { tokenName } from "../../shared/tokens.js";

class Pulse {
  /** @param {import("../../shared/figure.js").Stage} stage */
  constructor({ root }) {
    this.root = root;
  }

  update(block) {
    const { record, state, text } = opened(block);
    const { weights } = attention(record, state.layer, state.head);
    const newest = weights.data.subarray(-record.tokens.length);
    const bars = record.tokens.map((token, i) => {
      const bar = element("div", "kv-pulse", `${tokenName(token)} ${number(newest[i])}`);
      bar.style.setProperty("--kv-weight", `${newest[i]}`);
      return bar;
    });
    this.root.replaceChildren(element("p", "kv-caption", text.caption), ...bars);
  }

  repaint() {}
}

/** @param {any} component what Streamlit passes */
export default function pulse(component) {
  return mount(component, (stage) => new Pulse(stage));
}
