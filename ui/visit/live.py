"""One visitor's text and the cache that follows it while it is typed."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import uuid4

import streamlit as st

from kvcore import Decoder, Session, Step
from kvembed.contract import MAX_PROMPT_TOKENS
from ui.language.i18n import _
from ui.served import host
from ui.served.runs import Ids
from ui.views.address import clean
from ui.visit import state

_LIVE = "live"


@dataclass
class Live:
    """The cache of one visit, and the tokens that its last step dropped."""

    model: str
    session: Session
    fallen: Ids = ()
    name: str = field(default_factory=lambda: uuid4().hex)


def follow(decoder: Decoder, ids: Ids) -> tuple[Step | None, Ids]:
    """Make the cache hold the text; return the step that it took, and the tokens it dropped.

    No text leaves the cache as it is, ready for the next one.
    """
    live = _live(decoder)
    kept = live.session
    # What the model wrote may encode otherwise than it was written: keep the tokens it chose.
    written = _as_text(decoder, kept.ids) if kept.ids else None
    if ids and written != state.current().prompt:
        before, last = kept.ids, kept.last
        step = host.scheduler.update(kept, ids).result()
        if step is not last:
            live.fallen = before[step.reused : step.reused + step.dropped]
    return kept.last, live.fallen


def run_of(decoder: Decoder, step: Step) -> tuple[str, int]:
    """Names the run that led to `step`: the same text, typed otherwise, is another run."""
    return _live(decoder).name, step.index


def continue_button(decoder: Decoder, step: Step) -> None:
    """Write the next token into the text."""
    ends, full = _ends(decoder, step), _is_full(step)
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
    last = live.session.last
    # The button may be pressed again before it is drawn as disabled.
    if last is None or _ends(decoder, last) or _is_full(last):
        return
    host.scheduler.step(live.session).result()
    live.fallen = ()
    text = _as_text(decoder, live.session.ids)
    state.put("prompt", text)
    st.session_state["prompt"] = text


def _ends(decoder: Decoder, step: Step) -> bool:
    return step.next_id in decoder.tokenizer.stop_ids


def _is_full(step: Step) -> bool:
    return len(step.ids) >= MAX_PROMPT_TOKENS


def _as_text(decoder: Decoder, ids: Ids) -> str:
    """The text of tokens in a field of one line: a browser would drop a line break unseen."""
    return clean(decoder.tokenizer.decode(ids))[0]


def _live(decoder: Decoder) -> Live:
    """The cache of this visit; a new one when another model is chosen."""
    live: Live | None = st.session_state.get(_LIVE)
    if live is None or live.model != decoder.name:
        if live:
            host.scheduler.cancel(live.session)
        live = Live(decoder.name, decoder.engine.session())
        st.session_state[_LIVE] = live
    return live
