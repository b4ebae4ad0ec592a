"""Names beside the curves they belong to, rather than in a legend."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from koubai.figures.style import SHEET, inches

_LINE_HEIGHT = 1.35


@dataclass(frozen=True)
class Label:
    """A text for the right edge of a panel, at the height y in the data or as near as may be.

    y is infinite for the upper edge; NaN, where the curve is nowhere, for the middle.
    """

    text: str
    y: float
    colour: str


def label_right(ax: Axes, labels: list[Label]) -> None:
    """Writes labels to the right of the panel, moved apart where they would overlap.

    The limits and the scale of y have to be final.
    """
    size = float(SHEET["legend.fontsize"])
    lines = max((label.text.count("\n") + 1 for label in labels), default=1)
    gap = lines * _LINE_HEIGHT * size / 72 / max(inches(ax)[1], 0.1)
    heights = moved_apart([_height(ax, label.y) for label in labels], gap)
    for label, height in zip(labels, heights, strict=True):
        ax.annotate(
            label.text,
            (1.0, height),
            xycoords="axes fraction",
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            color=label.colour,
            fontsize=size,
            annotation_clip=False,
        )


def moved_apart(heights: list[float], gap: float) -> list[float]:
    """Heights in [0, 1], in the same order from top to bottom, at least `gap` from each other.

    Those too near to each other are spread about their mean.
    """
    order = sorted(range(len(heights)), key=lambda i: -heights[i])
    groups: list[list[int]] = []
    for i in order:
        groups.append([i])
        while len(groups) > 1 and _lower_end(groups[-2], heights, gap) - gap < _upper_end(
            groups[-1], heights, gap
        ):
            groups[-2:] = [groups[-2] + groups[-1]]
    moved = list(heights)
    for group in groups:
        for place, i in enumerate(group):
            moved[i] = _upper_end(group, heights, gap) - place * gap
    return moved


def _upper_end(group: list[int], heights: list[float], gap: float) -> float:
    spread = (len(group) - 1) * gap
    middle = sum(heights[i] for i in group) / len(group)
    return min(max(middle + spread / 2, spread), 1.0)


def _lower_end(group: list[int], heights: list[float], gap: float) -> float:
    return _upper_end(group, heights, gap) - (len(group) - 1) * gap


def _height(ax: Axes, y: float) -> float:
    """Where y lies between the lower (0) and the upper (1) edge of the panel."""
    if math.isnan(y):
        return 0.5
    if math.isinf(y):
        return 1.0
    low, high = ax.get_ylim()
    if ax.get_yscale() == "log":
        low, high, y = np.log(low), np.log(high), np.log(max(y, low))
    return float(np.clip((y - low) / (high - low), 0, 1))
