"""Numbers that were measured, large, each with its name."""

from __future__ import annotations

import html
from collections.abc import Mapping

import streamlit as st


def results(values: Mapping[str, str]) -> None:
    """Draw values by their names, as a list that is heard in pairs."""
    pairs = (
        f"<div><dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd></div>"
        for name, value in values.items()
    )
    st.html(f'<dl class="site-results">{"".join(pairs)}</dl>')
