"""The chain rule on the network itself: the paths from a weight to the cost, lit."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Circle

from koubai.errors import SettingError
from koubai.figures import style
from koubai.figures.columns import ROUND, Column
from koubai.figures.powers import power_of_ten
from koubai.figures.routes import (
    FEW,
    Point,
    chain_columns,
    height_of,
    line_between,
    route,
    weight_line,
)
from koubai.figures.style import axes_or_new, in_style, inches
from koubai.figures.units import Sheet, draw_heading, draw_units, symbol
from koubai.figures.words import number, word
from koubai.functions.arguments import expect, whole_number
from koubai.gradients.paths import ChainPath, Explanation, Factor

_MOST_PATHS = 12  # more would lie over each other
_HEADING, _KEY = 1.1, 0.5
_BELOW_UNIT, _BELOW_FACTOR = 0.25, 0.3  # inches down to where the key may begin
_TITLE_PAD = 16  # points: the fraction in the title reaches below its line
_WIDEST, _LEAST_SCALE = 8.6, 0.75
_THICKEST, _THINNEST = 4.0, 0.8  # points


@in_style()
def chain_paths(explanation: Explanation, rank: int | None = None, ax: Axes | None = None) -> Axes:
    """Draws the paths from a weight, or a bias, to the cost C on the diagram of the network.

    Each path is as wide as its product is large beside the largest, and of the colour and stroke
    of its sign. Along the strongest one stand its factors: their product is what it contributes.
    No more than the 12 strongest are drawn; of a layer with more than 12 units those that they
    pass, and a few others.

    explanation: from `kb.explain`. rank: then only that path, 1 for the strongest.
    Raises SettingError for a rank that is not listed, and for what is no explanation.
    """
    expect(explanation, Explanation, "explanation", "what kb.explain found")
    paths = _chosen(explanation, rank)
    columns = chain_columns(explanation, paths)
    cost = (2 * columns[-1].x - columns[-2].x, 0.0)
    highest = max(float(np.abs(column.y).max()) for column in columns)
    left, right = columns[0].x - 0.75, cost[0] + 0.6
    places = _places(paths[0], columns, cost)
    hanging = [y for _, y in [*places, weight_line(explanation, columns)[0]]]
    bottom = min(-highest - _BELOW_UNIT, min(hanging) - _BELOW_FACTOR) - _KEY
    top = highest + _HEADING
    shrunk = min(1.0, max(_LEAST_SCALE, _WIDEST / (right - left)))
    ax = axes_or_new(ax, shrunk * (right - left), shrunk * (top - bottom))
    width, height = inches(ax)
    sheet = Sheet(ax, min(1.0, width / (right - left), height / (top - bottom)))
    _draw_network(explanation, columns, cost, top, sheet)
    _draw_paths(explanation, paths, columns, cost, sheet)
    _write_factors(explanation, paths[0], places, columns, sheet)
    _write_key(explanation, paths, sheet)
    ax.set_title(_title(explanation, paths, rank), pad=_TITLE_PAD)
    ax.set_axis_off()
    ax.set_xlim(left, right)
    ax.set_ylim(bottom, top)
    ax.set_aspect("equal")
    return ax


def _chosen(explanation: Explanation, rank: int | None) -> tuple[ChainPath, ...]:
    if rank is None:
        return explanation.paths[:_MOST_PATHS]
    if whole_number("rank", rank, 1) > len(explanation.paths):
        raise SettingError(
            f"rank is {rank}, but the explanation lists {len(explanation.paths)} paths: "
            f"give 1 for the strongest, or explain with a larger most"
        )
    return (explanation.paths[rank - 1],)


def _draw_network(
    explanation: Explanation, columns: Sequence[Column], cost: Point, top: float, sheet: Sheet
) -> None:
    lines = [
        line_between(below, p, column, q)
        for below, column in pairwise(columns)
        for q in column.units
        for p in below.units
    ]
    last = columns[-1]
    lines += [[(last.x + last.half, height_of(last, q)), cost] for q in last.units]
    sheet.ax.add_collection(
        LineCollection(
            lines, colors=style.FAINT, linewidths=0.7 * sheet.scale, zorder=1, gid="weights"
        )
    )
    for column in columns:
        draw_units(column, None, None, sheet)
        draw_heading(explanation.network, column, top, sheet)
        for upper, lower in pairwise(range(len(column.units))):
            if column.units[lower] - column.units[upper] > 1:
                middle = float(column.y[upper] + column.y[lower]) / 2
                sheet.ax.plot(
                    [column.x] * 3, middle + np.array([-0.06, 0, 0.06]), "o", color=style.GREY,
                    markersize=1.8 * sheet.scale, zorder=3, gid=f"dots {column.layer}",
                )  # fmt: skip
    sheet.ax.add_patch(
        Circle(cost, ROUND, facecolor="white", edgecolor=style.INK, linewidth=1.4 * sheet.scale,
               zorder=3, gid="cost")
    )  # fmt: skip
    sheet.write(*cost, "$C$", 10)


_SIGNS: dict[bool, dict[str, Any]] = {
    True: {"color": style.NAVY, "linestyle": "-"},
    False: {"color": style.VERMILION, "linestyle": (0, (3.2, 1.2))},
}


def _draw_paths(
    explanation: Explanation,
    paths: Sequence[ChainPath],
    columns: Sequence[Column],
    cost: Point,
    sheet: Sheet,
) -> None:
    """The weakest first, so that the strongest is seen whole."""
    largest = abs(paths[0].value) or 1.0
    for place, path in reversed(list(enumerate(paths))):
        share = abs(path.value) / largest
        look = _SIGNS[path.value >= 0]
        sheet.ax.add_collection(
            LineCollection(
                route(path, columns, cost), colors=look["color"], linestyles=[look["linestyle"]],
                linewidths=sheet.scale * max(_THICKEST * share, _THINNEST),
                alpha=0.35 + 0.65 * share, zorder=2, gid=f"path {place + 1}",
            )
        )  # fmt: skip
    x, y = zip(*weight_line(explanation, columns), strict=True)
    sheet.ax.plot(
        x, y, color=style.GREEN, linewidth=4.5 * sheet.scale, zorder=2, solid_capstyle="butt",
        gid="weight",
    )  # fmt: skip


def _places(path: ChainPath, columns: Sequence[Column], cost: Point) -> list[Point]:
    """Where the factors along a path stand, but that of the weight itself, from there upwards.

    Those of units stand below them, those of weights on their lines.
    """
    few = len(columns) <= FEW
    places: list[Point] = []
    for (layer, unit), line in zip(path.units, route(path, columns, cost), strict=True):
        column = columns[layer - 1]
        # Beside the dots that may stand below the unit.
        across, below = (0.0, 0.4) if few else (0.27, 0.3)
        places += [(column.x + across, height_of(column, unit - 1) - below), _between(line, 0.5)]
    if len(path.factors) <= len(places):  # from z of the output straight to the cost
        del places[-2]
    return places


def _write_factors(
    explanation: Explanation,
    path: ChainPath,
    places: Sequence[Point],
    columns: Sequence[Column],
    sheet: Sheet,
) -> None:
    few = len(columns) <= FEW
    weight, *upwards = reversed(path.factors)
    for factor, place in zip(upwards, places, strict=True):
        text = _derivative(factor) if few else number(factor.value)
        _label(place, text, sheet, color=style.INK)
    text = _derivative(weight) if few else f"{_name(explanation)}: {number(weight.value)}"
    line = weight_line(explanation, columns)
    if explanation.i is None:
        _label(line[0], text, sheet, color=style.GREEN, ha="right")
    else:
        _label(_between(line, 0.5), text, sheet, color=style.GREEN)


def _label(place: Point, text: str, sheet: Sheet, **look: Any) -> None:
    sheet.write(
        *place, text, 8.5, zorder=6,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8 * sheet.scale}, **look,
    )  # fmt: skip


def _derivative(factor: Factor) -> str:
    return rf"${factor.latex.replace('frac', 'dfrac')}$ = {number(factor.value)}"


def _name(explanation: Explanation) -> str:
    if explanation.i is None:
        return symbol("b", explanation.layer, explanation.j - 1)
    return symbol("w", explanation.layer, explanation.j - 1, explanation.i - 1)


def _between(line: Sequence[Point], share: float) -> Point:
    (x0, y0), (x1, y1) = line
    return x0 + share * (x1 - x0), y0 + share * (y1 - y0)


def _write_key(explanation: Explanation, paths: Sequence[ChainPath], sheet: Sheet) -> None:
    names = {True: word("raises_derivative"), False: word("lowers_derivative")}
    handles = [
        Line2D([], [], linewidth=2.5, label=names[sign], **look)
        for sign, look in _SIGNS.items()
        if any((path.value >= 0) is sign for path in paths)
    ]
    marked = word("the_bias" if explanation.i is None else "the_weight")
    handles.append(Line2D([], [], linewidth=4.5, color=style.GREEN, label=marked))
    strongest = word(
        "product_of_path",
        product=r" $\cdot$ ".join(_bracketed(factor.value) for factor in paths[0].factors),
        value=power_of_ten(paths[0].value),
    )
    sheet.ax.legend(
        handles=handles, loc="lower center", ncols=len(handles), handlelength=2.6,
        fontsize=9 * sheet.scale, title=strongest, title_fontsize=9 * sheet.scale,
    )  # fmt: skip


def _bracketed(value: float) -> str:
    return f"({number(value)})" if value < 0 else number(value)


def _title(explanation: Explanation, paths: Sequence[ChainPath], rank: int | None) -> str:
    count = power_of_ten(explanation.count)
    if rank is not None:
        which = word("path_of_rank", rank=rank, count=count)
    elif explanation.count == 1:
        which = word("one_path")
    elif len(paths) == explanation.count:
        which = word("sum_over_paths", count=count)
    else:
        which = word("some_paths", shown=len(paths), count=count)
    name = explanation.latex.split("{aligned} ")[1].split(" &=")[0]
    value = power_of_ten(explanation.derivative)
    return word("derivative_title", name=f"${name}$", value=value, which=which)
