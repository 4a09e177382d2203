"""Every number of K and V can be read in the figures, by hand and by keyboard, as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.kvfront.stage import Stage, records
from tests.unfolding import unfold

SAID = re.compile(
    r"^(?P<letter>[kv]) of ‘.*’ \((?P<pos>\d+)\) · layer (?P<layer>\d+), "
    r"kv head (?P<head>\d+), dimension (?P<dim>\d+): (?P<value>\S+)$"
)
POWERS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
# Goes like a mouse over a part of the figure and notes every sentence.
SWEEP = """
    const root = document.getElementById("place").lastElementChild.shadowRoot;
    const box = root.querySelectorAll(a)[b.at];
    const words = box.closest(".kv-heat, .kv-cache-view-main").querySelector(".kv-words");
    const said = new Set();
    const { left, top } = box.getBoundingClientRect();
    for (let clientX = left; clientX < left + b.wide; clientX += 5)
      for (let clientY = top; clientY < top + b.high; clientY += b.step) {
        box.dispatchEvent(new PointerEvent("pointermove", { clientX, clientY, bubbles: true }));
        said.add(words.textContent);
      }
    return [...said];
"""
# Goes down a column with a key, to its end.
WALK = """
    const root = document.getElementById("place").lastElementChild.shadowRoot;
    const box = root.querySelector(".kv-cache-view-box");
    const press = (key) => box.dispatchEvent(new KeyboardEvent("keydown", { key }));
    const said = [];
    for (const key of a) press(key);
    for (let before = ""; ; press(b)) {
      const now = root.querySelector(".kv-cache-view [aria-live]").textContent;
      if (now === before) return said;
      said.push(before = now);
    }
"""


@pytest.fixture(scope="module")
def stage(browser: Browser) -> Iterator[Stage]:
    found = Stage(browser, has_touch=True)
    yield found
    found.context.close()


def number(shown: str) -> tuple[float, float]:
    """A number as a page shows it, and half of its last digit."""
    digits, _, power = shown.replace("−", "-").partition("×10⁻")
    unit = 10.0 ** -int(power.translate(POWERS) or 0) if power else 1.0
    decimals = len(digits.partition(".")[2])
    return float(digits) * unit, 0.5 * unit * 10.0**-decimals


def check(said: list[str], figure: str) -> set[tuple[str, ...]]:
    """Each sentence gives the number of the record, to the digits shown; which ones they are."""
    meta, arrays = unfold(records()[figure])
    found = set()
    for sentence in said:
        if not (at := SAID.match(sentence)):
            continue
        rows = arrays[at["letter"]]
        if figure == "cache_view":
            row = rows[int(at["pos"]), meta["shown"].index(int(at["layer"])), int(at["head"])]
        else:
            assert (int(at["layer"]), int(at["head"])) == (meta["layer"], meta["kv_head"])
            row = rows[int(at["pos"])]
        shown, half = number(at["value"])
        assert abs(shown - float(row[int(at["dim"])])) <= half * (1 + 1e-6), sentence
        found.add((at["letter"], at["pos"], at["layer"], at["head"], at["dim"]))
    return found


def test_a_hand_reads_every_number_that_a_token_left(stage: Stage) -> None:
    stage.mount("cache_view")
    stage.looks()
    _, arrays = unfold(records()["cache_view"])
    # The lowest strips have a pixel for a value.
    part = {"at": 0, "wide": 60, "high": 640, "step": 1}
    found = check(stage.run(SWEEP, ".kv-cache-view-stage", part), "cache_view")
    assert sum(pos == "0" for _, pos, *_ in found) == 2 * arrays["k"][0].size


def test_keys_read_every_number_that_a_token_left_and_each_is_announced(stage: Stage) -> None:
    stage.mount("cache_view")
    stage.looks()
    meta, arrays = unfold(records()["cache_view"])
    for home in (["End"], ["End", "Home", "ArrowRight"]):
        said = stage.run(WALK, home, "ArrowDown")
        assert len(check(said, "cache_view")) == len(said) - 1 == 2 * arrays["k"][0].size
        stage.run(WALK, ["Escape"], "Escape")
    by_barcode = stage.run(WALK, ["End"], "PageDown")
    assert len(check(by_barcode, "cache_view")) == 2 * arrays["k"][0].size // meta["head_dim"]


def test_a_finger_reads_a_number_and_opens_all_that_its_token_left(stage: Stage) -> None:
    stage.mount("cache_view")
    stage.looks()
    box = stage.page.locator(".kv-cache-view-stage").bounding_box()
    assert box
    stage.page.touchscreen.tap(box["x"] + 20, box["y"] + 250)
    said = stage.page.locator(".kv-cache-view-main .kv-words").inner_text()
    assert len(check([said], "cache_view")) == 1
    table = stage.page.locator("details", has_text="Every number that ‘The’ (0) left").last
    table.locator("summary").click()
    _, arrays = unfold(records()["cache_view"])
    cells = table.locator("tbody td")
    expect(cells).to_have_count(2 * arrays["k"][0].size)
    wanted = [row for pair in zip(arrays["k"][0].reshape(-1, arrays["k"].shape[-1]),
                                  arrays["v"][0].reshape(-1, arrays["v"].shape[-1]),
                                  strict=True) for row in pair]  # fmt: skip
    for i, cell in enumerate(cells.all_inner_texts()):
        shown, half = number(cell)
        dim, barcode = divmod(i, len(wanted))
        assert abs(shown - float(wanted[barcode][dim])) <= half * (1 + 1e-6)


@pytest.mark.parametrize(("letter", "at"), [("k", 2), ("v", 3)])
def test_a_hand_reads_the_rows_of_k_and_v_while_they_grow(
    stage: Stage, letter: str, at: int
) -> None:
    stage.mount("growth")
    stage.looks()
    part = {"at": at, "wide": 420, "high": 75, "step": 5}
    found = check(stage.run(SWEEP, ".kv-heat-box", part), "growth")
    _, arrays = unfold(records()["growth"])
    for row in "0", "1", "2":
        assert sum(pos == row for _, pos, *_ in found) == arrays[letter].shape[1]
