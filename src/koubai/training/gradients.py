"""How the loop comes by its gradient: by backpropagation, or by finite differences alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from koubai.engine import float64
from koubai.functions.catalogue import Catalogue
from koubai.functions.losses import Loss
from koubai.functions.outputs import output_losses
from koubai.functions.targets import as_targets
from koubai.gradients.backprop import backprop
from koubai.gradients.differences import network_differences
from koubai.networks.network import Network, Params

Inputs = Float[Array, "batch inputs"]
Targets = Int[Array, " batch"] | Float[Array, "batch outputs"]
LossAndGradient = tuple[Float[Array, ""], Params]


@dataclass(frozen=True)
class Gradient:
    """A way to the gradient: `of` gives the loss of a mini-batch and ∂L/∂θ, itself to be traced."""

    name: str
    of: Callable[[Network, Params, Inputs, Targets, Loss], LossAndGradient]
    reference: str

    def __repr__(self) -> str:
        return f"<gradient {self.name}>"


def _by_backprop(
    network: Network, params: Params, x: Inputs, t: Targets, loss: Loss
) -> LossAndGradient:
    back = backprop(network, params, x, t, loss)
    return back.loss, back.gradients


def _by_differences(
    network: Network, params: Params, x: Inputs, t: Targets, loss: Loss
) -> LossAndGradient:
    """In float64, where a difference of losses has digits left; the step is taken in float32."""
    with float64():
        wide: Params = jax.tree.map(lambda array: array.astype(jnp.float64), params)
        z = network.forward(wide, x.astype(jnp.float64)).weighted_inputs[-1]
        targets = as_targets(t, z)
        value = output_losses(network.output, loss, z, targets).mean()
        found = network_differences(wide, x.astype(jnp.float64), targets, network, loss)
        narrow: Params = jax.tree.map(lambda array: array.astype(jnp.float32), found)
        return value.astype(jnp.float32), narrow


gradients: Catalogue[Gradient] = Catalogue(
    "gradient",
    [
        Gradient("backprop", _by_backprop, "Rumelhart, Hinton & Williams (1986)"),
        Gradient("numerical", _by_differences, "斎藤『ゼロから作るDeep Learning』4.4"),
    ],
)
