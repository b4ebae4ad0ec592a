"""Sixty-four tiny pictures of 0 and 1: the smallest image recognition there is."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from jaxtyping import UInt8

from koubai.data.checks import PathLike
from koubai.data.dataset import Argument, Dataset, Source, Split
from koubai.data.rows import Rows, read_csv
from koubai.errors import DataError

_RINGS = (
    "###  #.#  #.#  ###",
    ".#.  #.#  #.#  .#.",
    "###  #.#  ###  ...",
    "...  ###  #.#  ###",
)
_STROKES = tuple(
    "  ".join(pixels if top <= row < bottom else "..." for row in range(4))
    for top, bottom in ((0, 4), (0, 3), (1, 4))
    for pixels in ("#..", ".#.", "..#")
)
# Filling the one-pixel hole of a small ring leaves a block that nobody would read as a 0.
_BLOCKS = ("###  ###  ###  ...", "...  ###  ###  ###")

_TRAIN, _TEST = 32, 8  # of each class

_Images = UInt8[np.ndarray, "examples 12"]


def bitmaps(file: PathLike | None = None) -> Dataset:
    """64 binary images of 4 rows × 3 columns in two classes, "0" and "1", 32 of each.

    Drawn by a rule: a ring is a 0 and a vertical stroke is a 1, large, small or shifted, as it
    is or with one pixel missing or added. They are in the style of the 64 images of 涌井・涌井
    『ディープラーニングがわかる数学入門』, and are NOT the book's. The test data are 16 further
    images of the same rule, none of them among the 64.

    file: a CSV with the book's own images, typed in: a header, then 12 columns of pixels, row
    by row from the top, each 0 or 1, and one column with the class. All its rows train, and
    since there are no more, the same rows are the test data.

    Shapes: 12 inputs, image_shape (4, 3), uint8 0 or 1; x = pixel.
    Raises DataError when the file cannot be read so; it names line and column.
    """
    if file is not None:
        return _from_file(file)
    train, test = _drawn()
    return _dataset(train, test, ("0", "1"), {})


def _dataset(
    train: Split, test: Split, classes: tuple[str, ...], arguments: dict[str, Argument]
) -> Dataset:
    return Dataset(
        "bitmaps", train, test, classes, Source("bitmaps", arguments), image_shape=(4, 3)
    )


def _drawn() -> tuple[Split, Split]:
    zeros = _in_order(_variations(_RINGS, without=_BLOCKS))
    ones = _in_order(_variations(_STROKES))
    parts = (slice(0, _TRAIN), slice(_TRAIN, _TRAIN + _TEST))
    train, test = (_interleaved(zeros[part], ones[part]) for part in parts)
    return train, test


def _variations(drawings: Iterable[str], without: Iterable[str] = ()) -> _Images:
    """Every drawing, and every drawing with one pixel flipped; no image twice."""
    images = np.stack([_pixels(drawing) for drawing in drawings])
    flips = (images[:, None] ^ np.eye(12, dtype=np.uint8)).reshape(-1, 12)
    every = np.unique(np.concatenate([images, flips]), axis=0)
    blocks = {_pixels(drawing).tobytes() for drawing in without}
    return every[[image.tobytes() not in blocks for image in every]]


def _pixels(drawing: str) -> UInt8[np.ndarray, " 12"]:
    return np.array([pixel == "#" for pixel in drawing.replace(" ", "")], dtype=np.uint8)


def _in_order(images: _Images) -> _Images:
    """A fixed order that spreads every kind of image over training and test data."""
    return images[np.random.default_rng(0).permutation(len(images))]


def _interleaved(zeros: _Images, ones: _Images) -> Split:
    stored = np.stack([zeros, ones], axis=1).reshape(-1, 12)
    return Split(stored, np.arange(len(stored), dtype=np.int32) % 2)


def _from_file(file: PathLike) -> Dataset:
    rows = read_csv(file)
    if len(rows.header) != 13:
        raise DataError(
            f"{rows.path} has {len(rows.header)} columns: bitmaps take 12 columns of pixels, "
            "0 or 1, and then one column with the class"
        )
    stored = np.array(
        [[_pixel(rows, row, column) for column in range(12)] for row in range(len(rows))],
        dtype=np.uint8,
    )
    rows.refuse_missing(rows.header[12:])
    classes, labels = np.unique(rows.column(rows.header[12]), return_inverse=True)
    if len(classes) < 2:
        raise DataError(f"{rows.path} holds one class only, {classes[0]!s}: add images of another")
    split = Split(stored, labels.astype(np.int32))
    return _dataset(split, split, tuple(str(c) for c in classes), {"file": str(rows.path)})


def _pixel(rows: Rows, row: int, column: int) -> int:
    text = rows.cells[row][column]
    if text not in ("0", "1"):
        where = rows.where(row, rows.header[column])
        raise DataError(f"{where}: {text!r} is not a pixel: write 0 or 1")
    return int(text)
