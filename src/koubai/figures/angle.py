"""A step, and the contours that it leaves and arrives at."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator

from koubai.descent.path import Path
from koubai.descent.window import check_variables
from koubai.errors import SettingError
from koubai.figures import style
from koubai.figures.contours import draw_map, map_size, mark_start, name_axes
from koubai.figures.style import axes_or_new, in_style
from koubai.figures.subject import function_of, letter
from koubai.figures.words import number, word
from koubai.functions.arguments import expect, whole_number
from koubai.objectives.grid import Function, Grid, Window, grid

_Vector = Float[np.ndarray, "2"]


@in_style()
def step_and_contour(f: Function | None, path: Path, step: int = 1, ax: Axes | None = None) -> Axes:
    """Draws one step of a path, the contour it leaves and the one it arrives at, and the angles.

    The gradient at the beginning stands at a right angle on its contour; the angles between step
    and contours, in degrees, are `path.departure_angles` and `path.arrival_angles`.

    f: None for the function that the path knows. step: 1 for the first. Raises SettingError for a
    step that the path does not have, ShapeError for a path in other than two variables.
    """
    expect(path, Path, "path", "a Path, which kb.descend returns")
    check_variables(path, 2)
    whole_number("step", step, 1)
    if not 1 <= step < len(path):
        raise SettingError(f"step is {step}: give a number from 1 to {len(path) - 1}")
    points = path.points.reshape(len(path), 2).astype(np.float64)
    begin, end = points[step - 1], points[step]
    if not (np.isfinite([begin, end]).all() and np.linalg.norm(end - begin) > 0):
        raise SettingError(f"step is {step}, which leads nowhere or out of bounds: choose another")
    function = function_of(path, f)
    window = _window(begin, end)
    heights = grid(function, window, size=201)
    ax = axes_or_new(ax, *map_size(window, 0))
    draw_map(heights, ax, values=False)
    _draw_contours(heights, path.values[[step - 1, step]], ax)
    _draw_step(begin, end, ax)
    if path.gradients is not None:
        gradient = path.gradients[step - 1].ravel().astype(np.float64)
        _draw_gradient(begin, gradient, float(np.linalg.norm(end - begin)), ax)
    _write_angle(begin, path.departure_angles[step - 1], ax)
    _write_angle(end, path.arrival_angles[step - 1], ax)
    name_axes(function, ax)
    ax.xaxis.set_major_locator(MaxNLocator(4))  # of a short step the numbers are long
    ax.set_title(
        word(
            "angles",
            step=step,
            leaves=f"{path.departure_angles[step - 1]:.1f}",
            arrives=f"{path.arrival_angles[step - 1]:.1f}",
        )
    )
    _key(path, step, letter(function), ax)
    return ax


def _window(begin: _Vector, end: _Vector) -> Window:
    """A square round the step."""
    (x0, x1), half = ((begin + end) / 2).tolist(), 0.95 * float(np.linalg.norm(end - begin))
    return (x0 - half, x0 + half), (x1 - half, x1 + half)


def _draw_contours(heights: Grid, values: np.ndarray, ax: Axes) -> None:
    for value, colour, stroke in zip(values, (style.NAVY, style.GREEN), ("-", "--"), strict=True):
        known = heights.values[np.isfinite(heights.values)]
        if known.size and known.min() < value < known.max():
            ax.contour(
                heights.x0, heights.x1, np.ma.masked_invalid(heights.values.T), [float(value)],
                colors=colour, linestyles=stroke, linewidths=2, zorder=2,
            )  # fmt: skip


def _draw_step(begin: _Vector, end: _Vector, ax: Axes) -> None:
    _arrow(begin, end, style.VERMILION, "step", ax)
    mark_start(begin.tolist(), ax)


def _draw_gradient(begin: _Vector, gradient: _Vector, length: float, ax: Axes) -> None:
    norm = float(np.linalg.norm(gradient))
    if norm > 0 and np.isfinite(norm):
        _arrow(begin, begin + 0.42 * length * gradient / norm, style.PURPLE, "gradient", ax)


def _arrow(begin: _Vector, end: _Vector, colour: str, name: str, ax: Axes) -> None:
    ax.annotate(
        "", tuple(end), tuple(begin), gid=name, zorder=5,
        arrowprops={
            "arrowstyle": "-|>", "color": colour, "linewidth": 2.2, "shrinkA": 0, "shrinkB": 0,
            "mutation_scale": 16,
        },
    )  # fmt: skip


def _write_angle(point: _Vector, angle: float, ax: Axes) -> None:
    ax.annotate(
        f"{angle:.1f}°", tuple(point), xytext=(11, 0), textcoords="offset points", va="center",
        zorder=7, path_effects=[withStroke(linewidth=3, foreground="white")],
    )  # fmt: skip


def _key(path: Path, step: int, f: str, ax: Axes) -> None:
    leaves, arrives = (number(float(value)) for value in path.values[[step - 1, step]])
    key = [
        Line2D([], [], color=style.VERMILION, label=word("step_arrow")),
        Line2D([], [], color=style.PURPLE, label=word("gradient_arrow", f=f)),
        Line2D([], [], color=style.NAVY, label=word("leaves", f=f, value=leaves)),
        Line2D([], [], color=style.GREEN, linestyle="--",
               label=word("arrives", f=f, value=arrives)),
    ]  # fmt: skip
    ax.legend(
        handles=key, loc="upper center", bbox_to_anchor=(0.5, 0), borderaxespad=4.2, ncols=2,
        handlelength=1.8,
    )  # fmt: skip
