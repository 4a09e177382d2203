"""The widget of a MyST page in a real browser, drawn as MyST's own theme draws widgets."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from kvembed.snippet import snippet
from tests.browsing import Visit, started
from tests.kvembed.foreign import Myst
from tests.kvembed.reading import serving, shown
from tests.kvembed.sites import DARK, FIRST, PROMPT

Open = Callable[..., Visit]

# The theme comes from a server at build time. Like it, this draws the page first, then each widget
# into a shadow root, with a model that answers `get`; and a class alone marks a dark page.
THEME = """<!doctype html><html lang="en"><meta charset="utf-8"><title>A book</title>
<style>.dark { background: #111 }</style><body><h1>A book</h1><script type="module">
const TAGS = { container: "figure", link: "a", image: "img" }
const widgets = []
const draw = (node, to) => {
  if (node.type === "text") return to.append(node.value)
  const drawn = document.createElement(TAGS[node.type] ?? "div")
  to.append(drawn)
  if (node.type === "anywidget") widgets.push([node, drawn])
  if (node.type === "image") Object.assign(drawn, { src: node.url, alt: node.alt })
  if (node.type === "link") drawn.href = node.url
  if (node.class) drawn.className = node.class
  for (const child of node.children ?? []) draw(child, drawn)
}
for (const node of TREE) draw(node, document.body)
for (const [{ esm, model }, host] of widgets) {
  const el = document.createElement("div")
  host.attachShadow({ mode: "open" }).append(el)
  const { default: widget } = await import(esm)
  await widget.render({ model: { get: (name) => model[name] }, el })
}
</script></html>"""


@pytest.fixture(scope="module")
def book(site: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a page with one view, on another site."""
    myst = Myst(tmp_path_factory.mktemp("book"), site)
    myst.write("index", f"# A book\n\n{snippet(FIRST, 'myst', site)}\n")
    myst.build()
    assert "⚠️" not in myst.said
    public = myst.folder / "_build" / "site" / "public"
    tree = [*myst.nodes("index", "anywidget"), *myst.nodes("index", "container")]
    (public / "page.html").write_text(THEME.replace("TREE", json.dumps(tree)), encoding="utf-8")
    with serving(public) as url:
        yield f"{url}/page.html"


def test_the_widget_is_the_live_view_in_the_colours_of_the_page(book: str, visit: Open) -> None:
    tab = visit(book)
    frame = started(tab.page)
    expect(frame.locator("input[type=text]")).to_have_value(shown(PROMPT))
    expect(frame.get_by_role("radio", name=str(FIRST.step))).to_be_checked()
    expect(tab.page.locator("figure")).to_be_hidden()
    app = frame.locator(".stApp")
    expect(app).not_to_have_css("background-color", DARK)
    tab.page.evaluate("document.documentElement.className = 'dark'")
    expect(app).to_have_css("background-color", DARK)
    assert [said for said in tab.complaints if "404" not in said] == []


def test_without_the_server_the_figure_stays(book: str, site: str, visit: Open) -> None:
    page = visit("about:blank").page
    page.route(f"{site}/**", lambda route: route.abort())
    page.goto(book)
    page.wait_for_load_state("networkidle")
    expect(page.locator("figure img")).to_be_visible()
    expect(page.get_by_role("link", name="Open the live view")).to_be_visible()
    assert page.locator("kv-cache").count() == 0
