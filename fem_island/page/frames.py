"""Answers as bytes: a JSON header, and arrays of numbers behind it.

    length of the header as four bytes, little end first | header | blanks | arrays

The header's key ``arrays`` says of every array where it begins behind the blanks, which make that a
multiple of eight, and how many numbers of which kind it has. ``static/frames.js`` reads the same.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np

from fem_island.machine.arrays import Array

_ALIGNED = 8
_LENGTH = struct.Struct("<I")


def packed(header: Mapping[str, Any], arrays: Mapping[str, Array]) -> bytes:
    """A header with single-precision arrays, which are for pictures; numbers go into the header.

    Example:
        >>> frame = packed({"kind": "point"}, {"x": np.array([1.0, 2.0])})
        >>> unpacked(frame)[0]["kind"], unpacked(frame)[1]["x"].tolist()
        ('point', [1.0, 2.0])
    """
    parts, places, start = [], {}, 0
    for name, values in arrays.items():
        data = np.ascontiguousarray(values, dtype="<f4").tobytes()
        data += bytes(-len(data) % _ALIGNED)
        places[name] = [start, int(np.size(values))]
        parts.append(data)
        start += len(data)
    text = json.dumps({**header, "arrays": places}, allow_nan=False).encode()
    text += b" " * (-(len(text) + _LENGTH.size) % _ALIGNED)
    return b"".join([_LENGTH.pack(len(text)), text, *parts])


def unpacked(frame: bytes) -> tuple[dict[str, Any], dict[str, Array]]:
    """The header and the arrays of ``packed``."""
    (length,) = _LENGTH.unpack_from(frame)
    first = _LENGTH.size + length
    header = json.loads(frame[_LENGTH.size : first])
    places = header.pop("arrays")
    return header, {
        name: np.frombuffer(frame, "<f4", count, first + start).astype(np.float64)
        for name, (start, count) in places.items()
    }
