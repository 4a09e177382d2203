/**
 * One chosen cell of a grid, and the one under the mouse. Arrow keys move the chosen cell, Home and
 * End go along its row; the first of them lands on the newest token against itself. Enter reports it, Escape lets go of it.
 */

const MOVES = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  Home: [0, -Infinity],
  End: [0, Infinity],
};
const PAGES = { PageUp: -1, PageDown: 1 };

export class CellCursor {
  /**
   * @param {HTMLElement} box the focusable element
   * @param {{size: () => [number, number],
   *   locate: (event: PointerEvent|MouseEvent) => [number, number]|null,
   *   changed: (why: "hover"|"leave"|"key"|"click") => void,
   *   entered: (row: number, col: number) => void,
   *   first?: () => [number, number], page?: (row: number, by: -1|1) => number}} options
   *   first: where the first key lands; page: the row a page up or down
   */
  constructor(box, options) {
    this.box = box;
    this.options = options;
    /** @type {[number, number]|null} */ this.chosen = null;
    /** @type {[number, number]|null} */ this.hovered = null;
    /** The chosen cell stays chosen: clicks and keys only say which one is read. */
    this.fixed = false;
    this.stop = new AbortController();
    box.tabIndex = 0;
    // Arrow keys belong to the figure while it has the focus, hence "application".
    box.setAttribute("role", "application");
    const listen = (name, heard) => box.addEventListener(name, heard, { signal: this.stop.signal });
    listen("pointermove", (event) => {
      if (event.pointerType === "touch") return;
      this.hovered = options.locate(event);
      options.changed("hover");
    });
    listen("pointerleave", () => {
      this.hovered = null;
      options.changed("leave");
    });
    listen("click", (event) => {
      const cell = options.locate(event);
      if (!cell) return;
      this.#go(cell);
      options.changed("click");
      if (!this.fixed) options.entered(...cell);
    });
    listen("keydown", (event) => this.#key(event));
  }

  /** @param {{label: string, help: string}} text what it is, and how to walk through it */
  name({ label, help }) {
    this.box.setAttribute("aria-label", label);
    this.box.setAttribute("aria-description", help);
  }

  /** @returns {[number, number]|null} the cell to speak of: under the mouse, else the chosen one */
  current() {
    return this.hovered ?? this.chosen;
  }

  /** The grid may have another size: lets go of what is not in it any more. */
  stayInside() {
    const [rows, cols] = this.options.size();
    const inside = (cell) => (cell && cell[0] < rows && cell[1] < cols ? cell : null);
    this.chosen = inside(this.chosen);
    this.hovered = inside(this.hovered);
  }

  dispose() {
    this.stop.abort();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const [rows, cols] = this.options.size();
    const from = this.fixed ? this.current() : this.chosen;
    if (event.key === "Enter" && from) {
      if (!this.fixed) this.options.entered(...from);
    } else if (event.key === "Escape" && from) this.#go(null);
    else if (event.key in MOVES || event.key in PAGES) {
      const [down, right] = MOVES[event.key] ?? [0, 0];
      const { first = () => [rows - 1, cols - 1], page = (row, by) => row + 8 * by } = this.options;
      const clamp = (at, count) => Math.min(count - 1, Math.max(0, at));
      const row = (at) => (event.key in PAGES ? page(at, PAGES[event.key]) : at + down);
      this.#go(from ? [clamp(row(from[0]), rows), clamp(from[1] + right, cols)] : first());
    } else return;
    event.preventDefault();
    event.stopPropagation();
    this.options.changed("key");
  }

  /** @param {[number, number]|null} cell */
  #go(cell) {
    if (!this.fixed) this.chosen = cell;
    this.hovered = this.fixed ? cell : null;
  }
}
