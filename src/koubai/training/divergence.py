"""Divergence: a loss that rose beyond what learning explains, and the likely cause."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int

from koubai.descent.optimisers import Optimiser
from koubai.functions.losses import Loss
from koubai.functions.targets import as_targets
from koubai.training.settings import CUSTOM

Targets = Int[np.ndarray, " examples"] | Float[np.ndarray, "examples outputs"]

# A loss so many times that of the start, and that of knowing nothing, is neither noise nor the
# price of a bad minimum.
_TIMES = 10


def has_risen(loss: Loss, first: float, last: float, t: Targets, outputs: int) -> bool:
    """Whether a loss over the training data ended where no learning leads.

        last > 10 · max(|first|, |L(t̄, t)|)

    L(t̄, t) is the loss of an output that is the mean target for every example, whatever its x:
    the variance of values, the entropy of classes. A start that is good already may therefore
    be left for a worse loss, as noise does, and that is no divergence.

    Shapes: t as in `Split`.
    """
    return last > _TIMES * abs(first) and last > _TIMES * abs(loss_of_the_mean(loss, t, outputs))


def gone_back(what: str, optimiser: Optimiser, rate: float | None) -> str:
    """What to say of a run whose loss was lost, and which went back one step.

    rate: that of the step which lost it; None where it was lost before the first one.
    """
    cause = (
        "It was so before the first update: look at the scale of the data and of the initial "
        "weights"
        if rate is None
        else _cause(optimiser, rate)
    )
    return f"{what}; the last parameters with a finite loss are kept. {cause}"


def risen(
    first: float, last: float | None, iterations: int, optimiser: Optimiser, rate: float
) -> str:
    """What to say of a run that did all its iterations and ended far above its start."""
    end = "a number that is not finite" if last is None else f"{last:.4g}"
    return (
        f"the loss over the training data rose from {first:.4g} to {end} in {iterations} "
        f"iterations; the parameters are kept as they are. {_cause(optimiser, rate)}"
    )


def _cause(optimiser: Optimiser, rate: float) -> str:
    """The likely cause. What to try is for the diagnosis, which knows the curvature and more."""
    if optimiser.name == CUSTOM:
        return "The optimiser's own steps are probably too large: see the diagnosis"
    return f"Its steps, at the learning rate {rate:g}, are probably too large: see the diagnosis"


def loss_of_the_mean(loss: Loss, t: Targets, outputs: int) -> float:
    """The loss over the targets t of an output that is their mean for every example."""
    targets = as_targets(t, jnp.zeros((len(t), outputs)))
    mean = jnp.broadcast_to(targets.mean(axis=0), targets.shape)
    return float(loss.each(mean, targets).mean())
