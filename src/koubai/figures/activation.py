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
from koubai.figures.contours import PATH_STROKES
from koubai.figures.formulas import set_formula
from koubai.figures.labels import Label, label_right
from koubai.figures.style import StyledFigure, axes_or_new, in_style
from koubai.figures.words import word
from koubai.functions.activations import Activation, activations
from koubai.objectives.grid import Curve, Interval

_POINTS = 401
# Panels side by side.
_COLUMNS = 2


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
    lines = value, slope = _draw_both(record, interval, ax)
    _limit(lines, ax)
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
) -> tuple[Axes, ...]:
    """Draws activation functions and their derivatives side by side, to the same scale.

    Backpropagation multiplies by the derivative at every layer: where it is small, so is what
    arrives below; where it is 0 the panel is shaded.

    axes: one for each; without them a new figure is made. Returns the axes. Raises SettingError
    for no names, ShapeError when there are not as many axes as names; other errors as
    `activation`.
    """
    records = [_elementwise(name) for name in names]
    if not records:
        raise SettingError("names is empty: give one activation or more")
    axes = _new_axes(len(records)) if axes is None else axes
    if len(axes) != len(records):
        raise ShapeError(f"axes has {len(axes)} axes, but there are {len(records)} activations")
    lines: list[Curve] = []
    for index, (record, ax) in enumerate(zip(records, axes, strict=True)):
        lines += _draw_both(record, interval, ax)
        ax.set_title(record.name)
        ax.set_xlabel("$z$" if index // _COLUMNS == (len(records) - 1) // _COLUMNS else "")
    for ax in axes:
        _limit(lines, ax)
    key = {"value": word("activation_value"), "derivative": word("activation_slope")}
    drawn = [line for line in axes[0].get_lines() if line.get_gid() in key]
    axes[0].legend(drawn, key.values(), loc="upper left")
    return tuple(axes)


def _new_axes(count: int) -> list[Axes]:
    columns = min(count, _COLUMNS)
    rows = math.ceil(count / columns)
    figure = StyledFigure(figsize=(0.6 + 3.2 * columns, 0.5 + 2.3 * rows))
    axes = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).ravel()
    for ax in axes[count:]:
        ax.set_axis_off()
    return list(axes[:count])


def _draw_both(record: Activation, interval: Interval, ax: Axes) -> tuple[Curve, Curve]:
    """The function and its derivative, shaded where it is 0; returns both."""
    value, slope = _curve(record, record, interval), _curve(record, record.derivative, interval)
    _axes_of_zero(interval, ax)
    _shade_where_nothing_is_learnt(slope, ax)
    _draw(value, record, "value", style.NAVY, "-", ax)
    _draw(slope, record, "derivative", style.VERMILION, PATH_STROKES[1], ax)
    return value, slope


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
