"""Messages as bytes: requests are JSON text, answers JSON with their arrays behind it.

An answer is one binary frame:

    length of the JSON (4 bytes, little-endian), JSON, zeros up to a multiple of 8, arrays

An array stands in the JSON as {"type", "shape", "at"}: its numbers are little-endian, row by row,
from that place behind the JSON on, which is a multiple of 8.
"""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from koubai.play.messages import Answer, Request

_EDGE = 8
# What arrays travel as: the page has typed arrays of these.
_TYPES = {"f8": "<f8", "f4": "<f4", "i4": "<i4", "u1": "|u1"}


class Packed(msgspec.Struct, frozen=True):
    """Where an array is."""

    type: str
    shape: tuple[int, ...]
    at: int


_decoder = msgspec.json.Decoder(Request)


def decoded(text: str | bytes) -> Request:
    """A request from its text. Raises msgspec.DecodeError or ValidationError for anything else."""
    return _decoder.decode(text)


def encoded(answer: Answer) -> bytes:
    """An answer as one binary frame."""
    arrays = list[bytes]()
    size = 0

    def packed(value: Any) -> Packed:
        nonlocal size
        array = _plain(value)
        at, raw = size, array.tobytes()
        arrays.append(raw + bytes(-len(raw) % _EDGE))
        size += len(arrays[-1])
        return Packed(array.dtype.str[1:], array.shape, at)

    text = msgspec.json.encode(answer, enc_hook=packed)
    head = len(text).to_bytes(4, "little") + text
    return b"".join([head, bytes(-len(head) % _EDGE), *arrays])


def _plain(value: Any) -> np.ndarray:
    """As one of the types that travel: whole numbers in 32 bits, others as they are."""
    array = np.asarray(value)
    if array.dtype.kind in "iub" and array.dtype.str[1:] != "u1":
        array = array.astype(np.int32)
    return np.ascontiguousarray(array, _TYPES[array.dtype.str[1:]])
