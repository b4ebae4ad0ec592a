"""The IDX format: the plain array files in which MNIST and its relatives are published."""

from __future__ import annotations

import gzip
import math
import zlib

import numpy as np
from jaxtyping import Num

from koubai.errors import DataError

# The third byte of the file names the type; numbers are big-endian.
_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def read_idx(content: bytes, name: str) -> Num[np.ndarray, " *sizes"]:
    """The array in the content of an IDX file; `name` is what errors call the file.

    Bytes 0 0, one byte for the type, one for the number of dimensions d, then d sizes of four
    bytes each, then the numbers, row by row; all of it big-endian.

    Raises DataError when the file begins otherwise, stops early or goes on after its end.
    Reference: LeCun, Cortes & Burges (1998), The MNIST Database of Handwritten Digits.
    """
    dtype, dimensions = _read_magic(content, name)
    start = 4 + 4 * dimensions
    if len(content) < start:
        raise DataError(f"{name} stops within its header, at byte {len(content)}: get it again")
    sizes = [int.from_bytes(content[i : i + 4], "big") for i in range(4, start, 4)]
    expected = start + math.prod(sizes) * dtype.itemsize
    if len(content) != expected:
        fault = "is truncated" if len(content) < expected else "has trailing bytes"
        raise DataError(
            f"{name} {fault}: {len(content)} bytes came where its header, "
            f"sizes {sizes}, promises {expected}. Get it again"
        )
    array = np.frombuffer(content, dtype, offset=start).reshape(sizes)
    return array.astype(dtype.newbyteorder("="))  # a copy: the bytes themselves are read-only


def decompress(content: bytes, name: str) -> bytes:
    """The content itself, or what is in it when it is gzipped, whatever the file's name says.

    Raises DataError when the gzip is damaged.
    """
    if content[:2] != b"\x1f\x8b":
        return content
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{name} is a damaged gzip file ({error}): get it again") from error


def _read_magic(content: bytes, name: str) -> tuple[np.dtype[np.generic], int]:
    magic = content[:4]
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in _TYPES:
        raise DataError(
            f"{name} is not an IDX file: it begins with {magic.hex(' ') or 'nothing'} where "
            "00 00, a type (08 to 0e) and the number of dimensions belong. Is it another format?"
        )
    return np.dtype(_TYPES[magic[2]]), magic[3]
