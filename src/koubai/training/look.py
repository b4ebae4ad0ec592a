"""Every number of one iteration: what goes in, forward, backward, and what the update does."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from koubai.engine import RARELY, compiled
from koubai.functions.outputs import output_losses
from koubai.functions.targets import as_targets
from koubai.gradients.backprop import backprop
from koubai.networks.network import Params, Trace
from koubai.training.loop import Examples, Method, State, with_weight_decay


class Look(NamedTuple):
    """Every number of the iteration that comes next.

    examples: the mini-batch's, as places in the training data; x, targets: (batch, inputs) and
    (batch, outputs). trace: its forward pass. losses: of each example. deltas: ∂L_n/∂z of each
    example n and layer, (batch, units). loss, gradients: of the mini-batch, with weight decay.
    steps: what the update adds to each parameter.
    """

    examples: Int[np.ndarray, " batch"]
    x: Float[Array, "batch inputs"]
    targets: Float[Array, "batch outputs"]
    trace: Trace
    losses: Float[Array, " batch"]
    deltas: tuple[Float[Array, "batch units"], ...]
    loss: Float[Array, ""]
    gradients: Params
    steps: Params


def look_at(
    method: Method,
    state: State,
    examples: Examples,
    batch: Int[Array, " batch"],
    learning_rate: float,
    weight_decay: float,
) -> Look:
    """Every number of an iteration on these examples, from that state; nothing is changed."""
    x, t = examples.inputs(batch), examples.t[batch]
    return Look(np.asarray(batch), x, *_look(method, state, x, t, learning_rate, weight_decay))


def _numbers(
    method: Method,
    state: State,
    x: Float[Array, "batch inputs"],
    t: Array,
    learning_rate: float,
    weight_decay: float,
) -> tuple[Array, Trace, Array, tuple[Array, ...], Array, Params, Params]:
    network, loss, params = method.network, method.loss, state.params
    trace = network.forward(params, x)
    z = trace.weighted_inputs[-1]
    targets = as_targets(t, z)
    back = backprop(network, params, x, targets, loss)
    value, slopes = method.gradient.of(network, params, x, t, loss)
    slopes = with_weight_decay(slopes, params, weight_decay)
    moved, _ = method.optimiser.step(params, slopes, state.memory, learning_rate)
    return (
        targets,
        trace,
        output_losses(network.output, loss, z, targets),
        tuple(delta * len(x) for delta in back.deltas),
        value,
        slopes,
        jax.tree.map(jnp.subtract, moved, params),
    )


_look = compiled(_numbers, static=("method",), options=RARELY)
