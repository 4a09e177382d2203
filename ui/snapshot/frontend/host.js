// @ts-check
/**
 * The page around this one, if there is one, in the messages of kvembed/element: it says whether it
 * is dark and what to show, and hears that this document is here and how high it is. Nothing in
 * them is a secret.
 */

const around = window.parent === window ? null : window.parent;
document.documentElement.classList.toggle("framed", Boolean(around));

/** @param {(view: Record<string, string>) => void} change is asked to show something else */
export function follow(change) {
  addEventListener("message", ({ source, data }) => {
    if (!around || source !== around || data?.kv !== 1) return;
    const theme = data.dark ? "dark" : "light";
    if (typeof data.dark === "boolean") document.documentElement.dataset.theme = theme;
    if (data.view && typeof data.view === "object") change(data.view);
  });
  around?.postMessage({ kv: 1, here: true }, "*");
}

/** Says how high the document is, now and whenever that changes. */
export function tellHeight() {
  const tell = () =>
    around?.postMessage({ kv: 1, height: Math.ceil(document.body.scrollHeight) }, "*");
  new ResizeObserver(tell).observe(document.body);
}
