"""What is written down while a network learns, and when."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from koubai.told import NOTHING, Told
from koubai.training.evaluate import Measures
from koubai.training.history import Records
from koubai.training.layers import QUANTITIES, look, sample
from koubai.training.loop import Examples, Method, State
from koubai.training.plan import Plan
from koubai.training.settings import Settings
from koubai.training.tensors import flat

Seen = Float[np.ndarray, "quantities layers"]


class Before(NamedTuple):
    """What is seen before an iteration, where the records want it: the point, and each layer."""

    point: Float[np.ndarray, " parameters"] | None
    layers: Seen | None


class Observer:
    """Looks at a state when the records want it, and writes down what was seen."""

    def __init__(self, method: Method, plan: Plan, examples: Examples, records: Records) -> None:
        self.method, self.plan, self.examples, self.records = method, plan, examples, records
        self._sample = sample(plan.members, plan.settings.seed)

    def until_next(self, iteration: int) -> int:
        """Iterations from this one to the next before which something is to be seen."""
        path, layers = self.records.path, self.records.layers
        strides = [path.stride] if layers is None else [path.stride, layers.stride]
        return min(stride - iteration % stride for stride in strides)

    def before(self, state: State, iteration: int) -> Before:
        """What the records want to know of the state before that iteration."""
        path, layers = self.records.path, self.records.layers
        return Before(
            flat(state.params) if iteration % path.stride == 0 else None,
            self.layers(state, iteration)
            if layers is not None and iteration % layers.stride == 0
            else None,
        )

    def layers(self, state: State, iteration: int) -> Seen:
        """What each layer does in that state, with the step that would come next."""
        settings = self.plan.settings
        rate = self.plan.rate(iteration)
        return look(self.method, state, self.examples, self._sample, rate, settings.weight_decay)

    def record(
        self, iteration: int, losses: Float[np.ndarray, " iterations"], before: Before
    ) -> None:
        """Writes down the losses from that iteration on, and what was seen before it."""
        at = [iteration]
        self.records.batches.append(iteration=iteration + np.arange(len(losses)), loss=losses)
        if before.point is not None and math.isfinite(losses[0]):
            self.records.path.append(iteration=at, loss=losses[:1], point=before.point[None])
        if self.records.layers is not None and before.layers is not None:
            seen = zip(QUANTITIES, before.layers[:, None], strict=True)
            self.records.layers.append(iteration=at, **dict(seen))

    def record_epoch(self, iteration: int, epoch: int, measures: Measures) -> None:
        """Writes down how good the network is after so many iterations."""
        self.records.add_epoch(iteration, epoch, measures)

    def thinning(self, settings: Settings) -> Told:
        """What is to be said of a path that outgrew its budget."""
        stride = self.records.path.stride
        if stride == settings.record_every:
            return NOTHING
        budget = f"{settings.path_budget / 2**20:.3g} MiB"
        return Told(
            f"The path's budget of {budget} was full: it is recorded every {stride} iterations",
            f"経路の記録が上限の {budget} に達したため、{stride} 回の反復ごとに記録した",
        )
