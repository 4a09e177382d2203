"""The document of a snapshot: everything in one file, and nothing that it asks a network for."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Collection
from typing import Any, Final

from kvembed.contract import PAGES
from kvembed.languages import DEFAULT, LANGUAGES
from ui import bundle
from ui.front import FIGURES
from ui.language.i18n import N_, ROOT
from ui.snapshot import parts, theme
from ui.snapshot.recording import Recording
from ui.views.resolved import ResolvedView

_FRONTEND: Final = ROOT / "ui" / "snapshot" / "frontend"
_PLAIN: Final = """\
import draw from "../../../kvfront/figures/FIGURE/live.js";
import { open } from "./snapshot.js";
open(draw);
"""
_SCRIPT_NEEDED: Final = N_(
    "This recording needs JavaScript, in a browser of 2023 or later, to draw its figure."
)

_PAGE: Final = """\
<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>{sheets}</style>
</head>
<body>
<main>
<h1>{heading}</h1>
<p class="about">{about}</p>
<form id="kv-picks">{controls}</form>
<div class="prose" aria-live="polite">{before}</div>
<div id="kv-figure"></div>
<p id="kv-waiting">{script_needed}</p>
<div class="prose">{after}</div>
<footer>{recorded}</footer>
</main>
<script type="application/json" id="kv-data">{data}</script>
<script type="module">{code}</script>
</body>
</html>
"""


def document(
    of: ResolvedView, made: Recording, *, lang: str | None, link: str, locked: Collection[str]
) -> str:
    """One HTML file. `lang` None is the reader's own; `link` shows the view live, or is empty.

    What is `locked` has no control. The document forbids itself every request, and every script
    but its own.
    """
    shown = lang or DEFAULT
    titles = PAGES[of.page].title
    code = _script(made.figure)
    sheets = theme.variables() + bundle.sheet(
        FIGURES / made.figure / "live.css", _FRONTEND / "snapshot.css"
    )
    tags = {code: language.tag for code, language in LANGUAGES.items()}
    data = {"lang": lang, "langs": tags, "titles": dict(titles)}
    data |= {"texts": dict(made.texts), "block": made.packed()}
    return _PAGE.format(
        lang=LANGUAGES[shown].tag,
        policy=html.escape(_policy(code, sheets)),
        title=html.escape(titles[shown]),
        sheets=_raw(sheets),
        heading=parts.both(lambda lang: html.escape(titles[lang]), shown),
        about=parts.both(lambda lang: parts.about(of, made, lang), shown),
        controls=parts.controls(of, made, shown, locked),
        before=parts.before(of, made, shown),
        after=parts.after(of, shown),
        script_needed=parts.words(_SCRIPT_NEEDED, shown),
        recorded=parts.both(lambda lang: parts.recorded(of, link, lang), shown),
        data=_json(data),
        code=_raw(code),
    )


def _script(figure: str) -> str:
    """The script that draws a recorded figure: its own where it is recorded in a way of its own."""
    file = _FRONTEND / f"{figure}.js"
    return bundle.script(file, None if file.is_file() else _PLAIN.replace("FIGURE", figure))


def _policy(code: str, sheets: str) -> str:
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src '{_hash(code)}'",
            f"style-src '{_hash(sheets)}'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _raw(text: str) -> str:
    """Our own code or sheet, which HTML takes as it is: it must not end its element."""
    if "</" in text or "<!--" in text:
        raise ValueError("a script or sheet of a snapshot must not hold </ or <!--")
    return text


def _json(data: Any) -> str:
    """JSON that nothing can break out of: no < is left in it."""
    return json.dumps(data, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")
