"""A site opened from a disk, as its author does first after a build: no host, and one view live."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from kvembed.placement import Placement
from kvembed.snippet import snippet
from tests.browsing import Visit, started
from tests.kvembed.reading import shown
from tests.kvembed.sites import FIRST, PROMPT, sphinx

Open = Callable[..., Visit]


def test_pages_of_sphinx_are_live_and_play_their_recordings_from_a_disk(
    site: str, visit: Open, tmp_path: Path
) -> None:
    tmp_path.joinpath("recorded.rst").write_text(
        ":orphan:\n\nRecorded\n========\n\n"
        + snippet(FIRST, "sphinx", site, Placement(mode="snapshot"))
        + "\n",
        encoding="utf-8",
    )
    built = sphinx(tmp_path, site, theme="basic")
    tab = visit((built / "lesson.html").as_uri())
    expect(started(tab.page).locator("input[type=text]")).to_have_value(shown(PROMPT))
    tab.page.goto((built / "recorded.html").as_uri())
    expect(started(tab.page).locator("q:visible")).to_have_text(PROMPT)
    assert tab.complaints == []
