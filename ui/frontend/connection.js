/*
 * When the line to the server is lost, Streamlit disables every control under the hands of whoever
 * uses it. Here text can still be typed, the focus stays where it is, and the sentence is ours. This
 * stands in the document and runs before Streamlit does.
 */
{
  const FIELDS = ":is(input[type=text], textarea):disabled"
  /** @type {Record<string, string>} by language */
  const sentences = JSON.parse(document.getElementById("site-lost").textContent)
  /** What has the focus: when it is disabled, the browser takes that away without a word. */
  let held = null
  /** Each field of the page with the one that takes its text meanwhile. */
  let stands = []
  let connected = false
  /** A server that was started anew draws the page before it can be told of a field on it. */
  const CALM = 500 // ms in which it would have begun to
  let finding = 0

  const status = document.createElement("p")
  status.className = "site-lost"
  status.setAttribute("role", "status")

  /** @param {HTMLInputElement} from @param {HTMLInputElement} to hands the focus and the caret on */
  const handOn = (from, to) => {
    to.focus({ preventScroll: true })
    to.setSelectionRange(from.selectionStart, from.selectionEnd, from.selectionDirection)
  }

  const lose = () => {
    connected = false
    status.textContent = sentences[document.documentElement.lang.split("-")[0]] ?? sentences.en
    stands = Array.from(document.querySelectorAll(FIELDS), (field) => {
      const stand = field.cloneNode()
      stand.disabled = false
      stand.removeAttribute("id")
      stand.setAttribute("aria-label", field.labels?.[0]?.textContent ?? field.ariaLabel ?? "")
      stand.value = field.value
      field.style.display = "none"
      field.after(stand)
      if (field === held) handOn(field, stand)
      return { field, stand }
    })
  }

  /** The field has another text, as if it had been typed: React hears of nothing else. */
  const type = (field, text) => {
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value").set.call(field, text)
    field.dispatchEvent(new Event("input", { bubbles: true }))
  }

  const find = () => {
    connected = true
    status.textContent = ""
    for (const { field, stand } of stands) {
      const focused = document.activeElement === stand
      field.style.display = ""
      if (field.value !== stand.value) type(field, stand.value)
      if (focused) handOn(stand, field)
      stand.remove()
    }
    stands = []
    if (document.activeElement === document.body) held?.focus?.({ preventScroll: true })
  }

  const follow = () => {
    const app = document.querySelector("[data-test-connection-state]")
    const line = app?.getAttribute("data-test-connection-state") === "CONNECTED"
    const drawn = app?.getAttribute("data-test-script-state") === "notRunning"
    if (line === connected) return
    clearTimeout(finding)
    if (!line) lose()
    else if (drawn) finding = setTimeout(find, CALM)
  }

  document.addEventListener("focusin", ({ target }) => {
    if (!stands.some(({ stand }) => stand === target)) held = target
  })
  document.addEventListener("DOMContentLoaded", () => document.body.append(status))
  new MutationObserver(follow).observe(document, {
    subtree: true, childList: true,
    attributeFilter: ["data-test-connection-state", "data-test-script-state"],
  })
}
