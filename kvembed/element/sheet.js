// @ts-check
/** How the element looks: kvembed/script.py puts style.css in. */
const STYLE = ""

/** @type {WeakMap<Document, CSSStyleSheet>} */
const sheets = new WeakMap()

/** Each document needs a sheet of its own. @param {Document} of */
export function sheet(of) {
  if (!sheets.has(of)) {
    sheets.set(of, new of.defaultView.CSSStyleSheet())
    sheets.get(of).replaceSync(STYLE)
  }
  return sheets.get(of)
}
