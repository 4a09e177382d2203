"""Firefox by WebDriver BiDi: https://www.w3.org/TR/webdriver-bidi/."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from websockets.sync.client import connect

from tests.browser.driving.tab import HEIGHT, SECONDS, WIDTH, Tab

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")

# As few words from Firefox to the world as it takes.
PREFERENCES = {
    "app.normandy.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "intl.accept_languages": "en-GB",
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,",
    "toolkit.telemetry.enabled": False,
}


class Firefox(Tab):
    """One tab of a browser of its own."""

    def __init__(self) -> None:
        assert FIREFOX
        self._complaints: list[str] = []
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        lines = [f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in PREFERENCES.items()]
        Path(self._profile.name, "user.js").write_text("\n".join(lines))
        said = Path(self._profile.name, "said.txt")
        command = [FIREFOX, "--headless", "--no-remote", "--profile", self._profile.name]
        with said.open("w") as output:
            self._process = subprocess.Popen(
                [*command, "--remote-debugging-port=0"], stdout=output, stderr=output
            )
        address = self.until(lambda: re.search(r"BiDi listening on (\S+)", said.read_text()))[1]
        self._line = connect(f"{address}/session", max_size=None, legacy=True)
        self._asked = 0
        self._ask("session.new", capabilities={})
        self._ask("session.subscribe", events=["log.entryAdded"])
        self._top = self._ask("browsingContext.getTree")["contexts"][0]["context"]
        self._context = self._top
        size = {"width": WIDTH, "height": HEIGHT}
        self._ask("browsingContext.setViewport", context=self._top, viewport=size)

    def open(self, url: str) -> None:
        self._context = self._top
        for address in ("about:blank", url):
            self._complaints.clear()  # of the page that is left, whose loading may be cut short
            self._ask("browsingContext.navigate", context=self._top, url=address, wait="complete")

    @property
    def complaints(self) -> list[str]:
        self._ask("session.status")  # what it says of its own accord comes before the answer
        return list(self._complaints)

    def evaluate(self, body: str, *arguments: Any) -> Any:
        given = json.dumps(json.dumps(arguments))
        function = f"function() {{ {body} }}"
        script = f"JSON.stringify(({function}).apply(null, JSON.parse({given})) ?? null)"
        target = {"context": self._context}
        answer = self._ask("script.evaluate", expression=script, target=target, awaitPromise=False)
        assert answer["type"] == "success", answer["exceptionDetails"]["text"]
        return json.loads(answer["result"]["value"])

    def enter(self) -> None:
        tree = self._ask("browsingContext.getTree", root=self._context)["contexts"][0]
        [frame] = tree["children"]
        self._context = frame["context"]

    def close(self) -> None:
        self._line.close()
        self._process.terminate()
        self._process.wait(20)
        self._profile.cleanup()

    def _perform(self, source: dict[str, Any]) -> None:
        self._ask("input.performActions", context=self._context, actions=[source])

    def _ask(self, method: str, **parameters: Any) -> Any:
        self._asked += 1
        asked = {"id": self._asked, "method": method, "params": parameters}
        self._line.send(json.dumps(asked))
        while True:
            answer = json.loads(self._line.recv(2 * SECONDS))
            if answer.get("id") == self._asked:
                assert answer["type"] == "success", answer
                return answer["result"]
            if answer.get("method") == "log.entryAdded" and answer["params"]["level"] == "error":
                self._complaints.append(answer["params"]["text"])
