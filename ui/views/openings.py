"""The opening of a visit: a prompt its model has something to say about, and where to look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kvcore.checkpoint.embedded import TINY
from kvembed.languages import DEFAULT


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A prompt, the layer and head in which its last token looks back, and an edit of it."""

    prompt: str
    layer: int
    head: int
    edit: tuple[int, str]  # a position, and what stands there instead


_TINY: Final[Mapping[str, Opening]] = {
    # The full stop, as all of the name, looks back at its beginning.
    "en": Opening(prompt="Call me Ishmael.", layer=1, head=3, edit=(2, "him")),
    # 光 looks back at 月, and at 明 before it.
    "zh": Opening(prompt="床前明月光", layer=3, head=4, edit=(1, "头")),
}
# In SmolLM2's head 8 of layer 13, "tired" looks back at its "cat".
_OTHERS: Final = Opening(
    prompt="The cat sat on the mat because it was tired", layer=13, head=8, edit=(1, "dog")
)


def opening(model: str, lang: str) -> Opening:
    """The opening of a visit to `model` in `lang`."""
    if model != TINY:
        return _OTHERS
    return _TINY.get(lang, _TINY[DEFAULT])  # it has read no other language
