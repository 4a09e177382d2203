"""Firefox and WebKit: a handful of what a visitor does, on the same site."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.browser.driving import FIREFOX, WEBKIT, Firefox, Tab, WebKit
from tests.browser.driving.tab import FIND
from tests.browser.test_pages import TITLES

PROMPT = "The+old+man+and+the"
COUNTERS = ".kv-counters dd"
# How many colours each picture shows: a blank one has one.
COLOURS = """
return found.map((canvas) => {
  const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
  return new Set(new Uint32Array(data.buffer)).size
})
"""


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(Firefox, marks=pytest.mark.skipif(not FIREFOX, reason="no firefox here")),
        pytest.param(WebKit, marks=pytest.mark.skipif(not WEBKIT, reason="no WebKitWebDriver")),
    ],
)
def driven(request: pytest.FixtureRequest) -> Iterator[Tab]:
    opened = request.param()
    yield opened
    opened.close()


@pytest.fixture
def tab(driven: Tab) -> Iterator[Tab]:
    """A tab in which the console has nothing to complain of, whatever a case does."""
    yield driven
    assert driven.complaints == []


def painted(tab: Tab) -> None:
    """Wait until there are pictures and none of them is blank."""
    tab.until(lambda: (found := tab.evaluate(FIND + COLOURS, "canvas", None)) and min(found) > 2)


def opened(tab: Tab, site: str, path: str, query: str = "") -> None:
    tab.open(f"{site}/{path}?lang=en&prompt={PROMPT}{query}")
    tab.says("h1", TITLES[path][0])


@pytest.mark.long
@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("path", TITLES)
def test_every_page_opens_in_both_languages(tab: Tab, site: str, path: str, lang: str) -> None:
    tab.open(f"{site}/{path}?lang={lang}&prompt={PROMPT}")
    tab.says("h1", TITLES[path][lang == "zh"])
    if path != "timing":  # it has measured nothing yet
        painted(tab)
    assert tab.texts("[data-testid=stException]") == []


def test_a_word_typed_at_the_end_is_the_only_one_computed(tab: Tab, site: str) -> None:
    opened(tab, site, "")
    tab.until(lambda: tab.texts(COUNTERS)[:2] == ["0", "5"])
    painted(tab)
    tab.click("input[type=text]")
    tab.type("End")
    tab.type(" sea")
    tab.until(lambda: tab.texts(COUNTERS)[:2] == ["5", "1"])
    painted(tab)


@pytest.mark.long  # a busy machine can cut a script short while the page is left
def test_a_step_of_the_matrix_is_chosen_and_a_cell_read(tab: Tab, site: str) -> None:
    opened(tab, site, "why-not-q", "&step=4")
    painted(tab)
    tab.click(".kv-steps label", "5")
    tab.until(lambda: "step=5" in tab.evaluate("return location.href"))
    tab.click("[role=application]")
    tab.says(".kv-words", "query ‘.*key ‘")


@pytest.mark.long
def test_growth_steps_and_plays(tab: Tab, site: str) -> None:
    opened(tab, site, "growth", "&step=2")
    tab.says(".kv-sentence", "of 15")
    first = tab.texts(".kv-sentence")
    tab.click("button", "One step forward")
    tab.until(lambda: tab.texts(".kv-sentence") != first)
    tab.until(lambda: "step=3" in tab.evaluate("return location.href"))
    tab.click("button", "Play")
    tab.until(lambda: "step=15" in tab.evaluate("return location.href"))
    painted(tab)


@pytest.mark.long
def test_a_race_is_run_and_drawn(tab: Tab, site: str) -> None:
    opened(tab, site, "timing", "&view=8x2")
    tab.click("button", "Run both ways now")
    tab.says("button", "max logit gap")
    tab.click("button", "Play")
    tab.says(".kv-race-clock", "[1-9]")


@pytest.mark.long
def test_share_hands_out_the_link_of_this_view(tab: Tab, site: str) -> None:
    opened(tab, site, "why-not-q", "&step=4")
    painted(tab)
    tab.click("button", "Share")
    tab.says("[role=dialog]", "step=4")


# Whether the element has its frame on the page.
LIVE = """
const view = document.querySelector("kv-cache")
return Boolean(view.shadowRoot?.querySelector(".live iframe"))
"""


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Put this into a page of another site; its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    Thread(target=server.serve_forever, daemon=True).start()

    def serve(body: str) -> str:
        head = '<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>x</title>'
        (tmp_path / "index.html").write_text(head + body)
        return f"http://localhost:{server.server_port}/"

    yield serve
    server.shutdown()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_args: object) -> None:
        """Say nothing."""


def test_a_view_in_the_page_of_another_site_comes_alive(
    tab: Tab, site: str, elsewhere: Callable[[str], str]
) -> None:
    view = f'<kv-cache page="why-not-q" prompt="The whale" step="4" src="{site}"></kv-cache>'
    tab.open(elsewhere(f'{view}<script type="module" src="{site}/embed.js"></script>'))
    tab.until(lambda: tab.evaluate(LIVE))
    tab.enter()
    tab.says(".kv-steps label", "^4$")
    painted(tab)


def test_what_a_console_complains_of_is_noticed(
    driven: Tab, elsewhere: Callable[[str], str]
) -> None:
    driven.open(elsewhere(COMPLAINS))
    for said in ("one", "two", "three"):
        driven.until(lambda said=said: any(said in each for each in driven.complaints))


COMPLAINS = """<script type="module">
setTimeout(() => console.error("one"), 1000)
setTimeout(() => { throw Error("two") }, 1000)
setTimeout(() => Promise.reject(Error("three")), 1000)
</script>"""
