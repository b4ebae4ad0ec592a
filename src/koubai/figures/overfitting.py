"""Over-fitting: where a network learns its training data ever better, and the rest no longer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from matplotlib.ticker import PercentFormatter, StrMethodFormatter

from koubai.errors import SettingError, ShapeError
from koubai.figures import style
from koubai.figures.curves import Measured, draw_measured, label_measured, limit_loss, whole_ticks
from koubai.figures.style import StyledFigure, in_style
from koubai.figures.words import number, word
from koubai.functions.arguments import expect
from koubai.training.history import History, Overfitting

# The share of a panel's height that two lines of text take.
_ROOM = 0.25


@in_style()
def overfitting(
    history: History, which: str = "test", axes: Sequence[Axes] | None = None
) -> tuple[Axes, ...]:
    """Draws training against test data, epoch by epoch: above the loss, below the accuracy.

    A line marks the epoch where the test loss is least, `history.best_epoch(which)`. Where it
    ends by more than 5 % above that, the gap between the two curves from there on is shaded and
    named over-fitting. Without classes there is only the loss.

    which: "test" or "validation". axes: one for each panel, from the top; without them a new
    figure is made. Returns the axes drawn on. Raises ShapeError when there are not as many as
    panels, SettingError for another split, or one that has no finite loss, and for no history.
    """
    expect(history, History, "history", "the History of a run, run.history")
    if which not in ("test", "validation"):
        raise SettingError(f"which is {which!r}: choose 'test' or 'validation'")
    best = history.epochs.tolist().index(history.best_epoch(which))
    pairs = [_pair(history, which, measure) for measure in ("loss", "accuracy")]
    pairs = [pair for pair in pairs if not np.isnan(pair[1].values).all()]
    if axes is None:
        figure = StyledFigure(figsize=(7, 1.3 + 2.8 * len(pairs)))
        axes = list(figure.subplots(len(pairs), sharex=True, squeeze=False)[:, 0])
    if len(axes) != len(pairs):
        raise ShapeError(f"axes has {len(axes)} axes, but this history has {len(pairs)} panels")
    gap = history.overfitting(which)
    for draw, pair, ax in zip((_draw_loss, _draw_accuracy), pairs, axes, strict=False):
        draw(pair, best, ax)
        ax.axvline(
            float(history.epochs[best]), color=style.INK, linestyle=(0, (2, 2)), linewidth=1,
            zorder=2.5, gid="best",
        )  # fmt: skip
        if gap is not None:
            _shade(pair, best, ax)
    if gap is not None:
        _name_gap(pairs[0], best, gap, axes[0])
    _epochs_below(history, axes[-1])
    return tuple(axes)


def _pair(history: History, which: str, measure: str) -> tuple[Measured, Measured]:
    """The curves of the training data and of the others."""
    train, other = (
        Measured(split, history.epochs, getattr(history, f"{split}_{measure}"))
        for split in ("train", which)
    )
    return train, other


def _draw_loss(pair: tuple[Measured, Measured], best: int, ax: Axes) -> None:
    other = pair[1]
    labels = [draw_measured(curve, ax, "{:.4g}") for curve in pair]
    limit_loss(pair, np.empty(0), ax)
    label_measured(labels, word("nothing_finite"), ax)
    ax.plot(
        other.at[best], other.values[best], "o", color=style.INK, markersize=7, zorder=7,
        markeredgecolor="white", gid="least",
    )  # fmt: skip
    key = "least_at_last" if best == len(other.at) - 1 else "least_at"
    ax.set_title(word(key, split=word(other.split), epoch=int(other.at[best])))


def _draw_accuracy(pair: tuple[Measured, Measured], best: int, ax: Axes) -> None:
    labels = [draw_measured(curve, ax, "{:.2%}") for curve in pair]
    ax.yaxis.set_major_formatter(PercentFormatter(xmax=1))
    ax.set_ylim(-0.02, 1.02)
    label_measured(labels, word("nothing_finite"), ax)
    ax.set_title(word("accuracy"))


def _shade(pair: tuple[Measured, Measured], best: int, ax: Axes) -> None:
    train, other = (curve.values[best:] for curve in pair)
    ax.fill_between(
        pair[0].at[best:], train, other, color=style.TEST, alpha=0.16, linewidth=0, zorder=1,
        gid="over-fitting",
    )  # fmt: skip


def _name_gap(pair: tuple[Measured, Measured], best: int, gap: Overfitting, ax: Axes) -> None:
    """What the gap is, in its middle, or above it where it is too narrow."""
    train, other = pair
    finite = np.flatnonzero(np.isfinite(train.values) & np.isfinite(other.values))
    place = int(finite[np.argmin(np.abs(finite - (best + finite[-1]) / 2))])
    low, high = sorted((float(train.values[place]), float(other.values[place])))
    ends = ax.transData.transform([(float(other.at[place]), y) for y in (low, high)])
    inside = ends[1, 1] - ends[0, 1] > _ROOM * ax.get_window_extent().height
    text = word(
        "overfitting",
        split=word(other.split),
        least=number(gap.least),
        last=number(gap.last),
    )
    ax.annotate(
        text, tuple(ax.transData.inverted().transform(ends.mean(axis=0) if inside else ends[1])),
        xytext=(0, 0 if inside else 9), textcoords="offset points", ha="center",
        va="center" if inside else "bottom", zorder=8,
        path_effects=[withStroke(linewidth=3, foreground="white")],
    )  # fmt: skip


def _epochs_below(history: History, ax: Axes) -> None:
    last = max(int(history.epochs[-1]), 1)
    ax.set_xlim(-0.02 * last, 1.02 * last)
    ax.xaxis.set_major_locator(whole_ticks(ax, inches_each=0.7))
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    ax.set_xlabel(word("epochs"))
