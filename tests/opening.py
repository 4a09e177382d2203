"""Pages opened without a browser, on a site that has the tiny decoder and not SmolLM2."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from kvcore.checkpoint.embedded import tiny_folder
from kvcore.checkpoint.hf_config import read_config
from ui.served import host
from ui.views.pages import PAGES

MAIN = Path(__file__).parents[1] / "ui" / "main.py"
CONFIG = read_config(tiny_folder())

Open = Callable[..., AppTest]


def results(app: AppTest) -> dict[str, str]:
    """The numbers that a page shows large, by their names."""
    lists = "".join(each.proto.body for each in app.get("html") if "<dl" in each.proto.body)
    return dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", lists))


@pytest.fixture(scope="session")
def tiny_loaded() -> Any:
    """The tiny decoder as a server keeps it, loaded once for all tests."""
    model = host.configured("")["tiny"]
    model.start()
    assert model.wait(60).state == "ready", model.status
    return model


@pytest.fixture
def tiny_host(tiny_loaded: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process serves the tiny decoder, and knows of SmolLM2 without having it."""
    monkeypatch.setenv("KVCORE_HOME", str(tmp_path))
    monkeypatch.setattr(host, "_models", host.configured("") | {"tiny": tiny_loaded})


@pytest.fixture
def site(tiny_host: None) -> Open:
    """Open a page of the site by its file, with the keys of its address."""

    def open_page(file: str = "home.py", locale: str = "en-US", **params: str) -> AppTest:
        app = AppTest.from_file(str(MAIN), default_timeout=60)
        app.context = {"locale": locale, "is_embedded": params.pop("embed", "") == "true"}
        for key, value in params.items():
            app.query_params[key] = value
        # As the first request: `switch_page` would need a run of the first page before.
        path = next(page.path for page in PAGES if page.file == file)
        app._page_hash = calc_hash(path) if path else ""
        return app.run()

    return open_page
