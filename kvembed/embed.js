// @ts-check
/**
 * <kv-cache page="why-not-q" prompt="..." step="4" src="https://host">fallback</kv-cache>
 *
 * One exact, live view of a KV cache inside another page. Its attributes are the parameters of
 * kvembed/contract.py. First there is a poster: what stands inside the element, else a picture from
 * the server. The first element of a page starts when it is seen, the others on a click, or as
 * start="visible" or "click" says. At most two run at once, or as many as the address of this script
 * says: embed.js?max-live=1. Then the one that has run longest becomes a poster again. With
 * recording="page.html" it shows that file, a snapshot, and needs no server.
 *
 * The frame and this element talk in messages { kv: 1, ... }: the frame says `here` when the server
 * has answered and `height` when it has drawn; it is told whether to be `dark`, and which `view` to
 * show. At the other end are ui/web/frontend/frame_theme.js and ui/visit/frontend/frame.js.
 *
 * The file is a module or a classic script, as a page likes: browsers run no module of a page that
 * was opened from a disk.
 */
"use strict"
{
  /**
   * What it knows of pages, parameters and languages: kvembed/script.py puts it in.
   * @type {{keys: string[], least: number, most: number, lang: string,
   *   pages: Record<string, {path: string, room: string}>,
   *   texts: Record<string, Record<string, string>>}} least, most: heights in CSS pixels
   */
  const CONTRACT = {}
  const { keys: VIEW, least: LOWEST, most: HIGHEST } = CONTRACT
  const PAGES = new Map(Object.entries(CONTRACT.pages))
  const TEXTS = new Map(Object.entries(CONTRACT.texts))
  const ANSWER = 8_000 // milliseconds until the server has to answer
  const DRAW = 60_000 // and then to draw, over a slow line
  const MARKS = ["data-md-color-scheme", "data-theme", "data-bs-theme"]
  const SYSTEM = matchMedia("(prefers-color-scheme: dark)")

  const SCRIPT = url(document.currentScript ? document.currentScript.src : thrownAt())
  const mostLive = Number(SCRIPT?.searchParams.get("max-live")) || 2
  /** Those that run, the longest first. @type {Set<KvCache>} */
  const live = new Set()

  const STYLE = `
  :host{display:block}
  :host([hidden]),[hidden],i,address{display:none!important}
  i{background:Canvas}
  div{display:grid;position:relative;min-height:12rem;font:.9375rem/1.4 system-ui,sans-serif}
  div::before{content:"";padding-top:var(--room)}
  div::before,slot,a,button,iframe{grid-area:1/1;min-width:0}
  slot,iframe,img{display:block}
  img{margin:auto;max-width:100%}
  iframe,slot{width:100%}
  button{display:grid;place-items:end;padding:.75rem;border:0;background:none;font:inherit;
  font-weight:600;cursor:pointer}
  span{position:sticky;bottom:.75rem;padding:.4em .9em;border-radius:4px;
  --paper:light-dark(#fdfdfb,#15171a);--ink:light-dark(#1f2329,#e8e9e6);
  color:var(--paper);background:var(--ink)}
  p{margin:.5em 0 0}
  iframe{height:100%;border:0}
  .wait iframe{position:absolute;opacity:0;pointer-events:none}
  .live :not(iframe){display:none}
  @media print{
  div{display:block;min-height:0!important;color-scheme:light!important;break-inside:avoid}
  div::before{display:none}
  .live :not(iframe){display:block}
  address:not(:empty){display:block!important;font-style:normal;overflow-wrap:anywhere}
  iframe,button,p{display:none!important}}`

  /** @type {WeakMap<Document, CSSStyleSheet>} */
  const sheets = new WeakMap()

  /** Each document needs a sheet of its own. @param {Document} of */
  function sheet(of) {
    if (!sheets.has(of)) {
      sheets.set(of, new of.defaultView.CSSStyleSheet())
      sheets.get(of).replaceSync(STYLE)
    }
    return sheets.get(of)
  }

  /** @param {string} text @param {URL|null} [base] @returns {URL|null} */
  function url(text, base) {
    try {
      return new URL(text, base ?? undefined)
    } catch {
      return null
    }
  }

  /** Where this line stands: a module is not told its element. */
  function thrownAt() {
    return /\w+:\/\/\S+?(?=:\d+:\d+)/.exec(String(new Error().stack))?.[0] ?? ""
  }

  /** An element and all that it lies in, out of every shadow. @param {Element|null} element */
  function* around(element) {
    while (element) {
      yield element
      element = element.assignedSlot ?? element.parentElement ?? element.getRootNode().host ?? null
    }
  }

  /**
   * Whether the page is dark around an element: by its mark, else by the colours that lie behind it
   * one over the other. Painted, any form of a colour comes out as red, green and blue.
   * @param {Element} element @param {Element} canvas has what lies behind all of them
   */
  function isDark(element, canvas) {
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

  /** @param {string} tag @param {object} [properties] */
  const make = (tag, properties) => Object.assign(document.createElement(tag), properties)
  const pixel = make("canvas").getContext("2d", { willReadFrequently: true })

  class KvCache extends HTMLElement {
    static observedAttributes = [...VIEW, "page", "src", "recording", "height", "title"]

    /** One for all: browsers tell several observers in an order of their own, not the page's. */
    static #seen = new IntersectionObserver((entries) => {
      // Nor is the order of the entries promised. 4: the other follows.
      entries.sort((a, b) => (a.target.compareDocumentPosition(b.target) & 4 ? -1 : 1))
      for (const { isIntersecting, target } of entries)
        if (isIntersecting && live.size < mostLive) target.#start() // or it may have gone by now
    })

    #slot = make("slot")
    #image = make("img")
    #poster = make("a", { target: "_blank", rel: "noopener" })
    #label = make("span")
    #button = make("button", { type: "button" })
    #why = make("p", { role: "status" })
    #address = make("address")
    #box = make("div")
    #canvas = make("i")
    /** Where it is shown, and null while it is not. @type {Window|null} */ #window = null
    /** @type {HTMLIFrameElement|null} */ #frame = null
    /** Of what is in the frame. */ #origin = ""
    #state = "poster"
    /** Why it is dead: the name of a text. */ #failure = ""
    #changed = new Set()
    #byKeyboard = false
    #timer = 0

    #marks = new MutationObserver(() => this.#recolor())

    constructor() {
      super()
      this.#poster.append(this.#image)
      this.#button.append(this.#label)
      this.#box.append(this.#slot, this.#poster, this.#button, this.#why, this.#address)
      this.attachShadow({ mode: "open" }).append(this.#box, this.#canvas)
      this.#slot.onslotchange = () => this.#draw()
      // A click of the keyboard has no detail: only then the focus goes along into the frame.
      this.#button.onclick = ({ detail }) => this.#start(!detail)
    }

    connectedCallback() {
      this.#window = this.isConnected ? this.ownerDocument.defaultView : null
      if (!this.#window) return
      this.shadowRoot.adoptedStyleSheets = [sheet(this.ownerDocument)]
      this.#draw()
      const first = this.ownerDocument.querySelector("kv-cache") === this ? "visible" : "click"
      if ((this.getAttribute("start") ?? first) === "visible") KvCache.#seen.observe(this)
      for (const node of around(this))
        this.#marks.observe(node, { attributeFilter: [...MARKS, "class", "style"] })
      this.#listen("addEventListener")
    }

    disconnectedCallback() {
      if (!this.#window) return
      this.#listen("removeEventListener")
      this.#marks.disconnect()
      this.#window = null
      this.#stop("poster")
    }

    /** @param {"addEventListener"|"removeEventListener"} how */
    #listen(how) {
      const page = this.#window.document
      this.#window[how]("message", this)
      SYSTEM[how]("change", this)
      page[how]("transitionend", this) // a background may change slowly
      page[how]("DOMContentLoaded", this)
    }

    /** Several attributes changed at once are one change. @param {string} name */
    attributeChangedCallback(name, _before, now) {
      if (!this.#changed.size) queueMicrotask(() => this.#change())
      this.#changed.add(now === null ? "removed" : name)
    }

    /** @param {Event} event */
    handleEvent(event) {
      if (event.type === "DOMContentLoaded") return this.#draw()
      if (event.type !== "message") return this.#recolor()
      const { source, origin, data } = /** @type {MessageEvent} */ (event)
      if (!source || source !== this.#frame?.contentWindow || data?.kv !== 1) return
      // A sandbox around this page holds for what is in it, and leaves a server no origin.
      if (origin === "null" && this.#origin !== "*") return this.#stop("dead", "sandboxed")
      if (![origin, "*"].includes(this.#origin)) return
      if (data.here) {
        this.#expect(DRAW)
        this.#tell()
      }
      if (data.height > 0) this.#drawn(data.height)
    }

    /**
     * The address of the server, with a slash at its end; without one, of the script's server. A
     * recording has no server but the one that it names.
     */
    get #server() {
      const src = this.getAttribute("src") ?? ""
      const own = this.#recording ? null : url(".", SCRIPT)
      const server = /^https?:/.test(src) ? url(src) : own
      return server && url(server.pathname.replace(/\/*$/, "/"), server)
    }

    get #lang() {
      const said = [...around(this)].find((node) => node.hasAttribute("lang"))
      const lang = said?.getAttribute("lang") ?? ""
      const [code] = lang.toLowerCase().split(/[-_]/)
      return TEXTS.has(code) ? code : undefined
    }

    get #recording() {
      return this.getAttribute("recording")
    }

    get #page() {
      return this.getAttribute("page") || "home"
    }

    /** What the attributes ask to see, as an address has it. */
    get #view() {
      const asked = VIEW.map((key) => [key, key === "lang" ? this.#lang : this.getAttribute(key)])
      return Object.fromEntries(asked.filter(([, value]) => value))
    }

    /**
     * Empty without a server.
     * @param {string} path below the server @param {object} [more] parameters beside the view
     */
    #url(path, more) {
      const server = this.#server
      if (!server) return ""
      const address = new URL(encodeURIComponent(PAGES.get(path)?.path ?? path), server)
      address.search = String(new URLSearchParams({ ...more, ...this.#view }))
      return address.href
    }

    #change() {
      const changed = this.#changed
      this.#changed = new Set()
      this.#draw()
      const anew = ["page", "src", "recording", "removed"].some((name) => changed.has(name))
      if (this.#frame && anew) {
        this.#stop("poster")
        this.#start()
      } else if (this.#state === "live") this.#tell()
    }

    /** Everything but the page in the frame. @param {"poster"|"wait"|"live"|"dead"} state */
    #draw(state = this.#state) {
      this.#state = state
      if (!this.#window) return
      const texts = TEXTS.get(this.#lang ?? CONTRACT.lang)
      const height = Number(this.getAttribute("height"))
      const named = [texts.name, this.#page, this.getAttribute("prompt")]
      const name = named.filter(Boolean).join(" · ")
      const parsing = this.ownerDocument.readyState === "loading" // its children may follow
      const shows = (node) => node.nodeType === 1 || node.data.trim()
      const given = parsing || this.#slot.assignedNodes().some(shows)
      const address = this.#url(this.#page)
      this.#box.className = state
      this.#label.textContent = texts[state === "poster" && this.#recording ? "play" : state]
      // A sandbox stays as it is, however often one tries; a recording needs none of what it lacks.
      this.#button.hidden = state === "dead" && this.#failure === "sandboxed" && !this.#recording
      this.#why.textContent = state === "dead" ? texts[this.#failure] : ""
      this.#address.textContent = address && texts.address + address
      this.#poster.hidden = given || !address
      if (!this.#poster.hidden) {
        this.#poster.href = address
        this.#image.src = this.#url("poster.svg", { page: this.#page })
        this.#image.alt = name
      }
      if (this.#frame) this.#frame.title = this.title || this.querySelector("img")?.alt || name
      this.#box.style.setProperty("--room", height ? "0px" : (PAGES.get(this.#page)?.room ?? "0px"))
      if (height) this.#size(height)
      this.#recolor()
    }

    /** @param {number} height of the frame, which the poster keeps when it comes back */
    #size(height) {
      this.#box.style.minHeight = `${Math.min(HIGHEST, Math.max(LOWEST, height))}px`
    }

    #recolor() {
      const scheme = isDark(this, this.#canvas) ? "dark" : "light"
      if (scheme === this.#box.style.colorScheme) return
      this.#box.style.colorScheme = scheme
      if (this.#state === "live") this.#tell()
    }

    /** Tells the frame, which has answered, how to look and what to show. */
    #tell() {
      const message = { kv: 1, dark: this.#box.style.colorScheme === "dark", view: this.#view }
      this.#frame.contentWindow.postMessage(message, this.#origin)
    }

    #start(byKeyboard = false) {
      if (this.#frame || !this.#window) return
      const src = this.#recording || this.#url(this.#page, { embed: "true" })
      if (!src) return this.#stop("dead")
      for (const other of live) if (live.size >= mostLive) other.#stop("poster")
      live.add(this)
      KvCache.#seen.unobserve(this)
      this.#byKeyboard = byKeyboard
      this.#frame = make("iframe", { src, allow: "clipboard-write; fullscreen" })
      if (this.#recording) this.#frame.sandbox = "allow-scripts"
      this.#origin = this.#recording ? "*" : this.#server.origin // a sandbox is of no origin
      this.#box.append(this.#frame)
      this.#expect(ANSWER)
      this.#draw("wait")
    }

    /** @param {"poster"|"dead"} state @param {"silent"|"unplayed"|"sandboxed"} [failure] */
    #stop(state, failure = this.#recording ? "unplayed" : "silent") {
      this.#failure = failure
      live.delete(this)
      clearTimeout(this.#timer)
      KvCache.#seen.unobserve(this)
      this.#frame?.remove()
      this.#frame = null
      this.#draw(state)
    }

    /** @param {number} time in milliseconds until the next sign of life */
    #expect(time) {
      clearTimeout(this.#timer)
      const late = () => (this.getClientRects().length ? this.#stop("dead") : this.#expect(time))
      this.#timer = setTimeout(late, time) // out of sight, a frame draws nothing
    }

    /** @param {number} height of what the frame shows, in CSS pixels */
    #drawn(height) {
      if (!Number(this.getAttribute("height"))) this.#size(height)
      if (this.#state !== "wait") return
      clearTimeout(this.#timer)
      const focus = this.#byKeyboard && this.shadowRoot.activeElement === this.#button
      this.#draw("live")
      this.#tell() // what may have changed while the frame was loading
      if (focus) this.#frame.focus({ preventScroll: true })
    }
  }

  if (!customElements.get("kv-cache")) customElements.define("kv-cache", KvCache)
}
