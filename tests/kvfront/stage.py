"""Figures on a page of their own, mounted with real records as Streamlit mounts them."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from playwright.sync_api import Browser, Route

import kvcore
from kvembed.view import View
from tests.browsing import ROOT
from ui.served import runs
from ui.views import change
from ui.views.block import block_for

ORIGIN = "http://127.0.0.1:1"  # nobody listens there: every file comes from this test
PROMPT = "The old man and the"
FIGURES = {"cache_view": "home", "matrix": "why-not-q", "growth": "growth", "race": "timing"}
EVERY = (*FIGURES, "change")
FONT = ROOT / "assets" / "fonts" / "ibm-plex-serif-latin-600-normal.woff2"
Looks = dict[str, Any]


@cache
def records() -> dict[str, bytes]:
    """Blocks of the tiny decoder: each figure's, and the same of another text."""
    decoder = kvcore.load("tiny")
    found = {}
    for figure, page in FIGURES.items():
        for name, prompt in ((figure, PROMPT), (f"{figure}-next", "The white whale")):
            found[name] = block_for(View(page, prompt), "en", decoder)[1]
    ids = tuple(decoder.tokenizer.encode(PROMPT))
    new, labels = runs.new_token(decoder, ids), decoder.tokenizer.labels(ids[:-1])
    for name, letter in (("change", "k"), ("change-next", "v")):
        found[name] = change.change(labels, new.unmasked, letter, high=new.unmasked.most, lang="en")
    return found


class Stage:
    """A page of figures. Files whose name ends so are held back until they are released."""

    def __init__(self, browser: Browser, **more: Any) -> None:
        self.held: list[Route] = []
        self.holding: tuple[str, ...] = ()
        self.context = browser.new_context(
            viewport={"width": 900, "height": 900}, reduced_motion="reduce", **more
        )
        self.page = self.context.new_page()
        self.developer = self.context.new_cdp_session(self.page)
        self.page.route("**/*", self._answer)
        self.page.goto(f"{ORIGIN}/tests/kvfront/figures.html")
        self.pixels(1)

    def _answer(self, route: Route) -> None:
        path = self._path(route)
        if self.holding and path.endswith(self.holding):
            self.held.append(route)
        elif path.startswith("/blocks/"):
            route.fulfill(body=records()[path.removeprefix("/blocks/")])
        else:
            route.fulfill(path=ROOT / path.removeprefix("/"))

    @staticmethod
    def _path(route: Route) -> str:
        """Without the number that makes a sheet's address new."""
        return re.sub(r"^/\d+(?=/)", "", route.request.url.removeprefix(ORIGIN))

    def release(self) -> None:
        self.holding = ()
        for route in self.held:
            route.fulfill(path=ROOT / self._path(route).removeprefix("/"))
        self.held.clear()

    def run(self, script: str, *given: object) -> Any:
        return self.page.evaluate(f"async ([a, b]) => {{ {script} }}", [*given, None, None][:2])

    def mount(self, figure: str, record: str = "") -> None:
        self.run("await mounted(a, b)", figure, record or figure)

    def remove(self) -> None:
        self.run("removed?.()")

    def style(self, **styles: str) -> None:
        """Of the element that the figure is in."""
        self.run("Object.assign(document.getElementById('place').style, a)", styles)

    def theme(self, paper: str, ink: str) -> None:
        names = {"--st-background-color": paper, "--st-text-color": ink}
        self.run("for (const n in a) document.body.style.setProperty(n, a[n])", names)

    def pixels(self, ratio: float) -> None:
        """Of a screen with so many to a CSS pixel; Chromium tells of it when a size changes too."""
        height = 900 + round(ratio)
        sizes = {"width": 900, "height": height, "deviceScaleFactor": ratio, "mobile": False}
        self.developer.send("Emulation.setDeviceMetricsOverride", sizes)

    def font(self) -> None:
        """The page's font arrives."""
        self.run(
            "const face = new FontFace('Late', `url(${a})`); document.fonts.add(face);"
            "await face.load()",
            f"{ORIGIN}/{FONT.relative_to(ROOT)}",
        )

    def give(self, record: str) -> None:
        self.run("give(await bytes(a))", record)

    def looks(self) -> Looks:
        found: Looks = self.run("return await looks()")
        return found
