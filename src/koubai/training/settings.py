"""The settings of a training run: every number that decides what comes out, checked."""

from __future__ import annotations

import math
from typing import Any

import msgspec

from koubai.descent.optimisers import optimisers
from koubai.descent.schedules import schedules
from koubai.errors import SettingError
from koubai.functions.losses import losses

CUSTOM = "custom"  # an optimiser, schedule or loss of the user's own, which has no name to store


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The settings of `train`, by the names of its arguments."""

    optimizer: str
    learning_rate: float
    schedule: str
    batch_size: int
    epochs: int
    seed: int
    loss: str
    record_every: int
    path_budget: int
    weight_decay: float = 0.0
    validation: float = 0.0
    patience: int | None = None

    def check(self) -> None:
        """Raises SettingError or UnknownNameError for a value out of range."""
        _in_range("learning_rate", self.learning_rate, lowest=0, exclusive=True)
        _in_range("epochs", self.epochs, lowest=0)
        _in_range("weight_decay", self.weight_decay, lowest=0)
        _in_range("validation", self.validation, lowest=0)
        _in_range("record_every", self.record_every, lowest=1)
        _in_range("path_budget", self.path_budget, lowest=1)
        if self.validation >= 1:
            raise SettingError(
                f"validation is {self.validation}: give the share of the training data to hold "
                f"back, such as 0.1"
            )
        if self.patience is not None:
            _in_range("patience", self.patience, lowest=1)
            if self.validation == 0:
                raise SettingError("patience needs a validation split to watch: add validation=0.1")
        for name, known in (
            (self.optimizer, optimisers),
            (self.schedule, schedules),
            (self.loss, losses),
        ):
            if name != CUSTOM:
                known[name]


def _in_range(argument: str, value: Any, lowest: float, exclusive: bool = False) -> None:
    if not math.isfinite(value) or value < lowest or (exclusive and value == lowest):
        above = "above" if exclusive else "not below"
        raise SettingError(f"{argument} is {value}: give a finite number {above} {lowest}")
