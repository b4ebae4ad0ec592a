"""An activation function and its derivative, and several beside each other."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool
from matplotlib.axes import Axes

from koubai.errors import SettingError, ShapeError
from koubai.figures import style
from koubai.figures.contours import PATH_COLOURS, PATH_STROKES
from koubai.figures.formulas import set_formula
from koubai.figures.labels import Label, label_right
from koubai.figures.style import StyledFigure, axes_or_new, in_style
from koubai.figures.words import word
from koubai.functions.activations import Activation, activations
from koubai.objectives.grid import Curve, Interval

_MOST = len(PATH_COLOURS)
_POINTS = 401


@in_style()
def activation(
    which: str | Activation, interval: Interval = (-5.0, 5.0), ax: Axes | None = None
) -> Axes:
    """Draws an activation function a(z) and its derivative a'(z), with both formulas.

    Where the derivative is 0 nothing is learnt, and the panel is shaded. Where the value or the
    derivative jumps, a dot stands on the one that is used there and a ring on the other.

    which: a name in `kb.activations`, or an Activation. interval: (lowest z, highest z).
    Raises SettingError for one that acts on a whole layer (softmax), and for an interval out of
    order; UnknownNameError for an unknown name.
    """
    record = _elementwise(which)
    ax = axes_or_new(ax, 7, 4.3)
    value, slope = _curve(record, record, interval), _curve(record, record.derivative, interval)
    _axes_of_zero(interval, ax)
    _shade_where_nothing_is_learnt(slope, ax)
    _draw(value, record, "value", style.NAVY, "-", ax)
    _draw(slope, record, "derivative", style.VERMILION, PATH_STROKES[1], ax)
    _limit([value, slope], ax)
    ends = [
        Label("$a(z)$", float(value.values[-1]), style.NAVY),
        Label("$a'(z)$", float(slope.values[-1]), style.VERMILION),
    ]
    label_right(ax, ends)
    formulas = [set_formula(text) for text in (record.formula, record.derivative_formula) if text]
    fractions = "frac" in record.formula + record.derivative_formula
    ax.set_title(f"{record.name}   " + "\n".join(formulas), linespacing=2.9 if fractions else 1.7)
    return ax


@in_style()
def compare_activations(
    names: Sequence[str | Activation] = ("step", "sigmoid", "tanh", "relu"),
    interval: Interval = (-5.0, 5.0),
    axes: Sequence[Axes] | None = None,
) -> tuple[Axes, Axes]:
    """Draws up to seven activation functions in one panel, and their derivatives in another.

    Backpropagation multiplies by the derivative at every layer: where it is small, so is what
    arrives below.

    axes: two, for the functions and for their derivatives; without them a new figure is made.
    Returns both. Raises SettingError for none or more than seven, ShapeError for other than two
    axes; other errors as `activation`.
    """
    records = [_elementwise(name) for name in names]
    if not 1 <= len(records) <= _MOST:
        raise SettingError(f"names has {len(records)} activations: give 1 to {_MOST}")
    panels = list(StyledFigure(figsize=(7, 6.4)).subplots(2, sharex=True) if axes is None else axes)
    if len(panels) != 2:
        raise ShapeError(f"axes has {len(panels)} axes, but there are 2 panels")
    values = [_curve(record, record, interval) for record in records]
    slopes = [_curve(record, record.derivative, interval) for record in records]
    for panel, lines, title in zip(
        panels, (values, slopes), ("activation_value", "activation_slope"), strict=True
    ):
        _draw_all(records, lines, interval, panel)
        panel.set_title(word(title))
    panels[0].set_xlabel("")
    return panels[0], panels[1]


def _elementwise(which: str | Activation) -> Activation:
    record = activations.find(which)
    if not record.elementwise:
        raise SettingError(
            f"which is {record.name}, which acts on a whole layer and is no curve: draw it with "
            f"figures.softmax_overflow, or choose another activation"
        )
    return record


def _curve(record: Activation, f: Callable[[Any], Any], interval: Interval) -> Curve:
    """The values at even distances, at each kink, and close behind it."""
    low, high = interval
    if not (low < high and math.isfinite(high - low)):
        raise SettingError(f"interval is {interval}: give a lower number, then a higher")
    kinks = np.array([kink for kink in record.kinks if low <= kink < high])
    even = np.linspace(low, high, _POINTS)
    x = np.unique(np.concatenate([even, kinks, kinks + 1e-6 * (high - low)]))
    return Curve(x, np.asarray(f(x), np.float64))


def _draw_all(
    records: Sequence[Activation], lines: Sequence[Curve], interval: Interval, ax: Axes
) -> None:
    _axes_of_zero(interval, ax)
    for index, (record, line) in enumerate(zip(records, lines, strict=True)):
        _draw(line, record, record.name, PATH_COLOURS[index], PATH_STROKES[index], ax)
    _limit(lines, ax)
    ends = [
        Label(record.name, float(line.values[-1]), PATH_COLOURS[index])
        for index, (record, line) in enumerate(zip(records, lines, strict=True))
    ]
    label_right(ax, ends)


def _draw(line: Curve, record: Activation, name: str, colour: str, stroke: Any, ax: Axes) -> None:
    """The line, cut where it jumps, with a dot on the left end and a ring on the right one."""
    jumps = _jumps(line, record)
    x, y = (np.insert(part, jumps + 1, np.nan) for part in (line.x, line.values))
    ax.plot(x, y, color=colour, linestyle=stroke, linewidth=2.2, zorder=3, gid=name)
    dot: dict[str, Any] = {"linestyle": "", "marker": "o", "color": colour, "markersize": 5.5}
    if len(jumps):
        ax.plot(line.x[jumps], line.values[jumps], zorder=4, gid=f"{name} at jump", **dot)
        ax.plot(line.x[jumps + 1], line.values[jumps + 1], zorder=4, gid=f"{name} after jump",
                markerfacecolor="white", markeredgewidth=1.6, **dot)  # fmt: skip


def _jumps(line: Curve, record: Activation) -> np.ndarray:
    """Behind which points of the line there is a jump."""
    at = np.flatnonzero(np.isin(line.x, record.kinks))
    at = at[at < len(line.x) - 1]
    return at[np.abs(line.values[at + 1] - line.values[at]) > 1e-3]


def _shade_where_nothing_is_learnt(slope: Curve, ax: Axes) -> None:
    flat: Bool[np.ndarray, " points"] = slope.values == 0
    if not flat.any():
        return
    where = ax.get_xaxis_transform()
    ax.fill_between(slope.x, 0, 1, where=flat.tolist(), transform=where, facecolor=style.FAINT,
                    linewidth=0, zorder=0, gid="flat")  # fmt: skip
    text = word("flat_everywhere" if flat.mean() > 0.98 else "flat_here")
    left, right = ax.get_xlim()
    middle = min(float(slope.x[flat].mean()), 0.75 * left + 0.25 * right)
    ax.text(middle, 0.6, text, transform=where, ha="center", va="center", zorder=5,
            color=style.GREY, fontsize=style.SHEET["legend.fontsize"])  # fmt: skip


def _axes_of_zero(interval: Interval, ax: Axes) -> None:
    ax.axhline(0, color=style.CLOUD, linewidth=0.8, zorder=1)
    if interval[0] < 0 < interval[1]:
        ax.axvline(0, color=style.CLOUD, linewidth=0.8, zorder=1)
    ax.set_xlim(*interval)
    ax.set_xlabel("$z$")


def _limit(lines: Sequence[Curve], ax: Axes) -> None:
    """All that bounded functions show, and of an unbounded one no more than from −2 to 3."""
    values = np.concatenate([line.values for line in lines])
    low, high = max(float(values.min()), -2.0), min(float(values.max()), 3.0)
    room = 0.12 * (high - low)
    ax.set_ylim(low - room, high + room)
