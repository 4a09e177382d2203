"""Another site, for as long as a test lasts."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Thread

import pytest

from tests.browser.lesson import Host, Lesson


@pytest.fixture
def lesson() -> Iterator[Lesson]:
    """A site that shows one page."""
    served = Lesson()
    Thread(target=served.serve_forever, args=(0.05,), daemon=True).start()
    yield served
    served.shutdown()
    served.server_close()


@pytest.fixture
def host(lesson: Lesson, site: str) -> Host:
    """Serve a page with these elements from another site; return its address."""

    def serve(*elements: str, script: str = "embed.js", policy: str = "", lang: str = "en") -> str:
        text = "".join(f"<p>Text.</p>{each}" for each in elements)
        run = f'<script type="module" src="{site}/{script}"></script>'
        return lesson.show(f"<main><h1>A lesson</h1>{text}</main>{run}", policy, lang)

    return serve
