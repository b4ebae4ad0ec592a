"""A function of one variable, and a path that descends it."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from koubai.descent.path import Path
from koubai.descent.window import check_variables, interval_of
from koubai.figures import style
from koubai.figures.clipping import clipped
from koubai.figures.contours import MOST_DOTS, draw_key, mark_start, path_colour, set_title
from koubai.figures.labels import Label, label_right
from koubai.figures.style import axes_or_new, in_style
from koubai.figures.subject import path_name, title
from koubai.figures.words import word
from koubai.functions.expressions import Expression
from koubai.objectives.grid import Curve, Function, Interval, curve
from koubai.objectives.objective import Objective


@in_style()
def curve_and_path(
    f: Function | Curve,
    path: Path | None = None,
    interval: Interval | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draws a function of one variable, and the points that a path goes through on it.

    A × marks the start, a dot the end. Where f is not finite the curve has a gap and the panel
    is hatched there.

    f: a function, an objective, or a Curve. interval: (lowest x, highest x); without it one
    round the path. Raises ShapeError for a path in more than one variable.
    """
    if path is not None:
        check_variables(path, 1)
    ax = axes_or_new(ax, 7, 4.1)
    draw_curve(curve_of(f, path, interval), ax)
    name_curve_axes(f, ax)
    if path is not None:
        draw_start(path, ax)
        label_right(ax, [draw_points(path, ax)])
        draw_key([path], ax)
    return ax


def curve_of(f: Function | Curve, path: Path | None, interval: Interval | None) -> Curve:
    """The curve given, or that of f over an interval round the path."""
    if isinstance(f, Curve):
        return f
    shaped = f
    if path is not None and not isinstance(f, Objective):
        shaped = Objective(f, path.points[0])
    return curve(shaped, interval or interval_of_or_unit(path))


def interval_of_or_unit(path: Path | None) -> Interval:
    """An interval round the path, or from −1 to 1 without any."""
    return (-1.0, 1.0) if path is None else interval_of(path)


def draw_curve(line: Curve, ax: Axes) -> None:
    """The curve, with gaps and hatching where it is not finite, and final limits."""
    finite = np.isfinite(line.values)
    drawn = np.where(finite, line.values, np.nan)
    ax.plot(line.x, drawn, color=style.SLATE, linewidth=2.2, zorder=2, gid="curve")
    ax.set_xlim(float(line.x[0]), float(line.x[-1]))
    if finite.any():
        low, high = float(drawn[finite].min()), float(drawn[finite].max())
        room = 0.06 * (high - low) or 1.0
        ax.set_ylim(low - room, high + room)
    if not finite.all():
        ax.fill_between(
            line.x, 0, 1, where=~finite, transform=ax.get_xaxis_transform(), facecolor="white",
            edgecolor=style.PALE, hatch="////", linewidth=0, zorder=0, gid="not finite",
        )  # fmt: skip


def draw_start(path: Path, ax: Axes) -> None:
    """A × at the start of a path on the curve."""
    mark_start((float(path.points[0].item()), float(path.values[0])), ax)


def draw_points(path: Path, ax: Axes) -> Label:
    """The points of a path on the curve, one after the other, with a dot at the end."""
    track = np.column_stack([path.points.reshape(len(path)), path.values]).astype(np.float64)
    track = track[(np.abs(track) < 1e100).all(axis=1)]
    x, y = track.T
    colour = path_colour(0)
    look: dict[str, Any] = {"marker": "o", "markersize": 4} if len(x) <= MOST_DOTS else {}
    line = clipped(track, (ax.get_xlim(), ax.get_ylim()))
    ax.plot(*line.T, color=colour, linewidth=1.1, alpha=0.9, zorder=3, gid="path 0", **look)
    low, high = ax.get_xlim()
    inside = (path.points.reshape(len(path)) >= low) & (path.points.reshape(len(path)) <= high)
    text = path_name(path)
    if path.first_bad_step is not None:
        text = word("path_diverged", name=text, step=path.first_bad_step)
    if not inside.all():
        text = word("path_leaves", name=text, step=int(path.iterations[np.argmin(inside)]))
    if path.first_bad_step is not None or not inside.all():
        return Label(text, ax.get_ylim()[1], colour)
    ax.plot(
        x[-1], y[-1], "o", color=colour, markersize=7, markeredgecolor="white", zorder=5,
        gid="end 0",
    )  # fmt: skip
    return Label(text, float(y[-1]), colour)


def name_curve_axes(f: object, ax: Axes) -> None:
    """The names of the variable and of the height, and the formula above where it is known."""
    names = f.names if isinstance(f, Objective) else ()
    (name,) = names or ("x",)
    ax.set_xlabel(f"${name}$")
    ax.set_ylabel("$f$", rotation=0, labelpad=10, va="center")
    known = isinstance(f.f if isinstance(f, Objective) else f, Expression)
    set_title(title(f) if known else word("height", x=name), ax)
