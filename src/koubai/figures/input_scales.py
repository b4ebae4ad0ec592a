"""The scale of each input: whether all are of the size that initial weights are drawn for."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, NullFormatter
from numpy.typing import ArrayLike

from koubai.errors import ShapeError
from koubai.figures import style
from koubai.figures.style import axes_or_new, in_style, key_below
from koubai.figures.words import word
from koubai.functions.arguments import as_point

# Of more inputs the marks are points.
_MOST_MARKS = 60
_ROOM = 2.5  # above and below, as a factor

Numbers = Float[np.ndarray, " inputs"]


@in_style()
def input_scales(means: ArrayLike, stds: ArrayLike, ax: Axes | None = None) -> Axes:
    """Draws how far every input is from 0 and how much it varies, on a logarithmic axis.

    Initial weights are drawn for inputs of about 1, the line: those of thousands saturate the
    units, those of thousandths are not heard. What is 0 is left out.

    means, stds: one for each input, such as x.mean(axis=0) and x.std(axis=0).
    Raises ShapeError when they are not two rows of as many numbers, SettingError for no numbers.
    """
    middle, spread = as_point(means, "means"), as_point(stds, "stds")
    if middle.ndim != 1 or middle.shape != spread.shape or not len(middle):
        raise ShapeError(
            f"means has shape {middle.shape} and stds {spread.shape}: give one of each for every "
            f"input, such as x.mean(axis=0) and x.std(axis=0)"
        )
    ax = axes_or_new(ax, 7, 4.1)
    numbers, size = np.arange(1, len(middle) + 1), 6 if len(middle) <= _MOST_MARKS else 2.5
    ax.set_yscale("log")
    ax.axhline(1, color=style.GREEN, linewidth=1.6, label=word("input_one"), gid="one")
    ax.plot(
        numbers, _seen(spread), "o", color=style.NAVY, markersize=size, label=word("input_std"),
        gid="stds",
    )  # fmt: skip
    ax.plot(
        numbers, _seen(np.abs(middle)), "D", color=style.VERMILION, markersize=size,
        markerfacecolor="none", label=word("input_mean"), gid="means",
    )  # fmt: skip
    sizes = np.concatenate([_seen(np.abs(middle)), _seen(spread), [1.0]])
    ax.set_ylim(np.nanmin(sizes) / _ROOM, np.nanmax(sizes) * _ROOM)
    ax.yaxis.set_minor_formatter(NullFormatter())
    ax.set_xlim(0.4, len(middle) + 0.6)
    ax.xaxis.set_major_locator(MaxNLocator(9, integer=True, min_n_ticks=1))
    ax.set_xlabel(word("input_number"))
    ax.set_title(word("input_scales"))
    key_below(ax, 3)
    return ax


def _seen(values: Numbers) -> Numbers:
    """NaN for what a logarithmic axis does not have."""
    return np.where(np.isfinite(values) & (values > 0), values, np.nan)
