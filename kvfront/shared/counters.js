/** A row of numbers with their names. */
import { element } from "./figure.js";

export class Counters {
  /** @param {string[]} names */
  constructor(names) {
    this.node = element("dl", "kv-counters");
    this.values = names.map((name) => {
      const box = element("div");
      const value = element("dd");
      box.append(element("dt", "", name), value);
      this.node.append(box);
      return value;
    });
  }

  /** @param {string[]} values in the order of the names */
  show(values) {
    this.values.forEach((value, i) => (value.textContent = values[i]));
  }
}
