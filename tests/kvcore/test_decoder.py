"""`kvcore.load` of a folder: config, weights and tokenizer belong together, or it is an error."""

from pathlib import Path

import pytest
import tokenizers
from tokenizers.models import WordLevel

import kvcore
from tests.kvcore.checkpoint.families import random_model, save


def write_tokenizer(folder: Path, ids: dict[str, int]) -> None:
    tokenizers.Tokenizer(WordLevel(ids, unk_token="a")).save(str(folder / "tokenizer.json"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return save(random_model("qwen3"), tmp_path / "my-model")


def test_a_folder_becomes_a_decoder_named_after_it(folder: Path) -> None:
    write_tokenizer(folder, {"a": 0, "b": 103})  # of 104 rows
    decoder = kvcore.load(folder)
    assert (decoder.name, decoder.path) == ("my-model", folder)
    assert decoder.config.qk_norm
    step = decoder.engine.session().update("b")
    assert step.ids == (103,)


@pytest.mark.parametrize("ids", [{"a": 0, "b": 104}, {str(i): i for i in range(110)} | {"a": 110}])
def test_a_tokenizer_with_more_ids_than_the_model_has_rows_is_refused(folder: Path, ids) -> None:
    write_tokenizer(folder, ids)
    largest = max(ids.values())
    with pytest.raises(ValueError, match=f"ids up to {largest}, but .* vocab_size=104"):
        kvcore.load(folder)


def test_special_tokens_beyond_the_models_rows_are_never_read_from_a_text(folder: Path) -> None:
    """As a padding token that was added without a row: no text and no answer has it."""
    write_tokenizer(folder, {"a": 0} | {str(i): i for i in range(1, 104)})
    path = str(folder / "tokenizer.json")
    tokenizer = tokenizers.Tokenizer.from_file(path)
    tokenizer.add_special_tokens(["[PAD]"])
    tokenizer.save(path)
    assert tokenizer.token_to_id("[PAD]") == 104
    assert kvcore.load(folder).tokenizer.encode("[PAD]") == [0]
    tokenizer.add_tokens(["[TEXT]"])
    tokenizer.save(path)
    with pytest.raises(ValueError, match=r"ids up to 105, but .* vocab_size=104"):
        kvcore.load(folder)


def test_a_folder_without_a_tokenizer_is_refused(folder: Path) -> None:
    with pytest.raises(ValueError, match=r"tokenizer\.json is missing"):
        kvcore.load(folder)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no folder .*nowhere: give a folder with config"):
        kvcore.load(tmp_path / "nowhere")
