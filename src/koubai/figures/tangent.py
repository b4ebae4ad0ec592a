"""The derivative of a function of one variable, as the slope of its tangent."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from koubai.figures.contours import PATH_COLOURS, PATH_STROKES
from koubai.figures.curve import draw_curve, name_curve_axes
from koubai.figures.labels import Label, label_right
from koubai.figures.style import axes_or_new, in_style
from koubai.figures.words import number, word
from koubai.objectives.grid import Curve, Function, Interval, curve
from koubai.objectives.objective import Objective


@in_style()
def tangent_line(
    f: Function,
    x: float | Sequence[float],
    interval: Interval | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draws a function of one variable and its tangent at x, with the slope as a number.

        y = f(x) + f'(x) · (· − x)

    x: one point or several. interval: (lowest x, highest x); without it one round the points.
    Raises FunctionError where f is not a finite number at x.
    """
    points = [float(point) for point in np.atleast_1d(np.asarray(x, np.float64))]
    line = curve(f, interval or _interval(points))
    ax = axes_or_new(ax, 7, 4.1)
    draw_curve(line, ax)
    labels = [_draw_tangent(f, point, index, line, ax) for index, point in enumerate(points)]
    label_right(ax, labels)
    name_curve_axes(f, ax)
    ax.set_title(word("tangent" if len(points) == 1 else "tangents"))
    return ax


def _interval(points: list[float]) -> Interval:
    low, high = min(points), max(points)
    room = max(high - low, 0.5 * max(abs(low), abs(high)), 0.5)
    return low - room, high + room


def _draw_tangent(f: Function, at: float, index: int, line: Curve, ax: Axes) -> Label:
    bare = f.f if isinstance(f, Objective) else f
    shape = f.start.shape if isinstance(f, Objective) else ()
    objective = Objective(bare, np.full(shape, at))
    value, slope = (
        objective.value(np.full(shape, at)),
        float(objective.gradient(np.full(shape, at))),
    )
    y = value + slope * (line.x - at)
    colour, stroke = (
        PATH_COLOURS[index % len(PATH_COLOURS)],
        PATH_STROKES[index % len(PATH_STROKES)],
    )
    ax.plot(line.x, y, color=colour, linestyle=stroke, zorder=3, gid=f"tangent {index}")
    ax.plot(at, value, "o", color=colour, markersize=7, markeredgecolor="white", zorder=5,
            gid=f"point {index}")  # fmt: skip
    text = word("slope", x=number(at), slope=number(slope))
    return Label(text, float(np.clip(y[-1], *ax.get_ylim())), colour)
