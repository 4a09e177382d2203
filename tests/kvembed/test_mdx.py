"""Docusaurus: the element in MDX, compiled and rendered by React, with every attribute there."""

from kvembed import html
from kvembed.placement import Placement
from kvembed.snippet import snippet
from kvembed.view import View
from tests.kvembed.foreign import mdx
from tests.kvembed.prompts import NASTY
from tests.kvembed.tags import Tags

SERVER = "https://kv.example.org"


def test_react_passes_the_element_on_with_every_attribute() -> None:
    view = View("why-not-q", "The whale", "tiny", 2, 0, 4, "3-1", "zh", ("prompt", "layer"))
    placement = Placement(height=480, start="click")
    (made,) = mdx([f"# A page\n\n{snippet(view, 'mdx', SERVER, placement)}\n\nAnd on.\n"])
    assert Tags(made).only("kv-cache") == html.element_attributes(view, placement, SERVER)
    assert Tags(made).only("a")["href"] == view.url(SERVER)
    assert Tags(made).only("img")["src"] == view.resource(SERVER, "poster.svg")


def test_every_nasty_prompt_arrives_unchanged_and_puts_no_tag_into_the_page() -> None:
    made = mdx([snippet(View("growth", prompt), "mdx", SERVER) for prompt in NASTY])
    assert [Tags(page).only("kv-cache")["prompt"] for page in made] == NASTY
    assert {name for page in made for name in Tags(page).names()} == {"kv-cache", "a", "img"}
    links = [View.from_url(Tags(page).only("a")["href"], SERVER) for page in made]
    assert [link.prompt for link in links] == NASTY
