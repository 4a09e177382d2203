"""WebKit by WebDriver: https://www.w3.org/TR/webdriver2/."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import urllib.error
import urllib.request
from typing import Any

from tests.browser.driving.tab import FIND, HEIGHT, SECONDS, WIDTH, Tab

# Keeps what is complained of from now on, and says whether the document is loaded.
HEAR = """
if (location.href === "about:blank") return false
if (!window.heard) {
  window.heard = []
  const {error} = console
  console.error = (...told) => { heard.push(told.join(" ")); error(...told) }
  addEventListener("error", ({message}) => heard.push(message))
  addEventListener("unhandledrejection", ({reason}) => heard.push(String(reason)))
}
return document.readyState === "complete"
"""
WEBKIT = shutil.which("WebKitWebDriver") if shutil.which("Xvfb") else None


class WebKit(Tab):
    """One tab of a browser of its own, on a screen of its own, since it has to have one.

    WebDriver knows no console, so the page keeps what it complains of: from the first look at its
    document on, some hundredths of a second after it is there.
    """

    def __init__(self) -> None:
        assert WEBKIT
        size = f"{WIDTH + 100}x{HEIGHT + 200}x24"
        self._screen = subprocess.Popen(
            ["Xvfb", "-displayfd", "1", "-screen", "0", size, "-nolisten", "tcp"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._screen.stdout
        display = self._screen.stdout.readline().strip()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        environment = {**os.environ, "DISPLAY": f":{display}", "LANGUAGE": "en_GB"}
        self._driver = subprocess.Popen(
            [WEBKIT, f"--port={port}"],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._url = f"http://127.0.0.1:{port}/session"
        self._url += f"/{self.until(self._begin)}"
        self._ask("window/rect", width=WIDTH, height=HEIGHT)

    def _begin(self) -> str | None:
        """The name of a new session, or nothing while the driver does not listen yet."""
        wanted = {"alwaysMatch": {"pageLoadStrategy": "none"}}
        try:
            return str(self._ask("", capabilities=wanted)["sessionId"])
        except urllib.error.URLError:
            return None

    @property
    def complaints(self) -> list[str]:
        self._ask("frame", id=None)
        heard: list[str] = self.evaluate("return window.heard ?? []")
        return heard

    def open(self, url: str) -> None:
        self._ask("frame", id=None)
        self._ask("url", url="about:blank")
        self.until(lambda: self._holds("return location.href === 'about:blank'"))
        self._ask("url", url=url)
        self.until(lambda: self._holds(HEAR), pause=0.01)

    def _holds(self, body: str) -> bool:
        """The answer of the document; between two documents there is none to ask."""
        try:
            return bool(self.evaluate(body))
        except urllib.error.HTTPError:
            return False

    def evaluate(self, body: str, *arguments: Any) -> Any:
        return self._ask("execute/sync", script=body, args=arguments)

    def enter(self) -> None:
        [frame] = self.evaluate(FIND + "return found", "iframe", None)
        self._ask("frame", id=frame)

    def close(self) -> None:
        request = urllib.request.Request(self._url, method="DELETE")
        urllib.request.urlopen(request, timeout=SECONDS).close()
        for process in (self._driver, self._screen):
            process.terminate()
            process.wait(20)

    def _perform(self, source: dict[str, Any]) -> None:
        self._ask("actions", actions=[source])

    def _ask(self, path: str, **parameters: Any) -> Any:
        url = f"{self._url}/{path}".rstrip("/")
        request = urllib.request.Request(url, data=json.dumps(parameters).encode())
        with urllib.request.urlopen(request, timeout=2 * SECONDS) as answer:
            return json.load(answer)["value"]
