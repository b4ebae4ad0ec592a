"""What the gradient costs: path by path against backpropagation, the deeper the network."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, MaxNLocator

from koubai.errors import SettingError
from koubai.figures import style
from koubai.figures.labels import Label, label_right
from koubai.figures.powers import power_of_ten
from koubai.figures.style import axes_or_new, in_style
from koubai.figures.words import word
from koubai.functions.arguments import expect
from koubai.gradients.paths import multiplications
from koubai.networks.network import Network

_MOST = 10**200  # beyond it matplotlib loses count of its ticks


@in_style()
def cost_of_the_chain_rule(networks: Sequence[Network], ax: Axes | None = None) -> Axes:
    """Draws how many multiplications the gradient of each network takes, against its depth.

    Path by path, every weight's derivative a sum of products over all its paths to the cost, it
    grows by a factor with each layer; by backpropagation, by a summand. See `kb.multiplications`.

    networks: of several depths, such as [Network([12, *[50] * depth, 2]) for depth in range(11)].
    Raises SettingError for none, and for more multiplications than there are floats.
    """
    expect(networks, Sequence, "networks", "a list, such as [kb.Network([12, 3, 2])]")
    if not networks:
        raise SettingError("networks is empty: give networks of growing depth")
    costs = [multiplications(network) for network in networks]
    depths = [len(network.sizes) - 2 for network in networks]
    order = np.argsort(depths, kind="stable")
    depths, costs = [depths[k] for k in order], [costs[k] for k in order]
    if costs[-1].by_paths > _MOST:
        raise SettingError(
            f"networks has one of {depths[-1]} hidden layers, path by path more than 10²⁰⁰ "
            f"multiplications, which no axis holds: give shallower ones"
        )
    ax = axes_or_new(ax, 7, 4.1)
    lines = [
        ("by_paths", [float(cost.by_paths) for cost in costs], style.VERMILION, "o"),
        ("by_backpropagation", [float(cost.by_backpropagation) for cost in costs], style.NAVY, "s"),
    ]
    for key, values, colour, marker in lines:
        ax.plot(depths, values, color=colour, marker=marker, zorder=3, gid=key)
    ax.set_yscale("log")
    ax.yaxis.set_major_locator(LogLocator(numticks=8))
    ax.yaxis.minorticks_off()
    if len(networks) == 1:  # matplotlib's limits would be a fraction of a layer, of a decade
        ax.set_xlim(depths[0] - 1, depths[0] + 1)
        ax.set_ylim(lines[1][1][0] / 10, lines[0][1][0] * 10)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel(word("hidden_layers"))
    ax.set_title(word("multiplications"))
    label_right(
        ax,
        [
            Label(word(key, count=power_of_ten(values[-1])), values[-1], colour)
            for key, values, colour, _ in lines
        ],
    )
    return ax
