"""A snapshot in a real browser: from a file, from a sandbox, and always without a network."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

import kvcore
from kvembed.view import View
from ui.snapshot.make import snapshot
from ui.views.openings import opening

PROMPT = "The old man and the </script><img src=x onerror=alert(1)>"
PAGES = ("home", "why-not-q", "growth", "timing")
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def decoder() -> kvcore.Decoder:
    return kvcore.load("tiny")


@pytest.fixture
def opened(browser: Browser, decoder: kvcore.Decoder, tmp_path: Path) -> Iterator[Open]:
    """Open a snapshot from its file, offline: opened("growth", width=390, dark=True, step=3)."""
    asked: list[str] = []
    complaints: list[str] = []
    contexts = []

    def open_file(
        page: str,
        *,
        width: int = 1280,
        dark: bool = False,
        motion: bool = False,
        framed: bool = False,
        **more: object,
    ) -> Page:
        view = View(page, **{"prompt": PROMPT, **more})  # type: ignore[arg-type]
        document = snapshot(view, "https://kv.example.org", decoder)
        if framed:
            document = (
                "<!doctype html><title>Host</title><iframe sandbox='allow-scripts' width=100% "
                f'height=800 srcdoc="{html.escape(document)}"></iframe>'
            )
        path = tmp_path / "snapshot.html"
        path.write_text(document, encoding="utf-8")
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            reduced_motion="no-preference" if motion else "reduce",
            locale="en-GB",
            offline=True,
        )
        contexts.append(context)
        tab = context.new_page()
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("console", lambda message: complaints.append(message.text))
        tab.goto(path.as_uri())
        if not framed:
            tab.wait_for_selector("#kv-figure .kv-root")
        return tab

    yield open_file
    for context in contexts:
        context.close()
    assert [url for url in asked if not url.startswith(("file:", "data:", "about:"))] == []
    assert complaints == []


@pytest.mark.parametrize(
    ("page", "dark"),
    [("home", False), ("why-not-q", True), ("growth", False), ("timing", True)],
)
def test_a_file_shows_its_figure_to_everyone_and_asks_for_nothing(
    opened: Open, page: str, dark: bool
) -> None:
    tab = opened(page, dark=dark)
    expect(tab.locator("#kv-figure canvas, #kv-figure .kv-race").first).to_be_visible()
    assert tab.locator("img").count() == 0
    expect(tab.locator("q").first).to_have_text(PROMPT)
    paper = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (int(re.findall(r"\d+", paper)[0]) < 128) == dark
    levels = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
    found = Axe().run(tab, options={"runOnly": levels}).response["violations"]
    assert [(each["id"], [node["html"][:160] for node in each["nodes"]]) for each in found] == []


@pytest.mark.parametrize("page", PAGES)
def test_a_phone_scrolls_no_snapshot_sideways(opened: Open, page: str) -> None:
    tab = opened(page, width=390)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390


def test_all_seven_steps_are_reached_by_keys_and_each_says_its_own(opened: Open) -> None:
    tab = opened("why-not-q")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.name") == "step"
    seen = []
    for _ in range(7):
        seen.append(tab.locator("[data-step]:visible h2:visible").inner_text())
        tab.keyboard.press("ArrowRight")
    assert len(set(seen)) == 7
    assert seen[0] == "One new token, three vectors"
    assert seen[-1] == "Delete them and see"


def test_buttons_go_step_by_step_and_stop_at_the_ends(opened: Open) -> None:
    tab = opened("why-not-q", step=6)
    for _ in range(3):
        tab.get_by_role("button", name="Next step").click()
    expect(tab.locator("[name=step]:checked")).to_have_value("7")
    expect(tab.locator("[data-step]:visible h2:visible")).to_have_text("Delete them and see")
    tab.get_by_role("button", name="Previous step").click()
    expect(tab.locator("[name=step]:checked")).to_have_value("6")


def test_another_head_is_read_in_its_own_numbers(opened: Open, decoder: kvcore.Decoder) -> None:
    tab = opened("why-not-q", step=5, layer=0, head=0, prompt="The old man and the")
    ids = decoder.tokenizer.encode("The old man and the")
    for layer, head in ((0, 0), (2, 0), (2, 4)):
        for name, value in (("layer", layer), ("head", head)):
            tab.locator(f"[name={name}]").fill(str(value))
        box = tab.get_by_role("application").first
        box.press("End")
        box.press("ArrowLeft")
        run = kvcore.look(decoder.engine.session().update(ids), layer, queries="all")
        said = f"{run.weights[head, 4, 3]:.2f}"
        expect(tab.locator(".kv-words").first).to_contain_text(f"key ‘␣and’ (3): {said}")


def test_a_click_on_a_cell_takes_it_apart_in_numbers(opened: Open, decoder: kvcore.Decoder) -> None:
    text = "The old man and the"
    tab = opened("why-not-q", step=5, layer=0, head=3, prompt=text, view="3.1")
    run = kvcore.look(decoder.engine.session().update(decoder.tokenizer.encode(text)), 0, "all")
    numbers = tab.locator(".cell > table td:last-child")
    lines = tab.locator(".cell > table td:first-child")

    def says(row: int, col: int) -> None:
        cell = kvcore.cell(run, 3, row, col)
        values = (cell.dot, cell.score, None, cell.masked_score, cell.exp, cell.weight)
        for i, value in enumerate(values):
            if value is not None:
                said = float(numbers.nth(i).inner_text().replace("−", "-"))
                assert said == pytest.approx(value, rel=0.02, abs=0.0006)
        dot, score, _, _, exp, weight = (numbers.nth(i).inner_text() for i in range(6))
        assert [len(text.split(".")[1]) for text in (dot, score)] == [3, 3]
        worked_out = float(exp) / float(lines.nth(5).inner_text().split()[2].rstrip(","))
        assert float(weight) == pytest.approx(worked_out, rel=0.02)

    expect(tab.locator(".cell > summary")).to_contain_text("‘␣and’ (3) against key")
    says(3, 1)
    box = tab.get_by_role("application").first
    box.press("ArrowLeft")
    box.press("Enter")
    expect(tab.locator(".cell > summary")).to_contain_text("key ‘The’ (0)")
    says(3, 0)
    for _ in range(4):
        box.press("ArrowRight")
    box.press("Enter")
    expect(numbers.nth(2)).to_have_text("no: masked")
    expect(numbers.nth(3)).to_have_text("−∞")
    expect(lines.nth(4)).to_contain_text("exp(−∞ − ")
    expect(numbers.nth(4)).to_have_text("0")
    expect(numbers.nth(5)).to_have_text("0")
    tab.locator(".cell .kv-table summary").click()
    expect(tab.locator(".cell .kv-table tbody tr")).to_have_count(decoder.config.head_dim)
    tab.get_by_role("radio", name="中文").check()
    expect(tab.locator(".cell .kv-table summary")).to_contain_text("乘积")


def test_the_language_is_the_readers_and_can_be_changed(opened: Open) -> None:
    tab = opened("growth", step=3)
    assert tab.evaluate("document.documentElement.lang") == "en"
    expect(tab.locator(".kv-sentence")).to_contain_text("Step 3 of 15")
    tab.get_by_role("button", name="One step forward").click()
    tab.get_by_role("radio", name="中文").check()
    expect(tab.locator("h1 span:visible")).to_have_text("看缓存逐步增长")
    assert tab.evaluate("document.documentElement.lang") == "zh-Hans"
    assert tab.title() == "看缓存逐步增长"
    expect(tab.locator(".kv-sentence")).to_contain_text("第 4 步")
    tab = opened("growth", lang="zh")
    expect(tab.locator("[name=lang]:checked")).to_have_value("zh")


def test_what_plays_on_the_site_plays_in_a_recording(opened: Open) -> None:
    race = opened("timing", view="8x1", prompt="The old man", motion=True)
    expect(race.locator(".kv-race-clock")).to_have_text(re.compile(r"^0\.0+ s$"))
    race.get_by_role("button", name="Play").click()
    expect(race.locator(".kv-race")).to_have_class(re.compile("kv-over"))
    growth = opened("growth", prompt="The old man", step=13, motion=True)
    growth.get_by_role("button", name="Play").click()
    expect(growth.locator(".kv-sentence")).to_contain_text("Step 15 of 15")
    growth.get_by_role("slider").press("ArrowLeft")
    expect(growth.locator(".kv-sentence")).to_contain_text("Step 14 of 15")


def test_what_is_locked_is_shown_and_cannot_be_changed(opened: Open) -> None:
    tab = opened("why-not-q", step=4, layer=2, head=3, lock=("all",))
    assert tab.locator("#kv-picks input:visible, #kv-picks button").count() == 0
    expect(tab.locator("#kv-picks output")).to_have_text(["2", "3"])
    expect(tab.locator("[data-step]:visible h2:visible")).to_contain_text("right-hand column")
    assert tab.evaluate("document.documentElement.lang") == "en"  # the reader's own
    words = tab.locator(".kv-words").first.inner_text()
    tab.locator(".kv-heat-main").first.click(position={"x": 5, "y": 5})
    expect(tab.locator(".kv-words").first).to_have_text(words)
    growth = opened("growth", step=4, lock=("step",))
    expect(growth.locator(".kv-sentence")).to_contain_text("Step 4 of 15")
    assert growth.get_by_role("button", name="Play").count() == 0


def test_without_a_script_the_prose_and_a_sentence_are_there(
    browser: Browser, decoder: kvcore.Decoder, tmp_path: Path
) -> None:
    path = tmp_path / "snapshot.html"
    path.write_text(snapshot(View("why-not-q", lang="zh"), "", decoder), encoding="utf-8")
    with browser.new_context(java_script_enabled=False) as context:
        tab = context.new_page()
        tab.goto(path.as_uri())
        expect(tab.locator("#kv-waiting")).to_contain_text("JavaScript")
        expect(tab.get_by_role("heading", level=2)).to_have_count(1)


def test_a_sandboxed_frame_follows_the_page_around_it_in_colours_and_view(opened: Open) -> None:
    tab = opened("why-not-q", framed=True)
    frame = tab.frame_locator("iframe")
    expect(frame.locator("#kv-figure canvas").first).to_be_visible()
    heights = tab.evaluate(
        "() => new Promise((done) => { addEventListener('message', ({data}) =>"
        " data.kv === 1 && data.height > 400 && done(data.height));"
        " document.querySelector('iframe').style.width = '700px' })"
    )
    assert heights > 400
    for dark in (True, False):
        tab.evaluate(
            "(dark) => document.querySelector('iframe').contentWindow"
            ".postMessage({kv: 1, dark}, '*')",
            dark,
        )
        theme = "dark" if dark else "light"
        expect(frame.locator("html")).to_have_attribute("data-theme", theme)
    tab.evaluate(
        "document.querySelector('iframe').contentWindow"
        ".postMessage({kv: 1, view: {lang: 'zh', step: 5, head: '2', prompt: 'x'}}, '*')"
    )
    expect(frame.locator("[name=step]:checked")).to_have_value("5")
    expect(frame.locator("output")).to_have_text([str(opening("tiny", "en").layer), "2"])
    tab.frames[1].evaluate(
        "new Promise((done) => { addEventListener('message', done);"
        " postMessage({kv: 1, dark: true}, '*') })"
    )  # from nobody around it
    expect(frame.locator("html")).to_have_attribute("data-theme", "light")


def test_who_steps_by_keyboard_in_a_frame_goes_on_when_the_page_asks_for_another_language(
    opened: Open,
) -> None:
    frame = opened("growth", framed=True, step=2).frames[1]
    forward = frame.locator(".kv-player button").last
    forward.press("Enter")
    frame.page.evaluate(
        "document.querySelector('iframe').contentWindow"
        ".postMessage({kv: 1, view: {lang: 'zh'}}, '*')"
    )
    expect(frame.locator(".kv-sentence")).to_contain_text("第 3 步")
    expect(forward).to_be_focused()
    frame.page.keyboard.press("Enter")
    expect(frame.locator(".kv-sentence")).to_contain_text("第 4 步")
