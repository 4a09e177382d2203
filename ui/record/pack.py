"""One block of bytes: a JSON header, then its arrays. kvfront/record/FORMAT.md says how.

Streamlit hands `bytes` to the browser untouched, as a Uint8Array; kvfront/record/pack.js reads it
back.
"""

import json
import math
import struct
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

_DTYPES = {"float32": "<f4", "int32": "<i4", "uint8": "u1"}


def pack(
    meta: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], *, short: Collection[str] = ()
) -> bytes:
    """Pack a description and its arrays into one block of bytes.

    `meta` must be JSON without NaN. Booleans travel as uint8, the float32 arrays named in `short`
    as float24; other dtypes than float32, int32, uint8 and bool raise ValueError, so that nobody
    sends float64 without meaning to.
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
                "dtype": "float24" if name in short else sent.dtype.name,
                "shape": list(sent.shape),
                "offset": len(body),
            }
        )
        whole = np.ascontiguousarray(sent, dtype=_DTYPES[sent.dtype.name])
        body.extend((_planes(whole) if name in short else whole).tobytes())
    header = json.dumps(
        {"meta": meta, "arrays": table},
        ensure_ascii=False,
        allow_nan=False,
        separators=(",", ":"),
    ).encode()
    header += b" " * (-len(header) % 8)
    return struct.pack("<II", len(header), 0) + header + bytes(body)


def unpack(block: bytes) -> tuple[Any, dict[str, NDArray[Any]]]:
    """Read a block back: (meta, arrays by name)."""
    size, _ = struct.unpack_from("<II", block)
    header = json.loads(block[8 : 8 + size])
    arrays = {}
    for entry in header["arrays"]:
        shape = tuple(entry["shape"])
        count, start = math.prod(shape), 8 + size + entry["offset"]
        if entry["dtype"] == "float24":
            flat = _floats(np.frombuffer(block, np.uint8, 3 * count, start))
        else:
            flat = np.frombuffer(block, _DTYPES[entry["dtype"]], count, start)
        arrays[entry["name"]] = flat.reshape(shape)
    return header["meta"], arrays


def _planes(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    """float32 without the last of its four bytes, rounded: (3, n), the highest bytes first."""
    bits = values.ravel().view(np.uint32).astype(np.uint64)
    short = (bits + 0x80) >> 8
    return np.stack([(short >> shift & 0xFF).astype(np.uint8) for shift in (16, 8, 0)])


def _floats(planes: NDArray[np.uint8]) -> NDArray[np.float32]:
    high, middle, low = planes.reshape(3, -1).astype(np.uint32)
    return (high << 24 | middle << 16 | low << 8).view(np.float32)
