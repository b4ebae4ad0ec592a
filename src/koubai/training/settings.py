"""The settings of a training run: every number that decides what comes out, checked."""

from __future__ import annotations

import msgspec

from koubai.data.checks import real_number, whole_number
from koubai.descent.optimisers import optimisers
from koubai.descent.schedules import schedules
from koubai.errors import SettingError
from koubai.functions.losses import losses
from koubai.training.acts import Act
from koubai.training.gradients import gradients

CUSTOM = "custom"  # an optimiser, schedule or loss of the user's own, which has no name to store


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The settings of `train`, by the names of its arguments.

    learning_rate: of the first iteration, where it is a function of the user's own. acts: what was
    done where it was trained by hand, see `koubai.Learner`; then epochs are those begun.
    """

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
    gradient: str = "backprop"
    acts: tuple[Act, ...] = ()

    def checked(self) -> Settings:
        """The same as plain numbers; SettingError or UnknownNameError for a value out of range."""
        for name, known in (
            (self.optimizer, optimisers),
            (self.schedule, schedules),
            (self.loss, losses),
        ):
            if name != CUSTOM:
                known[name]
        gradients[self.gradient]
        validation = real_number("validation", self.validation, 0)
        if validation >= 1:
            raise SettingError(
                f"validation is {self.validation}: give the share of the training data to hold "
                f"back, such as 0.1"
            )
        if self.patience is not None and validation == 0:
            raise SettingError("patience needs a validation split to watch: add validation=0.1")
        return msgspec.structs.replace(
            self,
            batch_size=whole_number("batch_size", self.batch_size, 1),
            epochs=whole_number("epochs", self.epochs, 0),
            seed=whole_number("seed", self.seed, 0),
            record_every=whole_number("record_every", self.record_every, 1),
            path_budget=whole_number("path_budget", self.path_budget, 1),
            weight_decay=real_number("weight_decay", self.weight_decay, 0),
            validation=validation,
            patience=None if self.patience is None else whole_number("patience", self.patience, 1),
        )
