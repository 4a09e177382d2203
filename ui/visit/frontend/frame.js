// @ts-check
/**
 * The end of a page inside a frame: a link to the whole page, and the talk with the page around it.
 * It says how tall this page is, and hears which view is asked for. kvembed/element is at the
 * other end. Any page may ask: it is what an address could say just as well.
 */

/** @type {((name: string, value: any) => void)|null} */
let ask = null
let height = 0
/** Milliseconds without a change until the page counts as drawn: its figures arrive one by one. */
const CALM = 300
let asked = ""

/** @param {MessageEvent} event */
function hear({ source, data }) {
  if (source !== window.parent || data?.kv !== 1 || !data.view) return
  const now = JSON.stringify(data.view)
  // At first it asks for what the address says, and then again for the same whenever it speaks.
  const address = new URLSearchParams(window.location.search)
  const known = Object.entries(data.view).every(([key, value]) => address.get(key) === value)
  if (asked ? now !== asked : !known) ask?.("asked", data.view)
  asked = now
}

function listen() {
  window.addEventListener("message", hear)
  const block = document.querySelector(".stMainBlockContainer")
  const say = () => {
    const now = Math.ceil(block.getBoundingClientRect().height)
    if (now !== height) window.parent.postMessage({ kv: 1, height: (height = now) }, "*")
  }
  let timer = 0
  const measure = () => {
    clearTimeout(timer)
    timer = setTimeout(say, height ? 0 : CALM)
  }
  new ResizeObserver(measure).observe(block)
  measure() // while a page is out of sight, the browser leaves its observers alone
}

/** The address of this page outside of a frame, in the state that it has now. */
function whole() {
  const url = new URL(window.location.href)
  for (const key of ["embed", "embed_options"]) url.searchParams.delete(key)
  return url.href
}

/**
 * @param {{ data: { label: string }, parentElement: HTMLElement|ShadowRoot,
 *   setTriggerValue: (name: string, value: any) => void }} component
 */
export default function ({ data, parentElement, setTriggerValue }) {
  let link = parentElement.querySelector("a")
  if (!link) {
    link = document.createElement("a")
    link.target = "_blank"
    link.rel = "noopener"
    link.style.cssText = "color:var(--st-link-color);font-size:0.875rem"
    const renew = () => (link.href = whole())
    for (const event of ["pointerenter", "focus", "click"]) link.addEventListener(event, renew)
    parentElement.append(link)
    renew()
  }
  link.textContent = data.label
  if (!ask && window.parent !== window) listen()
  ask = setTriggerValue
}
