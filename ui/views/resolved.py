"""A view as a page shows it, with the page's own defaults, and nothing that there is not.

A page meets a visitor's nonsense with a sentence and the nearest that there is. A view is made by a
program, for an author: here nonsense is a ValueError.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kvcore import Decoder
from kvembed.contract import MAX_PROMPT_TOKENS
from ui.views.address import MAX_PROMPT_CHARS, clean
from ui.views.openings import opening

if TYPE_CHECKING:
    from kvembed.view import View


@dataclass(frozen=True, kw_only=True)
class ResolvedView:
    """One state of one page: what to run, and what to show of it."""

    page: str
    decoder: Decoder
    lang: str
    ids: tuple[int, ...]
    layer: int
    head: int
    step: int | None  # None where the page has its own
    view: str | None

    def step_of(self, n_steps: int, first: int = 0) -> int:
        """The step, one of `n_steps` counted from `first`."""
        step = first if self.step is None else self.step
        return _inside("step", step, n_steps, first)


def resolve(view: View, lang: str, decoder: Decoder) -> ResolvedView:
    """Read a view for a model. ValueError for a prompt, layer or head that there cannot be."""
    opens_on = opening(view.model or decoder.name, lang)
    config = decoder.config
    layer = min(opens_on.layer, config.n_layers - 1) if view.layer is None else view.layer
    head = min(opens_on.head, config.n_heads - 1) if view.head is None else view.head
    return ResolvedView(
        page=view.page,
        decoder=decoder,
        lang=lang,
        ids=_read(clean(view.prompt or opens_on.prompt)[0], decoder),
        layer=_inside("layer", layer, config.n_layers),
        head=_inside("head", head, config.n_heads),
        step=view.step,
        view=view.view,
    )


def _read(text: str, decoder: Decoder) -> tuple[int, ...]:
    """The tokens that a page would feed."""
    if len(text) > MAX_PROMPT_CHARS:
        raise ValueError(
            f"the prompt has {len(text)} characters, and at most {MAX_PROMPT_CHARS} are read: "
            "give a shorter one"
        )
    ids = tuple(decoder.tokenizer.encode(text))
    if not ids:
        raise ValueError(
            f"the prompt {text[:40]!r} has 0 tokens that {decoder.name} knows: give at least 1"
        )
    if len(ids) > MAX_PROMPT_TOKENS:
        raise ValueError(
            f"the prompt has {len(ids)} tokens, and at most {MAX_PROMPT_TOKENS} are read: "
            "give a shorter one"
        )
    return ids


def _inside(key: str, value: int, n: int, first: int = 0) -> int:
    last = first + n - 1
    if not first <= value <= last:
        raise ValueError(f"{key}={value} is out of range: give {first} to {last}")
    return value
