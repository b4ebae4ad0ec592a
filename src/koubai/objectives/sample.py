"""The loss of a mini-batch as a sample of the loss of all the data."""

from __future__ import annotations

import math
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int
from numpy.typing import ArrayLike

from koubai.data.dataset import Dataset, Split
from koubai.engine import compiled
from koubai.errors import SettingError
from koubai.functions.arguments import as_point, shown, whole_number
from koubai.functions.losses import Loss
from koubai.functions.outputs import output_losses
from koubai.gradients.backprop import as_batch, backprop, check_kinds, loss_for
from koubai.networks.network import Network, Params
from koubai.objectives.network import split_of


@dataclass(frozen=True, eq=False)
class BatchLosses:
    """The losses of random mini-batches of one size, at the same parameters.

    examples: the loss of each example by itself; their mean, `full`, is what the mini-batches
    estimate.
    """

    batch_size: int
    losses: Float[np.ndarray, " batches"]
    examples: Float[np.ndarray, " examples"]

    @property
    def full(self) -> float:
        """The loss of all the data."""
        return float(self.examples.mean())

    @property
    def spread(self) -> float:
        """The standard deviation of the mini-batches' losses about the full one."""
        return float(np.sqrt(np.mean((self.losses - self.full) ** 2)))

    @property
    def expected_spread(self) -> float:
        """What theory says of it, with σ² the variance of the M examples' losses.

            σ / √N · √((M − N) / (M − 1))

        The second factor, because a mini-batch holds no example twice: all M together have no
        spread. Reference: Cochran (1977), Sampling Techniques, theorem 2.2.
        """
        m, n = len(self.examples), self.batch_size
        return float(self.examples.std()) * math.sqrt((m - n) / (n * max(m - 1, 1)))


@dataclass(frozen=True, eq=False)
class BatchCurves:
    """The loss along the line θ − η ∇L(θ), of all the data and of random mini-batches.

    learning_rates: the η; full: L there; batches[i]: the loss of mini-batch i there.
    """

    batch_size: int
    learning_rates: Float[np.ndarray, " points"]
    full: Float[np.ndarray, " points"]
    batches: Float[np.ndarray, "batches points"]


def batch_losses(
    network: Network,
    params: Params,
    data: Dataset | Split,
    batch_size: int = 100,
    batches: int = 1000,
    seed: int = 0,
    loss: str | Loss | None = None,
) -> BatchLosses:
    """The losses of random mini-batches of a split (of a data set: the training data).

    Each mini-batch is drawn by itself and holds no example twice. Raises SettingError for a
    batch_size that is not from 1 to the number of examples, or no batches; otherwise as `backprop`.
    """
    check_kinds(network, params)
    split = split_of(data)
    members = _draw(len(split), batch_size, batches, seed)
    [each] = _losses_along(network, params, split, np.zeros(1), loss)
    return BatchLosses(batch_size, each[members].mean(axis=1), each)


def batch_curves(
    network: Network,
    params: Params,
    data: Dataset | Split,
    learning_rates: ArrayLike,
    batch_size: int = 100,
    batches: int = 30,
    seed: int = 0,
    loss: str | Loss | None = None,
) -> BatchCurves:
    """The loss along θ − η ∇L(θ) for each η, of all the data and of random mini-batches.

    ∇L is the gradient over all the data, so the line is the same for all of them.
    learning_rates: numbers in ascending order, 0 and negative ones too. Errors as `batch_losses`.
    """
    check_kinds(network, params)
    split = split_of(data)
    members = _draw(len(split), batch_size, batches, seed)
    rates = as_point(learning_rates, "learning_rates").astype(np.float64)
    if rates.ndim != 1 or len(rates) < 2 or not (np.diff(rates) > 0).all():
        raise SettingError(
            f"learning_rates is {shown(learning_rates)}: give two numbers or more in ascending "
            f"order, such as numpy.linspace(-0.5, 2, 41)"
        )
    each = _losses_along(network, params, split, rates, loss)
    curves = np.stack([each[:, batch].mean(axis=1) for batch in members])
    return BatchCurves(batch_size, rates, each.mean(axis=1), curves)


def _draw(
    examples: int, batch_size: int, batches: int, seed: int
) -> Int[np.ndarray, "batches members"]:
    """The members of each mini-batch, in ascending order, so that equal ones have equal losses."""
    size = whole_number("batch_size", batch_size, 1)
    if size > examples:
        raise SettingError(f"batch_size is {size}: give at most {examples}, the number of examples")
    rng = np.random.default_rng(whole_number("seed", seed, 0))
    count = whole_number("batches", batches, 1)
    return np.sort([rng.choice(examples, size, replace=False) for _ in range(count)], axis=1)


def _losses_along(
    network: Network,
    params: Params,
    split: Split,
    rates: Float[np.ndarray, " points"],
    loss: str | Loss | None,
) -> Float[np.ndarray, "points examples"]:
    """The loss of every example at θ − η ∇L(θ), for each η."""
    loss = loss_for(network, loss)
    x, t = as_batch(network, params, split.x, split.t)
    gradients = backprop(network, params, x, t, loss).gradients
    each = _along(network, loss, params, gradients, jnp.asarray(rates, jnp.float32), x, t)
    return np.asarray(each, np.float64)


def _along_line(
    network: Network,
    loss: Loss,
    params: Params,
    gradients: Params,
    rates: Float[Array, " points"],
    x: Float[Array, "examples inputs"],
    t: Float[Array, "examples outputs"],
) -> Float[Array, "points examples"]:
    def at(rate: Float[Array, ""]) -> Float[Array, " examples"]:
        moved = jax.tree.map(lambda w, g: w - rate * g, params, gradients)
        z = network.forward(moved, x).weighted_inputs[-1]
        return output_losses(network.output, loss, z, t)

    return jax.lax.map(at, rates)


_along = compiled(_along_line, static=("network", "loss"))
