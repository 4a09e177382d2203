// @ts-check
/**
 * The page around this one, if there is one: it may say whether it is dark, and hears how high this
 * document is, in the messages of kvembed/embed.js. Nothing in them is a secret.
 */

export function follow() {
  if (window.parent === window) return;
  addEventListener("message", ({ source, data }) => {
    if (source !== window.parent || data?.kv !== 1 || typeof data.dark !== "boolean") return;
    document.documentElement.dataset.theme = data.dark ? "dark" : "light";
  });
  const tell = () =>
    window.parent.postMessage({ kv: 1, height: Math.ceil(document.body.scrollHeight) }, "*");
  new ResizeObserver(tell).observe(document.body);
}
