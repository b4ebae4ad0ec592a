"""What the gradient costs: path by path against backpropagation, the deeper the network."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, MaxNLocator

from koubai.errors import SettingError
from koubai.figures import style
from koubai.figures.labels import Label, label_right
from koubai.figures.powers import power_of_ten
from koubai.figures.style import axes_or_new, in_style
from koubai.figures.words import word
from koubai.gradients.paths import multiplications
from koubai.networks.network import Network


@in_style()
def cost_of_the_chain_rule(networks: Sequence[Network], ax: Axes | None = None) -> Axes:
    """Draws how many multiplications the gradient of each network takes, against its depth.

    Path by path, every weight's derivative a sum of products over all its paths to the cost, it
    grows by a factor with each layer; by backpropagation, by a summand. See `kb.multiplications`.

    networks: of growing depth, such as [Network([12, *[50] * depth, 2]) for depth in range(11)].
    Raises SettingError for none.
    """
    if not networks:
        raise SettingError("networks is empty: give networks of growing depth")
    ax = axes_or_new(ax, 7, 4.1)
    depths = [len(network.sizes) - 2 for network in networks]
    costs = [multiplications(network) for network in networks]
    lines = [
        ("by_paths", [float(cost.by_paths) for cost in costs], style.VERMILION, "o"),
        ("by_backpropagation", [float(cost.by_backpropagation) for cost in costs], style.NAVY, "s"),
    ]
    for key, values, colour, marker in lines:
        ax.plot(depths, values, color=colour, marker=marker, zorder=3, gid=key)
    ax.set_yscale("log")
    ax.yaxis.set_major_locator(LogLocator(numticks=8))
    ax.yaxis.minorticks_off()
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
