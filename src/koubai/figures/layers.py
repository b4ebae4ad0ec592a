"""What each layer did while a network learnt: gradients, steps, units out of work."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Bool, Float
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.ticker import PercentFormatter, StrMethodFormatter

from koubai.errors import SettingError
from koubai.figures.curves import whole_ticks
from koubai.figures.labels import Label, label_right
from koubai.figures.style import axes_or_new, in_style
from koubai.figures.words import word
from koubai.functions.arguments import expect
from koubai.training.history import History
from koubai.training.layers import QUANTITIES

_SHARES = ("flat", "dead", "alike")
_LOGARITHMIC = ("gradient_norm", "weight_norm", "update_ratio", "error_signal", "activation_std")
# More names than this do not fit beside the panel.
_MOST_NAMES = 13
# With more moments than this their markers would run together.
_MOST_MARKERS = 40


@in_style()
def layer_curves(history: History, quantity: str = "gradient_norm", ax: Axes | None = None) -> Axes:
    """Draws a quantity of every layer over the iterations, from light at the input to dark.

    quantity: of `history.layers`: gradient_norm, weight_norm, update_ratio, gradient_noise,
    error_signal, activation_mean, activation_std, flat, dead or alike. Norms and ratios are on a
    logarithmic axis, where a 0 is a gap; shares are in percent. Layers are counted from the
    input, which is layer 1.

    Raises SettingError for another quantity, for what is no history, and where nothing was recorded
    of the layers.
    """
    expect(history, History, "history", "the History of a run, run.history")
    if quantity not in QUANTITIES:
        raise SettingError(f"quantity is {quantity!r}: choose one of {', '.join(QUANTITIES)}")
    layers = history.layers
    if not len(layers):
        raise SettingError(
            "history has no record of the layers: it is of a run that an older koubai made"
        )
    ax = axes_or_new(ax, 7, 4.1)
    values = getattr(layers, quantity).astype(np.float64)
    values = np.where(np.isfinite(values), values, np.nan)
    zero = (values == 0).any(axis=0)
    if quantity in _LOGARITHMIC:
        values = np.where(values > 0, values, np.nan)
        ax.set_yscale("log" if np.isfinite(values).any() else "linear")
    count = values.shape[1]
    marker = "o" if len(layers) <= _MOST_MARKERS else ""
    for index in range(count):
        ax.plot(
            layers.iterations, values[:, index], color=_shade(index, count), marker=marker,
            markersize=3, linewidth=1.6, gid=f"layer {index + 2}",
        )  # fmt: skip
    if quantity in _SHARES:
        ax.set_ylim(-0.02, 1.02)
        ax.yaxis.set_major_formatter(PercentFormatter(xmax=1))
    _name(values, zero, ax)
    last = max(int(layers.iterations[-1]), 1)
    ax.set_xlim(-0.02 * last, 1.02 * last)
    ax.xaxis.set_major_locator(whole_ticks(ax, inches_each=0.9))
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    ax.set_xlabel(word("iteration"))
    ax.set_title(word(f"layers_{quantity}"))
    return ax


def _shade(index: int, count: int) -> str:
    """From light to dark, and dark enough to be seen."""
    return to_hex(colormaps["viridis_r"](0.25 + 0.7 * index / max(1, count - 1)))


def _name(
    values: Float[np.ndarray, "moments layers"], zero: Bool[np.ndarray, " layers"], ax: Axes
) -> None:
    """The layers beside their curves, or some of them where there are many.

    One that has no curve, for its values are 0, has its name at the lower edge.
    """
    count = values.shape[1]
    labels: list[Label] = []
    for index in range(0, count, math.ceil(count / _MOST_NAMES)):
        finite = values[:, index][np.isfinite(values[:, index])]
        name, height = word("layer", number=index + 2), math.nan
        if len(finite):
            height = float(finite[-1])
        elif zero[index]:
            name, height = word("layer_of_0", name=name), ax.get_ylim()[0]
        labels.append(Label(name, height, _shade(index, count)))
    label_right(ax, labels)
