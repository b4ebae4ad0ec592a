"""The plan of a run: the mini-batches of every epoch, and the learning rate of every iteration."""

from __future__ import annotations

import math
from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Array, Float, Int

from koubai.training.batches import epoch_order, split_off
from koubai.training.rates import LearningRate, learning_rates
from koubai.training.settings import Settings


class Part(NamedTuple):
    """Mini-batches of equal size in a row, the number of the first in its epoch, and their η."""

    first: int
    batches: Int[Array, "iterations batch"]
    rates: Float[Array, " iterations"]

    def holds(self, batch: int) -> bool:
        """Whether mini-batch `batch` of the epoch is one of them."""
        return self.first <= batch < self.first + len(self.batches)


class Plan:
    """What an epoch does, by its number alone, so that a run can be resumed in the middle of one.

    `members` are the examples to train on, `held_back` those for validation.
    """

    def __init__(self, settings: Settings, learning_rate: LearningRate, examples: int) -> None:
        self.settings, self.learning_rate = settings, learning_rate
        self.members, self.held_back = split_off(examples, settings.validation, settings.seed)
        self.batch_size = min(settings.batch_size, len(self.members))
        self.iterations_per_epoch = math.ceil(len(self.members) / self.batch_size)

    @property
    def iterations(self) -> int:
        """Those of the whole run."""
        return self.settings.epochs * self.iterations_per_epoch

    def place(self, iteration: int) -> tuple[int, int]:
        """The epoch and the mini-batch in it, both from 0, of an iteration."""
        return divmod(iteration, self.iterations_per_epoch)

    def parts(self, epoch: int) -> list[Part]:
        """The mini-batches of an epoch: the whole ones, then the smaller last one if there is."""
        order = self.members  # which order does not matter to a mini-batch of all examples
        if self.batch_size < len(order):
            order = epoch_order(order, self.settings.seed, epoch)
        whole = len(order) // self.batch_size
        first = epoch * self.iterations_per_epoch
        rates = self._rates(first + np.arange(self.iterations_per_epoch))
        cut = whole * self.batch_size
        batches = order[:cut].reshape(whole, self.batch_size)
        parts = [Part(0, *jax.device_put((batches, rates[:whole])))]
        if cut < len(order):
            parts.append(Part(whole, *jax.device_put((order[None, cut:], rates[whole:]))))
        return parts

    def rate(self, iteration: int) -> float:
        """The learning rate of an iteration; behind the last one it stays."""
        return float(self._rates(np.array([min(iteration, max(0, self.iterations - 1))]))[0])

    def _rates(self, iterations: Int[np.ndarray, " some"]) -> Float[np.ndarray, " some"]:
        planned = max(1, self.iterations)
        return learning_rates(self.learning_rate, self.settings.schedule, iterations, planned)
