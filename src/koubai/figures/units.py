"""The units of a network in its diagram, and what is written on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Array, Float
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Polygon

from koubai.figures import style
from koubai.figures.columns import ROUND, Column
from koubai.figures.words import number, word
from koubai.networks.network import Network

# Light enough for what is written on it.
_SHADES = LinearSegmentedColormap.from_list("shades", ["#EBA46C", "white", "#8FB2DA"])


Values = Float[np.ndarray, " units"]


@dataclass(frozen=True)
class Sheet:
    """What the diagram is drawn on, and how large its letters are there."""

    ax: Axes
    scale: float

    def write(self, x: float, y: float, text: str, size: float, **look: Any) -> None:
        """A text about a point, in so many points where the diagram has its full size."""
        look = {"ha": "center", "va": "center", "zorder": 5} | look
        self.ax.text(x, y, text, fontsize=size * self.scale, **look)


def draw_units(column: Column, z: Values | None, a: Values | None, sheet: Sheet) -> None:
    """The units of a layer with the names of their z and a, or with their values."""
    shades = np.zeros(column.units[-1] + 1) if a is None else _shares(a)
    for unit, y in zip(column.units, column.y.tolist(), strict=True):
        sheet.ax.add_patch(
            Polygon(
                _outline(column.x, y, column.half), facecolor=_SHADES(0.5 + 0.5 * shades[unit]),
                edgecolor=style.INK, linewidth=sheet.scale, zorder=3,
                gid=f"unit {column.layer} {unit + 1}",
            )
        )  # fmt: skip
        if column.layer == 1:
            _write_input(column, unit, y, a, sheet)
        else:
            _write_z_and_a(column, unit, y, (z, a), sheet)
    if column.dots is not None:
        sheet.ax.plot(
            [column.x] * 3, column.dots + np.array([-0.1, 0, 0.1]), "o", color=style.GREY,
            markersize=2.5 * sheet.scale, zorder=3, gid=f"dots {column.layer}",
        )  # fmt: skip


def _shares(a: Values) -> Values:
    """Each of the values beside the largest of them; 0 for those that are not finite."""
    finite = np.where(np.isfinite(a), a, 0.0)
    return finite / (np.abs(finite).max() or 1.0)


def _write_input(column: Column, unit: int, y: float, a: Values | None, sheet: Sheet) -> None:
    sheet.write(column.x - column.half - 0.08, y, f"$x_{{{unit + 1}}}$", 9, ha="right")
    if a is None:
        sheet.write(column.x, y, symbol("a", 1, unit), 8)
    else:
        sheet.write(column.x, y, short(float(a[unit])), 7)


def _write_z_and_a(
    column: Column, unit: int, y: float, layers: tuple[Values | None, Values | None], sheet: Sheet
) -> None:
    sheet.ax.plot(
        [column.x] * 2, [y - ROUND, y + ROUND], color=style.INK, linewidth=0.6 * sheet.scale,
        zorder=4,
    )  # fmt: skip
    for letter, side, values in zip("za", (-0.5, 0.5), layers, strict=True):
        x, name = column.x + side * column.half, symbol(letter, column.layer, unit)
        if values is None:
            sheet.write(x, y, name, 8)
        else:
            sheet.write(x, y, short(float(values[unit])), 8)
            sheet.write(x, y + ROUND + 0.09, name, 7.5)


def _outline(x: float, y: float, half: float) -> Float[np.ndarray, "corners 2"]:
    """A circle, drawn out to a width of 2 · half."""
    angles = np.radians(np.linspace(-90, 270, 72, endpoint=False) + 2.5)
    across, along = np.cos(angles), np.sin(angles)
    return np.column_stack(
        [x + ROUND * across + (half - ROUND) * np.sign(across), y + ROUND * along]
    )


def name_biases(column: Column, biases: Float[Array, " units"] | None, sheet: Sheet) -> None:
    """The name of the bias below each unit, with its value where there is one."""
    for unit, y in zip(column.units, column.y.tolist(), strict=True):
        text = symbol("b", column.layer, unit)
        if biases is not None:
            text += f" = {short(float(biases[unit]))}"
        sheet.write(column.x, y - ROUND - 0.09, text, 7.5)


def draw_heading(network: Network, column: Column, top: float, sheet: Sheet) -> None:
    """The number of the layer, its kind and size, and its activation."""
    units = network.sizes[column.index]
    last = column.layer == len(network.sizes)
    kind = word("input_layer" if column.layer == 1 else "output_layer" if last else "hidden_layer")
    lines = [kind, word("one_unit") if units == 1 else word("units", count=units)]
    if column.layer > 1:
        lines.append(network.activations[column.index - 1].name)
    sheet.write(
        column.x, top - 0.02, word("layer", number=column.layer), 10, fontweight="bold", va="top"
    )
    for row, line in enumerate(lines, start=1):
        sheet.write(column.x, top - 0.05 - 0.17 * row, line, 8.5, va="top", color=style.GREY)


def symbol(letter: str, layer: int, *units: int) -> str:
    """A name as the books write it, units counted from 1: w²₁₁, and w²₁,₁₂ where it needs that."""
    numbers = [str(unit + 1) for unit in units]
    comma = "," if any(len(text) > 1 for text in numbers) else ""
    return f"${letter}^{{{layer}}}_{{{comma.join(numbers)}}}$"


def short(value: float) -> str:
    """A number of few characters."""
    if abs(value) < 10:
        text = f"{value:.2f}"
        return ("0.00" if text == "-0.00" else text).replace("-", "\N{MINUS SIGN}")
    return number(value, 3 if abs(value) < 100 else 2)
