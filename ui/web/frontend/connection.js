// @ts-check
/*
 * When the line to the server is lost, Streamlit disables every control under the hands of whoever
 * uses it. Here text can still be typed, the focus stays where it is, and the sentence is ours. When
 * the server no longer knows the visit, the page is loaded again at its address, and the entry of the
 * history keeps what no address says. This stands in the document and runs before Streamlit does.
 */
{
  const FIELDS = "input[type=text]:not([role=combobox])"
  const STOPS = "input, textarea, button, a"
  /** @type {Record<string, string>} by language */
  const sentences = JSON.parse(document.getElementById("site-lost").textContent)
  /** The control that has the focus: when it is disabled, the browser takes that away without a word. */
  let held = null
  /** Each field of the page with the one that takes its text meanwhile. */
  let stands = []
  /** A server that was started anew draws the page before it can be told of a field on it. */
  const CALM = 500 // ms in which it would have begun to
  let finding = 0
  /** The visit whose page this is: the server gives it a name. */
  let visit = ""
  const { lost, ...entry } = history.state ?? {}
  /** The state of the document before this one: nothing, unless the server had forgotten the visit. */
  let kept = lost ?? null
  /** The control that had the focus there, until it has it here or something else has. */
  let wanted = kept?.held
  if (kept) history.replaceState(entry, "")
  /** Whether the line is lost, or is back and the page not drawn since. */
  let away = Boolean(kept)

  const status = document.createElement("p")
  status.className = "site-lost"
  status.setAttribute("role", "status")

  /** A frame takes no focus from the page around it. */
  const focus = (node) => {
    if (window.parent === window || document.hasFocus()) node?.focus?.({ preventScroll: true })
  }

  /** @param {HTMLInputElement} from @param {HTMLInputElement} to hands the focus and the caret on */
  const handOn = (from, to) => {
    focus(to)
    to.setSelectionRange(from.selectionStart, from.selectionEnd, from.selectionDirection)
  }

  /** @returns {[string, number]|null} what a control is found by in another document of the page */
  const nameOf = (node) => {
    const place = node?.closest?.("[class*=st-key-]")
    const key = place && [...place.classList].find((name) => name.startsWith("st-key-"))
    return key ? [key, [...place.querySelectorAll(STOPS)].indexOf(node)] : null
  }
  const named = ([key, n]) => document.getElementsByClassName(key)[0]?.querySelectorAll(STOPS)[n]
  const main = () => document.querySelector("[data-testid=stMain]")

  const say = () => {
    status.textContent = sentences[document.documentElement.lang.split("-")[0]] ?? sentences.en
  }

  /** @param {string} which @returns {HTMLInputElement[]} the page's own fields of text */
  const fieldsOf = (which) => Array.from(document.querySelectorAll(`${FIELDS}${which}`))
  const labelOf = (field) => field.labels?.[0]?.textContent ?? field.ariaLabel ?? ""

  const lose = () => {
    away = true
    say()
    stands = fieldsOf(":disabled").map((field) => {
      const stand = /** @type {HTMLInputElement} */ (field.cloneNode())
      stand.disabled = false
      stand.removeAttribute("id")
      stand.classList.add("site-stand")
      stand.ariaLabel = labelOf(field)
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

  /** The page is loaded again, and finds there what it has and its address does not say. */
  const leave = () => {
    const fields = fieldsOf(":not(.site-stand)").map((field) => {
      const shown = stands.find((each) => each.field === field)?.stand ?? field
      const { value, selectionStart, selectionEnd } = shown
      const focused = shown === document.activeElement
      const name = nameOf(field)
      return { name, label: labelOf(field), value, selectionStart, selectionEnd, focused }
    })
    const now = {
      page: location.pathname,
      fields: fields.filter(({ name }) => name),
      held: nameOf(held),
      scroll: main().scrollTop,
    }
    history.replaceState({ ...history.state, lost: now }, "")
    location.reload()
  }

  /** Until the page has the field that was typed into, there is one at the edge of the window. */
  const arrive = () => {
    say()
    for (const field of kept.fields) {
      const { label, value, focused } = field
      const looks = { type: "text", className: "site-stand", ariaLabel: label, value }
      field.stand = Object.assign(document.createElement("input"), looks)
      if (!focused) continue
      document.body.append(field.stand)
      handOn(field, field.stand)
    }
  }

  /** @returns {boolean} whether the page is still to get a field: it has none before its model */
  const lacks = () =>
    kept?.page === location.pathname && !kept.fields.every(({ name }) => named(name))

  const settle = () => {
    stands = kept.fields.map(({ name, stand }) => ({ field: named(name) ?? stand, stand }))
    main().scrollTop = kept.scroll
    kept = null
  }

  const find = () => {
    away = false
    status.textContent = ""
    if (kept) settle()
    for (const { field, stand } of stands) {
      const focused = document.activeElement === stand
      field.style.display = ""
      if (field.value !== stand.value) type(field, stand.value)
      if (focused) handOn(stand, field)
      stand.remove()
    }
    stands = []
    if (document.activeElement === document.body) focus(held)
  }

  const refocus = () => {
    if (document.activeElement !== document.body) wanted = null
    else focus(named(wanted))
  }

  const follow = () => {
    if (wanted) refocus()
    const app = document.querySelector("[data-test-connection-state]")
    const line = app?.getAttribute("data-test-connection-state") === "CONNECTED"
    const drawn = app?.getAttribute("data-test-script-state") === "notRunning"
    if (!line && visit && !away) lose()
    if (!away) return
    clearTimeout(finding)
    if (line && drawn && !lacks()) finding = setTimeout(find, CALM)
  }

  document.addEventListener("focusin", ({ target }) => {
    if (!stands.some(({ stand }) => stand === target)) held = target
  })
  document.addEventListener("DOMContentLoaded", () => {
    document.body.append(status)
    if (kept) arrive()
  })
  document.addEventListener("site-visit", (/** @type {CustomEvent} */ event) => {
    visit ||= event.detail
    if (event.detail === visit) return
    event.preventDefault()
    leave()
  })
  new MutationObserver(follow).observe(document, {
    subtree: true, childList: true,
    attributeFilter: ["data-test-connection-state", "data-test-script-state"],
  })
}
