"""A site with a tiny random decoder. Its numbers mean nothing; the pages around them are real."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import save_file
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from tests.engine.tiny import tiny_config, tiny_weights
from ui import host
from ui.navigation import PAGES

MAIN = Path(__file__).parents[2] / "ui" / "main.py"
CONFIG = tiny_config("GQA", vocab_size=256)

Open = Callable[..., AppTest]


def write_tiny_model(folder: Path) -> Path:
    """A folder in the Hugging Face layout: one token a byte."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(
        json.dumps(
            {
                "architectures": ["LlamaForCausalLM"],
                "model_type": "llama",
                "vocab_size": CONFIG.vocab_size,
                "hidden_size": CONFIG.dim,
                "num_hidden_layers": CONFIG.n_layers,
                "num_attention_heads": CONFIG.n_heads,
                "num_key_value_heads": CONFIG.n_kv_heads,
                "head_dim": CONFIG.head_dim,
                "intermediate_size": CONFIG.hidden_dim,
                "max_position_embeddings": CONFIG.max_seq_len,
                "rope_theta": CONFIG.rope_theta,
                "rms_norm_eps": CONFIG.norm_eps,
                "tie_word_embeddings": CONFIG.tied,
                "hidden_act": "silu",
            }
        )
    )
    save_file(tiny_weights(CONFIG), folder / "model.safetensors")
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    inner = Tokenizer(models.BPE(vocab={char: i for i, char in enumerate(alphabet)}, merges=[]))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    inner.save(str(folder / "tokenizer.json"))
    return folder


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="session")
def tiny_loaded(tiny_folder: Path) -> Any:
    """The tiny decoder as a server keeps it, loaded once for all tests."""
    model = host.configured(f"tiny={tiny_folder}")["tiny"]
    model.start()
    assert model.wait(60).state == "ready", model.status.detail
    return model


@pytest.fixture
def tiny_host(tiny_loaded: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process serves the tiny decoder, and knows of SmolLM2 without having it."""
    monkeypatch.setenv("KVCORE_HOME", str(tmp_path))
    monkeypatch.setattr(host, "_models", {"tiny": tiny_loaded, **host.configured("")})


@pytest.fixture
def site(tiny_host: None) -> Open:
    """Open a page of the site by its file, with the keys of its address."""

    def open_page(file: str = "home.py", locale: str = "en-US", **params: str) -> AppTest:
        app = AppTest.from_file(str(MAIN), default_timeout=60)
        app.context = {"locale": locale}
        for key, value in params.items():
            app.query_params[key] = value
        # As the first request: `switch_page` would need a run of the first page before.
        path = next(page.path for page in PAGES if page.file == file)
        app._page_hash = calc_hash(path) if path else ""
        return app.run()

    return open_page
