"""Learning curves as the viewer takes them."""

from __future__ import annotations

from typing import Literal

import numpy as np

from koubai.report.pack import exact, single
from koubai.report.scene import Curves, Gap, Series
from koubai.training.history import History

# Mini-batches that are drawn, at most: more than there are pixels side by side.
_MOST = 2000

_Split = Literal["train", "validation", "test"]
_SPLITS: tuple[_Split, ...] = ("train", "validation", "test")


def curves_of(history: History, overfits: bool) -> Curves:
    """The loss of mini-batches, thinned where there are many, and the measures of every epoch.

    overfits: whether the diagnosis says so; then the gap is named.
    """
    every = max(1, len(history.batch_losses) // _MOST)
    return Curves(
        batch_iterations=exact(history.batch_iterations[::every]),
        batch_losses=single(history.batch_losses[::every]),
        batch_stride=history.batch_stride * every,
        epochs=exact(history.epochs),
        iterations=exact(history.iterations),
        series=tuple(_series(history, split) for split in _SPLITS if _measured(history, split)),
        gap=_gap(history) if overfits else None,
    )


def _measured(history: History, split: _Split) -> bool:
    return not np.isnan(getattr(history, f"{split}_loss")).all()


def _series(history: History, split: _Split) -> Series:
    accuracy = getattr(history, f"{split}_accuracy")
    return Series(
        split=split,
        loss=exact(getattr(history, f"{split}_loss")),
        accuracy=None if np.isnan(accuracy).all() else exact(accuracy),
    )


def _gap(history: History) -> Gap | None:
    for split in ("validation", "test"):
        if np.isfinite(getattr(history, f"{split}_loss")).any():
            found = history.overfitting(split)
            return None if found is None else Gap(split=split, **found._asdict())
    return None
