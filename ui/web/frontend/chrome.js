// @ts-check
/*
 * Parts that Streamlit draws around our pages, and gives no way to say otherwise: their words are
 * English, and a reader of the page by ear needs more than they say. This stands in the document, and
 * mends what is drawn as it is drawn. tests/browser/test_chrome.py fails when Streamlit draws otherwise.
 */
{
  const SKIP = "[data-testid=stSkipToContent]"
  const NAMES = ["aria-label", "title", "placeholder"]
  const NAMED = NAMES.map((name) => `[${name}]`).join()
  /** Elements that hold nothing but one of Streamlit's own sentences. */
  const EMPTY_LIST = "[role=listbox] :not(:has(*))"
  const SPOKEN = `${SKIP}, ${EMPTY_LIST}, [role=tooltip] p, [data-live-announcer] div`
  /** @type {Record<string, Record<string, string>>} by language: each word by its English one */
  const words = JSON.parse(document.getElementById("site-words").textContent)
  /** A word of any language, in English: what was said in one language is found again in the next. */
  const english = new Map(
    Object.values(words).flatMap((own) => Object.entries(own).map(([en, said]) => [said, en])),
  )

  /** @param {string} text @returns {string} as the page's language says it; what is not ours, as it is */
  const say = (text) => {
    const own = words[document.documentElement.lang.split("-")[0]]
    const [n] = /\d+/.exec(text) ?? []
    return own?.[english.get(text.replace(n, "{n}"))]?.replace("{n}", n) ?? text
  }

  /** @param {Element} node @param {string} name @param {string|null} value null takes it away */
  const set = (node, name, value) => {
    if (node.getAttribute(name) === value) return
    if (value === null) node.removeAttribute(name)
    else node.setAttribute(name, value)
  }

  const translate = () => {
    for (const node of document.querySelectorAll(NAMED))
      for (const name of NAMES) if (node.hasAttribute(name)) set(node, name, say(node.getAttribute(name)))
    for (const node of document.querySelectorAll(SPOKEN)) {
      const said = say(node.textContent)
      if (said !== node.textContent) node.textContent = said
    }
  }

  const describe = () => {
    for (const nav of document.querySelectorAll(".st-key-site_nav")) {
      set(nav, "role", "navigation")
      set(nav, "aria-label", say("Pages"))
      for (const link of nav.querySelectorAll("a"))
        set(link, "aria-current", link.closest(".st-key-site_here") ? "page" : null)
    }
    // Its name is that of its group, which it names a second time.
    for (const thumb of document.querySelectorAll("[data-testid=stSlider] [role=group] input"))
      set(thumb, "aria-labelledby", null)
  }

  const mend = () => {
    translate()
    describe()
  }
  new MutationObserver(mend).observe(document, {
    subtree: true, childList: true, attributeFilter: [...NAMES, "lang", "aria-labelledby"],
  })

  // Streamlit's own would lead to the links that it is there to skip.
  document.addEventListener(
    "click",
    (event) => {
      const skips = event.target instanceof Element && event.target.closest(SKIP)
      const title = skips && document.querySelector("h1")
      if (!title) return
      event.preventDefault()
      event.stopPropagation()
      title.tabIndex = -1
      title.focus()
    },
    { capture: true },
  )
}
