// @ts-check
/** The surroundings of the element, and what it was given: a dark page, a picture? */

const MARKS = ["data-md-color-scheme", "data-theme", "data-bs-theme"]
const SYSTEM = matchMedia("(prefers-color-scheme: dark)")

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag @param {Partial<HTMLElementTagNameMap[T]>} [properties]
 * @returns {HTMLElementTagNameMap[T]}
 */
export const make = (tag, properties) => Object.assign(document.createElement(tag), properties)
const pixel = make("canvas").getContext("2d", { willReadFrequently: true })

/** An element and all that it lies in, out of every shadow. @param {Element|null} element */
export function* around(element) {
  while (element) {
    yield element
    const root = /** @type {any} */ (element.getRootNode()) // of a document, or in a shadow
    element = element.assignedSlot ?? element.parentElement ?? root.host ?? null
  }
}

/**
 * Whether the page is dark around an element: by its mark, else by the colours that lie behind it
 * one over the other. Painted, any form of a colour comes out as red, green and blue.
 * @param {Element} element @param {Element} canvas has what lies behind all of them
 */
export function isDark(element, canvas) {
  const nodes = [...around(element)]
  const marked = nodes.find((node) => MARKS.some((name) => node.hasAttribute(name)))
  const mark = MARKS.map((name) => marked?.getAttribute(name)).join()
  if (/dark|slate|light|default/.test(mark)) return /dark|slate/.test(mark)
  for (const node of [...nodes, canvas].reverse()) {
    pixel.fillStyle = "transparent" // a colour that the canvas cannot read changes nothing
    pixel.fillStyle = getComputedStyle(node).backgroundColor
    pixel.fillRect(0, 0, 1, 1)
  }
  const [r, g, b] = pixel.getImageData(0, 0, 1, 1).data
  return 0.3 * r + 0.6 * g + 0.1 * b < 128
}

/**
 * Calls back when the page may have become dark or light around an element.
 * @param {Element} element @param {() => void} callback @returns {() => void} stops it
 */
export function watch(element, callback) {
  const page = element.ownerDocument
  const marks = new MutationObserver(callback)
  for (const node of around(element))
    marks.observe(node, { attributeFilter: [...MARKS, "class", "style"] })
  SYSTEM.addEventListener("change", callback)
  page.addEventListener("transitionend", callback) // a background may change slowly
  return () => {
    marks.disconnect()
    SYSTEM.removeEventListener("change", callback)
    page.removeEventListener("transitionend", callback)
  }
}

/** Whether the page has put something of its own into a slot, or may yet. @param {any} slot */
export function hasOwn(slot) {
  const parsing = slot.ownerDocument.readyState === "loading" // its children may follow
  return parsing || slot.assignedNodes().some((node) => node.nodeType === 1 || node.data.trim())
}
