/**
 * kv.steps: the numbered steps of an argument, with a way back and on. The page says which step is
 * shown; what the visitor picks is shown at once, before the page has answered.
 */
import { element } from "../shared/figure.js";

/**
 * @typedef {{step: number, titles: string[], text: {label: string, back: string, next: string}}} Data
 *   step counts from 1
 */

let groups = 0; // radio buttons of one row share a name of their own

class Steps {
  /** @param {HTMLElement|ShadowRoot} parent */
  constructor(parent) {
    this.row = element("fieldset", "kv-root kv-steps");
    this.legend = element("legend", "kv-hidden");
    this.group = `kv-steps-${(groups += 1)}`;
    this.back = this.#button("←", -1);
    this.next = this.#button("→", 1);
    this.row.append(this.legend, this.back, this.next);
    this.radios = [];
    /** @type {(name: string, value: any) => void} */
    this.report = () => {};
    parent.append(this.row);
  }

  /** @param {Data} data */
  update({ step, titles, text }) {
    this.legend.textContent = text.label;
    for (const name of ["back", "next"]) {
      this[name].setAttribute("aria-label", text[name]);
      this[name].title = text[name];
    }
    while (this.radios.length < titles.length) this.#radio();
    titles.forEach((title, i) => {
      this.radios[i].parentElement.title = title;
      this.radios[i].setAttribute("aria-label", `${i + 1} ${title}`);
    });
    this.#show(step);
  }

  #show(step) {
    this.step = step;
    this.radios[step - 1].checked = true;
    // A disabled button would lose the focus.
    this.back.setAttribute("aria-disabled", String(step === 1));
    this.next.setAttribute("aria-disabled", String(step === this.radios.length));
  }

  #go(step) {
    if (step < 1 || step > this.radios.length) return;
    this.#show(step);
    this.report("step", step);
  }

  #button(sign, by) {
    const button = element("button", "kv-step", sign);
    button.type = "button";
    button.addEventListener("click", () => this.#go(this.step + by));
    return button;
  }

  #radio() {
    const step = this.radios.length + 1;
    const label = element("label");
    const radio = element("input");
    Object.assign(radio, { type: "radio", name: this.group });
    radio.addEventListener("change", () => this.#go(step));
    label.append(radio, element("span", "kv-step", String(step)));
    this.next.before(label);
    this.radios.push(radio);
  }
}

/** @type {WeakMap<object, Steps>} */
const rows = new WeakMap();

/** @param {{data: Data, parentElement: HTMLElement|ShadowRoot,
 *   setStateValue: (name: string, value: any) => void}} component what Streamlit passes */
export default function steps({ data, parentElement, setStateValue }) {
  const row = rows.get(parentElement) ?? new Steps(parentElement);
  rows.set(parentElement, row);
  row.report = setStateValue;
  row.update(data);
}
