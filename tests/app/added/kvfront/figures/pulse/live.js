/** kv.pulse: a bar for each token that the newest one sees. */
import { element, mount } from "../../shared/figure.js";
import { number } from "../../shared/format.js";
import { tokenName } from "../../shared/tokens.js";

class Pulse {
  /** @param {import("../../shared/figure.js").Stage} stage */
  constructor({ root }) {
    this.root = root;
  }

  update({ meta, arrays }) {
    const bars = meta.tokens.map((token, i) => {
      const value = arrays.weights.data[i];
      const bar = element("div", "kv-pulse", `${tokenName(token)} ${number(value)}`);
      bar.style.setProperty("--kv-weight", `${value}`);
      return bar;
    });
    this.root.replaceChildren(element("p", "kv-caption", meta.text.caption), ...bars);
  }

  repaint() {}
}

/** @param {any} component what Streamlit passes */
export default function pulse(component) {
  return mount(component, (stage) => new Pulse(stage));
}
