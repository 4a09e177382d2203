"""One visitor's text and the cache that follows it while it is typed."""

from __future__ import annotations

import streamlit as st

from kvcore import Decoder, Session, Step
from ui import state
from ui.address import MAX_PROMPT_TOKENS
from ui.host import turn
from ui.i18n import _
from ui.runs import Ids

_SESSION = "live_session"


def session(decoder: Decoder) -> Session:
    """The cache of this visit; a new one when another model is chosen."""
    of, kept = st.session_state.get(_SESSION, (None, None))
    if of != decoder.name:
        kept = decoder.engine.session()
        st.session_state[_SESSION] = (decoder.name, kept)
    found: Session = kept
    return found


def follow(decoder: Decoder, ids: Ids) -> Step:
    """Make the cache hold the text, and return the step that it took."""
    kept = session(decoder)
    # What the model wrote may encode otherwise than it was written: keep the tokens it chose.
    written = decoder.tokenizer.decode(kept.ids) if kept.ids else None
    with turn():
        return kept.update(kept.ids if written == state.current().prompt else ids)


def continue_button(decoder: Decoder, step: Step) -> None:
    """Write the next token into the text."""
    ends = step.next_id in decoder.tokenizer.stop_ids
    full = len(step.ids) >= MAX_PROMPT_TOKENS
    st.button(
        _("Write one token on"),
        key="write_on",
        disabled=ends or full,
        on_click=_write,
        args=(decoder,),
    )
    if ends:
        st.caption(_("The model would end its text here."))
    elif full:
        st.caption(
            _("The text is as long as this site reads: {n} tokens.").format(n=MAX_PROMPT_TOKENS)
        )


def _write(decoder: Decoder) -> None:
    kept = session(decoder)
    with turn():
        kept.step()
    text = decoder.tokenizer.decode(kept.ids)
    state.put("prompt", text)
    st.session_state["prompt"] = text
