/**
 * The life of one figure inside Streamlit. Streamlit calls a component's function again on the same
 * parent whenever data or theme change, and its cleanup only once, at the end: so each parent has
 * one figure, made on the first call and updated by the others.
 *
 * @typedef {import("../record/pack.js").Block} Block
 * @typedef {{update: (block: Block) => void,
 *   repaint: () => void, dispose?: () => void}} Figure
 * @typedef {{root: HTMLElement, report: (name: string, value: any) => void,
 *   ask: (name: string) => void}} Stage report keeps a value for Python, ask says something once
 */
import { unpack } from "../record/pack.js";
import { watch } from "./surroundings.js";

/** @type {WeakMap<object, {take: (component: any) => void, stop: () => void}>} */
const figures = new WeakMap();

/** @param {Uint8Array|Block} a @param {Uint8Array|Block} b */
function same(a, b) {
  if (!(a instanceof Uint8Array && b instanceof Uint8Array)) return a === b;
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

/**
 * @param {{data: Uint8Array|Block, parentElement: HTMLElement|ShadowRoot,
 *   setStateValue: (name: string, value: any) => void,
 *   setTriggerValue?: (name: string, value: any) => void}} component what Streamlit passes
 * @param {(stage: Stage) => Figure} create builds the empty figure inside stage.root
 * @returns {() => void} cleanup
 */
export function mount(component, create) {
  const { parentElement } = component;
  if (!figures.has(parentElement)) figures.set(parentElement, begin(parentElement, create));
  const { take, stop } = figures.get(parentElement);
  take(component);
  return () => {
    stop();
    figures.delete(parentElement);
  };
}

function begin(parent, create) {
  const root = element("div", "kv-root");
  parent.append(root);
  let now = null;
  /** The last block taken, and the last one shown: where nothing can be painted, it waits. */
  let taken = null;
  let shown = null;
  const figure = create({
    root,
    report: (name, value) => now.setStateValue(name, value),
    ask: (name) => now.setTriggerValue(name, true),
  });
  const show = () => {
    if (shown === taken) return taken && figure.repaint();
    shown = taken;
    figure.update(taken instanceof Uint8Array ? unpack(taken) : taken);
    (parent.host ?? parent).dataset.drawn = ""; // until then the page keeps its height free
  };
  const surroundings = watch(root, show);
  return {
    take: (component) => {
      now = component;
      if (!taken || !same(taken, component.data)) taken = component.data;
      if (shown !== taken && surroundings.ready()) show();
    },
    stop: () => {
      surroundings.stop();
      figure.dispose?.();
      root.remove();
    },
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
