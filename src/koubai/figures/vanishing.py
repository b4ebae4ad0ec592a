"""How the gradient dwindles from the output down: depth × activation × initial weights."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, MaxNLocator

from koubai.diagnosis.vanishing import LayerGradients, Norms, VanishingGradients
from koubai.errors import ShapeError
from koubai.figures import style
from koubai.figures.contours import path_colour
from koubai.figures.powers import power_of_ten
from koubai.figures.style import SHEET, StyledFigure, in_style
from koubai.figures.words import word
from koubai.functions.arguments import expect

_START: dict[str, Any] = {"linestyle": "-", "linewidth": 2.0, "marker": "o", "markersize": 4}
_LATER: dict[str, Any] = {
    "linestyle": (0, (3, 1.5)), "linewidth": 1.1, "marker": "o", "markersize": 4,
    "markerfacecolor": "white",
}  # fmt: skip
_KEY_WIDTH = 2.0  # inches of a column of the key
_ZERO: dict[str, Any] = {"linestyle": "", "marker": "v", "markerfacecolor": "white"}


@in_style()
def vanishing_gradients(
    found: VanishingGradients, axes: Sequence[Axes] | None = None
) -> tuple[Axes, ...]:
    """Draws ‖∂L/∂wˡ‖ layer by layer, for each depth, activation and kind of initial weights.

    A row of panels for each activation, a column for each kind of initial weights, in each a line
    for every depth: solid at the start, dashed after learning, where that did not diverge. Below
    the title, in the colour of the deepest network, stands what share of its last layer's
    gradient the first one has at the start. A triangle at the lower edge is a gradient of 0.

    axes: one for each panel, row by row; without them a new figure is made.
    Returns the axes. Raises ShapeError when there are not as many as panels, SettingError for what
    `kb.vanishing_gradients` did not find.
    """
    expect(found, VanishingGradients, "found", "what kb.vanishing_gradients found")
    panels = list(product(found.activations, found.initialisers))
    if axes is None:
        rows, columns = len(found.activations), len(found.initialisers)
        figure = StyledFigure(figsize=(max(4.2, 0.6 + 2.4 * columns), 0.9 + 2.1 * rows))
        axes = list(figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).ravel())
    if len(axes) != len(panels):
        raise ShapeError(f"axes has {len(axes)} axes, but there are {len(panels)} panels")
    for ax, (activation, initialiser) in zip(axes, panels, strict=True):
        _limit(found, ax)
        networks = [found.of(depth, activation, initialiser) for depth in found.depths]
        for index, one in enumerate(networks):
            _draw(one, path_colour(index), ax)
        _write_title(networks, found.iterations, ax)
    for ax in axes[-len(found.initialisers) :]:
        ax.set_xlabel(word("layer_number"))
    for ax in axes[:: len(found.initialisers)]:
        ax.set_ylabel(r"$\|\partial L / \partial w\|$")
    _write_key(found, axes[0])
    return tuple(axes)


def _limit(found: VanishingGradients, ax: Axes) -> None:
    """The same limits everywhere: of every norm that is a number above 0."""
    norms = np.concatenate([part for one in found.networks for part in (one.start, one.later)])
    shown = norms[np.isfinite(norms) & (norms > 0)]
    low, high = (float(shown.min()), float(shown.max())) if len(shown) else (0.1, 1.0)
    room = max((high / low) ** 0.06, 1.5)
    ax.set_yscale("log")
    ax.set_ylim(low / room, high * room)
    ax.yaxis.set_major_locator(LogLocator(numticks=7))
    ax.yaxis.minorticks_off()
    last = max(found.depths) + 2
    room = max(0.4, 0.035 * last)  # for half of a marker
    ax.set_xlim(2 - room, last + room)
    ax.xaxis.set_major_locator(MaxNLocator(7, integer=True, steps=[1, 2, 5, 10]))


def _draw(one: LayerGradients, colour: str, ax: Axes) -> None:
    for name, norms, look in [("start", one.start, _START), ("later", one.later, _LATER)]:
        layers = np.arange(2, len(norms) + 2)
        ax.plot(
            layers, _above_zero(norms), color=colour, zorder=3, gid=f"{name} {one.depth}", **look
        )
        zero = layers[norms == 0]
        if len(zero):
            ax.plot(
                zero, np.zeros(len(zero)), color=colour, zorder=4, clip_on=False,
                transform=ax.get_xaxis_transform(), gid=f"zero {name} {one.depth}", **_ZERO,
            )  # fmt: skip


def _above_zero(norms: Norms) -> Norms:
    return np.where(np.isfinite(norms) & (norms > 0), norms, np.nan)


def _write_title(networks: Sequence[LayerGradients], iterations: int, ax: Axes) -> None:
    """The kind of network; below it the deepest one's share, and which ones diverged."""
    deepest = max(range(len(networks)), key=lambda index: networks[index].depth)
    share = networks[deepest].share
    lines = [
        word("gradient_of_0")
        if math.isnan(share)
        else word("first_to_last", share=power_of_ten(share))
    ]
    lines += [
        word("diverged_after", depth=one.depth, count=one.learnt)
        for one in networks
        if one.learnt < iterations
    ]
    size = 0.9 * SHEET["legend.fontsize"]
    ax.annotate(
        "\n".join(lines), (0, 1), (0, 4), xycoords="axes fraction", textcoords="offset points",
        va="bottom", fontsize=size, color=path_colour(deepest),
    )  # fmt: skip
    title = f"{networks[0].activation}, {networks[0].initialiser}"
    ax.set_title(title, fontsize=10, pad=8 + 1.5 * size * len(lines))


def _write_key(found: VanishingGradients, ax: Axes) -> None:
    """What the colours and the strokes mean, below all panels."""
    handles = [
        Line2D([], [], color=path_colour(index), linewidth=2.5, label=_hidden(depth))
        for index, depth in enumerate(found.depths)
    ]
    later = word("after_iterations", count=found.iterations)
    handles += [
        Line2D([], [], color=style.GREY, label=word("at_start"), **_START),
        Line2D([], [], color=style.GREY, label=later, **_LATER),
    ]
    if any((part == 0).any() for one in found.networks for part in (one.start, one.later)):
        handles.append(Line2D([], [], color=style.GREY, label=word("gradient_of_0"), **_ZERO))
    figure = ax.get_figure(root=True)
    if isinstance(figure, Figure):
        columns = max(1, min(3, int(figure.get_figwidth() / _KEY_WIDTH)))
        figure.legend(handles=handles, loc="outside lower center", ncols=columns, handlelength=3)


def _hidden(depth: int) -> str:
    return word("one_hidden") if depth == 1 else word("hidden", count=depth)
