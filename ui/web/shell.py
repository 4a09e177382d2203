"""The HTML document that the browser loads first: Streamlit's own, with our words in its head.

Streamlit's document is English and nameless until its scripts have run. Search engines, link
previews, screen readers and visitors without JavaScript read this one.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from functools import cache
from pathlib import Path
from typing import Final

from streamlit.file_util import get_static_dir

from kvembed.languages import DEFAULT, LANGUAGES
from ui.figures.figure import Figure
from ui.figures.registry import FIGURES
from ui.language.i18n import N_, ROOT, translations
from ui.views import address
from ui.views.pages import SITE, Page
from ui.web import chrome

DESCRIPTION: Final = N_(
    "Type a prompt and watch a real decoder remember it: why K and V are cached and Q is not, how "
    "the cache grows with every token, and what it saves."
)
LOST: Final = N_(
    "The connection to the server is lost. Go on typing: your text is read as soon as it is back."
)
NEEDS_JAVASCRIPT: Final = N_("This page draws what a running model computes, and needs JavaScript.")
NEEDS_ORIGIN: Final = N_(
    "This view cannot run here: the sandbox of its frame lacks allow-same-origin. The author of "
    'the page can write sandbox="allow-scripts allow-same-origin", or leave sandbox out.'
)

_INLINE_SCRIPT: Final = re.compile(r"<script>(.*?)</script>", re.DOTALL)
# Streamlit looks for its server below the page's own path first, and only then above it. Our pages
# all lie on one level, so it can be told.
_BASE: Final = 'window.__streamlit = { BACKEND_BASE_URL: new URL(".", location.href).href }'
_CONFIG: Final = "window.__streamlit.HOST_CONFIG = { blockErrorDialogs: true }"
_SCRIPTS: Final = tuple(
    Path(__file__).parent / "frontend" / name
    for name in ("frame_theme.js", "chrome.js", "connection.js", "fonts.js")
)


def language(asked: str, accepted: str) -> str:
    """The language a request is answered in: its lang key, else the first of the browser's."""
    for tag in (asked, *accepted.split(",")):
        lang, _unknown = address.read_language(tag.split(";")[0])
        if lang:
            return lang
    return DEFAULT


@cache
def document(page: Page, lang: str) -> str:
    """The document of a page."""
    say = translations(lang).gettext
    title = html.escape(f"{page.title[lang]} · {say(SITE)}")
    description = html.escape(say(DESCRIPTION))
    head = f'<title>{title}</title>\n    <meta name="description" content="{description}" />'
    for other, language in LANGUAGES.items():
        href = f"/{page.path}?lang={other}"
        head += f'\n    <link rel="alternate" hreflang="{language.tag}" href="{href}" />'
    said = f"<noscript><p>{html.escape(say(NEEDS_JAVASCRIPT))}</p></noscript>"
    said += f'<p id="kv-sandboxed" hidden>{html.escape(say(NEEDS_ORIGIN))}</p>'
    text = _index().replace('<html lang="en">', f'<html lang="{LANGUAGES[lang].tag}">', 1)
    text = _replace(r"<title>.*?</title>", head, text)
    return _replace(r"<noscript>.*?</noscript>", said, text)


@cache
def content_security_policy() -> str:
    """The policy of what a page may load: everything from here, and no script but those we know.

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
            # WebAssembly: Streamlit's messages do their arithmetic of 64 bits in it.
            f"script-src 'self' 'wasm-unsafe-eval' {hashes}".strip(),
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
    """Streamlit's document without what is not ours: its fonts, icon and closed doors."""
    text = (Path(get_static_dir()) / "index.html").read_text(encoding="utf-8")
    text = _replace(r"<link\s+rel=\"preload\"[^>]*as=\"font\"[^>]*/>", "", text)
    text = _replace(r"<!--\s*Machine-readable pointer.*?-->\s*", "", text)
    text = _replace(r"<link\s+rel=\"service-desc\"[^>]*/>", "", text)
    text = _replace(r"\./favicon\.png", "./assets/logo.svg", text)
    lost = {lang: translations(lang).gettext(LOST) for lang in LANGUAGES}
    data = "".join(
        f'<script type="application/json" id="{name}">{json.dumps(data, ensure_ascii=False)}'
        "</script>"
        for name, data in (("site-words", chrome.words()), ("site-lost", lost))
    )
    sheet = (ROOT / "assets" / "site.css").read_text(encoding="utf-8")
    sheet += "".join(map(_kept_free, FIGURES.values()))
    # At the end, because of two rules that weigh the same the later one counts.
    text = _replace(r"</body>", f"<style>{sheet}</style>\n  </body>", text)
    ours = "\n".join([_BASE, _CONFIG, *(each.read_text(encoding="utf-8") for each in _SCRIPTS)])
    return _replace(r"<script>", f"{data}\n    <script>\n      {ours}", text)


def _kept_free(figure: Figure) -> str:
    """The rules that keep the height of a page's figure free until it is drawn."""
    place = f".st-key-figure_{figure.name}_page:not(:has([data-drawn]))"
    wide, narrow = (f"{place}{{min-height:{height}px}}" for height in figure.heights)
    return f"{wide}@media (max-width:640px){{{narrow}}}"


def _replace(pattern: str, replacement: str, text: str) -> str:
    """Replace the first match; a Streamlit whose document has none keeps what it has."""
    return re.sub(pattern, lambda _: replacement, text, count=1, flags=re.DOTALL)
