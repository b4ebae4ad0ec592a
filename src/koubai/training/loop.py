"""The four steps of learning, compiled: mini-batch, gradient, update, repeat."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Num

from koubai.data.dataset import Dataset
from koubai.descent.optimisers import Optimiser
from koubai.engine import compiled
from koubai.functions.losses import Loss
from koubai.networks.network import Layer, Network, Params
from koubai.training.gradients import Gradient, gradients


class Method(NamedTuple):
    """What is trained and how; what a compiled loop is compiled for."""

    network: Network
    loss: Loss
    optimiser: Optimiser
    gradient: Gradient = gradients.backprop


class State(NamedTuple):
    """Where training stands: the parameters, and the optimiser's memory."""

    params: Params
    memory: Any


class Examples(NamedTuple):
    """Data on the device: x as stored (images as uint8), x = scale · stored, targets t."""

    stored: Num[Array, "examples inputs"]
    t: Num[Array, "examples ..."]
    scale: float

    def inputs(self, batch: Int[Array, " batch"]) -> Float[Array, "batch inputs"]:
        """What the network sees of those examples."""
        return self.stored[batch].astype(jnp.float32) * self.scale


def on_device(data: Dataset) -> Examples:
    """All examples, those for training first and those for testing behind them.

    One array serves both, so that what is compiled for one split serves the other.
    """
    train, test = data.train, data.test
    stored = jax.device_put(np.concatenate([train.stored, test.stored]))
    return Examples(stored, jax.device_put(np.concatenate([train.t, test.t])), train.scale)


def fresh_state(method: Method, params: Params) -> State:
    """The state before the first step."""
    return State(params, method.optimiser.init(params))


def _descend(
    method: Method,
    state: State,
    examples: Examples,
    batches: Int[Array, "iterations batch"],
    learning_rates: Float[Array, " iterations"],
    weight_decay: float,
    start: int,
    stop: int,
) -> tuple[State, Float[Array, " iterations"], Int[Array, ""]]:
    """Iterations `start` to `stop` of an epoch.

        g = ∂L/∂θ (a mini-batch) + λ w,    θ ← θ − η · d(g)

    Row k of `batches` holds the examples of mini-batch k. Stops early after the first loss that
    is not finite.

    Returns the new state, the loss of each mini-batch (before its update), and the number of the
    iteration that would come next.
    """

    def learn(
        carry: tuple[Int[Array, ""], State, Float[Array, " iterations"]],
    ) -> tuple[Int[Array, ""], State, Float[Array, " iterations"]]:
        k, (params, memory), losses = carry
        batch = batches[k]
        x, t = examples.inputs(batch), examples.t[batch]
        loss, slopes = method.gradient.of(method.network, params, x, t, method.loss)
        slopes = with_weight_decay(slopes, params, weight_decay)
        moved, memory = method.optimiser.step(params, slopes, memory, learning_rates[k])
        return k + 1, State(moved, memory), losses.at[k].set(loss)

    def goes_on(carry: tuple[Int[Array, ""], State, Float[Array, " iterations"]]) -> Array:
        k, _, losses = carry
        return (k < stop) & ((k == start) | jnp.isfinite(losses[k - 1]))

    losses = jnp.zeros(batches.shape[0])
    k, state, losses = jax.lax.while_loop(goes_on, learn, (jnp.int32(start), state, losses))
    return state, losses, k


def with_weight_decay(slopes: Params, params: Params, weight_decay: float) -> Params:
    """The gradient of L + ½ λ ‖w‖²: biases do not decay."""
    return tuple(
        Layer(w=g.w + weight_decay * layer.w, b=g.b)
        for g, layer in zip(slopes, params, strict=True)
    )


descend_epoch = compiled(_descend, static=("method",))
