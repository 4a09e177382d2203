"""The meaning of config.json, and what is refused in it, in which words."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kvcore.checkpoint.hf_config import read_config
from kvcore.checkpoint.hf_families import FAMILIES, ONLY
from kvcore.records.config import LinearScaling, Llama3Scaling, ModelConfig
from tests.kvcore.checkpoint.folders import hf_config
from tests.kvcore.tiny import tiny_config

CONFIG = tiny_config("GQA", tied=False, rope_theta=5_000.0)
SHAPE = ("vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads")
LLAMA3 = {
    "rope_type": "llama3",
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 32,
}
QWEN_WINDOW = {
    "architectures": ["Qwen2ForCausalLM"],
    "model_type": "qwen2",
    "use_sliding_window": True,
    "sliding_window": 5,
}
MISTRAL = {"architectures": ["MistralForCausalLM"], "model_type": "mistral"}
SMOLLM3 = {"architectures": ["SmolLM3ForCausalLM"], "model_type": "smollm3"}

Read = Callable[..., ModelConfig]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Read a plain Llama's config.json with changes."""

    def config(**changes: Any) -> ModelConfig:
        (tmp_path / "config.json").write_text(json.dumps(hf_config(CONFIG, **changes)), "utf-8")
        return read_config(tmp_path)

    return config


@pytest.mark.parametrize("kind", FAMILIES)
def test_absent_keys_have_the_defaults_of_transformers(tmp_path: Path, kind: str) -> None:
    transformers = pytest.importorskip("transformers")
    theirs = transformers.AutoConfig.for_model(kind, num_attention_heads=32)
    heads = theirs.hidden_size // 32
    needed = {key: getattr(theirs, key) for key in (*SHAPE, "intermediate_size")}
    (tmp_path / "config.json").write_text(json.dumps({"model_type": kind, **needed}), "utf-8")
    ours = read_config(tmp_path)
    assert ours.n_kv_heads == theirs.num_key_value_heads
    assert ours.head_dim == (getattr(theirs, "head_dim", heads) or heads)
    assert ours.max_seq_len == theirs.max_position_embeddings
    assert ours.norm_eps == theirs.rms_norm_eps
    assert ours.tied == theirs.tie_word_embeddings
    assert ours.rope_theta == theirs.rope_parameters["rope_theta"]
    assert ours.window == (theirs.sliding_window if kind.endswith("stral") else None)
    flags = getattr(theirs, "no_rope_layers", [1] * theirs.num_hidden_layers)
    assert ours.nope_layers == tuple(i for i, turns in enumerate(flags) if not turns)
    assert ours.out_bias == getattr(theirs, "attention_bias", False)
    assert ours.mlp_bias == getattr(theirs, "mlp_bias", False)


@pytest.mark.parametrize("kind", FAMILIES)
def test_each_optional_key_has_the_default_of_transformers(kind: str) -> None:
    transformers = pytest.importorskip("transformers")
    theirs = transformers.CONFIG_MAPPING[kind]
    ours = dict(FAMILIES[kind].optional)
    assert ours.pop("rope_scaling") is None  # the former name of rope_parameters
    for key, value in ours.items():
        expected = theirs.default_theta if key == "rope_theta" else getattr(theirs, key, None)
        assert value == expected, key


def test_null_means_absent_where_something_is_derived(read: Read) -> None:
    keys = ("num_key_value_heads", "head_dim", "rope_scaling", "rope_parameters", "architectures")
    config = read(**dict.fromkeys(keys))
    assert (config.n_kv_heads, config.head_dim) == (4, 10)


def test_architectures_alone_names_the_family(read: Read) -> None:
    config = read(architectures=["Qwen2ForCausalLM"], model_type=...)
    assert config.qkv_bias
    assert not config.out_bias


def test_rope_theta_is_found_where_transformers_5_writes_it(read: Read) -> None:
    rope = {"rope_type": "default", "rope_theta": 123.0}
    assert read(rope_theta=..., rope_parameters=rope).rope_theta == 123.0


@pytest.mark.parametrize("key", ["rope_scaling", "rope_parameters"])
def test_scaling_is_found_where_either_transformers_writes_it(read: Read, key: str) -> None:
    assert read(**{key: LLAMA3}).rope_scaling == Llama3Scaling(
        factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_seq_len=32
    )
    linear = read(**{key: {"type": "linear", "factor": 2}})
    assert (linear.rope_scaling, linear.rope_theta) == (LinearScaling(factor=2.0), 5_000.0)


def test_a_window_that_no_layer_uses_is_no_window(read: Read) -> None:
    qwen = QWEN_WINDOW
    assert read(**qwen, max_window_layers=0).window == 5
    assert read(**qwen, layer_types=["sliding_attention"] * 3).window == 5
    assert read(**qwen, max_window_layers=3).window is None
    assert read(**qwen, layer_types=["full_attention"] * 3).window is None
    assert read(**qwen | {"use_sliding_window": False}, max_window_layers=0).window is None
    assert read(**MISTRAL, sliding_window=5).window == 5
    assert read(**MISTRAL, sliding_window=None).window is None
    assert read(sliding_window=5, use_sliding_window=True).window is None  # a Llama has none


def test_some_layers_have_a_window_where_the_family_says_so(read: Read) -> None:
    """Qwen from max_window_layers on, SmolLM3 where there is no RoPE, all where a list says so."""
    listed = {"layer_types": ["sliding_attention", "full_attention", "sliding_attention"]}
    assert read(**QWEN_WINDOW, max_window_layers=2).window == (None, None, 5)
    assert read(**QWEN_WINDOW, **listed, max_window_layers=2).window == (5, None, 5)
    assert read(**MISTRAL, **listed, sliding_window=5).window == (5, None, 5)
    smollm3 = SMOLLM3 | {"use_sliding_window": True, "sliding_window": 5}
    assert read(**smollm3, no_rope_layers=[1, 0, 1]).window == (None, 5, None)
    assert read(**smollm3, **listed, no_rope_layers=[1, 0, 1]).window == (5, None, 5)
    assert read(**smollm3 | {"use_sliding_window": False}).window is None
    assert read(**smollm3 | {"use_sliding_window": False}, **listed).window == (5, None, 5)


def test_a_key_that_only_another_family_reads_means_nothing(read: Read) -> None:
    """Mistral's window is of all layers, whatever Qwen's key beside it says; so transformers."""
    plain = read(**MISTRAL, sliding_window=5)
    assert plain == read(**MISTRAL, sliding_window=5, max_window_layers=2)
    assert plain == read(**MISTRAL, sliding_window=5, use_sliding_window=False)


# What decides the shape in five config.json as they were published, with the keys that do not.
PUBLISHED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "Llama-3.2-1B": (
        {
            "model_type": "llama",
            "head_dim": 64,
            "hidden_size": 2048,
            "num_hidden_layers": 16,
            "num_attention_heads": 32,
            "num_key_value_heads": 8,
            "attention_bias": False,
            "mlp_bias": False,
            "pretraining_tp": 1,
            "rope_scaling": {
                "factor": 32.0,
                "high_freq_factor": 4.0,
                "low_freq_factor": 1.0,
                "original_max_position_embeddings": 8192,
                "rope_type": "llama3",
            },
            "rope_theta": 500000.0,
        },
        {
            "rope_theta": 500_000.0,
            "rope_scaling": Llama3Scaling(
                factor=32.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_seq_len=8192
            ),
        },
    ),
    "Mistral-7B-v0.1": (
        {
            "model_type": "mistral",
            "hidden_size": 4096,
            "num_hidden_layers": 32,
            "num_attention_heads": 32,
            "num_key_value_heads": 8,
            "sliding_window": 4096,
        },
        {"head_dim": 128, "window": 4096},
    ),
    "Qwen2.5-0.5B": (
        {
            "model_type": "qwen2",
            "hidden_size": 896,
            "num_hidden_layers": 24,
            "num_attention_heads": 14,
            "num_key_value_heads": 2,
            "max_window_layers": 24,
            "sliding_window": 32768,
            "use_mrope": False,
            "use_sliding_window": False,
        },
        {"head_dim": 64, "window": None, "qkv_bias": True, "out_bias": False},
    ),
    "Qwen3-0.6B": (
        {
            "model_type": "qwen3",
            "attention_bias": False,
            "head_dim": 128,
            "hidden_size": 1024,
            "num_hidden_layers": 28,
            "num_attention_heads": 16,
            "num_key_value_heads": 8,
            "max_window_layers": 28,
            "rope_scaling": None,
            "rope_theta": 1000000,
            "sliding_window": None,
            "use_sliding_window": False,
        },
        {"rope_theta": 1e6, "qk_norm": True, "qkv_bias": False, "window": None},
    ),
    "SmolLM3-3B": (
        {
            "model_type": "smollm3",
            "hidden_size": 2048,
            "num_hidden_layers": 36,
            "num_attention_heads": 16,
            "num_key_value_heads": 4,
            "layer_types": ["full_attention"] * 36,
            "max_window_layers": 28,
            "no_rope_layer_interval": 4,
            "no_rope_layers": [1, 1, 1, 0] * 9,
            "pretraining_tp": 2,
            "rope_scaling": None,
            "sliding_window": None,
            "use_sliding_window": False,
        },
        {"nope_layers": tuple(range(3, 36, 4)), "head_dim": 128, "tied": True, "window": None},
    ),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_config_is_read_as_it_is_meant(tmp_path: Path, name: str) -> None:
    raw, expected = PUBLISHED[name]
    sizes = {"vocab_size": 1000, "intermediate_size": 1000, "hidden_act": "silu"}
    (tmp_path / "config.json").write_text(json.dumps(sizes | raw), "utf-8")
    config = read_config(tmp_path)
    assert {key: getattr(config, key) for key in expected} == expected


def test_layers_without_rope_are_listed_or_come_at_an_interval(read: Read) -> None:
    assert read(**SMOLLM3, no_rope_layer_interval=2).nope_layers == (1,)
    assert read(**SMOLLM3, no_rope_layers=[0, 1, 0]).nope_layers == (0, 2)
    assert read(**SMOLLM3, no_rope_layers=[1, 1, 1]).nope_layers == ()
    assert read(**SMOLLM3, no_rope_layers=[1, 0, 1, 0, 2]).nope_layers == (1,)  # of a longer model


HUGE = 10**400
REFUSED: list[tuple[dict[str, Any], str]] = [
    # another architecture
    (
        {"architectures": ["PhiForCausalLM"], "model_type": ...},
        r"architectures=\['PhiForCausalLM'\] .*only one of Llama",
    ),
    (
        {"architectures": ["LlamaForCausalLM", "MistralForCausalLM"], "model_type": ...},
        "'MistralForCausalLM'] is not supported, only one of Llama",
    ),
    ({"architectures": ..., "model_type": "mixtral"}, "model_type='mixtral' .*only llama, mistral"),
    ({"model_type": ["llama"]}, r"model_type=\['llama'\] is not supported"),
    (
        {"architectures": ..., "model_type": ...},
        "architectures=None is not supported, only one of Llama",
    ),
    # rope
    ({"rope_scaling": {"type": "yarn", "factor": 2.0}}, "rope_scaling.rope_type='yarn' .*llama3"),
    ({"rope_scaling": {"type": "dynamic"}}, "rope_type='dynamic' is not supported, only default"),
    ({"rope_parameters": {"rope_type": "longrope"}}, "rope_parameters.rope_type='longrope'"),
    ({"rope_parameters": {"rope_type": ["linear"]}}, r"rope_type=\['linear'\] is not supported"),
    (
        {"rope_parameters": LLAMA3 | {"partial_rotary_factor": 0.5}},
        "rope_parameters.partial_rotary_factor=0.5 is not supported for rope_type 'llama3'",
    ),
    (
        {"rope_scaling": {"type": "linear", "factor": 2}, "partial_rotary_factor": 0},
        "rope_scaling.partial_rotary_factor=0 is not supported for rope_type 'linear'",
    ),
    ({"rope_parameters": {"full_attention": {}}}, "rope_parameters=.* full_attention has an obj"),
    ({"rope_scaling": "linear"}, "rope_scaling='linear' must be an object"),
    ({"rope_scaling": {"type": "linear"}}, "lacks rope_scaling.factor"),
    ({"rope_scaling": {"type": "linear", "factor": 0}}, "rope_scaling.factor=0 must be above 0"),
    ({"rope_scaling": {"type": "linear", "factor": "2"}}, "factor='2' must be a number"),
    ({"rope_parameters": {"rope_type": "llama3"}}, "lacks rope_parameters.factor"),
    ({"rope_parameters": LLAMA3 | {"low_freq_factor": 4.0}}, "low_freq_factor=4.0 must be below"),
    ({"rope_parameters": LLAMA3 | {"original_max_position_embeddings": 0}}, "embeddings=0 must be"),
    ({"rope_theta": float("nan")}, "rope_theta=nan must be above 0 and finite"),
    ({"rope_theta": float("inf")}, "rope_theta=inf must be above 0 and finite"),
    ({"rope_theta": 0}, "rope_theta=0 must be above 0"),
    ({"rope_theta": -1.0}, "rope_theta=-1.0 must be above 0"),
    ({"rope_theta": HUGE}, "rope_theta=1000.* must be above 0 and finite"),
    ({"rope_theta": "10000"}, "rope_theta='10000' must be a number"),
    ({"rope_theta": True}, "rope_theta=True must be a number"),
    # switches and windows
    ({"hidden_act": "gelu"}, "hidden_act='gelu' .*only 'silu'"),
    ({"quantization_config": {"bits": 4}}, "quantization_config={'bits': 4}"),
    ({"is_causal": False}, "is_causal=False is not supported for LlamaForCausalLM, only True"),
    ({"is_causal": None}, "is_causal=None is not supported"),
    ({"attention_bias": "false"}, "attention_bias='false' must be true or false"),
    ({"tie_word_embeddings": "false"}, "tie_word_embeddings='false' must be true or false"),
    ({"tie_word_embeddings": None}, "tie_word_embeddings=None must be true or false"),
    (
        MISTRAL | {"sliding_window": 0},
        "sliding_window=0 must be from 1 to 16777216: a token sees itself; null is no window",
    ),
    (MISTRAL | {"sliding_window": "7"}, "sliding_window='7' must be a whole number"),
    (QWEN_WINDOW | {"max_window_layers": "2"}, "max_window_layers='2' must be a whole number"),
    (QWEN_WINDOW | {"layer_types": ["sliding_attention"]}, "layer_types=.* must be 3 times full"),
    (QWEN_WINDOW | {"layer_types": ["chunked_attention"] * 3}, "layer_types=.* must be 3 times"),
    (QWEN_WINDOW | {"layer_types": "full_attention"}, "layer_types='full_att.* must be 3 times"),
    (SMOLLM3 | {"layer_types": ["sliding_attention"] * 3}, "layer_types=.* no sliding_window"),
    (SMOLLM3 | {"no_rope_layers": [1, 0]}, r"no_rope_layers=\[1, 0\] must be 3 times 0 or 1"),
    (SMOLLM3 | {"no_rope_layers": [1, 0, 2]}, "no_rope_layers=.* must be 3 times 0 or 1"),
    (SMOLLM3 | {"no_rope_layers": 1}, "no_rope_layers=1 must be 3 times 0 or 1"),
    (SMOLLM3 | {"no_rope_layer_interval": 0}, "no_rope_layer_interval=0 must be from 1"),
    # numbers
    ({"vocab_size": ...}, "lacks vocab_size"),
    ({"vocab_size": None}, "lacks vocab_size"),
    ({"hidden_size": "40"}, "hidden_size='40' must be a whole number"),
    ({"hidden_size": 40.0}, "hidden_size=40.0 must be a whole number"),
    ({"num_hidden_layers": True}, "num_hidden_layers=True must be a whole number"),
    ({"num_hidden_layers": -1}, "num_hidden_layers=-1 must be from 1 to 16777216"),
    ({"num_attention_heads": 0}, "num_attention_heads=0 must be from 1"),
    ({"max_position_embeddings": 1 << 40}, "max_position_embeddings=1099511627776 must be from 1"),
    ({"intermediate_size": HUGE}, "intermediate_size=1000.* must be from 1"),
    ({"rms_norm_eps": [1]}, r"rms_norm_eps=\[1\] must be a number"),
    ({"rms_norm_eps": -1e-5}, "rms_norm_eps=-1e-05 must be above 0"),
    ({"num_key_value_heads": 3}, "num_key_value_heads=3 must divide num_attention_heads=4"),
    ({"head_dim": 11}, "head_dim=11 must be even"),
    ({"head_dim": ..., "hidden_size": 42}, "hidden_size=42 must be a multiple of num_attention_h"),
]


@pytest.mark.parametrize(("changes", "message"), REFUSED, ids=[words for _, words in REFUSED])
def test_what_makes_no_model_is_refused_with_file_key_and_value(
    read: Read, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=rf"config\.json: .*{message}") as refused:
        read(**changes)
    assert len(str(refused.value)) < 400


NONSENSE = [None, True, -1, 0, 0.5, HUGE, -HUGE, float("nan"), float("-inf"), "", "x", [], {}]
NONSENSE += [
    [[]],
    {"a": 1},
    ["full_attention"],
    {"rope_type": {}},
    {"type": "linear", "factor": []},
]


@pytest.mark.parametrize("kind", FAMILIES)
def test_nonsense_under_any_key_is_a_value_error_that_names_the_key(read: Read, kind: str) -> None:
    read_by_some = {key for family in FAMILIES.values() for key in family.optional}
    for key in {*hf_config(CONFIG), *read_by_some, *ONLY, "architectures", "rope_scaling"}:
        for value in NONSENSE:
            try:
                read(**{"architectures": ..., "model_type": kind, key: value})
            except ValueError as error:
                assert key in str(error), value


@pytest.mark.parametrize("kind", FAMILIES)
@pytest.mark.parametrize("key", ONLY)
def test_what_every_architecture_reads_may_only_ask_for_what_is_computed(
    read: Read, kind: str, key: str
) -> None:
    family = {"model_type": kind, "architectures": ...}
    for value in ONLY[key]:
        assert read(**family, **{key: value}) == read(**family)
    for value in ("other", ["other"], {"other": 1}, False):
        with pytest.raises(ValueError, match=f"{key}=.*(other|False).* is not supported for"):
            read(**family, **{key: value})


@pytest.mark.parametrize("kind", FAMILIES)
def test_a_key_that_the_architecture_does_not_read_means_nothing(read: Read, kind: str) -> None:
    read_by_some = {key for family in FAMILIES.values() for key in family.optional}
    experts = {"num_experts", "num_local_experts", "n_routed_experts", "num_experts_per_tok"}
    family = {"model_type": kind, "architectures": ...}
    for key in (read_by_some | experts) - set(FAMILIES[kind].optional):
        for value in (*NONSENSE, 1, 8, ["sliding_attention"] * 3, [1, 0, 1]):
            assert read(**family, **{key: value}) == read(**family), (key, value)


@pytest.mark.parametrize(
    "architectures",
    [
        ["LlamaForCausalLM", "MistralForCausalLM"],
        ["MistralForCausalLM", "LlamaForCausalLM"],
        ["LlamaForCausalLM"] * 2,
        ["LlamaModel", "Other"],
        "LlamaForCausalLM",
        [],
        None,
    ],
    ids=str,
)
def test_beside_a_model_type_architectures_may_list_others_too(
    read: Read, architectures: object, caplog: pytest.LogCaptureFixture
) -> None:
    assert read(architectures=architectures) == read()
    assert not caplog.text


@pytest.mark.parametrize("architectures", [["LLaMAForCausalLM"], ["PhiForCausalLM"], 7], ids=str)
def test_model_type_decides_what_is_read_and_the_log_says_where_architectures_differ(
    read: Read, architectures: object, caplog: pytest.LogCaptureFixture
) -> None:
    assert read(architectures=architectures) == read()
    assert f"architectures={architectures}, but model_type='llama': it is read as a Llama" in (
        caplog.text
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "is missing"),
        ("{", "not valid JSON"),
        ("[]", "JSON object"),
        ("[" * 100_000, "not valid JSON"),
        ('{"model_type": "\udcff"}', "not valid JSON"),
    ],
    ids=["absent", "cut", "list", "deep", "bytes"],
)
def test_a_config_that_cannot_be_read_is_refused(tmp_path: Path, text, message) -> None:
    if text is not None:
        (tmp_path / "config.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ValueError, match=f"config.json .*{message}"):
        read_config(tmp_path)
