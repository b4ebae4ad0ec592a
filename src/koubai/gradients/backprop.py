"""Backpropagation: the gradient of the loss, layer by layer, from the deltas."""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jax.typing import ArrayLike
from jaxtyping import Array, Float

from koubai.engine import as_float
from koubai.functions.losses import Loss, losses
from koubai.functions.outputs import canonical_loss, output_delta, output_losses
from koubai.functions.targets import as_targets
from koubai.networks.network import Layer, Network, Params


class Backprop(NamedTuple):
    """What backpropagation found.

    loss: the mean over the batch; deltas: ∂L/∂z of every layer above the input, each
    (batch, units); gradients: ∂L/∂w and ∂L/∂b, of the same form as the parameters.
    """

    loss: Float[Array, ""]
    deltas: tuple[Float[Array, "batch units"], ...]
    gradients: Params


def backprop(
    network: Network,
    params: Params,
    x: ArrayLike,
    t: ArrayLike,
    loss: str | Loss | None = None,
) -> Backprop:
    """Gradient of the loss with respect to every weight and bias, by backpropagation.

    The delta of a layer is the derivative of the loss with respect to its weighted inputs z:

        δᴸ = ∂L/∂zᴸ            δˡ = (δˡ⁺¹ · wˡ⁺¹ᵀ) ⊙ a'(zˡ)
        ∂L/∂wˡ = aˡ⁻¹ᵀ · δˡ      ∂L/∂bˡ = Σ_n δˡ_n

    Shapes: x (inputs,) or (batch, inputs); t labels or targets, see `Loss`. L is the mean over
    the batch, so each row of δᴸ is divided by its size. Without `loss`, the one that belongs to
    the output: cross-entropy for softmax, binary cross-entropy for sigmoid, else squared error.
    Raises ShapeError when x, t or params do not fit the network, DataError for a wrong label.
    Reference: Rumelhart, Hinton & Williams (1986); 岡谷『深層学習』ch. 4.
    """
    loss = loss_for(network, loss)
    x, t = _as_batch(x, t)
    trace = network.forward(params, x)
    z, a = trace.weighted_inputs, trace.activations
    targets = as_targets(t, z[-1])

    delta = output_delta(network.output, loss, z[-1], targets) / len(x)
    deltas, gradients = [delta], [_layer_gradient(a[-2], delta)]
    for below in reversed(range(len(params) - 1)):
        delta = network.activations[below].pull_back(z[below], delta @ params[below + 1].w.T)
        deltas.append(delta)
        gradients.append(_layer_gradient(a[below], delta))

    value = output_losses(network.output, loss, z[-1], targets).mean()
    return Backprop(value, tuple(reversed(deltas)), tuple(reversed(gradients)))


def _layer_gradient(a: Float[Array, "batch inputs"], delta: Float[Array, "batch units"]) -> Layer:
    return Layer(w=a.T @ delta, b=delta.sum(axis=0))


def network_loss(
    network: Network,
    params: Params,
    x: ArrayLike,
    t: ArrayLike,
    loss: str | Loss | None = None,
) -> Float[Array, ""]:
    """The loss of the network on a batch: the function L(w, b) that backprop differentiates.

    Arguments, shapes and errors as `backprop`.
    """
    loss = loss_for(network, loss)
    x, t = _as_batch(x, t)
    z = network.forward(params, x).weighted_inputs[-1]
    return output_losses(network.output, loss, z, as_targets(t, z)).mean()


def loss_for(network: Network, loss: str | Loss | None) -> Loss:
    """The loss that was asked for, by name or record; None means the output's canonical one."""
    if loss is None:
        return canonical_loss(network.output)
    return loss if isinstance(loss, Loss) else losses[loss]


def _as_batch(x: ArrayLike, t: ArrayLike) -> tuple[Array, Array]:
    """A single example becomes a batch of one."""
    x, t = as_float(x), jnp.asarray(t)
    return (x[None], t[None]) if x.ndim == 1 else (x, t)
