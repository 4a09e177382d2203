"""<kv-cache> in the page of another site, as its reader meets it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Frame, Locator, Page, expect

from tests.browser.lesson import PROMPT, Host, element
from tests.browsing import Visit, click_beside_frames, started, until

Open = Callable[..., Visit]

PAPER = {False: "rgb(253, 253, 251)", True: "rgb(21, 23, 26)"}  # light, and dark


def verified(frame: Frame) -> None:
    """Wait for what arrives last: from then on a frame keeps its height, and nothing moves."""
    frame.locator("text=/max logit gap|logits 最大差/").wait_for()


def start_of(page: Page, n: int = 0) -> Locator:
    return page.locator("kv-cache").nth(n).locator("button")


def same_document(frame: Frame) -> Callable[[], bool]:
    """Whether a frame still shows the document that it shows now."""
    frame.evaluate("window.mark = 1")
    return lambda: bool(frame.evaluate("window.mark === 1"))


def overflow(frame: Frame) -> tuple[int, int]:
    """By how many pixels a frame's page is taller and wider than the frame."""
    found = frame.evaluate(
        "(() => { const m = document.querySelector('.stMain');"
        "return [m.scrollHeight - innerHeight, m.scrollWidth - m.clientWidth] })()"
    )
    return tuple(found)


def height(page: Page) -> float:
    """Of the only frame, in pixels."""
    return float(page.locator("iframe").evaluate("frame => frame.getBoundingClientRect().height"))


def test_the_first_starts_when_seen_and_shows_the_figure_alone_the_second_on_a_click(
    site: str, visit: Open, host: Host
) -> None:
    second = element(site, page="growth", lang="zh", prompt="床前明月光", step="2")
    tab = visit(host(element(site, layer="2", head="1"), second))
    page = tab.page
    frame = started(page)
    expect(frame.locator("input[type=text]")).to_have_value(PROMPT)
    expect(frame.get_by_role("radio", name="4")).to_be_checked()
    expect(frame.get_by_role("slider").first).to_have_value("2")
    around = "h1:not(.site-unseen), h2, nav, .st-key-site_top, .st-key-site_links"
    assert frame.locator(around).count() == 0
    assert page.locator("iframe").count() == 1
    expect(page.get_by_alt_text("A matrix").nth(1)).to_be_visible()

    verified(frame)
    click_beside_frames(page, start_of(page, 1))
    growth = started(page, 1)
    expect(growth.locator(".kv-sentence")).to_contain_text("第 2 步")
    assert [frame.frame_element().get_attribute("title") for frame in page.frames[1:]] == [
        "A matrix",
        "A matrix",
    ]
    assert tab.complaints == []


def test_the_height_follows_what_the_frame_shows(site: str, visit: Open, host: Host) -> None:
    page = visit(host(element(site, page="growth"))).page
    frame = started(page)
    verified(frame)
    until(page, lambda: overflow(frame) == (0, 0))
    before = height(page)
    frame.locator(".kv-more > summary").click()
    until(page, lambda: height(page) > before + 50 and overflow(frame) == (0, 0))
    page.evaluate("document.querySelector('kv-cache').setAttribute('height', '300')")
    until(page, lambda: height(page) == 300)


def test_it_turns_dark_with_the_page_by_any_mark_and_keeps_its_document(
    site: str, visit: Open, host: Host
) -> None:
    page = visit(host(element(site))).page
    frame = started(page)
    stays = same_document(frame)

    def expect_dark(dark: bool) -> None:
        expect(frame.locator(".stApp")).to_have_css("background-color", PAPER[dark])

    expect_dark(False)
    for node, mark, dark, light in (
        ("body", "data-md-color-scheme", "slate", "default"),
        ("body", "data-theme", "dark", "light"),
        ("documentElement", "data-theme", "dark", "light"),
        ("documentElement", "data-bs-theme", "dark", "light"),
        ("body", "style", "background: #111", "background: rgb(250 250 250 / 0.9)"),
        ("documentElement", "style", "background: oklch(0.2 0 0)", ""),
    ):
        page.evaluate(f"document.{node}.setAttribute('{mark}', '{dark}')")
        expect_dark(True)
        page.evaluate(f"document.{node}.setAttribute('{mark}', '{light}')")
        expect_dark(False)
        page.evaluate(f"document.{node}.removeAttribute('{mark}')")
    assert stays()


def test_changed_attributes_change_the_view_and_neither_reload_it_nor_the_history(
    site: str, visit: Open, host: Host
) -> None:
    address = host(element(site, page="growth", step="2"))
    page = visit(f"{address}next").page
    page.goto(address)
    entries = page.evaluate("history.length")
    frame = started(page)
    stays = same_document(frame)
    sentence = frame.locator(".kv-sentence")
    expect(sentence).to_contain_text("Step 2 of 15")
    frame.get_by_role("button", name="One step forward").click()
    expect(sentence).to_contain_text("Step 3 of 15")
    frame.wait_for_url(re.compile("step=3"))

    def change(**attributes: str) -> None:
        page.evaluate(
            "pairs => { for (const pair of Object.entries(pairs))"
            " document.querySelector('kv-cache').setAttribute(...pair) }",
            attributes,
        )

    change(step="9")
    expect(sentence).to_contain_text("Step 9 of 15")
    change(layer="3", head="1")
    expect(frame.get_by_role("slider").first).to_have_value("3")
    expect(sentence).to_contain_text("Step 9 of 15")
    change(prompt="A <b>“whale”</b> 月", lang="zh")
    expect(frame.locator("input[type=text]")).to_have_value("A <b>“whale”</b> 月")
    expect(sentence).to_contain_text("步")
    frame.wait_for_url(re.compile("lang=zh.*step=9"))
    assert stays()

    change(page="timing")
    expect(started(page).get_by_role("button", name="现在用两种办法各跑一遍")).to_be_visible()
    assert page.evaluate("history.length") == entries
    page.go_back()
    page.wait_for_url(re.compile("/next$"))


def test_what_the_reader_changed_stays_when_the_author_changes_something_else(
    site: str, visit: Open, host: Host
) -> None:
    page = visit(host(element(site))).page
    frame = started(page)
    field = frame.locator("input[type=text]")
    field.fill("A whale")
    frame.wait_for_url(re.compile("prompt=A.whale"))
    page.evaluate("document.querySelector('kv-cache').setAttribute('step', '2')")
    expect(frame.get_by_role("radio", name="2")).to_be_checked()
    expect(field).to_have_value("A whale")
    frame.wait_for_url(re.compile("step=2"))
    link = frame.get_by_role("link", name="Open the whole page")
    link.focus()
    href = str(link.get_attribute("href"))
    assert re.search("prompt=A.whale.*step=2", href) and "embed" not in href


def test_the_author_moves_the_chosen_cell(site: str, visit: Open, host: Host) -> None:
    page = visit(host(element(site, step="2", view="1.0"))).page
    frame = started(page)
    words = frame.locator(".kv-words").first
    expect(words).to_contain_text("‘␣old’ (1) · key ‘The’ (0)")
    frame.get_by_role("application").first.press("ArrowDown")
    frame.get_by_role("application").first.press("Enter")
    frame.wait_for_url(re.compile(r"view=2\.0"))
    page.evaluate("document.querySelector('kv-cache').setAttribute('view', '3.2')")
    frame.wait_for_url(re.compile(r"view=3\.2"))
    expect(words).to_contain_text("‘␣and’ (3) · key ‘␣man’ (2)")


def test_a_server_that_does_not_answer_leaves_the_poster_a_sentence_and_another_try(
    site: str, visit: Open, host: Host
) -> None:
    tab = visit("about:blank")
    page = tab.page
    page.route(f"{site}/why-not-q*", lambda route: route.abort())
    page.goto(host(element(site, lang="zh")))
    expect(page.get_by_role("status")).to_have_text("这个实时视图的服务器没有响应。")
    expect(page.get_by_alt_text("A matrix")).to_be_visible()
    assert page.locator("iframe").count() == 0
    page.unroute(f"{site}/why-not-q*")
    page.get_by_role("button", name="重试").click()
    expect(started(page).locator("input[type=text]")).to_have_value(PROMPT)


def test_it_runs_under_a_policy_that_names_our_server_and_nothing_else(
    site: str, visit: Open, host: Host
) -> None:
    policy = f"default-src 'none'; img-src data:; script-src {site}; frame-src {site}"
    tab = visit(host(element(site), policy=policy))
    frame = started(tab.page)
    until(tab.page, lambda: overflow(frame)[1] == 0)
    assert tab.complaints == []


def test_the_keyboard_takes_the_focus_along_and_nothing_else_does(
    site: str, visit: Open, host: Host
) -> None:
    field = "<input aria-label='Notes'>"
    page = visit(host(field, element(site), element(site))).page
    page.get_by_label("Notes").focus()
    frame = started(page)
    expect(page.get_by_label("Notes")).to_be_focused()
    start_of(page, 1).focus()
    page.keyboard.press("Enter")
    second = started(page, 1)
    until(page, lambda: second.evaluate("document.hasFocus()"))
    until(page, lambda: not frame.evaluate("document.hasFocus()"))
    page.keyboard.press("Tab")
    until(page, lambda: second.evaluate("document.activeElement !== document.body"))


def test_never_more_run_than_the_author_allows(site: str, visit: Open, host: Host) -> None:
    elements = [element(site, start="visible") for _ in range(2)] + [element(site)]
    page = visit(host(*elements, script="embed.js?max-live=1"), height=3000).page
    frame = started(page)
    verified(frame)
    assert page.locator("iframe").count() == 1, "what starts by itself takes nobody's place"
    click_beside_frames(page, start_of(page, 2))
    started(page, 2)
    expect(page.locator("iframe")).to_have_count(1)
    expect(page.get_by_alt_text("A matrix").first).to_be_visible()


def test_of_those_seen_at_once_the_first_of_the_document_run(
    site: str, visit: Open, host: Host
) -> None:
    elements = [element(site, start="visible", title=str(n)) for n in range(12)]
    address = host(*elements, script="embed.js?max-live=2")
    page = visit("about:blank", height=4000).page
    page.route(f"{site}/why-not-q*", lambda route: route.fulfill())
    for _ in range(4):
        page.goto(address)
        running = page.locator("kv-cache").filter(has=page.locator("iframe"))
        expect(running).to_have_count(2)
        assert [each.get_attribute("title") for each in running.all()] == ["0", "1"]


def test_only_our_own_frame_is_believed_and_the_page_keeps_its_names(
    site: str, visit: Open, host: Host
) -> None:
    names = "Object.keys(window).filter((name) => isNaN(name)).length"
    page = visit(host(element(site, start="click"))).page
    page.wait_for_function("Boolean(customElements.get('kv-cache'))")
    before = page.evaluate(names)
    page.evaluate(f"import('{site}/embed.js?again')")
    click_beside_frames(page, start_of(page, 0))
    started(page)
    page.evaluate("window.postMessage({ kv: 1, height: 3333 }, '*')")
    page.wait_for_timeout(300)
    box = page.locator("iframe").bounding_box()
    assert box and box["height"] < 3000
    assert page.evaluate(names) == before


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_in_a_poster_nor_around_a_live_view(
    site: str, visit: Open, host: Host, dark: bool
) -> None:
    page = visit(host(element(site), element(site), lang="zh"), dark=dark).page
    if dark:
        page.evaluate("document.documentElement.dataset.theme = 'dark'")
        page.evaluate("document.body.style.cssText = 'background: #111; color: #eee'")
    frame = started(page)
    verified(frame)
    levels = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
    for where in (page, frame):
        found = Axe().run(where, options={"runOnly": levels}).response["violations"]
        told = [(each["id"], [node["html"][:160] for node in each["nodes"]]) for each in found]
        assert told == []


def test_what_is_locked_can_be_read_and_not_moved(site: str, visit: Open, host: Host) -> None:
    locked = element(site, step="2", view="1.0", lock="all")
    page = visit(host(locked, element(site, page="growth", step="3", lock="step"))).page
    frame = started(page)
    box = frame.get_by_role("application").first
    words = frame.locator(".kv-words").first
    expect(words).to_contain_text("‘␣old’ (1) · key ‘The’ (0)")
    verified(frame)
    assert frame.locator("input, select, [role=radio]").count() == 0
    box.press("ArrowDown")
    expect(words).to_contain_text("‘␣man’ (2) · key ‘The’ (0)")
    box.press("Enter")
    box.click()
    box.press("Escape")
    expect(words).to_contain_text("‘␣old’ (1) · key ‘The’ (0)")
    page.wait_for_timeout(300)
    assert "view=1.0" in frame.url and "lock=all" in frame.url

    verified(frame)
    click_beside_frames(page, start_of(page, 1))
    growth = started(page, 1)
    expect(growth.locator(".kv-sentence")).to_contain_text("Step 3 of 15")
    assert growth.locator(".kv-player").count() == 0
    page.evaluate("document.querySelectorAll('kv-cache')[1].setAttribute('step', '5')")
    expect(growth.locator(".kv-sentence")).to_contain_text("Step 5 of 15")
