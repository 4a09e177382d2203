"""Show a section of a page's prose, with the facts of the model that runs filled in."""

from __future__ import annotations

import streamlit as st

from kvcore import kv_bytes_per_token
from ui import host, state
from ui.i18n import prose
from ui.units import size


def tell(page: str, section: str) -> None:
    """Draw one section. Its slots are n_layers, n_heads, n_kv_heads, head_dim, bytes_per_token.

    A model that is not loaded yet has no facts: only sections without slots may be told then.
    """
    text = prose(page, section)
    if "{" in text:
        config = host.decoder(state.current().model).config
        facts = {
            "n_layers": config.n_layers,
            "n_heads": config.n_heads,
            "n_kv_heads": config.n_kv_heads,
            "head_dim": config.head_dim,
            "bytes_per_token": size(kv_bytes_per_token(config)),
        }
        for name, value in facts.items():
            text = text.replace(f"{{{name}}}", str(value))
    st.markdown(text)
