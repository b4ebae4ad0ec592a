"""Where the units of a network stand in its diagram: one column for each layer.

All lengths are in inches, as they are in a figure of the diagram's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

ROUND = 0.17  # half of the height of a unit
_WIDE = 0.46  # half of the width of a unit that has z beside a
MOST_UNITS = 12  # of a layer with more only so many first and last ones are drawn
_FIRST, _LAST = 3, 2
_INPUT_ROW, _ROW, _WIDEST_ROW = 0.42, 0.66, 1.35  # from one unit to the next
_WIDTH = 8.0  # of the diagram, from the first column to the last, where there is a choice
_GAPS = 1.9, 3.0  # the least and the most from one column to the next
_LOWEST = 2.0  # of the tallest column
_HEADING = 1.1


@dataclass(frozen=True, eq=False)
class Column:
    """One layer in the diagram: which of its units are drawn, counted from 0, and where."""

    layer: int  # 1 for the input layer
    units: tuple[int, ...]
    x: float
    y: Float[np.ndarray, " drawn"]
    dots: float | None  # the height of the dots that stand for the units left out

    @property
    def index(self) -> int:
        """The place of the layer among the sizes of the network."""
        return self.layer - 1

    @property
    def half(self) -> float:
        """Half of the width of a unit; those of the input layer are circles."""
        return ROUND if self.layer == 1 else _WIDE


def columns_of(sizes: Sequence[int]) -> list[Column]:
    """The columns of a network of those sizes, from left to right, centred about the height 0."""
    gap = float(np.clip(_WIDTH / (len(sizes) - 1), *_GAPS))
    tallest = max(_LOWEST, *(_least_height(index, size) for index, size in enumerate(sizes)))
    return [_column(index, size, index * gap, tallest) for index, size in enumerate(sizes)]


def extent(
    columns: Sequence[Column], room_below: float
) -> tuple[tuple[float, float], tuple[float, float]]:
    """The left and right, and the lower and upper edge of the diagram."""
    highest = max(float(column.y[0]) for column in columns)
    return (
        (columns[0].x - 0.75, columns[-1].x + 0.75),
        (-highest - room_below, highest + _HEADING),
    )


def _rows(size: int) -> int:
    """How many places a column has: one for each unit that is drawn, and one for the dots."""
    return size if size <= MOST_UNITS else _FIRST + 1 + _LAST


def _least_height(index: int, size: int) -> float:
    return (_rows(size) - 1) * (_ROW if index else _INPUT_ROW)


def _column(index: int, size: int, x: float, tallest: float) -> Column:
    rows = _rows(size)
    least = _ROW if index else _INPUT_ROW
    row = min(max(tallest / rows, least), _WIDEST_ROW)
    heights = row * (np.arange(rows)[::-1] - (rows - 1) / 2)
    if rows == size:
        return Column(index + 1, tuple(range(size)), x, heights, None)
    units = (*range(_FIRST), *range(size - _LAST, size))
    return Column(index + 1, units, x, np.delete(heights, _FIRST), float(heights[_FIRST]))
