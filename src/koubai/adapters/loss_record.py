"""The losses of somebody's own training loop, as a history."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from jaxtyping import Float

from koubai.adapters.torch_data import torch_package
from koubai.errors import SettingError
from koubai.functions.arguments import shown
from koubai.training.history import History
from koubai.training.layers import Layers

# Steps over which the loss is averaged at least, where no epochs are told.
_WINDOW = 50
_UNKNOWN = float("nan")

# Steps done; losses on training and test data, accuracies on them.
Epoch = tuple[int, float, float, float, float]


class LossRecord:
    """Every `every`-th loss, and the sums over windows of steps: few waits for the device."""

    def __init__(self, every: int) -> None:
        self._every = every
        self._steps = 0
        self._last: Any = None
        self._kept: list[float] = []
        self._pending: list[Any] = []  # losses that are not in the sum yet
        self._sum = 0.0
        self._windows: list[tuple[int, float]] = [(0, 0.0)]  # steps done, and the sum over them
        self._epochs: list[Epoch] = []
        self._in_epoch = 0  # the first window of the epoch that goes on

    def __repr__(self) -> str:
        return f"LossRecord({self._steps} steps, {len(self._epochs)} epochs)"

    def add(self, loss: Any) -> None:
        """The loss of a step. Raises SettingError where it is not one number."""
        self._last = _one_number("loss", loss, "give the one number of this step's batch")
        if self._steps % self._every == 0:
            self._kept.append(float(self._last))
        self._pending.append(self._last)
        self._steps += 1
        if len(self._pending) >= _WINDOW:
            self._add_up()
        if self._steps - self._windows[-1][0] >= max(_WINDOW, self._every):
            self._close_window()

    def _add_up(self) -> None:
        self._sum += _total(self._pending)
        self._pending = []

    def _close_window(self) -> None:
        self._add_up()
        self._windows.append((self._steps, self._sum))
        self._sum = 0.0

    def epoch(self, train: Any, test: Any, train_accuracy: Any, test_accuracy: Any) -> None:
        """The measures at the end of an epoch, or before the first step; None is not known."""
        loss = _measure("train_loss", train)
        others = (
            _measure("test_loss", test),
            _measure("train_accuracy", train_accuracy),
            _measure("test_accuracy", test_accuracy),
        )
        if self._steps > self._windows[-1][0]:
            self._close_window()
        windows = self._windows[self._in_epoch :]
        if train is None and self._steps:
            if len(windows) < 2:
                raise SettingError(
                    "train_loss is None, and no step was watched since the last epoch"
                )
            steps = windows[-1][0] - windows[0][0]
            loss = sum(total for _, total in windows[1:]) / steps
        self._in_epoch = len(self._windows) - 1
        self._epochs.append((self._steps, loss, *others))

    def history(self, layers: Layers) -> History:
        """All of it, with what was seen of the layers; at least one step was done.

        Epoch 0 is the loss of the first batch, where it was not told.
        """
        epochs = self._epochs or self._averages()
        if epochs[0][0] > 0:
            epochs = [(0, self._kept[0], _UNKNOWN, _UNKNOWN, _UNKNOWN), *epochs]
        elif np.isnan(epochs[0][1]):
            epochs = [(0, self._kept[0], *epochs[0][2:]), *epochs[1:]]
        iterations = np.arange(len(self._kept), dtype=np.int64) * self._every
        losses = np.array(self._kept)
        if iterations[-1] != self._steps - 1:
            iterations = np.append(iterations, self._steps - 1)
            losses = np.append(losses, float(self._last))
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
        self._add_up()
        left = self._steps, last + self._sum
        windows = [*closed, left] if closed else [*self._windows, left]
        return [
            (end, total / (end - start), _UNKNOWN, _UNKNOWN, _UNKNOWN)
            for (start, _), (end, total) in pairwise(windows)
        ]


def _total(losses: Sequence[Any]) -> float:
    """Their sum. All of them at once, for the addition of a step would cost as much as a layer."""
    if losses and all(hasattr(loss, "detach") for loss in losses):
        return float(torch_package().stack(losses).float().sum())
    return float(sum(float(loss) for loss in losses))


def _measure(name: str, value: Any) -> float:
    if value is None:
        return _UNKNOWN
    return float(_one_number(name, value, "give a number, or None where it is not known"))


def _one_number(name: str, value: Any, hint: str) -> Any:
    """The one number that `value` is: a tensor without its graph, which is not waited for, else a
    float. Raises SettingError for anything else.
    """
    if hasattr(value, "detach") and value.numel() == 1 and not value.is_complex():
        value = value.detach()
        return value.reshape(()) if value.ndim else value
    try:
        array = np.asarray(None if hasattr(value, "detach") else value)
    except ValueError:  # rows of different lengths
        array = np.zeros(0)
    if array.size != 1 or array.dtype.kind not in "iuf":
        raise SettingError(f"{name} is {shown(value)}: {hint}")
    return float(array.reshape(()))
