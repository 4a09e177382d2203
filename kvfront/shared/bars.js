/** The next-token distribution as horizontal bars: plain elements that a screen reader can read. */
import { element } from "./figure.js";
import { brief } from "./format.js";
import { tokenElement } from "./tokens.js";

/**
 * @param {HTMLElement} list a <ul>
 * @param {{label: import("./tokens.js").Token, p: number}[]} candidates most probable first
 * @param {number|null} chosen index of the one that was taken
 * @param {{chosen?: string, space: string}} text says so, and "space", for a screen reader
 */
export function showBars(list, candidates, chosen, text) {
  list.className = "kv-bars";
  list.setAttribute("role", "list"); // which Safari takes from a list without bullets
  list.replaceChildren(
    ...candidates.map(({ label, p }, i) => {
      const row = element("li", i === chosen ? "kv-bar kv-chosen" : "kv-bar");
      const name = element("span", "kv-bar-name");
      name.append(tokenElement(label, text.space));
      const track = element("span", "kv-bar-track");
      const bar = element("span", "kv-bar-fill");
      bar.style.width = `${(100 * p).toFixed(2)}%`;
      track.append(bar);
      row.append(name, track, element("span", "kv-bar-number", brief(p)));
      if (i === chosen) row.append(element("span", "kv-hidden", text.chosen));
      return row;
    }),
  );
}
