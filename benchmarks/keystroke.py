"""From a keystroke to the painted picture: `python -m benchmarks.keystroke`.

Starts the site, puts a prompt of 60 tokens into its front page, types at its end in a headless
Chromium, and times each key until the frame in which the cache view shows the new step was painted.
The pause after which the site reads the text is part of it.
"""

from __future__ import annotations

import statistics
import urllib.parse

from playwright.sync_api import Page, sync_playwright

import kvcore
from tests.browsing import CHROMIUM, FLAGS, Server
from ui.visit.controls import PAUSE

N_TOKENS = 60
KEYS = "and the sea was calm"
PAUSE_MS = 3000  # between keys: the run of the last one is verified by then, and nothing else runs
SENTENCE = "The old sailor said that nothing remembers the sea as well as a rope does, and so "

WATCH = """
() => {
  const find = (node) => {
    for (const each of node.querySelectorAll("*")) {
      if (each.classList.contains("kv-cache-view")) return each;
      const inside = each.shadowRoot && find(each.shadowRoot);
      if (inside) return inside;
    }
    return null;
  };
  const root = find(document);
  window.took = [];
  let pressed = null;
  document.addEventListener("keydown", () => { pressed = performance.now(); }, true);
  new MutationObserver(() => {
    if (pressed === null) return;
    const from = pressed;
    pressed = null;
    // A task queued from a frame's callback runs when that frame has been painted.
    requestAnimationFrame(() => setTimeout(() => window.took.push(performance.now() - from)));
  }).observe(root, { attributes: true, attributeFilter: ["data-run"] });
}
"""


def prompt_of(n_tokens: int) -> str:
    """A text of exactly that many tokens."""
    tokenizer = kvcore.load().tokenizer
    return tokenizer.decode(tokenizer.encode(SENTENCE * n_tokens)[:n_tokens])


def keystrokes(page: Page) -> list[float]:
    """Milliseconds of each key."""
    page.wait_for_selector(".kv-cache-view[data-run]")
    page.wait_for_timeout(5000)  # the badge is verified, nothing runs any more
    page.evaluate(WATCH)
    page.locator("input[type=text]").first.press("End")
    for key in KEYS:
        page.keyboard.type(key)
        page.wait_for_timeout(PAUSE_MS)
    took: list[float] = page.evaluate("window.took")
    return took


def main() -> None:
    """Print the median and the spread."""
    server = Server()
    try:
        server.wait()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(f"{server.url}/?prompt={urllib.parse.quote(prompt_of(N_TOKENS))}")
            took = keystrokes(page)
            browser.close()
    finally:
        server.stop()
    ordered = sorted(took)
    print(
        f"keystroke to painted picture, {N_TOKENS} tokens before it, {len(took)} keys: "
        f"median {statistics.median(took):.0f} ms, fastest {ordered[0]:.0f}, "
        f"slowest {ordered[-1]:.0f} ({PAUSE} of them are the pause in typing)"
    )


if __name__ == "__main__":
    main()
