"""K and V in 8 or 4 bits, the newest tokens in full precision."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from kvcore.cache.base import KVCache, KVView, slots_in_order
from kvcore.cache.enrol import makes
from kvcore.ops.quantize import Codes, dequantize, quantize
from kvcore.records.cache_specs import Quantized
from kvcore.records.config import ModelConfig, Visibility
from kvcore.records.trace import LayerSnapshot, QuantizedSnapshot


class QuantizedCache(KVCache):
    """Is fed in pieces that end where a group of tokens becomes codes."""

    def __init__(self, layers: Sequence[QuantizedLayer], spec: Quantized) -> None:
        super().__init__(layers)
        self.spec = spec

    def at_once(self, n: int) -> int:
        return min(n, self.spec.until_next_group(self.seq_len))

    def views(self) -> list[KVView]:
        return [layer.view() for layer in self.layers if isinstance(layer, QuantizedLayer)]


class QuantizedLayer:
    """The scheme of KIVI (Liu et al. 2024, arXiv 2402.02750), a group of tokens at a time.

    The newest `residual` tokens, up to a group more, are kept as they are. The older ones are
    codes: K with a scale for each channel of a group, because a few channels of K are large in
    every token; V with a scale for each token, so that an error stays in the token it belongs to.
    (KIVI lets V leave the residual one token at a time; here both leave together.)

    What a query sees in codes follows from its position alone. So that this holds for every query
    of an update, an update may not cross the position at which the next group becomes codes.
    """

    def __init__(self, spec: Quantized, pos: Tensor) -> None:
        self.spec = spec
        self.pos = pos  # (max_seq_len,)
        self.n_seen = 0
        self.n_coded = 0  # tokens whose K and V are codes
        # K and V, oldest tokens first: codes of (B, Hkv, groups, group, D), then (B, Hkv, rest, D)
        self.coded: tuple[Codes, Codes] | None = None
        self.rest: tuple[Tensor, Tensor] | None = None
        self.errors: list[tuple[Tensor, Tensor]] = []  # largest and mean, of each coded group

    def update(self, k: Tensor, v: Tensor, pos: Tensor) -> KVView:
        n, room = k.shape[2], self.spec.until_next_group(self.n_seen)
        if n > room:
            raise ValueError(f"{n} tokens cross the next group: feed at most {room} at once")
        end = self.n_seen + n
        if end > len(self.pos):
            raise ValueError(
                f"{end} tokens do not fit max_seq_len={len(self.pos)}: feed fewer tokens"
            )
        new: tuple[Tensor, Tensor] = (k, v)
        if self.rest is not None:
            new = (torch.cat((self.rest[0], k), 2), torch.cat((self.rest[1], v), 2))
        self.n_seen = end
        due = self.spec.n_coded(end) - self.n_coded
        if due:
            self._code(new[0][:, :, :due], new[1][:, :, :due])
            new = (new[0][:, :, due:].clone(), new[1][:, :, due:].clone())
        self.rest = new
        return self.view()

    def view(self) -> KVView:
        """Keys and values that attention reads: codes are dequantized."""
        assert self.rest is not None, "nothing has been fed"
        pos = self.pos[: self.n_seen]
        if self.coded is None:
            return KVView(*self.rest, pos)
        old = (dequantize(part, self.spec.bits).flatten(2, 3) for part in self.coded)
        k, v = (torch.cat((a, b), 2) for a, b in zip(old, self.rest, strict=True))
        return KVView(k, v, pos)  # (B, Hkv, S, D)

    def crop(self, n: int) -> None:
        if n and self.spec.n_coded(n + 1) < self.n_coded:
            raise ValueError(
                f"crop({n}): the {self.n_coded} oldest tokens are codes, but the token at {n} may "
                f"see only {self.spec.n_coded(n + 1)} of them so: crop(0) and feed the text again"
            )
        self.n_seen = n
        if not n:
            self.n_coded, self.coded, self.rest, self.errors = 0, None, None, []
        elif self.rest is not None:
            k, v = self.rest
            self.rest = (k[:, :, : n - self.n_coded], v[:, :, : n - self.n_coded])

    def snapshot(self) -> LayerSnapshot:
        held = sum(part.nbytes for part in self.coded or ())
        if self.rest is not None:
            held += sum(part.numel() * part.element_size() for part in self.rest)
        largest, mean = zip(*self.errors, strict=True) if self.errors else ((), ())
        return QuantizedSnapshot(
            n_seen=self.n_seen,
            held_bytes=held,
            allocated_bytes=held,
            slot_pos=slots_in_order(self.n_seen, self.n_seen),
            n_coded=self.n_coded,
            max_error=float(torch.stack(largest).max()) if largest else 0.0,
            mean_error=float(torch.stack(mean).mean()) if mean else 0.0,
        )

    def _code(self, k: Tensor, v: Tensor) -> None:
        """Quantize whole groups of the oldest tokens that are left: (B, Hkv, n, D)."""
        bits = self.spec.bits
        coded = []
        for x, dim in ((k, -2 if self.spec.keys == "channel" else -1), (v, -1)):
            B, Hkv, n, D = x.shape
            groups = x.reshape(B, Hkv, n // self.spec.group, self.spec.group, D)
            codes = quantize(groups, bits, dim)
            error = (dequantize(codes, bits) - groups).abs()
            self.errors.append((error.max(), error.mean()))
            coded.append(codes)
        if self.coded is not None:
            coded = [
                Codes(*(torch.cat(parts, 2) for parts in zip(old, new, strict=True)))
                for old, new in zip(self.coded, coded, strict=True)
            ]
        self.coded = (coded[0], coded[1])
        self.n_coded += k.shape[2]


@makes(Quantized)
def quantized_cache(spec: Quantized, model: ModelConfig, rule: Visibility) -> KVCache:
    """Layers whose older tokens become codes, fed no further than the next group at once."""
    positions = torch.arange(model.max_seq_len)
    layers = [QuantizedLayer(spec, positions) for _ in range(model.n_layers)]
    return QuantizedCache(layers, spec)
