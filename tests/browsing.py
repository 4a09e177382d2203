"""A real server and a real browser, for what AppTest cannot see."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from playwright.sync_api import (
    Browser,
    Frame,
    Locator,
    Page,
    WebSocketRoute,
    expect,
    sync_playwright,
)

ROOT = Path(__file__).parents[1]
CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
READY_SECONDS = 60
Content = TypeVar("Content", Page, Frame)
# What a page is expected to show may take as long as that on a busy machine; it mostly takes none.
expect.set_options(timeout=30_000)


class Server:
    """`streamlit run app.py` on a free port, with the model loaded."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"]
        self.start()

    def start(self) -> None:
        """At the same address, once more after it was stopped."""
        self.process = subprocess.Popen(
            [*self.command, "--server.address=127.0.0.1"],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def wait(self) -> None:
        """Until the model is ready."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=2):
                    return
            except OSError:  # nobody listens yet, or the model is not ready: status 503
                pass
            time.sleep(0.2)
        raise TimeoutError(f"the site was not ready after {READY_SECONDS} s")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture
def fresh_server() -> Iterator[Server]:
    """A server that nobody has asked anything yet but its health."""
    server = Server()
    try:
        server.wait()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """The address of a running site."""
    server = Server()
    try:
        server.wait()
        yield server.url
    finally:
        server.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        launched.close()


class Line:
    """The line of a tab to its server. What the server says can be held back for a while."""

    def __init__(self, page: Page) -> None:
        self.asked = 0
        self.held: list[str | bytes] = []
        self._holds = self._cut = False
        page.route_web_socket(re.compile("/_stcore/stream"), self._connect)

    def hold(self) -> None:
        self._holds = True

    def release(self) -> None:
        self._holds = False
        for message in self.held:
            self._browser.send(message)
        self.held.clear()

    def cut(self) -> None:
        """The line is lost, and there is none until it is mended."""
        self._cut = True
        self._browser.close(code=1011)

    def mend(self) -> None:
        self._cut = False

    def _connect(self, browser: WebSocketRoute) -> None:
        if self._cut:
            browser.close(code=1011)
            return
        self._browser = browser
        server = browser.connect_to_server()
        server.on_message(self._said)

        def ask(message: str | bytes) -> None:
            self.asked += 1
            server.send(message)

        browser.on_message(ask)

    def _said(self, message: str | bytes) -> None:
        if self._holds:
            self.held.append(message)
        else:
            self._browser.send(message)


def until(page: Page, holds: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for what no locator can see."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came to be"
        page.wait_for_timeout(50)


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus, however many stops there are before it."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if target.evaluate("node => node === node.getRootNode().activeElement"):
            return
    raise AssertionError(f"Tab did not come to {target}")


# Looks at everything that is shown, in every shadow tree: what it says and where it stands. Comes
# back when nothing is on its way any more and three looks in a row, frames apart, saw the same.
STILL = """async () => {
  const ON_ITS_WAY = `[data-testid=stApp]:not([data-test-script-state=notRunning]),
    [data-testid=stSkeleton], [class*=st-key-figure_]:not(:has([data-drawn])), [aria-busy=true]`
  const rest = () => new Promise((done) => setTimeout(() => requestAnimationFrame(done), 50))
  const look = () => {
    const seen = []
    const walk = (root) => {
      for (const node of root.querySelectorAll("*")) {
        if (node.shadowRoot) walk(node.shadowRoot)
        const { x, y, width, height } = node.getBoundingClientRect()
        if (width || height) seen.push(x, y, width, height)
      }
      seen.push(root.textContent)
    }
    walk(document.body)
    return seen.join()
  }
  const shown = (node) => node.checkVisibility()
  const loading = () => document.fonts.status !== "loaded"
    || [...document.querySelectorAll(ON_ITS_WAY)].some(shown)
    || [...document.images].some((image) => shown(image) && !image.complete)
  const end = performance.now() + 60_000
  let before = ""
  for (let calm = 0; calm < 3; ) {
    await rest()
    const now = look()
    calm = now === before && !loading() ? calm + 1 : 0
    before = now
    if (performance.now() > end) throw new Error("the page never came to rest")
  }
}"""


def still(page: Content) -> Content:
    """A page or a frame once all of it is there and nothing on it moves any more."""
    page.evaluate(STILL)
    return page


def started(page: Page, n: int = 0) -> Frame:
    """The frame of the n-th <kv-cache>, once it is drawn: a busy server may need another try."""
    view = page.locator("kv-cache").nth(n)
    frame, again = view.locator(".live iframe"), view.locator(".dead button")
    expect(frame.or_(again)).to_be_visible()
    if again.is_visible():
        again.click()
    expect(frame).to_be_visible()
    handle = frame.element_handle()
    found = handle and handle.content_frame()
    assert found
    return found


def open_all(page: Page, *, race: bool) -> None:
    """Run the race, where the page has one, and open all that can be opened."""
    if race:
        page.locator(".st-key-run button").click()
        expect(page.locator(".js-plotly-plot")).to_be_visible(timeout=60_000)
    closed = page.locator("details:not([open]) > summary:visible")

    def nothing_is_closed() -> bool:
        closed.evaluate_all("all => all.forEach((each) => each.click())")
        still(page)  # Streamlit draws what is in an expander when it opens
        return closed.count() == 0

    until(page, nothing_is_closed)


def click_beside_frames(page: Page, button: Locator) -> None:
    """Click what a scroll has brought into view.

    For a moment Chromium gives what the mouse does to the frame that was there before, so the mouse
    moves until the button knows that it is there.
    """

    def is_under_the_mouse() -> bool:
        button.hover(position={"x": 4, "y": 4})
        button.hover()
        return bool(button.evaluate("button => button.matches(':hover')"))

    until(page, is_under_the_mouse)
    button.click()


class Visit:
    """One tab, with what its console complained about."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console",
            lambda message: message.type == "error" and self.complaints.append(message.text),
        )

    def settled(self) -> Page:
        """The page once its figures are painted and nothing runs any more."""
        self.page.wait_for_selector("h1")
        return still(self.page)


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Open an address in a tab of its own: visit(url, width=1280, height=900, dark=False)."""
    contexts = []

    def open_tab(url: str, width: int = 1280, height: int = 900, dark: bool = False) -> Visit:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            locale="en-GB",
        )
        contexts.append(context)
        opened = Visit(context.new_page())
        opened.page.goto(url)
        return opened

    yield open_tab
    for context in contexts:
        context.close()
