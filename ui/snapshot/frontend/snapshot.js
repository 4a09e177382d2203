// @ts-check
/**
 * A recorded figure on a page of its own: the site's own figure, fed from the page instead of from a
 * server. What a reader can pick stands in one form; what is said in two languages stands in the
 * page twice, and one of them is hidden.
 *
 * @typedef {import("../../../kvfront/record/pack.js").Block} Block
 * @typedef {{figure: string, lang: string|null, langs: Record<string, string>,
 *   titles: Record<string, string>, texts: Record<string, any>, block: string}} Recording
 *   langs: how the document names each language
 */
import { unpack } from "../../../kvfront/record/pack.js";
import { inflate } from "./block.js";
import { follow, tellHeight } from "./host.js";

const PICKS = ["lang", "step", "layer", "head"];

/**
 * @param {(component: any) => void} draw a figure of the site
 * @param {(block: Block, text: any, picks: Record<string, string>) => Block} [compose] what the
 *   figure is given: the recorded block, in words of the reader's language, as picked
 * @param {(shown: Block, text: any) => void} [also] what else shows it, and what is chosen in it
 */
export async function open(draw, compose = spoken, also = () => {}) {
  /** @type {Recording} */
  const recording = JSON.parse(byId("kv-data").textContent ?? "");
  const form = /** @type {HTMLFormElement} */ (byId("kv-picks"));
  const parentElement = byId("kv-figure");
  let show = () => {};
  follow((view) => {
    for (const name of PICKS) if (name in view) pick(form, name, String(view[name]));
    show();
  });
  const block = unpack(await inflate(recording.block));
  show = () => {
    const picks = Object.fromEntries(
      Array.from(new FormData(form), ([name, value]) => [name, String(value)]),
    );
    const lang = picks.lang;
    document.documentElement.lang = recording.langs[lang];
    document.title = recording.titles[lang];
    for (const said of document.querySelectorAll("[data-lang]"))
      toggle(said, said.getAttribute("data-lang") === lang);
    for (const step of document.querySelectorAll("[data-step]"))
      toggle(step, step.getAttribute("data-step") === picks.step);
    for (const output of form.querySelectorAll("output"))
      output.value = picks[output.htmlFor.value.replace("kv-", "")];
    const text = recording.texts[lang];
    const shown = compose(block, text, picks);
    draw({
      data: shown, parentElement,
      setStateValue: (name, value) => {
        for (const { meta } of [block, shown]) Object.assign(meta.state, { [name]: value });
        also(shown, text);
      },
    });
    also(shown, text);
  };
  pick(form, "lang", recording.lang ?? preferred(Object.keys(recording.langs)));
  form.addEventListener("input", () => show());
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const button of form.querySelectorAll("button"))
    button.addEventListener("click", () => {
      const step = new FormData(form).get("step");
      pick(form, "step", String(Number(step) + Number(button.value)));
      show();
    });
  show();
  byId("kv-waiting").remove();
  tellHeight();
}

/** The recorded block, its words in another language. */
function spoken({ meta, arrays }, text) {
  return { meta: { ...meta, text }, arrays };
}

/** @param {string} id */
function byId(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/** @param {Element} element @param {boolean} shown */
function toggle(element, shown) {
  /** @type {HTMLElement} */ (element).hidden = !shown;
}

/** Picks one of several, if it is among them. @param {HTMLFormElement} form */
function pick(form, name, value) {
  const control = /** @type {RadioNodeList|null} */ (form.elements.namedItem(name));
  if (control) control.value = value;
}

/** @param {string[]} langs @returns {string} the first of the reader's languages that is here */
function preferred(langs) {
  const asked = navigator.languages.map((tag) => tag.toLowerCase().split("-")[0]);
  return asked.find((lang) => langs.includes(lang)) ?? langs[0];
}
