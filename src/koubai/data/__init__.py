"""Data sets: examples and targets in two splits, from files, folders, arrays or a rule."""

from __future__ import annotations

from koubai.data.arrays import arrays
from koubai.data.bitmaps import bitmaps
from koubai.data.dataset import Column, Dataset, Source, Split
from koubai.data.digits import digits
from koubai.data.drawings import Drawing, read_drawing
from koubai.data.idx import read_idx
from koubai.data.images import images, read_image
from koubai.data.mnist import mnist
from koubai.data.numbers import read_numbers
from koubai.data.ranges import Outside, out_of_range
from koubai.data.single import single
from koubai.data.sources import from_argument, load
from koubai.data.table import read_rows, table
from koubai.data.toy import blobs, circles, line, moons, sine, spirals, xor

__all__ = [  # noqa: RUF022 (grouped by what they are for)
    # what a data set is
    "Column",
    "Dataset",
    "Source",
    "Split",
    # handwritten digits
    "bitmaps",
    "digits",
    "mnist",
    # toy problems
    "blobs",
    "circles",
    "line",
    "moons",
    "sine",
    "single",
    "spirals",
    "xor",
    # one's own
    "arrays",
    "images",
    "table",
    # again, or by name
    "from_argument",
    "load",
    # new examples to predict
    "Drawing",
    "Outside",
    "out_of_range",
    "read_drawing",
    "read_idx",
    "read_image",
    "read_numbers",
    "read_rows",
]
