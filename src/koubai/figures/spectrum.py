"""The eigenvalues of the Hessian: their density, and those at the ends one by one."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullLocator

from koubai.figures import style
from koubai.figures.style import axes_or_new, in_style
from koubai.figures.words import number, word
from koubai.landscapes.curvature import Curvature

# A density below that of a hundredth of an eigenvalue is not drawn.
_LEAST = 0.01
# Room above the highest density, for the key.
_ABOVE = 30


@in_style()
def spectrum(found: Curvature, ax: Axes | None = None) -> Axes:
    """Draws the density of the Hessian's eigenvalues on a logarithmic axis, and its two ends.

    Most eigenvalues of a network lie close to 0 and a few far out, which a linear axis would hide.
    Ticks below the density are the eigenvalues that were found one by one; the area under the
    density is 1. What the estimate rests on is written on the picture.

    found: from `kb.curvature`.
    """
    ax = axes_or_new(ax, 7, 4.1)
    density, parameters = found.density, found.point.size
    grid, values = density.grid, density.values
    one = 1 / (parameters * density.width * np.sqrt(2 * np.pi))  # the peak of one eigenvalue
    floor = _LEAST * one
    ax.fill_between(
        grid, floor, np.maximum(values, floor), color=style.NAVY, alpha=0.18, linewidth=0,
        zorder=2, gid="area",
    )  # fmt: skip
    ax.plot(
        grid, np.maximum(values, floor), color=style.NAVY, linewidth=1.8, zorder=3, gid="density"
    )
    ax.set_yscale("log")
    ax.yaxis.set_major_locator(LogLocator(numticks=6))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.set_ylim(floor, _ABOVE * float(values.max()))
    ax.axvline(0, color=style.PALE, linewidth=1, zorder=1, gid="zero")
    _ticks(found, ax)
    low, high = float(min(grid[0], found.bottom[-1])), float(max(grid[-1], found.top[0]))
    room = 0.02 * (high - low)
    ax.set_xlim(low - room, high + room)
    ax.set_xlabel(word("spectrum_axis"))
    ax.set_ylabel(word("spectrum_density"))
    ax.set_title(_title(found))
    ax.legend(
        loc="upper right",
        title=_basis(found),
        alignment="left",
        frameon=True,
        framealpha=1,
        edgecolor="none",
    )
    return ax


def _ticks(found: Curvature, ax: Axes) -> None:
    """The eigenvalues at the ends, as strokes of two heights: with few, some are in both."""
    ends = (
        ("spectrum_top", found.top, found.top[0], style.VERMILION, 0.06),
        ("spectrum_bottom", found.bottom, found.bottom[-1], style.GREEN, 0.1),
    )
    for key, values, outermost, colour, height in ends:
        label = word(key, count=len(values), value=number(float(outermost)))
        ax.vlines(
            values, 0, height, transform=ax.get_xaxis_transform(), color=colour, linewidth=1.8,
            zorder=5 - 10 * height, label=label, gid=key,
        )  # fmt: skip


def _title(found: Curvature) -> str:
    parameters, trace = found.point.size, number(found.trace)
    if not found.trace_error:
        return word("spectrum_trace", parameters=parameters, trace=trace)
    error = number(found.trace_error, 2)
    return word("spectrum_trace_error", parameters=parameters, trace=trace, error=error)


def _basis(found: Curvature) -> str:
    density = found.density
    width = number(density.width, 2)
    key = "spectrum_probes" if density.probes else "spectrum_exact"
    return word(key, probes=density.probes, width=width)
