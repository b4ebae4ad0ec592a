"""Mini-batches beside all the data: their losses along a line, and how these are spread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from koubai.errors import SettingError
from koubai.figures import style
from koubai.figures.labels import Label, label_right
from koubai.figures.style import axes_or_new, in_style
from koubai.figures.words import number, word
from koubai.functions.arguments import expect
from koubai.objectives.sample import BatchCurves, BatchLosses

_BINS = 30
_TALLEST = 0.68  # of the distance from one histogram to the next
_FULL: dict[str, Any] = {"color": style.NAVY, "linewidth": 1.6}
_SPREAD: dict[str, Any] = {
    "color": style.VERMILION,
    "linewidth": 1.6,
    "marker": "o",
    "markersize": 4,
}


@in_style()
def batch_curves(curves: BatchCurves, ax: Axes | None = None) -> Axes:
    """Draws the loss along the negative gradient: of all the data, and of mini-batches round it.

    curves: what `kb.batch_curves` found.
    """
    expect(curves, BatchCurves, "curves", "what kb.batch_curves found")
    ax = axes_or_new(ax, 7, 4.1)
    rates = curves.learning_rates
    for index, losses in enumerate(curves.batches):
        ax.plot(
            rates, losses, color=style.CLOUD, linewidth=0.8, alpha=0.8, zorder=2,
            gid=f"batch {index}",
        )  # fmt: skip
    ax.plot(rates, curves.full, color=style.NAVY, linewidth=2.6, zorder=3, gid="full")
    if rates[0] <= 0 <= rates[-1]:
        ax.axvline(0, color=style.INK, linestyle=(0, (2, 2)), linewidth=1, zorder=1, gid="here")
    ax.set_xlim(float(rates[0]), float(rates[-1]))
    ax.set_xlabel(word("along_gradient"))
    ax.set_title(word("batch_curves", count=len(curves.batches), size=curves.batch_size))
    ax.set_ylim(*ax.get_ylim())
    labels = [
        Label(word("all_data"), float(curves.full[-1]), style.NAVY),
        Label(word("batches"), float(curves.batches[:, -1].max()), style.GREY),
    ]
    label_right(ax, labels)
    return ax


@in_style()
def batch_losses(samples: Sequence[BatchLosses], ax: Axes | None = None) -> Axes:
    """Draws how the losses of mini-batches are spread about that of all the data.

    One histogram for each sample, from the top, with its mean and standard deviation below it and
    the loss of all the data as a line through it. Beside it stands the spread, and what theory
    expects of it: it falls as 1 / √N.

    samples: what `kb.batch_losses` found for one or several batch sizes. Raises SettingError
    where there is none, or a loss is not finite.
    """
    expect(samples, Sequence, "samples", "a list of what kb.batch_losses found")
    for sample in samples:
        expect(sample, BatchLosses, "a sample", "what kb.batch_losses found")
    if not samples:
        raise SettingError("samples is empty: give a list of what kb.batch_losses found")
    if not all(np.isfinite(sample.examples).all() for sample in samples):
        raise SettingError(
            "samples hold losses that are not finite numbers: take parameters with a finite loss"
        )
    ax = axes_or_new(ax, 7, 1.5 + 0.9 * len(samples))
    for row, sample in enumerate(samples):
        _draw_sample(sample, row, ax)
    ax.set_ylim(-len(samples) + 0.6, 0.85)
    ax.set_yticks(
        [_TALLEST / 2 - row for row in range(len(samples))],
        [word("batch_size", size=sample.batch_size) for sample in samples],
    )
    ax.tick_params(axis="y", length=0)
    ax.grid(visible=False, axis="y")
    ax.spines["left"].set_visible(False)
    ax.set_xlabel(word("loss"))
    ax.set_title(word("batch_losses"))
    label_right(ax, [_label(sample, row) for row, sample in enumerate(samples)])
    _draw_key(samples[0].full, ax)
    return ax


def _draw_sample(sample: BatchLosses, row: int, ax: Axes) -> None:
    """A histogram that stands on its row, with the mean and the spread below."""
    room = _BINS * np.spacing(np.abs(sample.losses).max())
    if np.ptp(sample.losses) > room:  # narrower bins than that are lost in rounding
        counts, edges = np.histogram(sample.losses, _BINS)
        ax.stairs(
            _TALLEST * counts / counts.max() - row, edges, baseline=-row, fill=True,
            color=style.SKY, alpha=0.75, zorder=2, gid=f"histogram {row}",
        )  # fmt: skip
    ax.plot(
        [sample.full] * 2, [-row - 0.2, _TALLEST + 0.06 - row], zorder=3, gid=f"full {row}",
        **_FULL,
    )  # fmt: skip
    ax.errorbar(
        float(sample.losses.mean()), -row - 0.13, xerr=sample.spread, zorder=4,
        **_SPREAD,
    )  # fmt: skip


def _label(sample: BatchLosses, row: int) -> Label:
    text = word("spread", spread=number(sample.spread), expected=number(sample.expected_spread))
    return Label(text, _TALLEST / 2 - row, style.INK)


def _draw_key(full: float, ax: Axes) -> None:
    key = [
        Line2D([], [], label=word("all_data_loss", value=number(full)), **_FULL),
        Line2D([], [], label=word("spread_bar"), **_SPREAD),
    ]
    ax.legend(
        handles=key, loc="upper center", bbox_to_anchor=(0.5, 0), borderaxespad=4.2, ncols=2,
        handlelength=2,
    )  # fmt: skip
