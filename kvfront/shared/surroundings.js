/**
 * The inputs of a painting besides its data: a width, the style sheet, the colours, the fonts, the
 * size of a pixel. Each may come late, go, come back and change, in any order.
 */
import { onThemeChange } from "./color.js";

/**
 * @param {HTMLElement} root of the figure @param {() => void} changed paint anew, there is room
 * @returns {{ready: () => boolean, stop: () => void}} ready: whether anything can be painted now
 */
export function watch(root, changed) {
  const parent = /** @type {Element|ShadowRoot} */ (root.parentNode);
  const stop = new AbortController();
  // The sheet gives it its only width. Nothing tells when a sheet begins to apply, but sizes do.
  const probe = document.createElement("span");
  probe.className = "kv-probe";
  probe.setAttribute("aria-hidden", "true");
  probe.style.cssText = "position:absolute;height:0;visibility:hidden";
  parent.append(probe);
  let width = 0;
  const look = () => (width = probe.offsetWidth ? root.clientWidth : 0);
  const again = () => look() && changed();
  const sizes = new ResizeObserver(() => {
    const before = width;
    if (look() !== before) again();
  });
  for (const node of [root, probe]) sizes.observe(node);
  const unlisten = onThemeChange(parent, again);
  document.fonts.addEventListener("loadingdone", again, { signal: stop.signal });
  const followPixels = () => {
    const pixels = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
    const moved = () => {
      followPixels();
      again();
    };
    pixels.addEventListener("change", moved, { once: true, signal: stop.signal });
  };
  followPixels();
  return {
    ready: () => look() > 0,
    stop: () => {
      stop.abort();
      sizes.disconnect();
      unlisten();
      probe.remove();
    },
  };
}
