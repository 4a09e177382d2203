"""One block of bytes for one figure: a JSON header, then its arrays.

Streamlit hands `bytes` to the browser untouched, as a Uint8Array, and typed arrays can look
straight into it when each begins at a multiple of its item size. kvfront/shared/pack.js reads it
back.

Layout, little-endian:

    uint32  length of the header in bytes (padding included)
    uint32  0
    header  UTF-8 JSON {"meta": ..., "arrays": [{"name", "dtype", "shape", "offset"}]},
            padded with spaces to a multiple of 8
    arrays  each at a multiple of 8; `offset` counts from the end of the header
"""

import json
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

_DTYPES = {"float32": "<f4", "int32": "<i4", "uint8": "u1"}


def pack(meta: Mapping[str, Any], **arrays: NDArray[Any]) -> bytes:
    """Pack a figure's description and its arrays into one block of bytes.

    `meta` must be JSON without NaN. Booleans travel as uint8; other dtypes than float32, int32,
    uint8 and bool raise ValueError, so that nobody sends float64 without meaning to.
    """
    table = []
    body = bytearray()
    for name, array in arrays.items():
        sent = array.astype(np.uint8) if array.dtype == np.bool_ else array
        if sent.dtype.name not in _DTYPES:
            raise ValueError(
                f"array {name!r} is {array.dtype}; only {', '.join(_DTYPES)} and bool travel: "
                f"convert it, say with .astype(np.float32)"
            )
        body.extend(bytes(-len(body) % 8))
        table.append(
            {
                "name": name,
                "dtype": sent.dtype.name,
                "shape": list(sent.shape),
                "offset": len(body),
            }
        )
        body.extend(np.ascontiguousarray(sent, dtype=_DTYPES[sent.dtype.name]).tobytes())
    header = json.dumps(
        {"meta": meta, "arrays": table},
        ensure_ascii=False,
        allow_nan=False,
        separators=(",", ":"),
    ).encode()
    header += b" " * (-len(header) % 8)
    return struct.pack("<II", len(header), 0) + header + bytes(body)


def unpack(block: bytes) -> tuple[Any, dict[str, NDArray[Any]]]:
    """Read a block back: (meta, arrays by name). The Python twin of kvfront/shared/pack.js."""
    size, _ = struct.unpack_from("<II", block)
    header = json.loads(block[8 : 8 + size])
    arrays = {}
    for entry in header["arrays"]:
        shape = tuple(entry["shape"])
        flat = np.frombuffer(
            block,
            dtype=_DTYPES[entry["dtype"]],
            count=int(np.prod(shape)),
            offset=8 + size + entry["offset"],
        )
        arrays[entry["name"]] = flat.reshape(shape)
    return header["meta"], arrays
