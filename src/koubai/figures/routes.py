"""Where the paths of the chain rule run in the diagram of a network: its units and the lines.

All lengths are in inches, as in `figures/columns.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from koubai.figures.columns import MOST_UNITS, ROUND, Column
from koubai.gradients.paths import ChainPath, Explanation

FEW = 4  # columns, between which there is room for names
_LEAST_ROWS = 5
_ROW, _INPUT_ROW = 0.78, 0.42  # inches from one unit to the next
_GAPS = {True: 2.5, False: 1.75}  # … from one column to the next, of few columns and of many

Point = tuple[float, float]


def chain_columns(explanation: Explanation, paths: Sequence[ChainPath]) -> list[Column]:
    """A column for each layer; of a large one with the units that the paths pass."""
    sizes = explanation.network.sizes
    passed: list[set[int]] = [set() for _ in sizes]
    for path in paths:
        for layer, unit in path.units:
            passed[layer - 1].add(unit - 1)
    if explanation.i is not None:
        passed[explanation.layer - 2].add(explanation.i - 1)
    gap = _GAPS[len(sizes) <= FEW]
    return [
        _column(index, _shown(size, passed[index]), index * gap) for index, size in enumerate(sizes)
    ]


def _shown(size: int, passed: set[int]) -> tuple[int, ...]:
    """All units of a small layer; else those passed, and first and last ones to fill up."""
    if size <= MOST_UNITS:
        return tuple(range(size))
    ends = [end for pair in zip(range(size), reversed(range(size)), strict=True) for end in pair]
    fill = [unit for unit in ends if unit not in passed][: max(2, _LEAST_ROWS - len(passed))]
    return tuple(sorted({*passed, *fill}))


def _column(index: int, units: tuple[int, ...], x: float) -> Column:
    rows = len(units)
    whole = units == tuple(range(rows))  # without dots
    row = _INPUT_ROW if index == 0 and whole else _ROW
    heights = row * (np.arange(rows)[::-1] - (rows - 1) / 2)
    return Column(index + 1, units, x, heights, None)


def height_of(column: Column, unit: int) -> float:
    """The height at which a unit, counted from 0, stands."""
    return float(column.y[column.units.index(unit)])


def route(path: ChainPath, columns: Sequence[Column], cost: Point) -> list[list[Point]]:
    """The lines that a path takes, from its first unit up to the cost."""
    stations = [(columns[layer - 1], unit - 1) for layer, unit in path.units]
    lines = [line_between(below, p, column, q) for (below, p), (column, q) in pairwise(stations)]
    last, unit = stations[-1]
    return [*lines, [(last.x + last.half, height_of(last, unit)), (cost[0] - ROUND, cost[1])]]


def line_between(below: Column, p: int, column: Column, q: int) -> list[Point]:
    """The connection from a unit to one of the layer above, both counted from 0."""
    return [
        (below.x + below.half, height_of(below, p)),
        (column.x - column.half, height_of(column, q)),
    ]


def weight_line(explanation: Explanation, columns: Sequence[Column]) -> list[Point]:
    """The weight's own line; that of a bias comes from below on the left."""
    column = columns[explanation.layer - 1]
    if explanation.i is None:
        y = height_of(column, explanation.j - 1)
        return [(column.x - column.half - 0.3, y - 0.3), (column.x - 0.85 * column.half, y - 0.12)]
    below = columns[explanation.layer - 2]
    return line_between(below, explanation.i - 1, column, explanation.j - 1)
