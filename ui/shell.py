"""The HTML document that the browser loads first: Streamlit's own, with our words in its head.

Streamlit's document is English and nameless until its scripts have run. Search engines, link
previews, screen readers and visitors without JavaScript read this one.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from functools import cache
from pathlib import Path
from typing import Final

from streamlit.file_util import get_static_dir

from ui import address
from ui.i18n import DEFAULT, HTML_LANG, LANGUAGES, N_, translations
from ui.navigation import SITE, SitePage

DESCRIPTION: Final = N_(
    "Type a prompt and watch a real decoder remember it: why K and V are cached and Q is not, how "
    "the cache grows with every token, and what it saves."
)
NEEDS_JAVASCRIPT: Final = N_("This page draws what a running model computes, and needs JavaScript.")

_INLINE_SCRIPT: Final = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def language(asked: str, accepted: str) -> str:
    """The language a request is answered in: its lang key, else the first of the browser's."""
    for tag in (asked, *accepted.split(",")):
        lang, _unknown = address.read_language(tag.split(";")[0])
        if lang:
            return lang
    return DEFAULT


@cache
def document(page: SitePage, lang: str) -> str:
    """The document of a page."""
    say = translations(lang).gettext
    title = html.escape(f"{say(page.title)} · {say(SITE)}")
    description = html.escape(say(DESCRIPTION))
    head = f'<title>{title}</title>\n    <meta name="description" content="{description}" />'
    for other in LANGUAGES:
        href = f"/{page.path}?lang={other}"
        head += f'\n    <link rel="alternate" hreflang="{HTML_LANG[other]}" href="{href}" />'
    text = _index()
    text = text.replace('<html lang="en">', f'<html lang="{HTML_LANG[lang]}">', 1)
    text = re.sub(r"<title>.*?</title>", lambda _: head, text, count=1)
    text = re.sub(r"<link\s+rel=\"preload\"[^>]*as=\"font\"[^>]*/>", "", text, count=1)
    noscript = f"<noscript><p>{html.escape(say(NEEDS_JAVASCRIPT))}</p></noscript>"
    return re.sub(r"<noscript>.*?</noscript>", lambda _: noscript, text, count=1, flags=re.DOTALL)


@cache
def content_security_policy() -> str:
    """What a page may load: everything from here, and no script but those we know.

    The hashes are those of the inline scripts in the installed Streamlit's document. Framing is
    free, because pages are made to be embedded in courses.
    """
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in _INLINE_SCRIPT.findall(_index())
    )
    return "; ".join(
        [
            "default-src 'self'",
            f"script-src 'self' {hashes}".strip(),
            "style-src 'self' 'unsafe-inline'",  # Streamlit styles its elements at run time
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
        ]
    )


@cache
def _index() -> str:
    return (Path(get_static_dir()) / "index.html").read_text(encoding="utf-8")
