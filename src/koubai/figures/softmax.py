"""Why softmax takes off the largest input first: the formula as printed overflows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool, Float
from matplotlib.axes import Axes

from koubai.errors import SettingError
from koubai.figures import style
from koubai.figures.style import axes_or_new, in_style
from koubai.figures.words import word
from koubai.functions.activations import activations

_Shares = Float[np.ndarray, " shifts"]
_POINTS = 1601
# Beyond the inputs themselves, so that both failures of float32, near ±100, are seen.
_BEYOND = 190.0


@in_style()
def softmax_overflow(
    z: Sequence[float] = (10.0, 0.0, -10.0),
    reach: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draws the share of the first class, softmax(z + c)₁, for every shift c, computed two ways.

        softmax(z + c) = softmax(z)

    By the formula as it is printed (`naive_softmax`) it is NaN in float32 as soon as eᶻ overflows
    above z = 88.7, or all eᶻ become 0 far below; there the panel is hatched. It may be wrong a
    little earlier, where 1 / Σ eᶻ is too small for a number. With the largest z taken off first
    (`softmax`) it stays what it is.

    z: two weighted inputs or more. reach: the largest shift c to either side; without it far enough
    that the formula as printed works somewhere and fails on both sides.
    Raises SettingError for fewer, for any that is not finite, and for a reach that is not above 0.
    """
    inputs = np.asarray(z, np.float32)
    if inputs.ndim != 1 or len(inputs) < 2 or not np.isfinite(inputs).all():
        raise SettingError(f"z is {z}: give two finite numbers or more")
    if reach is None:
        reach = _BEYOND + float(np.abs(inputs).max())
    if not 0 < reach < np.inf:
        raise SettingError(f"reach is {reach}: give a finite number above 0")
    shifts = np.linspace(-reach, reach, _POINTS, dtype=np.float32)
    rows = inputs + shifts[:, None]
    stable, naive = (
        np.asarray(activations[name](rows))[:, 0] for name in ("softmax", "naive_softmax")
    )
    ax = axes_or_new(ax, 7, 4.1)
    ax.plot(shifts, stable, color=style.NAVY, linewidth=1.8, gid="stable", zorder=3,
            label=word("stable_softmax"))  # fmt: skip
    ax.plot(shifts, naive, color=style.VERMILION, linewidth=5, alpha=0.75, gid="naive", zorder=2,
            solid_capstyle="butt", label=word("naive_softmax"))  # fmt: skip
    above = rows.max(axis=1) > 0
    _mark("underflow", shifts, naive, np.isnan(naive) & ~above, ax)
    _mark("overflow", shifts, naive, np.isnan(naive) & above, ax)
    ax.set_xlim(-reach, reach)
    ax.set_ylim(0, 1.25)
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1])
    ax.set_xlabel(word("shift"))
    inner = ", ".join(f"{each:g} + c" for each in inputs).replace("-", "−")
    ax.set_title(word("share_of_first", inputs=inner))
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, 0), borderaxespad=3.6, ncols=2)
    return ax


def _mark(
    what: str, shifts: _Shares, naive: _Shares, missing: Bool[np.ndarray, " shifts"], ax: Axes
) -> None:
    """Hatches where the naive one is NaN, and puts a × where its line ends."""
    where = np.flatnonzero(missing)
    if not len(where):
        return
    first, last = int(where[0]), int(where[-1])
    left, right = float(shifts[first]), float(shifts[last])
    ax.axvspan(left, right, facecolor="white", edgecolor=style.PALE, hatch="////", linewidth=0,
               zorder=0, gid=what)  # fmt: skip
    for end in (first - 1, last + 1):
        if 0 <= end < len(shifts) and np.isfinite(naive[end]):
            ax.plot(shifts[end], naive[end], "x", color=style.VERMILION, markersize=10,
                    markeredgewidth=2.6, zorder=4, clip_on=False, gid="end of naive")  # fmt: skip
    box: dict[str, Any] = {"facecolor": "white", "edgecolor": "none", "pad": 2}
    ax.text((left + right) / 2, 0.4, word(what), ha="center", va="center", bbox=box, zorder=5,
            fontsize=style.SHEET["legend.fontsize"])  # fmt: skip
