"""No label paints nothing, with the fonts of this machine."""

import sys
import unicodedata

import pytest
from playwright.sync_api import Browser

from kvcore.text.labels import label_tokens
from tests.browsing import ROOT

TOKENS = ROOT / "kvfront" / "shared" / "tokens.js"
EVERY = 5  # of the characters that Unicode has, this many a label
PAINT = """async ([source, texts]) => {
  const {drawToken} = await import("data:text/javascript," + encodeURIComponent(source));
  const canvas = Object.assign(document.createElement("canvas"), {width: 400, height: 60});
  const ctx = canvas.getContext("2d", {willReadFrequently: true});
  return texts.filter((text) => {
    ctx.clearRect(0, 0, canvas.width, canvas.height);
    const token = {text, space: false, part: 1, parts: 1};
    drawToken(ctx, token, 60, 30, {size: 13, family: "'IBM Plex Sans', sans-serif", color: "#000"});
    const {data} = ctx.getImageData(0, 0, canvas.width, canvas.height);
    return !data.some((value, i) => i % 4 === 3 && value);
  });
}"""


@pytest.mark.long
def test_no_label_of_one_character_paints_nothing(browser: Browser) -> None:
    codes = [
        code
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) not in ("Cn", "Co", "Cs")
    ]
    some = sorted(
        {*codes[::EVERY], *range(0x3000), 0x3164, 0xFFA0, 0xFFFC, *range(0xE0100, 0xE01F0)}
    )
    labels = label_tokens(
        (code, chr(code).encode()) for code in some if not 0xD800 <= code < 0xE000
    )
    page = browser.new_page()
    for i in range(0, len(labels), 2000):
        texts = [label.text for label in labels[i : i + 2000]]
        assert page.evaluate(PAINT, [TOKENS.read_text("utf-8"), texts]) == []
    page.close()
