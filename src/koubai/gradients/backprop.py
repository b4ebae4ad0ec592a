"""Backpropagation: the gradient of the loss, layer by layer, from the deltas."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from koubai.engine import is_concrete
from koubai.errors import DataError, SettingError, ShapeError
from koubai.functions.arguments import as_float, outline, shown
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

    def __repr__(self) -> str:
        deltas = ", ".join(map(outline, self.deltas))
        return f"Backprop(loss {self.loss}; deltas: {deltas}; gradients: {self.gradients})"


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
    Raises ShapeError when x, t or params do not fit the network, DataError for a wrong label
    or an x that is not finite.
    Reference: Rumelhart, Hinton & Williams (1986); 岡谷『深層学習』ch. 4.
    """
    check_kinds(network, params)
    loss = loss_for(network, loss)
    x, targets = as_batch(network, params, x, t)
    trace = network.forward(params, x)
    z, a = trace.weighted_inputs, trace.activations

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
    check_kinds(network, params)
    loss = loss_for(network, loss)
    x, targets = as_batch(network, params, x, t)
    z = network.forward(params, x).weighted_inputs[-1]
    return output_losses(network.output, loss, z, targets).mean()


def check_kinds(network: object, params: Params) -> None:
    """Raises SettingError when that is no network, ShapeError when params do not fit it."""
    if not isinstance(network, Network):
        raise SettingError(f"network is {shown(network)}: give a kb.Network")
    network.check_params(params)


def loss_for(network: Network, loss: str | Loss | None) -> Loss:
    """The loss that was asked for, by name or record; None means the output's canonical one."""
    return canonical_loss(network.output) if loss is None else losses.find(loss)


def as_batch(
    network: Network, params: Params, x: ArrayLike, t: ArrayLike
) -> tuple[Float[Array, "batch inputs"], Float[Array, "batch outputs"]]:
    """X and t as a batch, one row of inputs and of targets for each example; one example alone is
    a batch of one. Raises ShapeError and DataError when they do not fit the network.
    """
    x = as_float(x, "x")
    if x.ndim > 2:
        raise ShapeError(
            f"x has shape {x.shape}: give one example, ({network.sizes[0]},), or a batch, "
            f"(batch, {network.sizes[0]})"
        )
    if x.size == 0:
        raise ShapeError("x has no examples: give at least one")
    network.check(params, x.shape)
    _check_finite(x, "x")
    precision = jnp.result_type(x, *jax.tree.leaves(params))
    outputs = jnp.zeros((*x.shape[:-1], network.sizes[-1]), precision)
    targets = as_targets(t, outputs)
    _check_finite(targets, "t")
    return (x[None], targets[None]) if x.ndim == 1 else (x, targets)


def _check_finite(x: Float[Array, "*shape"], name: str) -> None:
    """Raises DataError, which says where, for numbers that are not finite and can be looked at."""
    if not is_concrete(x):
        return
    bad = np.argwhere(~np.isfinite(np.asarray(x)))
    if len(bad):
        index = [int(i) for i in bad[0]]
        others = f", and {len(bad) - 1:,} others are not finite" if len(bad) > 1 else ""
        raise DataError(f"{name}{index} is {x[tuple(index)]}{others}: give finite numbers")
