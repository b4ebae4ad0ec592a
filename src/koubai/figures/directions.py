"""Why −∇f is the steepest way down."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MultipleLocator, StrMethodFormatter
from numpy.typing import ArrayLike

from koubai.descent.directions import Directions, directions
from koubai.figures import style
from koubai.figures.style import axes_or_new, in_style
from koubai.figures.words import number, word
from koubai.objectives.grid import Function


@in_style()
def circle_of_directions(
    f: Function | Directions,
    x: ArrayLike | None = None,
    radius: float = 0.1,
    ax: Axes | None = None,
) -> Axes:
    """Draws how much f changes by a step of length r in every direction θ from the gradient.

        Δf ≈ ⟨∇f, Δx⟩ = ‖∇f‖ · r · cos θ

    Measured as dots, foretold by the gradient as a line; the least, at θ = 180°, is marked: by
    the Cauchy–Schwarz inequality no direction falls faster than −∇f.

    f: a function of two variables, with x and the radius, or a `Directions`. Errors as
    `koubai.descent.directions.directions`.
    """
    circle = (
        f if isinstance(f, Directions) else directions(f, (0.0, 0.0) if x is None else x, radius)
    )
    ax = axes_or_new(ax, 7, 4.3)
    ax.axhline(0, color=style.CLOUD, linewidth=0.8)
    ax.axvline(180, color=style.CLOUD, linewidth=0.8, linestyle=(0, (2, 2)))
    ax.plot(circle.angles, circle.predicted, color=style.NAVY, gid="predicted", zorder=3,
            label=word("predicted"))  # fmt: skip
    every = max(1, len(circle.angles) // 60)
    ax.plot(
        circle.angles[::every], circle.changes[::every], "o", color=style.VERMILION, markersize=3.6,
        gid="measured", zorder=4, label=word("measured"),
    )  # fmt: skip
    _mark_least(circle, ax)
    ax.set_xlim(-4, 364)
    ax.xaxis.set_major_locator(MultipleLocator(45))
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:.0f}°"))
    ax.set_xlabel(word("angle_to_gradient"))
    ax.set_ylabel(r"$\Delta f$", rotation=0, labelpad=12, va="center")
    at = ", ".join(number(float(part)) for part in circle.x)
    ax.set_title(word("directions", x=at, radius=f"{circle.radius:.3g}"))
    ax.legend(loc="upper center")
    return ax


def _mark_least(circle: Directions, ax: Axes) -> None:
    least = float(np.nanmin(circle.changes))
    ax.plot(
        circle.steepest, least, "v", color=style.INK, markersize=8, zorder=5, gid="least",
        markeredgecolor="white",
    )  # fmt: skip
    low, high = float(min(least, circle.predicted.min())), float(np.nanmax(circle.changes))
    ax.set_ylim(low - 0.28 * (high - low), high + 0.12 * (high - low))
    ax.annotate(
        word("least", angle=f"{circle.steepest:.0f}", value=number(least)),
        (circle.steepest, low), xytext=(0, -12), textcoords="offset points", ha="center", va="top",
    )  # fmt: skip
