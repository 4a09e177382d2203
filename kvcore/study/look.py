"""Look inside a step: one layer's q, k, v, scores, mask, weights and z.

A recording keeps q, k and v before RoPE, in a model that normalises q and k after that norm;
everything else is derived here by the very functions the model ran (`apply_rope`, `attend`,
`visible`, `hiding`), so a picture cannot drift from the computation.
"""

from typing import Literal

import numpy as np
import torch

from kvcore.ops.attention import attend
from kvcore.ops.masks import hiding, visible
from kvcore.ops.rope import apply_rope, frequencies, rotation
from kvcore.records.checks import check_choice, check_kind, whole
from kvcore.records.trace import LayerTrace, Recording, Step, locked

NOT_RECORDED = "this step recorded nothing: run it with capture=True"


@torch.inference_mode()
def look(step: Step, layer: int, queries: Literal["fed", "all"] = "fed") -> LayerTrace:
    """The trace of layer `layer` in `step`.

    `queries="fed"` gives a row for each token the step was fed, as the model computed it: one row
    in a decode step. `queries="all"` gives a row for every token seen, each computed from the
    stored q of its own step: the whole matrix that the run has built up.

    Raises ValueError for a step without capture, or a layer the model does not have.
    """
    recording = _recorded(step)
    whole("layer", layer, 0, step.model.n_layers - 1)
    check_choice("queries", queries, "fed", "all")
    H, Hkv = step.model.n_heads, step.model.n_kv_heads
    qkv = torch.from_numpy(recording.layer(layer))  # (S, H + 2 Hkv, D)
    k_pos = torch.arange(len(qkv))
    q_pos = k_pos[step.start :] if queries == "fed" else k_pos
    plain = layer in step.model.nope_layers
    turn = None if plain else rotation(k_pos, frequencies(step.model))
    turned = apply_rope(qkv[:, : H + Hkv], turn)
    raw, turned = qkv.transpose(0, 1), turned.transpose(0, 1)  # (heads, S, D)
    q, k, v = turned[:H, q_pos], turned[H:], raw[H + Hkv :]
    mask = visible(step.rule(layer), q_pos, k_pos)
    scores, weights, z = attend(q[None], k[None], v[None], hiding(mask))
    return LayerTrace(
        q_raw=locked(raw[:H, q_pos].numpy()),
        k_raw=locked(raw[H : H + Hkv].numpy()),
        q=locked(q.numpy()),
        k=locked(k.numpy()),
        v=locked(v.numpy()),
        q_pos=locked(q_pos.numpy()),
        k_pos=locked(k_pos.numpy()),
        scores=locked(scores[0].numpy()),
        mask=locked(mask.numpy()),
        weights=locked(weights[0].numpy()),
        z=locked(z[0].numpy()),
    )


def likeliest(step: Step, n: int) -> list[tuple[int, float]]:
    """The `n` likeliest next ids with their probability (softmax over all logits), best first."""
    check_kind("step", step, Step)
    n = whole("n", n)
    shifted = np.exp((step.logits - step.logits.max()).astype(np.float64))
    best = np.argpartition(-step.logits, min(n, len(step.logits) - 1))[:n]
    best = best[np.argsort(-step.logits[best])]
    return [(int(i), float(shifted[i] / shifted.sum())) for i in best]


def key_norms(step: Step) -> np.ndarray:
    """Length of each token's K, all kv heads together, in every layer: (L, S).

    RoPE turns a key without changing its length, so this is the length of the cached row.
    """
    recording = _recorded(step)
    H, Hkv = step.model.n_heads, step.model.n_kv_heads
    rows = [recording.layer(i)[:, H : H + Hkv] for i in range(step.model.n_layers)]
    return np.stack([np.sqrt(np.square(layer).sum((1, 2))) for layer in rows])


def _recorded(step: Step) -> Recording:
    check_kind("step", step, Step)
    if step.recording is None:
        raise ValueError(NOT_RECORDED)
    return step.recording
