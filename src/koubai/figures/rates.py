"""The same descent with several learning rates, from too small to beyond all bounds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, cast

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from koubai.descent.path import Path
from koubai.descent.rates import LearningRates
from koubai.descent.window import window_of
from koubai.errors import ShapeError
from koubai.figures.contours import (
    draw_map,
    draw_minima,
    draw_path,
    draw_starts,
)
from koubai.figures.style import StyledFigure, in_style
from koubai.figures.subject import variables
from koubai.figures.values import loss_against_step
from koubai.figures.words import number, word
from koubai.functions.arguments import expect
from koubai.objectives.grid import Grid, Window, grid

# What stands above the map of each verdict.
RATE_VERDICTS = {
    "diverges": "rate_diverges",
    "swings": "rate_swings",
    "slow": "rate_slow",
    "good": "rate_good",
}
# Maps so many times as high as wide stand four side by side.
_NARROW = 1.4
_WIDTH = 7.5  # inches
_DPI = 120  # several maps would take much space


@in_style()
def learning_rates(
    rates: LearningRates, window: Window | None = None, axes: Sequence[Axes] | None = None
) -> tuple[Axes, ...]:
    """Draws descents with several learning rates: a map for each, and their values by step below.

    The title has the stable bound 2/λ_max, each map its learning rate and what became of it. In
    other than two variables there are only the values.

    rates: see `kb.compare_learning_rates`. window: as in `contours`; without it one round the
    paths that stay, however small beside that of a surface. axes: one for each panel, the values
    last; without them a new figure is made. Returns the axes. Raises ShapeError when there are
    not as many as panels.
    """
    expect(rates, LearningRates, "rates", "what kb.compare_learning_rates found")
    heights = _heights(rates, window)
    panels = 1 if heights is None else len(rates.paths) + 1
    axes = list(axes) if axes is not None else _new_axes(panels - 1, heights, _title(rates))
    if len(axes) != panels:
        raise ShapeError(f"axes has {len(axes)} axes, but there are {panels} panels")
    if heights is not None:
        for index, ax in enumerate(axes[:-1]):
            _draw_map(rates, index, heights, ax)
    loss_against_step({_name(path): path for path in rates.paths}, axes[-1])
    return tuple(axes)


def _heights(rates: LearningRates, window: Window | None) -> Grid | None:
    if rates.objective.start.size != 2:
        return None
    staying = [path for path in rates.paths if path.first_bad_step is None]
    return grid(rates.objective, window or window_of(staying or rates.paths), size=201)


def _new_axes(maps: int, heights: Grid | None, title: str) -> list[Axes]:
    """Maps above, the values below: each part of the figure with margins of its own."""
    columns = _columns(heights)
    rows = math.ceil(maps / columns)
    tall = min(max(_shape(heights), 0.4), 1.6) * 0.8 * _WIDTH / columns + 0.8
    figure: Figure = StyledFigure(figsize=(_WIDTH, rows * tall + 3.2), dpi=_DPI)
    figure.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight="bold")
    if not maps:
        return [figure.add_subplot()]
    above, below = cast(Any, figure.subfigures(2, 1, height_ratios=[rows * tall, 2.8]))
    axes = above.subplots(rows, columns, squeeze=False).ravel()
    for ax in axes[maps:]:
        ax.set_axis_off()
    return [*axes[:maps], below.add_subplot()]


def _columns(heights: Grid | None) -> int:
    """Two maps side by side, or four that are narrow and high."""
    return 4 if _shape(heights) > _NARROW else 2


def _shape(heights: Grid | None) -> float:
    (left, right), (bottom, top) = heights.window if heights else ((0, 1), (0, 1))
    return (top - bottom) / (right - left)


def _title(rates: LearningRates) -> str:
    bound = rates.stable_learning_rate
    return word("no_bound") if bound is None else word("stable_below", bound=number(bound))


def _name(path: Path) -> str:
    return f"η = {number(cast(float, path.learning_rate))}"


def _draw_map(rates: LearningRates, index: int, heights: Grid, ax: Axes) -> None:
    path = rates.paths[index]
    draw_map(heights, ax, values=False)
    draw_minima(rates.objective, heights.window, ax)
    draw_path(path, index, heights.window, ax)
    draw_starts([path], ax)
    names = variables(rates.objective)
    ax.set_xlabel(names[0])
    ax.set_ylabel(names[1], rotation=0, labelpad=8, va="center")
    between = ":\n" if _columns(heights) == 4 else ": "
    ax.set_title(_name(path) + between + word(RATE_VERDICTS[rates.verdicts[index]]), fontsize=9)
