"""The preview that other sites show of a page's address, and where to ask for its embed."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote

from kvembed.contract import PAGES, PARAMETERS
from kvembed.languages import DEFAULT, LANGUAGES
from kvembed.view import View
from ui.language.i18n import speaker
from ui.still.frame import CARD_HEIGHT, CARD_WIDTH
from ui.still.points import pointed
from ui.views import address
from ui.views.pages import SITE
from ui.web import shell


def of_query(path: str, query: Mapping[str, str], lang: str) -> View:
    """The view that the address of a page asks for, in `lang`; what is nonsense is left out."""
    page = next(name for name, page in PAGES.items() if page.path == path)
    good = {}
    for parameter in PARAMETERS:
        text = query.get(parameter.name, "")
        if text:
            try:
                View.read(page, {parameter.name: text})
            except ValueError:
                continue
            good[parameter.name] = text
    return replace(View.read(page, good), lang=lang)


def head(view: View, server: str) -> str:
    """The elements of the document's head that tell other sites of this view."""
    lang = view.lang or DEFAULT
    _ = speaker(lang)
    title = view.title()
    prompt = address.clean(view.prompt)[0]
    about = _("‘{text}’").format(text=prompt) if prompt else _(shell.DESCRIPTION)
    page, image = view.url(server), pointed(view).resource(server, "card.png")
    properties = {
        "og:type": "website",
        "og:site_name": _(SITE),
        "og:locale": LANGUAGES[lang].locale,
        "og:title": title,
        "og:description": about,
        "og:url": page,
        "og:image": image,
        "og:image:type": "image/png",
        "og:image:width": str(CARD_WIDTH),
        "og:image:height": str(CARD_HEIGHT),
        "og:image:alt": f"{title} · {about}",
    }
    found = [_tag("meta", property=name, content=text) for name, text in properties.items()]
    found.append(_tag("meta", name="twitter:card", content="summary_large_image"))
    asked = f"{server}/oembed?url={quote(page, safe='')}&format=json"
    kind = "application/json+oembed"
    found.append(_tag("link", rel="alternate", type=kind, href=asked, title=title))
    return "".join(f"    {tag}\n" for tag in found)


def still(view: View, server: str) -> str:
    """The picture of a view, for who has no JavaScript; its address is relative to any page."""
    source = pointed(view).resource(server, "poster.svg").removeprefix(f"{server}/")
    return _tag("img", src=source, alt=view.title(), style="width:100%;max-width:46rem")


def _tag(tag: str, **attributes: str) -> str:
    pairs = "".join(f' {name}="{html.escape(text)}"' for name, text in attributes.items())
    return f"<{tag}{pairs} />"
