"""A Llama decoder in plain numpy loops, float64, that shares no code with kvcore: no cache, no mask
tensor, no stacked matrices, one token and one head at a time."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np


@dataclass
class OracleLayer:
    """n tokens; a hidden key has weight 0. k and q are after RoPE."""

    q: np.ndarray  # (H, n, D)
    k: np.ndarray  # (Hkv, n, D)
    v: np.ndarray  # (Hkv, n, D)
    scores: np.ndarray  # (H, n, n)
    mask: np.ndarray  # (n, n)
    weights: np.ndarray  # (H, n, n)
    z: np.ndarray  # (H, n, D)


def run(
    tensors: dict[str, np.ndarray],
    ids: list[int],
    *,
    n_layers: int,
    n_heads: int,
    n_kv_heads: int,
    head_dim: int,
    theta: float,
    eps: float,
    causal: bool = True,
    window: int | None = None,
    n_sink: int = 0,
    layer_windows: Sequence[int | None] = (),
    wrong: Callable[[OracleLayer], None] | None = None,
) -> tuple[np.ndarray, list[OracleLayer]]:
    """Logits (n, V) and what each layer's attention computed. `tensors`: Hugging Face's names.

    `wrong` may write in each layer's k, v and mask before attention reads them.
    `layer_windows` are what each layer sees at most, whatever `window` asks for.
    """

    def sees(t: int, s: int, own: int | None) -> bool:
        if not causal:
            return True
        sizes = [size for size in (window, own) if size is not None]
        latest = range(t + 1 - min(sizes), t + 1) if sizes else range(t + 1)
        return s in latest or (s < n_sink and s <= t)

    w = {name: tensor.astype(np.float64) for name, tensor in tensors.items()}
    xs = [w["model.embed_tokens.weight"][token] for token in ids]
    layers = []
    for i in range(n_layers):
        p = f"model.layers.{i}."
        normed = [rms_norm(x, w[p + "input_layernorm.weight"], eps) for x in xs]
        layer = attention(
            normed,
            *(w[f"{p}self_attn.{name}_proj.weight"] for name in "qkv"),
            heads=(n_heads, n_kv_heads, head_dim),
            theta=theta,
            may_see=partial(sees, own=layer_windows[i] if layer_windows else None),
            wrong=wrong,
        )
        layers.append(layer)
        for t in range(len(ids)):
            z = np.concatenate([layer.z[h, t] for h in range(n_heads)])
            x = xs[t] + w[p + "self_attn.o_proj.weight"] @ z
            inner = rms_norm(x, w[p + "post_attention_layernorm.weight"], eps)
            gate = w[p + "mlp.gate_proj.weight"] @ inner
            up = w[p + "mlp.up_proj.weight"] @ inner
            xs[t] = x + w[p + "mlp.down_proj.weight"] @ (gate / (1 + np.exp(-gate)) * up)
    head = w.get("lm_head.weight", w["model.embed_tokens.weight"])
    return np.stack([head @ rms_norm(x, w["model.norm.weight"], eps) for x in xs]), layers


def rms_norm(x: np.ndarray, weight: np.ndarray, eps: float) -> np.ndarray:
    return x / math.sqrt(sum(float(a) ** 2 for a in x) / len(x) + eps) * weight


def rope(x: np.ndarray, pos: int, theta: float) -> np.ndarray:
    """Turn the pair (x[i], x[i + D/2]) by the angle pos / theta^(2i/D)."""
    half = len(x) // 2
    turned = np.empty_like(x)
    for i in range(half):
        angle = pos / theta ** (2 * i / len(x))
        cos, sin = math.cos(angle), math.sin(angle)
        turned[i] = x[i] * cos - x[i + half] * sin
        turned[i + half] = x[i + half] * cos + x[i] * sin
    return turned


def attention(
    xs: list[np.ndarray],
    wq: np.ndarray,
    wk: np.ndarray,
    wv: np.ndarray,
    *,
    heads: tuple[int, int, int],
    theta: float,
    may_see: Callable[[int, int], bool],
    wrong: Callable[[OracleLayer], None] | None,
) -> OracleLayer:
    (H, Hkv, D), n = heads, len(xs)
    layer = OracleLayer(
        q=np.zeros((H, n, D)),
        k=np.zeros((Hkv, n, D)),
        v=np.zeros((Hkv, n, D)),
        scores=np.zeros((H, n, n)),
        mask=np.zeros((n, n), dtype=bool),
        weights=np.zeros((H, n, n)),
        z=np.zeros((H, n, D)),
    )
    for pos, x in enumerate(xs):
        for h in range(H):
            layer.q[h, pos] = rope(wq[h * D : (h + 1) * D] @ x, pos, theta)
        for h in range(Hkv):
            layer.k[h, pos] = rope(wk[h * D : (h + 1) * D] @ x, pos, theta)
            layer.v[h, pos] = wv[h * D : (h + 1) * D] @ x
    for t in range(n):
        for s in range(n):
            layer.mask[t, s] = may_see(t, s)
    if wrong:
        wrong(layer)
    for h in range(H):
        # Neighbouring query heads share a kv head: with H=4 and Hkv=2, heads 0, 1 read 0 and
        # heads 2, 3 read 1.
        kv = 0
        while (kv + 1) * H <= h * Hkv:
            kv += 1
        for t in range(n):
            for s in range(n):
                dot = 0.0
                for d in range(D):
                    dot += float(layer.q[h, t, d] * layer.k[kv, s, d])
                layer.scores[h, t, s] = dot / math.sqrt(D)
            seen = np.flatnonzero(layer.mask[t])
            exps = {s: math.exp(layer.scores[h, t, s]) for s in seen}
            for s in seen:
                layer.weights[h, t, s] = exps[s] / sum(exps.values())
                layer.z[h, t] += layer.weights[h, t, s] * layer.v[kv, s]
    return layer
