"""A model ready to use: loaded once, shared by everyone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kvcore.config import ModelConfig
from kvcore.engine import Engine
from kvcore.fetch import NAMES, is_fetched, model_folder
from kvcore.tokenizer import Tokenizer
from kvcore.weights import load_transformer


@dataclass(frozen=True, eq=False, kw_only=True)
class Decoder:
    """Weights, tokenizer and engine of one model."""

    name: str
    path: Path  # the folder it was loaded from
    config: ModelConfig
    tokenizer: Tokenizer
    engine: Engine


def load(model: str | Path) -> Decoder:
    """Load a model by name ("smollm2") or from a folder in the Hugging Face layout.

    The folder holds `config.json`, `*.safetensors` and `tokenizer.json`. Nothing is downloaded:
    FileNotFoundError names the command that fetches a known model which is not there yet. A folder
    that is not a model raises ValueError saying what is missing or wrong.
    """
    folder = model_folder(str(model)) if model in NAMES else Path(model)
    if model in NAMES and not is_fetched(str(model)):
        raise FileNotFoundError(
            f"{model} is not on this machine yet: run `python -m kvcore fetch {model}`"
        )
    if not folder.is_dir():
        raise FileNotFoundError(
            f"no folder {folder}: give a folder with config.json, *.safetensors and "
            f"tokenizer.json, or one of {', '.join(NAMES)}"
        )
    transformer, tokenizer = load_transformer(folder), Tokenizer.from_folder(folder)
    return Decoder(
        name=str(model) if model in NAMES else folder.name,
        path=folder,
        config=transformer.config,
        tokenizer=tokenizer,
        engine=Engine(transformer, tokenizer),
    )
