"""Edit one token, and see which rows of K and V change: by layer and position."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from kvcore import Decoder, TokenLabel
from kvembed.contract import MAX_PROMPT_TOKENS
from ui.language.i18n import N_, _
from ui.served import runs
from ui.views import address
from ui.views.address import Notice
from ui.views.change import LETTERS, change
from ui.views.tokens import in_quotes, numbered
from ui.visit import controls, notices, state
from ui.visit.drawing import draw_change

MAX_CHARS = 60  # of the replacement: with its position it must fit the view of a link


@st.fragment
def draw(decoder: Decoder, ids: runs.Ids) -> None:
    """Pickers for the token and its replacement, and the two maps. The address carries both."""
    _draw(decoder, ids)
    state.publish("edit")


def _draw(decoder: Decoder, ids: runs.Ids) -> None:
    tokenizer = decoder.tokenizer
    labels = tokenizer.labels(ids)
    pos, text = _asked(len(ids))
    if state.moved("view"):
        st.session_state.pop("edit_pos", None)
        st.session_state.pop("edit_text", None)
    notices.draw("view")
    pos, text = _pickers(labels, pos, text)
    named = state.current().view
    if named is not None or (pos, text) != _opening(len(ids)):  # the page's own is not in a link
        state.put("view", f"{pos}:{text}")
    spaced = f"{' ' if labels[pos].space else ''}{text}" if text else ""
    new = controls.encoded(tokenizer, spaced, mid_text=pos > 0)
    sentence = st.container()  # there without a sentence too: the maps after it stay as they are
    if new is None:
        sentence.info(_(controls.REFUSED))
        return
    if not new:
        sentence.info(_("Type what should stand there instead."))
        return
    after = (*ids[:pos], *new, *ids[pos + 1 :])[:MAX_PROMPT_TOKENS]
    if after == ids:
        sentence.info(_("That is the same token: nothing changes."))
        return
    if len(new) > 1:
        sentence.info(
            _(
                "{text} becomes {n} tokens, so everything after it moves along, and rows are "
                "compared position by position."
            ).format(text=in_quotes(text), n=len(new))
        )
    moved = runs.edited(decoder, ids, after)
    edited, lang = tokenizer.labels(after)[: moved.k.shape[1]], state.current().lang
    for column, letter in zip(st.columns(2), LETTERS, strict=True):
        with column:
            block = change(edited, moved, letter, high=moved.most, lang=lang)
            draw_change(block, key=f"edit_{letter}")


def _pickers(labels: Sequence[TokenLabel], pos: int, text: str) -> tuple[int, str]:
    """Which token, and what stands there instead."""
    places = numbered(labels)
    left, right = st.columns(2)
    which, what = _("The token to replace"), _("Replace it with")
    if state.locked("view"):
        with left:
            controls.fixed(which, places[pos])
        with right:
            controls.fixed(what, text)
        return pos, text
    with left:
        pos = st.selectbox(
            which, range(len(places)), index=pos, key="edit_pos", format_func=places.__getitem__
        )
    with right:
        typed = st.text_input(what, value=text, key="edit_text", max_chars=MAX_CHARS, live="300ms")
    text, _wrong = address.read_prompt((typed or "")[:MAX_CHARS])
    return pos, text


def _asked(n_tokens: int) -> tuple[int, str]:
    """The edit that the address names, as position:text; else the one that a visit opens on."""
    pos, colon, text = (state.current().view or "").partition(":")
    if colon and pos.isdecimal() and int(pos) < n_tokens:
        return int(pos), text[:MAX_CHARS]
    asked = state.current().view
    if asked is not None:
        told = N_("view={value} is not an edit of this prompt, such as 1:dog, so another is shown.")
        notices.note("view", Notice(told, {"value": address.shown(asked)}))
    return _opening(n_tokens)


def _opening(n_tokens: int) -> tuple[int, str]:
    swapped, text = state.opens_on().edit
    return min(swapped, n_tokens - 1), text
