"""The search of a site that has recordings in its pages finds the site's own words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.kvembed.sites import MATERIAL, mkdocs, zensical

LINE = '::kv-cache{page=growth mode=snapshot prompt="The whale"}'
PAGES = {"docs/index.md": f"# Lessons\n\nBefore.\n\n## A part\n\n{LINE}\n\nAfter.\n"}
PLAIN = MATERIAL.replace("  name: material\n  font: false\n", "  name: mkdocs\n")


@pytest.mark.parametrize("tool", ["mkdocs", "material", "zensical"])
def test_a_search_index_has_the_words_of_the_page_and_nothing_of_the_recording(
    tool: str, still_site, tmp_path: Path
) -> None:
    server = still_site.url
    if tool == "zensical":
        built = zensical(tmp_path, server, PAGES)
    else:
        built = mkdocs(tmp_path, server, MATERIAL if tool == "material" else PLAIN, PAGES)
    assert "data:text/html" in (built / "index.html").read_text(encoding="utf-8")
    (index,) = [*built.rglob("search_index.json"), *built.rglob("search.json")]
    text = index.read_text(encoding="utf-8")
    json.loads(text)
    assert "Before." in text and "After." in text
    assert "customElements" not in text and "data:" not in text
    assert len(text) < 2000
