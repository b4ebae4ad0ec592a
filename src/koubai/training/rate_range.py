"""The learning-rate range test: the loss while η grows, and what η to choose from it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float, Int

from koubai.data.dataset import Dataset, Split
from koubai.descent.optimisers import Optimiser, find_optimiser
from koubai.descent.stability import largest_curvature
from koubai.errors import SettingError
from koubai.functions.arguments import as_number, expect, shown, whole_number
from koubai.functions.losses import Loss
from koubai.gradients.backprop import loss_for
from koubai.networks.network import Network, Params
from koubai.objectives.network import network_objective
from koubai.training.batches import whole_batches
from koubai.training.loop import Method, State, descend_epoch, fresh_state, on_device
from koubai.training.train import check_fit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Times the sweep is made, each with other mini-batches; their mean is what is looked at.
_SWEEPS = 3
# Width of the smoothing, in iterations.
_SMOOTHING = 4.0
# A loss above so many times the first is as bad as can be; more would drown the rest.
_CEILING = 4.0
# Training examples that the curvature is taken over.
_CURVED_EXAMPLES = 1000

Curve = Float[np.ndarray, " rates"]


@dataclass(frozen=True, eq=False)
class RateRange:
    """What the loss did while η grew from one iteration to the next, and what follows from it.

    losses: of the mini-batches, smoothed, cut off at four times the first (where it is lost
    altogether too); steepest: the η at which it fell fastest; lowest: where it was least, beyond
    which it only rises; edge: 2/λ_max at the initial weights, the largest η that plain gradient
    descent would bear there; suggestion: the η to train with, and in `reason` why.
    """

    learning_rates: Curve
    losses: Curve
    steepest: float
    lowest: float
    edge: float
    suggestion: float
    reason: str

    def plot(self, **options: Any) -> Axes:
        """Draws the losses: see `koubai.figures.learning_rate_range`, which takes the options."""
        from koubai.figures.rate_range import learning_rate_range

        return learning_rate_range(self, **options)

    def __repr__(self) -> str:
        return f"RateRange(suggestion={self.suggestion:g}: {self.reason})"


def learning_rate_range(
    network: Network,
    data: Dataset,
    optimizer: str | Optimiser | optax.GradientTransformation = "sgd",
    batch_size: int = 100,
    seed: int = 0,
    *,
    loss: str | Loss | None = None,
    params: Params | None = None,
    smallest: float = 1e-6,
    largest: float = 100.0,
    iterations: int = 200,
) -> RateRange:
    """The loss of mini-batches while the learning rate grows geometrically, and a rate to choose.

        η_k = smallest · (largest / smallest)^(k / (iterations − 1))

    Too small a rate leaves the loss where it is, too large a one makes it rise; between them it
    falls. What is suggested is the η by which nine tenths of the whole fall are done, which is
    below the turning point. Other arguments as `train`; nothing that was passed in is changed.
    `kb.figures.learning_rate_range` draws what is returned.

    Raises SettingError for a range that does not grow, for an optimiser that brings its own step
    size, and where the loss falls at no rate; else as `train`.
    Reference: Smith (2017), Cyclical learning rates, 3.3.
    """
    expect(network, Network, "network", "one, such as kb.Network([64, 50, 10])")
    expect(data, Dataset, "data", "a Dataset, such as kb.data.digits()")
    method = Method(network, loss_for(network, loss), find_optimiser(optimizer))
    _check(method.optimiser, smallest, largest, iterations, batch_size)
    check_fit(method, data)
    start = network.init(seed) if params is None else params
    network.check(start, (data.inputs,))
    rates = np.geomspace(smallest, largest, iterations).astype(np.float32)
    sweeps = [
        _sweep(method, data, fresh_state(method, start), batches, rates)
        for batches in _batches(len(data.train), min(batch_size, len(data.train)), iterations, seed)
    ]
    losses = _smoothed(np.mean(sweeps, axis=0))
    begin, end = _fall(losses)
    steepest = begin + int(np.gradient(losses)[begin : end + 1].argmin())
    edge = 2 / _curvature(network, start, data, method.loss)
    return RateRange(
        learning_rates=rates,
        losses=losses,
        steepest=float(rates[steepest]),
        lowest=float(rates[losses.argmin()]),
        edge=edge,
        suggestion=_two_digits(float(rates[end])),
        reason=_reason(rates, losses, end, edge, method.optimiser),
    )


def _check(
    optimiser: Optimiser, smallest: float, largest: float, iterations: int, batch_size: int
) -> None:
    if optimiser.name == "custom":
        raise SettingError(
            "optimizer is an Optax transformation, which brings its own step size: give a name, "
            "such as 'adam'"
        )
    if not 0 < as_number(smallest) < as_number(largest) < math.inf:
        raise SettingError(
            f"smallest is {shown(smallest)} and largest {shown(largest)}: give two numbers above 0 "
            f"that grow"
        )
    whole_number("iterations", iterations, 20)  # of fewer nothing can be seen
    whole_number("batch_size", batch_size, 1)


def _batches(
    examples: int, batch_size: int, iterations: int, seed: int
) -> Iterator[Int[Array, "iterations batch"]]:
    """The mini-batches of each sweep, whole ones alone."""
    epochs = math.ceil(iterations / (examples // batch_size))
    for sweep in range(_SWEEPS):
        yield jnp.asarray(
            whole_batches(examples, batch_size, iterations, seed, first_epoch=sweep * epochs)
        )


def _sweep(
    method: Method,
    data: Dataset,
    state: State,
    batches: Int[Array, "iterations batch"],
    rates: Curve,
) -> Curve:
    """The loss of each mini-batch; inf from the one on that could not be computed any more."""
    _, found, reached = descend_epoch(
        method, state, on_device(data), batches, jnp.asarray(rates), 0.0, 0, len(rates)
    )
    losses = np.asarray(found, np.float64)
    losses[int(reached) :] = np.inf
    return np.minimum(np.nan_to_num(losses, nan=np.inf), _CEILING * _first(losses))


def _first(losses: Curve) -> float:
    """The loss before anything was learnt."""
    return float(np.median(losses[: len(losses) // 10]))


def _smoothed(losses: Curve) -> Curve:
    """Averages over the neighbours, weighted by a Gaussian, on both sides alike."""
    at = np.arange(len(losses))
    weights = np.exp(-(((at[:, None] - at) / _SMOOTHING) ** 2) / 2)
    return weights @ losses / weights.sum(axis=1)


def _fall(losses: Curve) -> tuple[int, int]:
    """Where the fall begins, a tenth of it done, and where nine tenths are."""
    first, lowest = _first(losses), int(losses.argmin())
    fall = first - losses[lowest]
    if not fall > 0.01 * abs(first):
        raise SettingError(
            "the loss falls at no learning rate: look at the network's initial weights and at the "
            "scale of the data, or give more iterations"
        )
    begin = int(np.flatnonzero(losses[: lowest + 1] > first - 0.1 * fall).max(initial=0))
    done = np.flatnonzero(losses[begin : lowest + 1] <= first - 0.9 * fall)
    return begin, begin + int(done.min(initial=lowest - begin))


def _curvature(network: Network, params: Params, data: Dataset, loss: Loss) -> float:
    """λ_max of the loss over some of the training data."""
    train = data.train
    some = Split(train.stored[:_CURVED_EXAMPLES], train.t[:_CURVED_EXAMPLES], train.scale)
    objective = network_objective(network, params, some, loss)
    return largest_curvature(objective, objective.start)


def _two_digits(rate: float) -> float:
    return float(f"{rate:.2g}")


def _reason(rates: Curve, losses: Curve, end: int, edge: float, optimiser: Optimiser) -> str:
    lowest = int(losses.argmin())
    reason = (
        f"at η = {rates[end]:.2g} nine tenths of the fall from {_first(losses):.3g} to "
        f"{losses[lowest]:.3g} are done; beyond η = {rates[lowest]:.2g} the loss rises"
    )
    if optimiser.name == "sgd" and rates[end] > edge:
        reason += (
            f". It is above 2/λ_max = {edge:.2g} of the initial weights: the first steps may "
            f"climb before the curvature falls"
        )
    return reason
