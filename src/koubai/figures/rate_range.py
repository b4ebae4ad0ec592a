"""The loss while the learning rate grows, and the rate that follows from it."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from koubai.figures import style
from koubai.figures.style import axes_or_new, in_style
from koubai.figures.words import number, word
from koubai.functions.arguments import expect
from koubai.training.rate_range import RateRange

# So much of the fall is seen above the first loss, where more would flatten it, and below it.
_ABOVE, _BELOW = 0.6, 0.2


@in_style()
def learning_rate_range(found: RateRange, ax: Axes | None = None) -> Axes:
    """Draws the loss of mini-batches while the learning rate η grows, on a logarithmic axis.

    A diamond marks where the loss fell fastest, a dot where it was least, a star and the line
    through it the suggestion. A dashed line is the edge of stability at the start, 2/λ_max, beyond
    which plain gradient descent climbs; it is left out where it lies outside the range.

    found: from `kb.learning_rate_range`. Raises SettingError for anything else.
    """
    expect(found, RateRange, "found", "what kb.learning_rate_range found")
    ax = axes_or_new(ax, 7, 4.1)
    rates, losses = found.learning_rates, found.losses
    ax.plot(rates, losses, color=style.NAVY, linewidth=2.2, zorder=3, gid="losses")
    ax.set_xscale("log")
    ax.set_xlim(rates[0], rates[-1])
    ax.xaxis.minorticks_off()
    first, least = float(losses[0]), float(losses.min())
    ax.set_ylim(least - _BELOW * (first - least), first + _ABOVE * (first - least))
    ax.axvline(found.suggestion, color=style.VERMILION, linewidth=1.2, zorder=2, gid="suggestion")
    if rates[0] < found.edge < rates[-1]:
        ax.axvline(
            found.edge, color=style.GREEN, linewidth=1.4, linestyle=(0, (4, 1.5)), zorder=2,
            label=word("stable_edge", edge=number(found.edge)), gid="edge",
        )  # fmt: skip
    _mark(found, found.steepest, ("D", 6, style.NAVY), "steepest_fall", ax)
    _mark(found, found.suggestion, ("*", 13, style.VERMILION), "suggested", ax)
    _mark(found, found.lowest, ("o", 7, style.NAVY), "least_loss", ax)
    ax.set_xlabel(word("rate_axis"))
    ax.set_title(word("rate_range"))
    ax.legend(loc="lower left", reverse=True)  # the one place where no curve falls to
    return ax


def _mark(found: RateRange, rate: float, look: tuple[str, float, str], key: str, ax: Axes) -> None:
    """A point of the curve, and its rate in the key."""
    marker, size, colour = look
    height = float(np.interp(np.log(rate), np.log(found.learning_rates), found.losses))
    ax.plot(
        rate, height, marker, color=colour, markersize=size, markeredgecolor="white",
        markeredgewidth=0.8, zorder=5, label=word(key, rate=number(rate)), gid=key,
    )  # fmt: skip
