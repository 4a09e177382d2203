// @ts-check
/** Puts the state of the page into the address bar, and its language into the document. */

let newest = 0

/**
 * @param {{ data: { params: Record<string, string>, lang: string, visit: string, written: number } }} component
 */
export default function ({ data }) {
  if (!data) return
  // Another visit than the page's began at an older address than this one: connection.js says no.
  const known = new CustomEvent("site-visit", { detail: data.visit, cancelable: true })
  if (!document.dispatchEvent(known) || data.written < newest) return
  newest = data.written
  document.documentElement.lang = data.lang
  const url = new URL(window.location.href)
  for (const key of ["step", "view", ...Object.keys(data.params)]) url.searchParams.delete(key)
  for (const [key, value] of Object.entries(data.params)) url.searchParams.append(key, value)
  if (url.href !== window.location.href) window.history.replaceState(window.history.state, "", url)
}
