"""The error of a numerical gradient against its step: the V of truncation and rounding."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter

from koubai.figures import style
from koubai.figures.powers import power_of_ten
from koubai.figures.style import axes_or_new, in_style
from koubai.figures.words import word
from koubai.functions.arguments import expect
from koubai.gradients.findings import Check

# Room above and below the errors, as a factor; what is exactly zero is drawn at the rounding of 1.
_ROOM = 5.0
_ZERO = float(np.finfo(np.float64).eps)
# A curve that nowhere rises so many times above its lowest point has no bottom to mark.
_BOTTOM = 10.0

Numbers = Float[np.ndarray, " steps"]


@in_style()
def step_sizes(check: Check, ax: Axes | None = None) -> Axes:
    """Draws how far gradient and central differences are apart, for every step h.

    On logarithmic axes a right gradient makes a V: to the right truncation grows like h², to the
    left rounding like 1/h, both drawn as dashed arms from the bottom, which a star marks. A wrong
    gradient is as wrong at every step: its curve is flat, above the tolerance, the thin line.

    check: from `kb.check_gradient` or `kb.check_gradients`. Raises SettingError for anything else.
    """
    expect(check, Check, "check", "what kb.check_gradient or kb.check_gradients found")
    ax = axes_or_new(ax, 7, 4.1)
    steps, errors = check.curve
    heights = np.maximum(errors, _ZERO)
    ax.loglog(steps, heights, "o-", color=style.NAVY, linewidth=2.2, markersize=4, gid="errors")
    finite = heights[np.isfinite(heights)]
    shown = np.append(finite, check.tolerance)
    ax.set_xlim(steps.min() / _ROOM**0.5, steps.max() * _ROOM**0.5)
    ax.set_ylim(shown.min() / _ROOM, shown.max() * _ROOM)
    ax.yaxis.set_minor_formatter(NullFormatter())
    if not len(finite):
        ax.text(
            0.5, 0.75, word("nothing_finite"), transform=ax.transAxes, ha="center",
            color=style.GREY,
        )  # fmt: skip
    elif finite.max() > _BOTTOM * heights[check.curve.best]:
        _mark_bottom(steps, heights, check.curve.best, ax)
    ax.axhline(
        check.tolerance, color=style.GREY, linewidth=0.9, gid="tolerance",
        label=word("within_tolerance", tolerance=power_of_ten(check.tolerance)),
    )  # fmt: skip
    ax.set_xlabel(word("step_size_axis"))
    ax.set_ylabel(word("relative_error_axis"))
    ax.set_title(word("step_sizes", kind=word(f"check_{check.kind.replace(' ', '_')}")))
    ax.legend()
    return ax


def _mark_bottom(steps: Numbers, heights: Numbers, best: int, ax: Axes) -> None:
    h, least = float(steps[best]), float(heights[best])
    # What is 0 is no bottom from which arms could rise.
    arms = (
        []
        if least <= _ZERO
        else [
            ("truncation", steps >= h, 2, style.VERMILION),
            ("rounding", steps <= h, -1, style.GREEN),
        ]
    )
    for key, side, power, colour in arms:
        if side.sum() > 1:
            ax.plot(
                steps[side], least * (steps[side] / h) ** power, color=colour, linewidth=1.4,
                linestyle=(0, (4, 1.5)), label=word(f"arm_{key}"), gid=key,
            )  # fmt: skip
    ax.plot(
        h, least, "*", color=style.VERMILION, markersize=13, markeredgecolor="white",
        markeredgewidth=0.8, zorder=5, label=word("best_step", step=power_of_ten(h)), gid="best",
    )  # fmt: skip
