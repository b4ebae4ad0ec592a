"""How learning went: the loss and the accuracy over the iterations."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter, StrMethodFormatter

from koubai.errors import ShapeError
from koubai.figures import style
from koubai.figures.labels import Label, label_right
from koubai.figures.style import StyledFigure, axes_or_new, in_style, inches
from koubai.figures.words import word
from koubai.functions.arguments import expect
from koubai.training.history import History

_Numbers = Float[np.ndarray, " n"]
_Iterations = Int[np.ndarray, " n"]

# A loss that falls by this factor is drawn on a logarithmic axis.
_DECADES = 100
# With more points than this their markers would run together.
_MOST_MARKERS = 32
# More losses of mini-batches than this are a cloud of dots: a line would fill the panel.
_LONGEST_LINE = 4_000

_LOOKS: dict[str, dict[str, Any]] = {
    "train": {"color": style.TRAIN, "linestyle": "-", "marker": "o", "zorder": 3},
    "validation": {"color": style.VALIDATION, "linestyle": (0, (1, 1)), "marker": "^", "zorder": 4},
    "test": {"color": style.TEST, "linestyle": (0, (4, 1.5)), "marker": "s", "zorder": 5},
}


@dataclass(frozen=True, eq=False)
class Measured:
    """One measure of one split, as the history has it, by iterations or by epochs."""

    split: str
    at: _Iterations
    values: _Numbers


@in_style()
def learning_curves(history: History, axes: Sequence[Axes] | None = None) -> tuple[Axes, ...]:
    """Draws how learning went: above the loss, below the accuracy, over the iterations.

    Without classes there is only the loss. See `loss_curves` and `accuracy_curves`.

    axes: one for each panel, from the top; without them a new figure is made.
    Returns the axes drawn on. Raises ShapeError when there are not as many as panels.
    """
    expect(history, History, "history", "the History of a run, run.history")
    draw = [_draw_loss, _draw_accuracy] if _accuracies(history) else [_draw_loss]
    if axes is None:
        figure = StyledFigure(figsize=(7, 1.3 + 2.8 * len(draw)))
        axes = list(figure.subplots(len(draw), sharex=True, squeeze=False)[:, 0])
    if len(axes) != len(draw):
        raise ShapeError(f"axes has {len(axes)} axes, but this history has {len(draw)} panels")
    for draw_panel, ax in zip(draw, axes, strict=True):
        draw_panel(history, ax)
    _epochs_above(history, axes[0])
    _iterations_below(history, axes[-1])
    return tuple(axes)


@in_style()
def loss_curves(history: History, ax: Axes | None = None) -> Axes:
    """Draws the loss over the iterations.

    In the background the loss of every mini-batch; before it the loss of the whole training,
    validation and test data at each epoch, with the final values beside them. Epochs are marked
    above. The axis is logarithmic where the loss spans decades; it reaches down to a tenth of
    the lowest curve at most. A value that is not finite is a gap in its line and a × above it.
    """
    expect(history, History, "history", "the History of a run, run.history")
    ax = axes_or_new(ax, 7, 4.1)
    _draw_loss(history, ax)
    _epochs_above(history, ax)
    _iterations_below(history, ax)
    return ax


@in_style()
def accuracy_curves(history: History, ax: Axes | None = None) -> Axes:
    """Draws the accuracy on the training, validation and test data over the iterations.

    The final values stand beside the curves; epochs are marked above. Where there are no classes
    the axes say so.
    """
    expect(history, History, "history", "the History of a run, run.history")
    ax = axes_or_new(ax, 7, 4.1)
    _draw_accuracy(history, ax)
    _epochs_above(history, ax)
    _iterations_below(history, ax)
    return ax


def _draw_loss(history: History, ax: Axes) -> None:
    ax.set_title(word("loss"))
    curves, batches = _losses(history), history.batch_losses.astype(np.float64)
    _draw_batches(history.batch_iterations, batches, ax)
    labels = [_as_of(history, draw_measured(curve, ax, "{:.4g}")) for curve in curves]
    limit_loss(curves, batches, ax)
    if len(batches):
        labels.append(_batches_label(history.batch_stride, batches))
    label_measured(labels, word("nothing_finite"), ax)


def _draw_accuracy(history: History, ax: Axes) -> None:
    ax.set_title(word("accuracy"))
    labels = [_as_of(history, draw_measured(curve, ax, "{:.2%}")) for curve in _accuracies(history)]
    ax.yaxis.set_major_formatter(PercentFormatter(xmax=1))
    ax.set_ylim(-0.02, 1.02)
    label_measured(labels, word("nothing_finite" if labels else "no_accuracy"), ax)


def _losses(history: History) -> list[Measured]:
    curves = [
        Measured("train", history.iterations, history.train_loss),
        Measured("test", history.iterations, history.test_loss),
    ]
    if not np.isnan(history.validation_loss).all():
        curves.append(Measured("validation", history.iterations, history.validation_loss))
    return curves


def _accuracies(history: History) -> list[Measured]:
    """The accuracies there are: none in a regression."""
    measures = {
        "train": history.train_accuracy,
        "test": history.test_accuracy,
        "validation": history.validation_accuracy,
    }
    return [
        Measured(split, history.iterations, values)
        for split, values in measures.items()
        if not np.isnan(values).all()
    ]


def _draw_batches(iterations: _Iterations, losses: _Numbers, ax: Axes) -> None:
    ax.plot(iterations, losses, zorder=2, gid="batches", **_batches_look(len(losses)))
    _mark_not_finite(iterations, losses, style.GREY, ax)


def _batches_look(count: int) -> dict[str, Any]:
    if count <= _LONGEST_LINE:
        marker = "." if count <= _MOST_MARKERS else ""
        return {"color": style.PALE, "linewidth": 1.0, "marker": marker}
    alpha = min(0.8, max(0.1, 5 * _LONGEST_LINE / count))
    dots = {"linestyle": "", "marker": ".", "markersize": 2, "markeredgewidth": 0}
    # Pixels in an SVG or PDF too, which would be huge.
    return dots | {"color": style.CLOUD, "alpha": alpha, "rasterized": True}


def draw_measured(curve: Measured, ax: Axes, form: str) -> Label:
    """Draws one curve, its values in that form; returns the label to stand beside it."""
    look = dict(_LOOKS[curve.split])
    if len(curve.values) > _MOST_MARKERS:
        look["marker"] = ""
    ax.plot(curve.at, curve.values, gid=curve.split, **look)
    _mark_not_finite(curve.at, curve.values, look["color"], ax)
    name, last = word(curve.split), float(curve.values[-1]) if len(curve.values) else math.nan
    text = (
        word("final_value", name=name, value=form.format(last))
        if math.isfinite(last)
        else word("final_not_finite", name=name)
    )
    return Label(text, _last_finite(curve.values), look["color"])


def _as_of(history: History, label: Label) -> Label:
    """The label with the epoch that its value is of, where the loss was lost after it."""
    lost = len(history.batch_losses) and not np.isfinite(history.batch_losses[-1])
    if not lost or not len(history.epochs):
        return label
    return replace(label, text=f"{label.text} ({word('epoch', number=history.epochs[-1])})")


def _batches_label(stride: int, losses: _Numbers) -> Label:
    text = word("batches") if stride == 1 else word("batches_thinned", stride=stride)
    return Label(text, _last_finite(losses), style.GREY)


def _mark_not_finite(x: _Iterations, y: _Numbers, colour: str, ax: Axes) -> None:
    """A × at the upper edge wherever y is NaN or infinite."""
    missing: Bool[np.ndarray, " n"] = ~np.isfinite(y)
    if missing.any():
        ax.plot(
            x[missing],
            np.ones(missing.sum()),
            linestyle="",
            marker="x",
            markersize=7,
            markeredgewidth=1.8,
            color=colour,
            transform=ax.get_xaxis_transform(),
            clip_on=False,
            zorder=6,
            gid="not finite",
        )


def limit_loss(curves: Sequence[Measured], batches: _Numbers, ax: Axes) -> None:
    """Chooses the scale and the limits of the loss axis."""
    measured = np.concatenate([curve.values for curve in curves])
    measured, batches = measured[np.isfinite(measured)], batches[np.isfinite(batches)]
    every = np.concatenate([measured, batches])
    positive = every[every > 0]
    if not len(positive) or every.min() < 0:
        return
    bottom, top = float(positive.min()), float(positive.max())
    if (measured > 0).any():
        bottom = max(bottom, float(measured[measured > 0].min()) / 10)
    if top / bottom < _DECADES:
        return
    margin = (top / bottom) ** 0.05
    ax.set_yscale("log")
    ax.set_ylim(bottom / margin, top * margin)


def label_measured(labels: list[Label], nothing: str, ax: Axes) -> None:
    """Labels the curves, or writes `nothing` where there is nothing finite to draw."""
    lines = {line.get_gid() for line in ax.lines}
    if "not finite" in lines:
        labels.append(Label(f"× {word('not_finite')}", math.inf, style.INK))
    if not any(math.isfinite(label.y) for label in labels):
        ax.set_yticks([])
        ax.text(0.5, 0.5, nothing, transform=ax.transAxes, ha="center")
    label_right(ax, labels)


def _iterations_below(history: History, ax: Axes) -> None:
    last = max(_last_iteration(history), 1)
    ax.set_xlim(-0.02 * last, 1.02 * last)
    ax.xaxis.set_major_locator(whole_ticks(ax, inches_each=0.7))
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    ax.set_xlabel(word("iteration"))


def _epochs_above(history: History, ax: Axes) -> None:
    """Marks the ends of epochs on an axis above, at the iterations where they were."""
    last = int(history.epochs[-1]) if len(history.epochs) else 0
    shown = np.isin(history.epochs, whole_ticks(ax, inches_each=0.5).tick_values(0, max(last, 1)))
    names = [str(epoch) for epoch in history.epochs[shown]]
    names[:1] = [word("epoch", number=name) for name in names[:1]]
    ax.secondary_xaxis("top").set_xticks(history.iterations[shown], names)


def whole_ticks(ax: Axes, inches_each: float) -> MaxNLocator:
    """Ticks at 1, 2, 5, 10, 20, …, as many as there is room for."""
    bins = max(1, int(inches(ax)[0] / inches_each))
    return MaxNLocator(nbins=bins, steps=[1, 2, 5, 10], integer=True)


def _last_iteration(history: History) -> int:
    ends = [*history.iterations[-1:], *history.batch_iterations[-1:]]
    return int(max(ends, default=0))


def _last_finite(values: _Numbers) -> float:
    finite = values[np.isfinite(values)]
    return float(finite[-1]) if len(finite) else math.nan
