// @ts-check
/*
 * Inside a frame, whether to be dark is what the page around it says, once it has said so, and not
 * what the system says. Streamlit asks the browser for that, and listens for a change: so it asks
 * here. This stands in the document and runs before Streamlit does.
 */
if (window.parent !== window) {
  const QUERY = "(prefers-color-scheme: dark)"
  const system = matchMedia(QUERY)
  const scheme = Object.assign(new EventTarget(), { media: QUERY, matches: system.matches })
  /** @param {boolean} matches */
  const set = (matches) => {
    if (matches === scheme.matches) return
    scheme.matches = matches
    scheme.dispatchEvent(new Event("change"))
  }
  const ask = window.matchMedia.bind(window)
  window.matchMedia = (query) => (query === QUERY ? scheme : ask(query))
  system.addEventListener("change", () => set(system.matches))
  window.addEventListener("message", ({ source, data }) => {
    if (source === window.parent && data?.kv === 1 && "dark" in data) set(Boolean(data.dark))
  })
  window.parent.postMessage({ kv: 1, here: true }, "*")
  // In a sandbox without allow-same-origin the document is of no origin, and may load nothing more.
  if (origin === "null")
    addEventListener("DOMContentLoaded", () => {
      document.getElementById("kv-sandboxed").hidden = false
    })
}
