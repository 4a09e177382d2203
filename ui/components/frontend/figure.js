/**
 * The life of one figure inside Streamlit. Streamlit calls a component's function again on the same
 * parent whenever data or theme change, and its cleanup only once, at the end: so each parent has
 * one figure, made on the first call and updated by the others.
 *
 * @typedef {{update: (block: {meta: any, arrays: Record<string, any>}) => void,
 *   repaint: () => void, dispose?: () => void}} Figure
 * @typedef {{root: HTMLElement, report: (name: string, value: any) => void,
 *   ask: (name: string) => void}} Stage report keeps a value for Python, ask says something once
 */
import { onThemeChange } from "./color.js";
import { unpack } from "./pack.js";

/** @type {WeakMap<object, {figure: Figure, bytes: Uint8Array, report: Function, stop: () => void}>} */
const figures = new WeakMap();

/** @param {Uint8Array} a @param {Uint8Array} b */
function same(a, b) {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

/**
 * @param {{data: Uint8Array, parentElement: HTMLElement|ShadowRoot,
 *   setStateValue: (name: string, value: any) => void,
 *   setTriggerValue?: (name: string, value: any) => void}} component what Streamlit passes
 * @param {(stage: Stage) => Figure} create builds the empty figure inside stage.root
 * @returns {() => void} cleanup
 */
export function mount(component, create) {
  const { data, parentElement, setStateValue, setTriggerValue } = component;
  let entry = figures.get(parentElement);
  if (!entry) {
    const root = document.createElement("div");
    root.className = "kv-root";
    parentElement.append(root);
    const held = { figure: null, bytes: null, report: null, ask: null, stop: null };
    held.figure = create({
      root, report: (name, value) => held.report(name, value), ask: (name) => held.ask(name),
    });
    // A new width repaints too: canvases are sized in pixels.
    let width = 0;
    const observer = new ResizeObserver(([seen]) => {
      const now = Math.round(seen.contentRect.width);
      if (now !== width && now > 0 && held.bytes) held.figure.repaint();
      width = now;
    });
    observer.observe(root);
    const unlisten = onThemeChange(parentElement, () => held.bytes && held.figure.repaint());
    held.stop = () => {
      observer.disconnect();
      unlisten();
      held.figure.dispose?.();
      root.remove();
    };
    figures.set(parentElement, held);
    entry = held;
  }
  entry.report = setStateValue;
  entry.ask = (name) => setTriggerValue(name, true);
  if (!entry.bytes || !same(entry.bytes, data)) {
    entry.bytes = data;
    entry.figure.update(unpack(data));
  }
  return () => {
    entry.stop();
    figures.delete(parentElement);
  };
}

/** @returns {boolean} whether the visitor asked for stills instead of motion */
export function reducedMotion() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag @param {string} [className] @param {string} [text]
 * @returns {HTMLElementTagNameMap[T]}
 */
export function element(tag, className = "", text = "") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}
