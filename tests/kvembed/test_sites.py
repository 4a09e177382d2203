"""Real documentation sites in a real browser: what a reader of each of them meets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.browsing import Visit, click_beside_frames, started, until
from tests.kvembed.reading import serving, shown
from tests.kvembed.sites import BUILDERS, DARK, FIRST, PROMPT, SECOND, sphinx

Open = Callable[..., Visit]

# What a reader presses to go dark.
TOGGLES = {
    "furo": "button.theme-toggle:visible",
    "material": "label[title='Go dark']:visible",
    "zensical": "label[title='Go dark']:visible",
}


@pytest.fixture(scope="module", params=BUILDERS)
def host(
    request: pytest.FixtureRequest, site: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    """The name of a tool, and the address of the lesson that it built, on another site."""
    built = BUILDERS[request.param](tmp_path_factory.mktemp(request.param), site)
    with serving(built) as url:
        path = "lesson.html" if request.param == "furo" else "lesson/"
        yield request.param, f"{url}/{path}"


def fits(page: Page, frame: Frame) -> bool:
    """Whether the frame is as tall as what it shows, and nothing in it has to be scrolled."""
    return bool(
        frame.evaluate(
            "(main => main.scrollHeight === innerHeight)(document.querySelector('.stMain'))"
        )
    )


def background(frame: Frame) -> str:
    return str(frame.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor"))


def test_a_lesson_shows_the_asked_views_in_its_own_height_and_colours(
    host: tuple[str, str], visit: Open
) -> None:
    name, url = host
    page = visit(url).page
    first = started(page)
    expect(first.locator("input[type=text]")).to_have_value(shown(PROMPT))
    expect(first.get_by_role("radio", name=str(FIRST.step))).to_be_checked()
    expect(first.get_by_role("slider").first).to_have_value(str(FIRST.layer))
    assert page.locator("kv-cache").first.get_attribute("prompt") == PROMPT
    assert page.locator("kv-cache iframe").count() == 1, "the second waits for its reader"

    until(page, lambda: fits(page, first))
    page.set_viewport_size({"width": 390, "height": 800})
    until(page, lambda: fits(page, first))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1280, "height": 900})
    until(page, lambda: fits(page, first))

    first.evaluate("window.mark = 1")
    assert background(first) != DARK
    page.locator(TOGGLES[name]).first.click()
    until(page, lambda: background(first) == DARK)
    assert first.evaluate("window.mark") == 1, "it was not loaded again"

    click_beside_frames(page, page.locator("kv-cache").nth(1).locator("button"))
    second = started(page, 1)
    expect(second.locator("input[type=text]")).to_have_value(SECOND.prompt)
    expect(second.locator(".kv-sentence")).to_contain_text("第 2 步")
    until(page, lambda: background(second) == DARK)
    assert first.evaluate("window.mark") == 1


def test_the_back_button_leaves_the_lesson_and_comes_back_to_it_and_nothing_is_thrown(
    host: tuple[str, str], visit: Open
) -> None:
    name, url = host
    tab = visit(url.rsplit("lesson", 1)[0])
    page = tab.page
    page.get_by_role("link", name="Lesson", exact=True).first.click()
    frame = started(page)
    frame.get_by_role("button", name="Next step").click()
    expect(frame.get_by_role("radio", name="5")).to_be_checked()
    page.go_back()
    expect(page.get_by_text("Nothing here.")).to_be_visible()
    page.go_forward()
    expect(started(page).locator("input[type=text]")).to_have_value(shown(PROMPT))
    page.locator(TOGGLES[name]).first.click()
    assert [said for said in tab.complaints if "Failed to load resource" not in said] == []


def test_a_server_that_is_gone_leaves_the_picture_and_its_link(
    host: tuple[str, str], site: str, visit: Open
) -> None:
    page = visit("about:blank").page
    page.route(f"{site}/**", lambda route: route.abort())
    _, url = host
    page.goto(url)
    picture = page.locator("kv-cache img").first
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth > 0)")
    assert page.locator("kv-cache a").first.get_attribute("href") == FIRST.url(site)


def test_a_policy_that_names_our_server_is_enough(site: str, visit: Open, tmp_path: Path) -> None:
    """Sphinx ships the element's script with the site itself."""
    ours = "script-src 'self'; style-src 'self'; img-src 'self'"
    policy = f"default-src 'none'; {ours}; frame-src {site}"
    with serving(sphinx(tmp_path, site, theme="basic"), policy) as url:
        without = visit(f"{url}/index.html")
        without.page.wait_for_load_state("networkidle")
        for name in ("lesson", "myst"):
            tab = visit(f"{url}/{name}.html")
            expect(started(tab.page).locator("input[type=text]")).to_have_value(shown(PROMPT))
            assert set(tab.complaints) <= set(without.complaints), "they are the theme's own"
