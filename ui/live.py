"""One visitor's text and the cache that follows it while it is typed."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from kvcore import Decoder, Session, Step
from ui import host, state
from ui.address import MAX_PROMPT_TOKENS
from ui.i18n import _
from ui.runs import Ids

_LIVE = "live"


@dataclass
class Live:
    """The cache of one visit, and the tokens that its last step dropped."""

    model: str
    session: Session
    fallen: Ids = ()


def follow(decoder: Decoder, ids: Ids) -> tuple[Step | None, Ids]:
    """Make the cache hold the text; return the step that it took, and the tokens it dropped.

    No text leaves the cache as it is, ready for the next one.
    """
    live = _live(decoder)
    kept = live.session
    # What the model wrote may encode otherwise than it was written: keep the tokens it chose.
    written = decoder.tokenizer.decode(kept.ids) if kept.ids else None
    if ids and written != state.current().prompt:
        before, last = kept.ids, kept.last
        step = host.run(lambda: kept.update(ids))
        if step is not last:
            live.fallen = before[step.reused : step.reused + step.dropped]
    return kept.last, live.fallen


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
    live = _live(decoder)
    host.run(live.session.step)
    live.fallen = ()
    text = decoder.tokenizer.decode(live.session.ids)
    state.put("prompt", text)
    st.session_state["prompt"] = text


def _live(decoder: Decoder) -> Live:
    """The cache of this visit; a new one when another model is chosen."""
    live: Live | None = st.session_state.get(_LIVE)
    if live is None or live.model != decoder.name:
        live = Live(decoder.name, decoder.engine.session())
        st.session_state[_LIVE] = live
    return live
