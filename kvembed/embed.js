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
 * show. At the other end are ui/frontend/frame_theme.js and frame.js.
 */

const VIEW = ["prompt", "model", "layer", "head", "step", "view", "lang", "lock"]
const ANSWER = 8_000 // milliseconds until the server has to answer
const DRAW = 60_000 // and then to draw, over a slow line
const LOWEST = 120 // CSS pixels
const HIGHEST = 4000
const MARKS = ["data-md-color-scheme", "data-theme", "data-bs-theme"]
const SYSTEM = matchMedia("(prefers-color-scheme: dark)")

const script = new URL(import.meta.url)
const mostLive = Number(script.searchParams.get("max-live")) || 2
/** Those that run, the longest first. @type {Set<KvCache>} */
const live = new Set()

const TEXTS = {
  en: {
    name: "A KV cache, live",
    poster: "Show it live",
    play: "Play it",
    wait: "Loading…",
    dead: "Try again",
    why: "The server of this live view does not answer.",
  },
  zh: {
    name: "实时的 KV 缓存",
    poster: "实时显示",
    play: "播放",
    wait: "正在加载…",
    dead: "重试",
    why: "这个实时视图的服务器没有响应。",
  },
}

const sheet = new CSSStyleSheet()
sheet.replaceSync(`
:host{display:block}
:host([hidden]),[hidden]{display:none!important}
div{display:grid;position:relative;min-height:12rem;font:.9375rem/1.4 system-ui,sans-serif}
slot,a,button{grid-area:1/1;min-width:0}
slot,iframe,img{display:block;width:100%}
button{display:grid;place-items:end;padding:.75rem;border:0;background:none;font:inherit;
font-weight:600;cursor:pointer}
span{padding:.4em .9em;border-radius:4px;color:light-dark(#fdfdfb,#15171a);
background:light-dark(#1f2329,#e8e9e6)}
p{margin:.5em 0 0}
iframe{height:100%;border:0}
.wait iframe{position:absolute;opacity:0;pointer-events:none}
.live :not(iframe){display:none}
@media print{.live *{display:revert!important}button,iframe{display:none!important}}`)

/**
 * Whether the page is dark around an element: by its mark, else by its background.
 * @param {Element} element
 */
function isDark(element) {
  const marked = element.closest(MARKS.map((mark) => `[${mark}]`).join())
  const mark = MARKS.map((name) => marked?.getAttribute(name)).join()
  if (/dark|slate|light|default/.test(mark)) return /dark|slate/.test(mark)
  for (let node = element; node; node = node.parentElement) {
    const color = getComputedStyle(node).backgroundColor
    const [r, g = r, b = r, opaque = 1] = color.match(/[\d.]+/g).map(Number)
    if (opaque) return 0.3 * r + 0.6 * g + 0.1 * b < (/^rgb/.test(color) ? 128 : 0.5)
  }
  return SYSTEM.matches && getComputedStyle(element).colorScheme.includes("dark")
}

/** @param {string} tag @param {object} [properties] */
const make = (tag, properties) => Object.assign(document.createElement(tag), properties)

class KvCache extends HTMLElement {
  static observedAttributes = [...VIEW, "page", "src", "height", "title"]

  /** One for all: browsers tell several observers in an order of their own, not the document's. */
  static #seen = new IntersectionObserver((entries) => {
    // Nor is the order of the entries promised. 4: the other follows.
    entries.sort((a, b) => (a.target.compareDocumentPosition(b.target) & 4 ? -1 : 1))
    for (const { isIntersecting, target } of entries)
      if (isIntersecting && live.size < mostLive) target.#start()
  })

  #slot = make("slot")
  #image = make("img")
  #poster = make("a", { target: "_blank", rel: "noopener" })
  #label = make("span")
  #button = make("button", { type: "button" })
  #why = make("p", { role: "status" })
  #box = make("div")
  /** @type {HTMLIFrameElement|null} */ #frame = null
  /** Of what is in the frame. */ #origin = ""
  #state = "poster"
  #changed = new Set()
  #byKeyboard = false
  #timer = 0

  #marks = new MutationObserver(() => this.#recolor())

  constructor() {
    super()
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet]
    this.#poster.append(this.#image)
    this.#button.append(this.#label)
    this.#box.append(this.#slot, this.#poster, this.#button, this.#why)
    this.shadowRoot.append(this.#box)
    this.#slot.onslotchange = () => this.#draw()
    // A click of the keyboard has no detail: only then the focus goes along into the frame.
    this.#button.onclick = ({ detail }) => this.#start(!detail)
  }

  connectedCallback() {
    this.#draw()
    const first = document.querySelector("kv-cache") === this ? "visible" : "click"
    if ((this.getAttribute("start") ?? first) === "visible") KvCache.#seen.observe(this)
    for (const node of [document.documentElement, document.body])
      this.#marks.observe(node, { attributeFilter: [...MARKS, "class", "style"] })
    this.#listen("addEventListener")
  }

  disconnectedCallback() {
    this.#stop("poster")
    this.#marks.disconnect()
    this.#listen("removeEventListener")
  }

  /** @param {"addEventListener"|"removeEventListener"} how */
  #listen(how) {
    window[how]("message", this)
    SYSTEM[how]("change", this)
    document[how]("transitionend", this) // a background may change slowly
  }

  /** Several attributes changed at once are one change. @param {string} name */
  attributeChangedCallback(name, _before, now) {
    if (!this.#changed.size) queueMicrotask(() => this.#change())
    this.#changed.add(now === null ? "removed" : name)
  }

  /** @param {Event} event */
  handleEvent(event) {
    if (!(event instanceof MessageEvent)) return this.#recolor()
    const { source, origin, data } = event
    if (source !== this.#frame?.contentWindow) return
    if (![origin, "*"].includes(this.#origin)) return
    if (data?.kv !== 1) return
    if (data.here) {
      this.#expect(DRAW)
      this.#tell()
    }
    if (data.height > 0) this.#drawn(data.height)
  }

  /** The address of the server, with a slash at its end; without one, of the script's server. */
  get #server() {
    const src = this.getAttribute("src")
    const url = new URL(/^https?:/.test(src) ? src : ".", script)
    return new URL(url.pathname.replace(/\/*$/, "/"), url)
  }

  get #lang() {
    const lang = this.closest("[lang]")?.getAttribute("lang") ?? ""
    return Object.keys(TEXTS).find((known) => lang.toLowerCase().startsWith(known))
  }

  get #page() {
    return this.getAttribute("page") || "home"
  }

  /** What the attributes ask to see, as an address has it. */
  get #view() {
    const asked = VIEW.map((key) => [key, key === "lang" ? this.#lang : this.getAttribute(key)])
    return Object.fromEntries(asked.filter(([, value]) => value))
  }

  /** @param {string} path below the server @param {object} [more] parameters beside the view */
  #url(path, more) {
    const url = new URL(path === "home" ? "" : encodeURIComponent(path), this.#server)
    url.search = String(new URLSearchParams({ ...more, ...this.#view }))
    return url.href
  }

  #change() {
    const changed = this.#changed
    this.#changed = new Set()
    if (!this.isConnected) return
    this.#draw()
    if (this.#frame && ["page", "src", "removed"].some((name) => changed.has(name))) {
      this.#stop("poster")
      this.#start()
    } else if (this.#state === "live") this.#tell()
  }

  /** Everything but the page in the frame. @param {"poster"|"wait"|"live"|"dead"} state */
  #draw(state = this.#state) {
    this.#state = state
    const texts = TEXTS[this.#lang ?? "en"]
    const height = Number(this.getAttribute("height"))
    const name = [texts.name, this.#page, this.getAttribute("prompt")].filter(Boolean).join(" · ")
    const given = this.#slot.assignedNodes().some((node) => node.nodeType === 1 || node.data.trim())
    this.#box.className = state
    const plays = state === "poster" && this.hasAttribute("recording")
    this.#label.textContent = texts[plays ? "play" : state]
    this.#why.textContent = state === "dead" ? texts.why : ""
    this.#poster.hidden = given
    if (!given) {
      this.#poster.href = this.#url(this.#page)
      this.#image.src = this.#url("poster.svg", { page: this.#page })
      this.#image.alt = name
    }
    if (this.#frame) this.#frame.title = this.title || this.querySelector("img")?.alt || name
    if (height) this.#size(height)
    this.#recolor()
  }

  /** @param {number} height of the frame, which the poster keeps when it comes back */
  #size(height) {
    this.#box.style.minHeight = `${Math.min(HIGHEST, Math.max(LOWEST, height))}px`
  }

  #recolor() {
    const scheme = isDark(this) ? "dark" : "light"
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
    if (this.#frame) return
    for (const other of live) if (live.size >= mostLive) other.#stop("poster")
    live.add(this)
    KvCache.#seen.unobserve(this)
    this.#byKeyboard = byKeyboard
    const recording = this.getAttribute("recording")
    const src = recording ?? this.#url(this.#page, { embed: "true" })
    this.#frame = make("iframe", { src, allow: "clipboard-write; fullscreen" })
    if (recording) this.#frame.sandbox = "allow-scripts"
    this.#origin = recording ? "*" : this.#server.origin // a sandbox is of no origin
    this.#box.append(this.#frame)
    this.#expect(ANSWER)
    this.#draw("wait")
  }

  /** @param {"poster"|"dead"} state */
  #stop(state) {
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
    this.#timer = setTimeout(() => this.#stop("dead"), time)
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
