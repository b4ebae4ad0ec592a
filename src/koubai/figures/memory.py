"""What an optimiser keeps in mind on the way: its inner quantities, step by step."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes

from koubai.descent.path import Path
from koubai.errors import SettingError, ShapeError
from koubai.figures import style
from koubai.figures.contours import PATH_STROKES, path_colour
from koubai.figures.labels import Label, label_right
from koubai.figures.style import StyledFigure, in_style
from koubai.figures.subject import Paths, named_paths
from koubai.figures.words import word

_Columns = Float[np.ndarray, "points lines"]

# With more variables than this the length of the whole is drawn.
_MOST_LINES = 5
# Of a path that diverges so many steps after the first bad one are seen.
_FIRST = 5


@in_style()
def optimiser_memory(paths: Paths, axes: Sequence[Axes] | None = None) -> tuple[Axes, ...]:
    """Draws the inner quantities of optimisers, such as the velocity, against the step.

    A panel for each quantity of each path, with a line for each variable; with more than five
    variables one line, the length ‖·‖ of the whole.

    paths: one Path, several, a Comparison, or a mapping from names; those whose optimiser keeps
    nothing (sgd) are passed over. axes: one for each panel; without them a new figure is made.
    Returns the axes. Raises SettingError where none keeps anything, ShapeError when there are not
    as many axes as panels.
    """
    panels = [
        (_title(name, kept, path), path, values)
        for name, path in named_paths(paths).items()
        for kept, values in path.memory.items()
    ]
    if not panels:
        raise SettingError(
            "paths has no inner quantities, as plain gradient descent keeps none: descend with "
            "optimizer='momentum' or 'adam'"
        )
    if axes is None:
        figure = StyledFigure(figsize=(7, 0.7 + 1.9 * len(panels)))
        axes = list(figure.subplots(len(panels), squeeze=False)[:, 0])
    if len(axes) != len(panels):
        raise ShapeError(f"axes has {len(axes)} axes, but there are {len(panels)} panels")
    for (title, path, values), ax in zip(panels, axes, strict=True):
        _draw(path, values, ax)
        ax.set_title(title)
    axes[-1].set_xlabel(word("step"))
    return tuple(axes)


def _title(name: str, kept: str, path: Path) -> str:
    """The path and the quantity in the chosen language; a custom one's own name."""
    known = {"velocity": "velocity", "squared gradients": "squared_gradients"}
    title = f"{name}: {word(known[kept]) if kept in known else kept}"
    if path.first_bad_step is None:
        return title
    return title + ", " + word("diverges_from", step=path.first_bad_step)


def _draw(path: Path, values: Float[np.ndarray, "points *shape"], ax: Axes) -> None:
    columns = values.reshape(len(path), -1).astype(np.float64)
    columns[~(np.abs(columns) < 1e100)] = np.nan
    names = _names(path, columns.shape[1])
    if columns.shape[1] > _MOST_LINES:
        columns, names = np.linalg.norm(columns, axis=1, keepdims=True), [r"$\|\cdot\|$"]
    ax.axhline(0, color=style.CLOUD, linewidth=0.8, zorder=1)
    for index, column in enumerate(columns.T):
        ax.plot(path.iterations, column, color=path_colour(index), linestyle=PATH_STROKES[index],
                zorder=3, gid=f"memory {index}")  # fmt: skip
    _limit(path, columns, ax)
    label_right(
        ax,
        [
            Label(name, _last(column), path_colour(index))
            for index, (name, column) in enumerate(zip(names, columns.T, strict=True))
        ],
    )


def _names(path: Path, count: int) -> list[str]:
    names = path.objective.names if path.objective is not None else ()
    return [f"${name}$" for name in names or [f"x_{index}" for index in range(count)]]


def _limit(path: Path, columns: _Columns, ax: Axes) -> None:
    """All of a path that stays; of one that diverges the beginning."""
    last = len(path) - 1 if path.first_bad_step is None else path.first_bad_step + _FIRST
    rows = columns[: last + 1]
    finite = rows[np.isfinite(rows)]
    low, high = float(finite.min(initial=0)), float(finite.max(initial=0))
    room = 0.08 * (high - low) or 1.0
    ax.set_ylim(low - room, high + room)
    ax.set_xlim(-0.02 * last, 1.02 * max(last, 1))


def _last(column: Float[np.ndarray, " points"]) -> float:
    finite = column[np.isfinite(column)]
    return float(finite[-1]) if len(finite) else math.nan
