from __future__ import annotations

import contextlib
import gzip
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from koubai.data import read_idx
from koubai.data.idx import decompress
from koubai.errors import DataError

CODES = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}
LETTERS = {"u1": "B", "i1": "b", "i2": "h", "i4": "i", "f4": "f", "f8": "d"}


def write_idx(array: np.ndarray) -> bytes:
    """By the format's description, with struct and no help of NumPy's byte orders."""
    kind = array.dtype.str[1:]
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, CODES[kind], array.ndim, *array.shape)
    return header + struct.pack(f">{array.size}{LETTERS[kind]}", *array.ravel().tolist())


arrays = st.sampled_from(sorted(CODES)).flatmap(
    lambda kind: hnp.arrays(
        np.dtype(kind), hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=5)
    )
)
BYTES = write_idx(np.arange(24, dtype=np.uint8).reshape(2, 3, 4))


@settings(deadline=None)
@given(array=arrays)
def test_round_trip(array: np.ndarray) -> None:
    read = read_idx(write_idx(array), "x")
    np.testing.assert_array_equal(read, array)
    assert read.dtype == array.dtype
    assert read.dtype.isnative
    assert read.flags.writeable


@settings(deadline=None)
@given(array=arrays, data=st.data())
def test_every_truncation_is_refused(array: np.ndarray, data: st.DataObject) -> None:
    content = write_idx(array)
    stop = data.draw(st.integers(0, len(content) - 1))
    with pytest.raises(DataError, match=r"^here\.idx "):
        read_idx(content[:stop], "here.idx")


@settings(deadline=None)
@given(content=st.binary(max_size=60))
def test_no_content_brings_another_error(content: bytes) -> None:
    with contextlib.suppress(DataError):
        read_idx(content, "here.idx")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not an IDX file: it begins with nothing"),
        (b"\x89PNG and so on", "is not an IDX file: it begins with 89 50 4e 47"),
        (b"\0\0\x07\x01" + bytes(4), "is not an IDX file: it begins with 00 00 07 01"),
        (BYTES[:10], "stops within its header, at byte 10"),
        (BYTES[:-1], r"is truncated: 39 bytes came .*, sizes \[2, 3, 4\], promises 40"),
        (BYTES + b"\0", "has trailing bytes: 41 bytes came .* promises 40"),
        (b"\0\0\x08\x03" + b"\xff" * 12, "is truncated"),
    ],
)
def test_damage_is_named(content: bytes, message: str) -> None:
    with pytest.raises(DataError, match=rf"here.idx {message}"):
        read_idx(content, "here.idx")


def test_gzip_is_known_by_its_content() -> None:
    assert decompress(gzip.compress(BYTES), "x") == BYTES
    assert decompress(BYTES, "x.gz") == BYTES


def test_damaged_gzip() -> None:
    whole = gzip.compress(BYTES)
    flipped = bytearray(whole)
    flipped[-5] ^= 0xFF  # in the checksum
    for content in (whole[:-9], whole[:12], bytes(flipped), whole[:10] + b"\xff" * 20):
        with pytest.raises(DataError, match=r"here.gz is a damaged gzip file"):
            decompress(content, "here.gz")
