"""The losses of somebody's own training loop, as a history."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from jaxtyping import Float

from koubai.errors import SettingError
from koubai.functions.arguments import as_number, shown
from koubai.training.history import History
from koubai.training.layers import Layers

# Steps over which the loss is averaged at least, where no epochs are told.
_WINDOW = 50
_UNKNOWN = float("nan")

Epoch = tuple[int, float, float, float, float]


class LossRecord:
    """Every `every`-th loss; a sum over the others, so that _UNKNOWN waits for the device."""

    def __init__(self, every: int) -> None:
        self._every = every
        self._steps = 0
        self._last: Any = None
        self._kept: list[float] = []
        self._sum: Any = 0.0
        self._windows: list[tuple[int, float]] = [(0, 0.0)]  # steps done, and the sum over them
        self._epochs: list[Epoch] = []

    def __repr__(self) -> str:
        return f"LossRecord({self._steps} steps, {len(self._epochs)} epochs)"

    def add(self, loss: Any) -> None:
        """The loss of a step. Raises SettingError where it is not one number."""
        if np.size(loss) != 1 if not hasattr(loss, "detach") else loss.numel() != 1:
            raise SettingError(f"loss is {shown(loss)}: give the one number of this step's batch")
        self._last = loss.detach().float().reshape(()) if hasattr(loss, "detach") else loss
        if self._steps % self._every == 0:
            self._kept.append(_number(self._last))
        self._sum = self._sum + self._last
        self._steps += 1
        if self._steps - self._windows[-1][0] >= max(_WINDOW, self._every):
            self._windows.append((self._steps, _number(self._sum)))
            self._sum = 0.0

    def epoch(self, train: Any, test: Any, train_accuracy: Any, test_accuracy: Any) -> None:
        """The measures at the end of an epoch, or before the first step; None is NaN."""
        losses = _number(train), _number(test)
        self._epochs.append((self._steps, *losses, _number(train_accuracy), _number(test_accuracy)))

    def history(self, layers: Layers) -> History:
        """All of it, with what was seen of the layers; at least one step was done.

        Epoch 0 is the loss of the first batch, where it was not told.
        """
        epochs = self._epochs or self._averages()
        if epochs[0][0] > 0:
            epochs = [(0, self._kept[0], _UNKNOWN, _UNKNOWN, _UNKNOWN), *epochs]
        iterations = np.arange(len(self._kept), dtype=np.int64) * self._every
        losses = np.array(self._kept)
        if iterations[-1] != self._steps - 1:
            iterations = np.append(iterations, self._steps - 1)
            losses = np.append(losses, _number(self._last))
        table: Float[np.ndarray, "measures epochs"] = np.array(epochs, np.float64).T
        return History(
            batch_iterations=iterations,
            batch_losses=losses,
            batch_stride=self._every,
            epochs=np.arange(len(epochs)),
            iterations=table[0].astype(np.int64),
            train_loss=table[1],
            train_accuracy=table[3],
            validation_loss=np.full(len(epochs), _UNKNOWN),
            validation_accuracy=np.full(len(epochs), _UNKNOWN),
            test_loss=table[2],
            test_accuracy=table[4],
            layers=layers,
        )

    def _averages(self) -> list[Epoch]:
        """The mean loss of each window; what is left at the end joins the last one."""
        *closed, (_, last) = self._windows
        left = self._steps, last + _number(self._sum)
        windows = [*closed, left] if closed else [*self._windows, left]
        return [
            (end, total / (end - start), _UNKNOWN, _UNKNOWN, _UNKNOWN)
            for (start, _), (end, total) in pairwise(windows)
        ]


def _number(value: Any) -> float:
    return as_number(value.detach().cpu() if hasattr(value, "detach") else value)
