"""A snapshot in the page of another site, in a real browser: no server, no network, no way out."""

from collections.abc import Callable

import markdown

from tests.browsing import Visit

LINE = '::kv-cache{page=why-not-q mode=snapshot prompt="床前 \\"明月\\" <b>" step=3 lang=zh}'
STYLE = "<style>[data-theme=dark] {background: #15171a; color: #e8e9e6}</style>"


def test_a_page_shows_its_snapshot_without_any_server(
    still_site, visit: Callable[..., Visit]
) -> None:
    body = markdown.markdown(f"# Lesson\n\n{LINE}\n\n{LINE}", extensions=["kvembed.markdown"])
    page = f'<!doctype html><html lang="en"><meta charset="utf-8">{STYLE}{body}'
    still_site.answers["/lesson"] = ("text/html", page.encode())
    opened = visit(f"{still_site.url}/lesson")
    assert opened.page.locator("kv-cache").last.get_by_role("button").text_content() == "播放"
    live = opened.page.locator("kv-cache .live iframe")
    live.wait_for()
    prompt = opened.page.frame_locator("kv-cache .live iframe").locator("q:visible")
    assert prompt.text_content() == '床前 "明月" <b>'
    frame = opened.page.frames[1]

    inside = frame.evaluate("document.body.scrollHeight")
    assert live.bounding_box()["height"] == inside
    assert frame.evaluate("origin") == "null"

    ground = "getComputedStyle(document.body).backgroundColor"
    light = frame.evaluate(ground)
    opened.page.evaluate("document.documentElement.dataset.theme = 'dark'")
    frame.wait_for_function(f"{ground} !== {light!r}")
    assert frame.evaluate("document.documentElement.dataset.theme") == "dark"

    assert {path for path in still_site.asked if "favicon" not in path} == {"/lesson"}
    assert not [said for said in opened.complaints if "404" not in said]
