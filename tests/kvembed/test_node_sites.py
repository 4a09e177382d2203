"""Real sites of tools that run on Node, in a real browser: what a reader of each of them meets."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from playwright.sync_api import Page, expect

from tests.browsing import Visit, click_beside_frames, started
from tests.kvembed.node_sites import BUILDERS, START, TOOLS, docusaurus_start
from tests.kvembed.reading import serving, shown
from tests.kvembed.sites import FIRST, PROMPT, SECOND

Open = Callable[..., Visit]

LESSONS = {"vitepress": "lesson.html", "docsify": "#/lesson"}


@pytest.fixture(scope="module", params=BUILDERS)
def host(request: pytest.FixtureRequest, site: str) -> Iterator[tuple[str, str]]:
    """The address of a site that a tool built, and the path of its lesson."""
    # Beside its packages, as an author's site is: Astro does not build one that shares only the
    # root of the disk with them.
    with TemporaryDirectory(prefix="site-", dir=TOOLS) as folder:
        built = BUILDERS[request.param](Path(folder), site)
        with serving(built) as url:
            yield url, LESSONS.get(request.param, "lesson/")


def read_go_and_come_back(page: Page) -> None:
    """Follow the link to the lesson, use it, leave it by a link, and come back to it."""
    go = page.locator("aside, nav").get_by_role("link", name="Lesson", exact=True).first
    go.click()
    frame = started(page)
    expect(frame.locator("input[type=text]")).to_have_value(shown(PROMPT))
    assert page.locator("kv-cache").first.get_attribute("prompt") == PROMPT
    frame.get_by_role("button", name="Next step").click()
    expect(frame.get_by_role("radio", name=str((FIRST.step or 0) + 1))).to_be_checked()
    click_beside_frames(page, page.locator("kv-cache").nth(1).locator("button"))
    expect(started(page, 1).locator("input[type=text]")).to_have_value(SECOND.prompt)
    page.go_back()
    expect(page.get_by_text("Nothing here.")).to_be_visible()
    assert page.locator("kv-cache").count() == 0
    go.click()
    expect(started(page).locator("input[type=text]")).to_have_value(shown(PROMPT))


def thrown(tab: Visit) -> list[str]:
    """Complaints of the console, but for icons and fonts that the site does not have."""
    return [said for said in tab.complaints if "Failed to load resource" not in said]


@pytest.mark.long
def test_the_view_is_live_and_comes_and_goes_with_the_pages_and_nothing_is_thrown(
    host: tuple[str, str], visit: Open
) -> None:
    tab = visit(f"{host[0]}/")
    read_go_and_come_back(tab.page)
    assert thrown(tab) == []


@pytest.mark.long
def test_a_server_that_is_gone_leaves_the_words_of_its_picture_and_the_link(
    host: tuple[str, str], site: str, visit: Open
) -> None:
    page = visit("about:blank").page
    page.route(f"{site}/**", lambda route: route.abort())
    page.goto("/".join(host))
    link = page.locator("kv-cache a").first
    expect(link).to_be_visible()
    assert link.get_attribute("href") == FIRST.url(site)
    expect(page.locator("kv-cache img").first).to_have_attribute(
        "alt", f"{FIRST.title()} “{PROMPT}”"
    )


@pytest.mark.long
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler")
def test_on_paper_the_live_view_is_a_picture_with_its_address(
    host: tuple[str, str], visit: Open, tmp_path: Path
) -> None:
    page = visit("/".join(host)).page
    started(page)
    asked = page.locator("kv-cache address").first.text_content()
    page.pdf(path=tmp_path / "page.pdf")
    read = ["pdftotext", "-raw", str(tmp_path / "page.pdf"), "-"]
    text = subprocess.run(read, capture_output=True, text=True, check=True).stdout
    assert asked and asked.startswith("Live at: http")
    assert "".join(asked.split()) in "".join(text.split())


@pytest.mark.long
def test_an_author_who_writes_with_docusaurus_start_sees_no_overlay_of_errors(
    site: str, visit: Open, tmp_path: Path
) -> None:
    with docusaurus_start(tmp_path, site) as url:
        tab = visit(url)
        read_go_and_come_back(tab.page)
        assert tab.page.locator("#webpack-dev-server-client-overlay").count() == 0
        assert thrown(tab) == []


def test_the_versions_that_the_documentation_names_are_those_that_are_built() -> None:
    wanted = json.loads((TOOLS / "package.json").read_text(encoding="utf-8"))["dependencies"]
    text = START.read_text(encoding="utf-8")
    assert all(
        wanted[name] in text for name in ("vitepress", "@astrojs/starlight", "astro", "docsify")
    )
