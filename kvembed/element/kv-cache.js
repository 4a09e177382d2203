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
 */
import { addressOf, languageOf, mostLive, pageOf, serverOf, viewOf } from "./address.js"
import { CONTRACT, PAGES, TEXTS } from "./contract.js"
import { sheet } from "./sheet.js"
import { hasOwn, isDark, make, watch } from "./surroundings.js"

const ANSWER = 8_000 // milliseconds until the server has to answer
const DRAW = 60_000 // and then to draw, over a slow line

/** Those that run, the longest first. @type {Set<KvCache>} */
const live = new Set()

class KvCache extends HTMLElement {
  static observedAttributes = [...CONTRACT.keys, "page", "src", "recording", "height", "title"]

  /** One for all: browsers tell several observers in an order of their own, not the page's. */
  static #seen = new IntersectionObserver((entries) => {
    // Nor is the order of the entries promised. 4: the other follows.
    entries.sort((a, b) => (a.target.compareDocumentPosition(b.target) & 4 ? -1 : 1))
    for (const { isIntersecting, target } of entries)
      if (isIntersecting && live.size < mostLive) /** @type {any} */ (target).#start() // or it left
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
  /** @type {"poster"|"wait"|"live"|"dead"} */ #state = "poster"
  /** Why it is dead: the name of a text. */ #failure = ""
  #changed = new Set()
  #byKeyboard = false
  #timer = 0
  #unwatch = () => {}

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
    this.#unwatch = watch(this, () => this.#recolor())
    this.#listen("addEventListener")
  }

  disconnectedCallback() {
    if (!this.#window) return
    this.#listen("removeEventListener")
    this.#unwatch()
    this.#window = null
    this.#stop("poster")
  }

  /** @param {"addEventListener"|"removeEventListener"} how */
  #listen(how) {
    this.#window[how]("message", this)
    this.#window.document[how]("DOMContentLoaded", this)
  }

  /** Several attributes changed at once are one change. @param {string} name */
  attributeChangedCallback(name, _before, now) {
    if (!this.#changed.size) queueMicrotask(() => this.#change())
    this.#changed.add(now === null ? "removed" : name)
  }

  /** @param {Event} event */
  handleEvent(event) {
    if (event.type === "DOMContentLoaded") return this.#draw()
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

  get #recording() {
    return this.getAttribute("recording")
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
    const texts = TEXTS.get(languageOf(this) ?? CONTRACT.lang)
    const height = Number(this.getAttribute("height"))
    const name = [texts.name, pageOf(this), this.getAttribute("prompt")].filter(Boolean).join(" · ")
    const given = hasOwn(this.#slot)
    const address = addressOf(this, pageOf(this))
    this.#box.className = state
    this.#label.textContent = texts[state === "poster" && this.#recording ? "play" : state]
    // A sandbox stays as it is, however often one tries; a recording needs none of what it lacks.
    this.#button.hidden = state === "dead" && this.#failure === "sandboxed" && !this.#recording
    this.#why.textContent = state === "dead" ? texts[this.#failure] : ""
    this.#address.textContent = address && texts.address + address
    this.#poster.hidden = given || !address
    if (!this.#poster.hidden) {
      this.#poster.href = address
      this.#image.src = addressOf(this, "poster.svg", { page: pageOf(this) })
      this.#image.alt = name
    }
    if (this.#frame) this.#frame.title = this.title || this.querySelector("img")?.alt || name
    this.#box.style.setProperty("--room", height ? "0px" : (PAGES.get(pageOf(this))?.room ?? "0px"))
    if (height) this.#size(height)
    this.#recolor()
  }

  /** @param {number} height of the frame, which the poster keeps when it comes back */
  #size(height) {
    this.#box.style.minHeight = `${Math.min(CONTRACT.most, Math.max(CONTRACT.least, height))}px`
  }

  #recolor() {
    const scheme = isDark(this, this.#canvas) ? "dark" : "light"
    if (scheme === this.#box.style.colorScheme) return
    this.#box.style.colorScheme = scheme
    if (this.#state === "live") this.#tell()
  }

  /** Tells the frame, which has answered, how to look and what to show. */
  #tell() {
    const message = { kv: 1, dark: this.#box.style.colorScheme === "dark", view: viewOf(this) }
    this.#frame.contentWindow.postMessage(message, this.#origin)
  }

  #start(byKeyboard = false) {
    if (this.#frame || !this.#window) return
    const src = this.#recording || addressOf(this, pageOf(this), { embed: "true" })
    if (!src) return this.#stop("dead")
    for (const other of live) if (live.size >= mostLive) other.#stop("poster")
    live.add(this)
    KvCache.#seen.unobserve(this)
    this.#byKeyboard = byKeyboard
    this.#frame = make("iframe", { src, allow: "clipboard-write; fullscreen" })
    if (this.#recording) this.#frame.sandbox = "allow-scripts"
    this.#origin = this.#recording ? "*" : serverOf(this).origin // a sandbox is of no origin
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
