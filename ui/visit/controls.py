"""The controls that every page has: the prompt, and what is looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st

from kvcore import Decoder, ModelConfig, Tokenizer
from kvcore.text.labels import readable
from kvembed.contract import MAX_PROMPT_TOKENS
from ui.language.i18n import N_, _
from ui.served import host, models
from ui.views import address
from ui.views.address import MAX_PROMPT_CHARS, Notice
from ui.visit import bounds, notices, state

PAUSE: Final = "100ms"  # in typing, before the text is read
REFUSED: Final = N_(
    "This model's tokenizer has no token for a part of the text, and none for what it does not "
    "know: write it another way."
)


def fixed(label: str, value: str | int) -> None:
    """The value that an author has locked, in place of its control."""
    st.markdown(f"{label} **{address.shown(str(value), MAX_PROMPT_CHARS)}**")


def prompt_input(then: Callable[[], object] | None = None) -> str:
    """A text field that is read while it is typed; return its text, one clean line.

    What is wrong with the text is said under the field, which keeps what was typed. `then` is
    called as soon as a new text is read, before anything is drawn: what it computes does not share
    the cores with a browser that draws.
    """
    prompt = state.current().prompt
    if state.locked("prompt"):
        fixed(_("Prompt"), prompt)
        return prompt
    text = st.text_input(
        _("Prompt"),
        value="" if state.seed("prompt", prompt) else prompt,
        key="prompt",
        live=PAUSE,
        placeholder=_("Type something for the model to read"),
        autocomplete="off",
        on_change=_typed,
        args=(then,),
    )
    # Without a callback: after a lost connection the browser's text arrives in a new visit.
    if (text or "") != state.current().prompt:
        _read(text or "")
    return state.current().prompt


def prompt_ids(decoder: Decoder) -> tuple[int, ...]:
    """The tokens of the prompt, at most MAX_PROMPT_TOKENS; empty when there is no text.

    Says under the field what the model does not get to read.
    """
    text, ids = state.current().prompt, _read_by(decoder)
    if ids is None:
        notices.note("prompt", Notice(REFUSED))
    elif not text:
        notices.note(
            "prompt", Notice(N_("The prompt is empty: type a word and the model reads it."))
        )
    elif len(text) > MAX_PROMPT_CHARS or len(ids) > MAX_PROMPT_TOKENS:
        notices.note(
            "prompt",
            Notice(
                N_(
                    "The prompt has {characters} characters. This site reads at most {tokens} "
                    "tokens or {most} characters: the model is fed the first {fed} tokens and not "
                    "the rest."
                ),
                {
                    "characters": len(text),
                    "tokens": MAX_PROMPT_TOKENS,
                    "most": MAX_PROMPT_CHARS,
                    "fed": min(len(ids), MAX_PROMPT_TOKENS),
                },
            ),
        )
    elif lost := decoder.tokenizer.lost(text):
        notices.note(
            "prompt",
            Notice(
                N_("The model has no token for some characters and is not fed them: {characters}"),
                {"characters": address.shown(readable(lost))},
            ),
        )
    notices.draw("prompt")
    return (ids or ())[:MAX_PROMPT_TOKENS]


def first_ids(decoder: Decoder) -> tuple[int, ...]:
    """The same tokens, saying nothing."""
    return (_read_by(decoder) or ())[:MAX_PROMPT_TOKENS]


def _read_by(decoder: Decoder) -> tuple[int, ...] | None:
    return encoded(decoder.tokenizer, state.current().prompt[:MAX_PROMPT_CHARS])


def encoded(tokenizer: Tokenizer, text: str, *, mid_text: bool = False) -> tuple[int, ...] | None:
    """The tokens of a visitor's text; None where the tokenizer does not take it: say REFUSED."""
    try:
        return tuple(tokenizer.encode(text, mid_text=mid_text))
    except ValueError:
        return None


def layer_picker(config: ModelConfig) -> int:
    """Which layer is looked at."""
    return _slider("layer", _("Layer"), config.n_layers)


def head_picker(config: ModelConfig) -> int:
    """Which query head is looked at."""
    return _slider("head", _("Head"), config.n_heads)


def layer_and_head(config: ModelConfig) -> tuple[int, int]:
    """Both pickers side by side."""
    left, right = st.columns(2)
    with left:
        layer = layer_picker(config)
    with right:
        head = head_picker(config)
    return layer, head


def model_picker() -> str:
    """Which model runs; shown only where there is more than one."""
    names, model = host.names(), state.current().model
    with st.container(key="site_model", horizontal=True, vertical_alignment="center"):
        if len(names) > 1 and not state.locked("model"):
            st.segmented_control(
                _("Model"),
                names,
                default=None if state.seed("model", model) else model,
                format_func=models.title,
                key="model",
                required=True,
                label_visibility="collapsed",
                on_change=state.changed("model"),
                width="content",
            )
        if host.status(model).state == "ready":
            st.caption(models.about(model, host.decoder(model).config), width="content")
    notices.draw("model")
    return model


def _slider(key: str, label: str, n: int) -> int:
    value = bounds.index(key, n)
    if state.locked(key):
        fixed(label, value)
    elif n > 1:
        default = None if state.seed(key, value) else value
        value = st.slider(
            label, 0, n - 1, value=default, key=key, on_change=state.changed(key), width="stretch"
        )
        setattr(state.current(), key, value)
    notices.draw(key)
    return value


def _typed(then: Callable[[], object] | None) -> None:
    _read(st.session_state["prompt"] or "")
    if then:
        then()


def _read(typed: str) -> None:
    text, wrong = address.read_prompt(typed)
    state.put("prompt", text)
    notices.note("prompt", wrong)
