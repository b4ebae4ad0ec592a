"""How the value falls, step by step."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from koubai.descent.path import Path
from koubai.figures.contours import PATH_STROKES, path_colour
from koubai.figures.labels import Label, label_right
from koubai.figures.style import axes_or_new, in_style, inches
from koubai.figures.subject import Paths, letter, named_paths
from koubai.figures.words import number, word

# Values that fall by this factor are drawn on a logarithmic axis.
_DECADES = 100
# The logarithmic axis goes so far down from the end of that path which ends highest.
_BELOW_THE_HIGHEST_END = 1e-4
# A path that diverges is followed so many times its span, or the height of its start, upwards.
_HIGHEST = 2.0


@in_style()
def loss_against_step(paths: Paths, ax: Axes | None = None) -> Axes:
    """Draws the value of the function at each step of one or several paths.

    The axis is logarithmic where the values span decades and are above 0. It goes down to 1/10 000
    of the highest end: a path that falls below leaves the panel. The first bad step of a path that
    diverged is marked with a ×, and its line leaves the panel upwards.
    """
    named = named_paths(paths)
    ax = axes_or_new(ax, 7, 4.1)
    _limit(list(named.values()), ax)
    labels = [_draw(name, path, index, ax) for index, (name, path) in enumerate(named.items())]
    last = max((int(path.iterations[-1]) for path in named.values()), default=1)
    ax.set_xlim(-0.02 * last, 1.02 * max(last, 1))
    bins = max(1, int(inches(ax)[0] / 0.7))
    ax.xaxis.set_major_locator(MaxNLocator(bins, steps=[1, 2, 5, 10], integer=True))
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    ax.set_xlabel(word("step"))
    ax.set_title(word("value_by_step"))
    label_right(ax, labels)
    return ax


def _draw(name: str, path: Path, index: int, ax: Axes) -> Label:
    colour, values = path_colour(index), path.values.astype(np.float64)
    # matplotlib's transforms overflow beyond this, far above any panel.
    drawn = np.where(np.isfinite(values), np.clip(values, -1e100, 1e100), np.nan)
    stroke = PATH_STROKES[index % len(PATH_STROKES)]
    ax.plot(path.iterations, drawn, color=colour, linestyle=stroke, gid=f"values {index}")
    bad = path.first_bad_step
    if bad is None:
        f, value = letter(path.objective), number(float(values[-1]))
        return Label(word("path_value", name=name, f=f, value=value), float(values[-1]), colour)
    low, high = ax.get_ylim()
    ax.plot(
        path.iterations[bad], min(max(drawn[bad], low), high) if drawn[bad] == drawn[bad] else high,
        "x", color=colour, markersize=8, markeredgewidth=2, clip_on=False, zorder=5, gid="bad step",
    )  # fmt: skip
    return Label(word("path_diverged", name=name, step=bad), math.inf, colour)


def _limit(paths: list[Path], ax: Axes) -> None:
    """Chooses the scale and the limits: of what is finite, and of divergence only the beginning."""
    values = np.concatenate([_to_show(path) for path in paths] or [np.empty(0)])
    if not len(values):
        return
    low, high = float(values.min()), float(values.max())
    positive = values[values > 0]
    if low >= 0 and len(positive) and high / float(positive.min()) >= _DECADES:
        ends = [float(path.values[-1]) for path in paths if path.first_bad_step is None]
        low = max(float(positive.min()), _BELOW_THE_HIGHEST_END * max(ends, default=0.0))
        margin = (high / low) ** 0.05
        ax.set_yscale("log")
        ax.set_ylim(low / margin, high * margin)
    else:
        room = 0.05 * (high - low) or max(abs(high), 1.0) * 0.05
        ax.set_ylim(low - room, high + room)


def _to_show(path: Path) -> Float[np.ndarray, " values"]:
    values = path.values[np.isfinite(path.values)].astype(np.float64)
    if path.first_bad_step is None or not len(values):
        return values
    sound = values[: path.first_bad_step]
    reach = max(float(np.ptp(sound)), abs(float(sound[0])), 1e-12)
    return np.minimum(values, sound[0] + _HIGHEST * reach)
