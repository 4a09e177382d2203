"""The models by the names that visitors read, and what each has learned from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from kvcore import ModelConfig
from kvcore.checkpoint.embedded import TINY
from ui.language.facts import filled
from ui.language.i18n import N_, _

KNOWN: Final[Mapping[str, str]] = {
    TINY: N_("Tiny, our own"),
    "smollm2": N_("SmolLM2, the real thing"),
}
_ABOUT: Final[Mapping[str, str]] = {
    TINY: N_(
        "{n_layers} layers. It has read *Moby-Dick*, and knows {n_poems} Chinese poems by heart."
    ),
    "smollm2": N_(
        "{n_layers} layers. It has read two trillion tokens of web and code, says [its model card]"
        "(https://huggingface.co/HuggingFaceTB/SmolLM2-135M-Instruct). Its weights here come from "
        "a 4-bit file (Q4_1)."
    ),
}
_SIZE: Final = N_("{n_layers} layers.")


def title(name: str, say: Callable[[str], str] = _) -> str:
    """The title of a model, in the visitor's language; an operator's own goes by its name."""
    return say(KNOWN[name]) if name in KNOWN else name


def about(name: str, config: ModelConfig, say: Callable[[str], str] = _) -> str:
    """How large a model is, and what it has read where that is known, as Markdown."""
    return filled(say(_ABOUT.get(name, _SIZE)), config)
