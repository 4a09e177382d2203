"""Which page of a site a converter of Markdown is at work on, so that a warning can name it.

Python-Markdown does not know. MkDocs and Zensical leave the page with a processor of their own.
"""

from __future__ import annotations

from typing import Any


def page_of(md: Any) -> str:
    """The path of the page below the site's folder of documents; empty where nobody says it.

    `md` is a `markdown.Markdown`.
    """
    if "relpath" in md.treeprocessors:  # MkDocs
        file = getattr(md.treeprocessors["relpath"], "file", None)
        return str(getattr(file, "src_uri", ""))
    if "rendering_context" in md.preprocessors:  # Zensical
        page = getattr(md.preprocessors["rendering_context"], "page", None)
        return str(getattr(page, "path", ""))
    return ""
