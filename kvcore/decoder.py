"""A model ready to use: loaded once, shared by everyone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kvcore.checkpoint.embedded import TINY, tiny_folder
from kvcore.checkpoint.fetch import NAMES, is_fetched, model_folder
from kvcore.checkpoint.weights import load_transformer
from kvcore.engine.engine import Engine
from kvcore.records.checks import check_kind, flag
from kvcore.records.config import ModelConfig
from kvcore.text.tokenizer import Tokenizer


@dataclass(frozen=True, eq=False, kw_only=True)
class Decoder:
    """Weights, tokenizer and engine of one model."""

    name: str
    path: Path  # the folder it was loaded from
    config: ModelConfig
    tokenizer: Tokenizer
    engine: Engine


def load(model: str | Path = TINY, *, fast: bool = False) -> Decoder:
    """Load a model by name or from a folder in the Hugging Face layout.

    "tiny" comes with kvcore; "smollm2" is fetched once. A folder holds `config.json`,
    `*.safetensors` and `tokenizer.json`. Nothing is downloaded: FileNotFoundError names the command
    that fetches a known model which is not there yet. A folder that is not a model raises
    ValueError saying what is missing or wrong.

    Everything is exact fp32. Matrices of fp16 numbers, as in fp16 checkpoints and in the one that
    `fetch` writes for SmolLM2, are kept in fp16 and computed with in fp32: half as much to read
    for each token. `fast` does so with all matrices, rounded, and with sums that come out a little
    less exact (`python -m kvcore bench` measures it). Without FBGEMM in torch, as on a Mac, neither
    happens.
    """
    check_kind("model", model, str, Path)
    flag("fast", fast)
    name, folder = _found(model)
    if model == "" or not folder.is_dir():
        raise FileNotFoundError(
            f"no folder {folder if model else repr(model)}: give a folder with config.json, "
            f"*.safetensors and tokenizer.json, or one of {', '.join((TINY, *NAMES))}"
        )
    transformer = load_transformer(folder, fast=fast)
    tokenizer = Tokenizer.from_folder(folder, n_rows=transformer.config.vocab_size)
    if tokenizer.largest_id >= transformer.config.vocab_size:
        raise ValueError(
            f"{folder}: tokenizer.json has ids up to {tokenizer.largest_id}, but the model of "
            f"vocab_size={transformer.config.vocab_size} none from there on: they belong to "
            "different models"
        )
    return Decoder(
        name=name,
        path=folder,
        config=transformer.config,
        tokenizer=tokenizer,
        engine=Engine(transformer, tokenizer),
    )


def _found(model: str | Path) -> tuple[str, Path]:
    """The name of a model and the folder it lies in."""
    if model == TINY:
        return TINY, tiny_folder()
    if isinstance(model, str) and model in NAMES:
        if not is_fetched(model):
            raise FileNotFoundError(
                f"{model} is not on this machine yet: run `python -m kvcore fetch {model}`"
            )
        return model, model_folder(model)
    return Path(model).name, Path(model)
