"""Which classes a network takes for which."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Int
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from koubai.errors import ShapeError
from koubai.figures import style
from koubai.figures.style import axes_or_new, in_style, inches
from koubai.figures.words import columns, shortened, word

Counts = Int[np.ndarray, "classes classes"]

_LONGEST_NAME = 24
_LETTER, _TITLE_LETTER = 0.083, 0.11  # inches, about, in the size of tick labels and of titles
_TICK_LABEL = 9.0
# With more classes than this an empty cell stands for 0.
_MOST_ZEROS = 15
# Below this many inches a cell is too small for its count.
_SMALLEST_CELL = 0.16


@in_style()
def confusion_matrix(matrix: Counts, classes: Sequence[str], ax: Axes | None = None) -> Axes:
    """Draws how often each class was taken for each other: true classes in rows, taken in columns.

    Every cell holds its count, as long as it has room for it; with more than 15 classes an empty
    cell stands for 0. The right ones, on the diagonal, are grey; the mistakes are the stronger in
    colour the more there are.

    Shapes: matrix (classes, classes). Raises ShapeError when it does not fit the classes.
    """
    n, matrix = len(classes), np.asarray(matrix)
    if matrix.shape != (n, n):
        raise ShapeError(f"matrix has the shape {matrix.shape}, but there are {n} classes")
    names = [shortened(name, _LONGEST_NAME) for name in classes]
    mistakes = np.where(np.eye(n, dtype=bool), 0, matrix)
    title = _title(int(mistakes.sum()), int(matrix.sum()))
    ax = axes_or_new(ax, *_size(names, title))
    ax.imshow(mistakes, cmap=style.WRONG, vmin=0, vmax=max(1, mistakes.max(initial=0)))
    _draw_cells(matrix, ax)
    _draw_names(names, ax)
    ax.set_title(title)
    ax.set_anchor("NW")
    return ax


def _title(wrong: int, examples: int) -> str:
    return word("confusion" if wrong else "confusion_none", wrong=wrong, examples=examples)


def _size(names: list[str], title: str) -> tuple[float, float]:
    """The width and height in inches that n classes with these names take."""
    n = len(names)
    side = n * _cell(n)
    longest = _LETTER * max(map(columns, names), default=0)
    below = longest if _upright(names, _cell(n)) else 0.2
    return max(side, _TITLE_LETTER * columns(title)) + longest + 0.9, side + below + 1.0


def _cell(n: int) -> float:
    """The side of a cell in inches: between 0.36 and 1, less where there are very many."""
    return min(max(3.0 / max(n, 1), 0.36), 1.0, 14.0 / max(n, 1))


def _upright(names: list[str], cell: float) -> bool:
    """Whether the names of columns have to be turned."""
    return _LETTER * max(map(columns, names), default=0) > 0.9 * cell


def _draw_cells(matrix: Counts, ax: Axes) -> None:
    n = len(matrix)
    ax.set_xticks(np.arange(n + 1) - 0.5, minor=True)
    ax.set_yticks(np.arange(n + 1) - 0.5, minor=True)
    ax.grid(visible=False, which="major")
    ax.grid(visible=True, which="minor", color=style.FAINT, linewidth=0.8)
    ax.tick_params(which="both", length=0)
    for i in range(n):
        ax.add_patch(Rectangle((i - 0.5, i - 0.5), 1, 1, facecolor=style.FAINT, edgecolor="white"))
    cell = min(inches(ax)) / max(n, 1)
    if cell < _SMALLEST_CELL:
        return
    digits = len(f"{int(matrix.max(initial=0))}")
    size = min(10.0, 72 * cell * 0.5, 72 * cell * 0.9 / (0.64 * digits))
    for (row, column), count in np.ndenumerate(matrix):
        if count or n <= _MOST_ZEROS:
            _draw_count(int(count), row, column, size, ax)


def _draw_count(count: int, row: int, column: int, size: float, ax: Axes) -> None:
    right = row == column
    colour = style.GREY if right else style.INK if count else style.PALE
    weight = "bold" if count and not right else "normal"
    ax.text(
        column,
        row,
        str(count),
        color=colour,
        weight=weight,
        fontsize=size,
        ha="center",
        va="center",
    )


def _draw_names(names: list[str], ax: Axes) -> None:
    ticks, cell = np.arange(len(names)), min(inches(ax)) / max(len(names), 1)
    size = min(_TICK_LABEL, 72 * cell * 0.9)
    turned = 90.0 if _upright(names, cell) else 0.0
    ax.set_xticks(ticks, names, rotation=turned, fontsize=size, parse_math=False)
    ax.set_yticks(ticks, names, fontsize=size, parse_math=False)
    ax.set_xlabel(word("taken_class"))
    ax.set_ylabel(word("true_class"), labelpad=8)
    ax.spines[:].set_visible(False)
