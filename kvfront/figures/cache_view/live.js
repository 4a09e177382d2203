/** kv.cache_view: tokens with the cache under them, painted anew at each pause in typing. */
import { showBars } from "../../shared/bars.js";
import { palette } from "../../shared/color.js";
import { Counters } from "../../shared/counters.js";
import { element, mount, reducedMotion } from "../../shared/figure.js";
import { bytes, fill, number } from "../../shared/format.js";
import { CellCursor } from "../../shared/heat/cursor.js";
import { legendBox } from "../../shared/legend.js";
import { ink } from "../../shared/letters.js";
import { lazyTable } from "../../shared/table.js";
import { inWords, spoken, tokenName } from "../../shared/tokens.js";
import { FALLING, LASTING, STILLS, momentAt } from "./motion.js";
import { CacheViewPicture } from "./picture.js";
import { legendsOf, unfold } from "./scene.js";
import { Stills } from "./stills.js";
import { countRows, nextBarcode, valueAt } from "./values.js";
import * as words from "./words.js";

const QUIET = 900; // ms without a new text before a screen reader is told what it did

class CacheView {
  /** @param {import("../../shared/figure.js").Stage} stage */
  constructor({ root }) {
    this.root = root;
    root.classList.add("kv-cache-view");
    const main = element("div", "kv-cache-view-main");
    this.counts = element("div", "kv-cache-view-counts");
    const next = element("div", "kv-cache-view-next");
    this.legend = element("div", "kv-legends kv-cache-view-legends");
    this.picture = new CacheViewPicture(main);
    this.words = element("p", "kv-words");
    main.append(this.words);
    this.stills = new Stills(main, {
      hold: (still) => this.#hold(still),
      replay: () => this.#play(),
    });
    this.nextTitle = element("h2", "kv-title");
    this.next = element("ul");
    next.append(this.nextTitle, this.next);
    this.live = element("p", "kv-hidden");
    this.live.setAttribute("aria-live", "polite");
    this.table = lazyTable(words.table(() => this));
    const frame = element("div", "kv-cache-view-frame");
    frame.append(this.counts, main, next, this.legend);
    this.values = lazyTable(words.values(() => this));
    root.append(frame, this.live, this.table.node, this.values.node);
    this.cursor = new CellCursor(this.picture.box, {
      size: () => [countRows(this.meta), this.meta.tokens.length],
      locate: (event) => this.picture.locate(event),
      first: () => [0, this.meta.tokens.length - 1],
      page: (row, by) => nextBarcode(row, this.meta, by),
      changed: (why) => this.#moved(why),
      entered: () => {},
    });
    this.frame = 0;
    this.moment = STILLS[3];
  }

  update(block) {
    cancelAnimationFrame(this.frame);
    const before = this.meta;
    const shown = unfold(block);
    this.meta = shown.meta;
    this.arrays = shown.arrays;
    const { run, text } = this.meta;
    const fresh = run !== before?.run;
    const still = reducedMotion();
    this.cursor.stayInside();
    this.cursor.hovered = null;
    this.picture.take(shown, { fresh, falls: fresh && !still });
    this.#numbers(JSON.stringify(text) !== this.named);
    if (fresh && !still) this.held = null;
    this.moment = STILLS[this.held ?? (fresh && !still ? 0 : 3)];
    this.started = performance.now();
    this.repaint();
    this.stills.quiet(still);
    if (fresh && !still) this.#play(before ? 0 : 400);
    this.#say();
    clearTimeout(this.telling);
    const tell = () => (this.live.textContent = inWords(words.summary(this.meta), this.meta.text.space));
    if (fresh) this.telling = setTimeout(tell, QUIET);
    this.table.refresh();
    this.#values();
  }

  repaint() {
    if (!this.meta || !this.picture.repaint()) return;
    this.#move();
    this.#legends();
    this.root.dataset.run = this.meta.run;
  }

  dispose() {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.telling);
    this.cursor.dispose();
  }

  /** Plays the newest token's way. @param {number} rest ms to look before it begins */
  #play(rest = 0) {
    cancelAnimationFrame(this.frame);
    this.held = null;
    const start = performance.now() + rest;
    const tick = () => {
      const ms = performance.now() - start;
      this.moment = momentAt(ms);
      this.#move();
      if (ms < Math.max(LASTING, FALLING)) this.frame = requestAnimationFrame(tick);
    };
    this.frame = requestAnimationFrame(tick);
  }

  #hold(still) {
    cancelAnimationFrame(this.frame);
    this.held = still;
    this.moment = STILLS[still];
    this.started = -Infinity;
    this.#move();
  }

  #move() {
    this.picture.move(this.moment, performance.now() - this.started, this.cursor.current());
    this.stills.light(this.moment.still, this.held !== null && this.held !== undefined);
  }

  /** Everything that is text. @param {boolean} renamed the language changed */
  #numbers(renamed) {
    const { meta } = this;
    const { text, tokens, start } = meta;
    if (renamed) this.#rename(text);
    this.counters.show([
      String(start), String(tokens.length - start), bytes(meta.held_bytes), number(meta.ms),
    ]);
    showBars(this.next, meta.next, null, meta.text);
  }

  #rename(text) {
    this.named = JSON.stringify(text);
    this.counters = new Counters(["reused", "computed", "held", "ms"].map((name) => text[name]));
    this.nextTitle.textContent = text.next;
    this.counts.replaceChildren(this.counters.node);
    this.cursor.name(text);
    this.next.setAttribute("aria-label", text.next);
    this.stills.name(text);
    this.table.name(text.as_table, text.label, text.space);
  }

  #legends() {
    const { full } = this.meta;
    const p = palette(this.root);
    // A gradient is 256 mixed colours: made again only when it looks or reads differently.
    const map = this.picture.g.map;
    const now = JSON.stringify([full, p.bg, p.fg, this.named, !map]);
    if (now === this.explained) return;
    this.explained = now;
    ink(this.root, p);
    this.legend.replaceChildren(...legendsOf(this.meta, map).map((each) => legendBox(p, each)));
  }

  #moved(why) {
    const current = this.cursor.current();
    if (why === "key" && current) this.picture.reveal(current[1]);
    this.#move();
    this.#say();
    if (why !== "key" && why !== "click") return;
    this.live.replaceChildren(...this.words.cloneNode(true).childNodes);
    this.#values();
  }

  /** The table of all that the chosen token left, at first the newest. */
  #values() {
    const { text, tokens } = this.meta;
    const pos = this.cursor.chosen?.[1] ?? tokens.length - 1;
    const name = fill(text.values, { token: tokenName(tokens[pos]), pos });
    this.values.name(name, inWords(name, text.space));
    this.values.refresh();
  }

  #say() {
    const current = this.cursor.current();
    const { meta, arrays } = this;
    const value = current && valueAt(this.picture.g, meta.head_dim, current[0]);
    const said = value
      ? words.value(meta, arrays, value, current[1])
      : current
        ? words.column(meta, arrays.weights.data, current[1])
        : words.fell(meta) || meta.text.hint;
    this.words.replaceChildren(...spoken(said, meta.text.space));
  }
}

/** @param {any} component what Streamlit passes */
export default function cacheView(component) {
  return mount(component, (stage) => new CacheView(stage));
}
