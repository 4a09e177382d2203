"""A site with a tiny random decoder. Its numbers mean nothing; the pages around them are real."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from safetensors.torch import save_file
from streamlit.testing.v1 import AppTest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from tests.engine.tiny import tiny_config, tiny_weights
from ui import host

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


@pytest.fixture
def tiny_host(tiny_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process serves the tiny decoder, loaded, and knows of SmolLM2 without having it."""
    monkeypatch.setenv("KVCORE_HOME", str(tiny_folder.parent / "empty"))
    monkeypatch.setattr(host, "_models", host.configured(f"tiny={tiny_folder}"))
    host.start("tiny")
    assert host.wait("tiny", 60).state == "ready", host.status("tiny").detail


@pytest.fixture
def site(tiny_host: None) -> Open:
    """Open a page of the site by its file, with the keys of its address."""

    def open_page(file: str = "home.py", locale: str = "en-US", **params: str) -> AppTest:
        app = AppTest.from_file(str(MAIN), default_timeout=60)
        app.context = {"locale": locale}
        for key, value in params.items():
            app.query_params[key] = value
        if file != "home.py":
            app.switch_page(str(MAIN.parents[1] / "pages" / file))
        return app.run()

    return open_page
