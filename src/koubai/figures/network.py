"""A network as a diagram: its layers, its units, and the weights between them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D

from koubai.errors import ShapeError
from koubai.figures import style
from koubai.figures.columns import Column, columns_of, extent
from koubai.figures.style import axes_or_new, in_style, inches
from koubai.figures.units import Sheet, Values, draw_heading, draw_units, name_biases, short, symbol
from koubai.figures.words import number, word
from koubai.functions.arguments import expect
from koubai.networks.network import Layer, Network, Params, Trace

_NAMED_AT = 0.5  # inches from the unit below, where the name of a weight stands
_WIDEST = 7.7  # inches: a wider diagram is shrunk, and its letters, …
_LEAST_SCALE = 0.75  # … down to this share
_NO_KEY, _KEY = 0.4, 0.85  # inches below the units
_THICKEST, _THINNEST = 3.2, 0.3  # points


_SIGNS: dict[str, dict[str, Any]] = {
    "+": {"color": style.NAVY, "linestyle": "-"},
    "-": {"color": style.VERMILION, "linestyle": (0, (3.2, 1.2))},
    "?": {"color": style.INK, "linestyle": (0, (1, 1.5))},
}


@in_style()
def network_diagram(
    network: Network,
    params: Params | None = None,
    trace: Trace | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draws the layers of a network, numbered from 1 for the input layer, with the books' names.

        z^l_j = Σ_i w^l_ji · a^{l−1}_i + b^l_j        a^l_j = h(z^l_j)

    Each unit shows its weighted input z beside its output a, and its bias b below. The weights
    that lead to the first unit of each layer have their names. Of a layer with more than 12 units
    the first and the last few are drawn, and dots for the others.

    params: then colour and stroke show the sign of a weight, the width its size; biases and named
    weights have their values. trace: of one example, `network.forward(params, x)`; then z and a
    have their values, and the shade of a unit shows its a beside the largest of its layer.

    Raises ShapeError when params or trace do not fit the network.
    """
    expect(network, Network, "network", "a Network, such as kb.Network([12, 3, 2])")
    if params is not None:
        network.check(params, (network.sizes[0],))
    values = _values(network, trace)
    columns = columns_of(network.sizes)
    room_below = _NO_KEY if params is None else _KEY
    (left, right), (bottom, top) = extent(columns, room_below)
    shrunk = min(1.0, max(_LEAST_SCALE, _WIDEST / (right - left)))
    ax = axes_or_new(ax, shrunk * (right - left), shrunk * (top - bottom))
    width, height = inches(ax)
    sheet = Sheet(ax, min(1.0, width / (right - left), height / (top - bottom)))
    if params is None:
        _draw_plain_weights(columns, sheet)
    else:
        _draw_weights(columns, params, sheet)
    for column, (z, a) in zip(columns, values, strict=True):
        draw_units(column, z, a, sheet)
        draw_heading(network, column, top, sheet)
    for below, column in pairwise(columns):
        layer = None if params is None else params[below.index]
        _name_weights(below, column, layer, sheet)
        name_biases(column, None if layer is None else layer.b, sheet)
    ax.set_axis_off()
    ax.set_xlim(left, right)
    ax.set_ylim(bottom, top)
    ax.set_aspect("equal")
    return ax


def _values(
    network: Network, trace: Trace | None
) -> list[tuple[Values, Values] | tuple[None, None]]:
    """The z and a of every layer; those of the input layer, which has no z, are its a."""
    if trace is None:
        return [(None, None)] * len(network.sizes)
    shapes = [tuple(a.shape) for a in trace.activations]
    if shapes != [(size,) for size in network.sizes]:
        raise ShapeError(
            f"trace has activations of shapes {shapes}, but the network {list(network.sizes)} has "
            f"one number for each unit: give network.forward(params, x) of a single example"
        )
    a = [np.asarray(layer, np.float64) for layer in trace.activations]
    z = [a[0], *(np.asarray(layer, np.float64) for layer in trace.weighted_inputs)]
    return list(zip(z, a, strict=True))


def _lines(below: Column, column: Column) -> list[list[tuple[float, float]]]:
    """The connections, unit by unit of the upper layer, from the lower one's right to its left."""
    return [
        [(below.x + below.half, float(y0)), (column.x - column.half, float(y1))]
        for y1 in column.y
        for y0 in below.y
    ]


def _draw_plain_weights(columns: list[Column], sheet: Sheet) -> None:
    for below, column in pairwise(columns):
        named = len(below.units)
        lines = _lines(below, column)
        count = len(lines) - named
        sheet.ax.add_collection(
            LineCollection(
                lines,
                colors=[style.NAVY] * named + [style.PALE] * count,
                linewidths=[1.2 * sheet.scale] * named + [0.7 * sheet.scale] * count,
                zorder=1,
                gid=f"weights {column.layer}",
            )
        )


def _draw_weights(columns: list[Column], params: Params, sheet: Sheet) -> None:
    """The connections by sign and size, and what these mean."""
    drawn = [_weights(*pair, params) for pair in pairwise(columns)]
    sizes = np.abs(np.concatenate(drawn))
    largest = float(sizes[np.isfinite(sizes)].max(initial=0.0))
    for (below, column), w in zip(pairwise(columns), drawn, strict=True):
        share = np.where(np.isfinite(w), np.abs(w) / (largest or 1.0), 0.5)
        looks = [_SIGNS[_sign(value)] for value in w.tolist()]
        sheet.ax.add_collection(
            LineCollection(
                _lines(below, column),
                colors=[look["color"] for look in looks],
                linestyles=[look["linestyle"] for look in looks],
                linewidths=sheet.scale * np.maximum(_THICKEST * share, _THINNEST),
                zorder=1,
                gid=f"weights {column.layer}",
            )
        )
    signs = {_sign(value) for w in drawn for value in w.tolist()}
    names = {"+": word("positive_weight"), "-": word("negative_weight"), "?": word("not_finite")}
    key = [
        Line2D([], [], linewidth=2, label=names[sign], **look)
        for sign, look in _SIGNS.items()
        if sign in signs
    ]
    sheet.ax.legend(
        handles=key, loc="lower center", ncols=len(key), handlelength=2.4,
        fontsize=9 * sheet.scale, title_fontsize=9 * sheet.scale,
        title=word("widest_weight", value=number(largest)),
    )  # fmt: skip


def _sign(weight: float) -> str:
    return "?" if not np.isfinite(weight) else "-" if weight < 0 else "+"


def _weights(below: Column, column: Column, params: Params) -> Float[np.ndarray, " lines"]:
    """The weights in the order of `_lines`."""
    w = np.asarray(params[below.index].w, np.float64)
    return w[np.ix_(below.units, column.units)].T.ravel()


def _name_weights(below: Column, column: Column, layer: Layer | None, sheet: Sheet) -> None:
    """The names of the weights that lead to the first unit, on their lines."""
    first = column.units[0]
    for unit, ((x0, y0), (x1, y1)) in zip(below.units, _lines(below, column), strict=False):
        share = _NAMED_AT / (x1 - x0)
        text = symbol("w", column.layer, first, unit)
        if layer is not None:
            text += f" = {short(float(layer.w[unit, first]))}"
        sheet.write(
            x0 + _NAMED_AT, y0 + share * (y1 - y0), text, 8,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6 * sheet.scale},
        )  # fmt: skip
