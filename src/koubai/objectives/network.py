"""The loss of a network over its data, as an objective over all its parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, overload

import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from numpy.typing import ArrayLike

from koubai.data.dataset import Dataset, Split
from koubai.errors import SettingError
from koubai.functions.losses import Loss
from koubai.gradients.backprop import network_loss
from koubai.networks.network import Network, Params
from koubai.objectives.objective import Objective, as_start


def network_objective(
    network: Network, params: Params, data: Dataset | Split, loss: str | Loss | None = None
) -> Objective:
    """The loss of a network over a split (of a data set: the training data) as f(θ).

    θ holds w then b, layer by layer, in one vector; it starts at `params`. Errors as `backprop`.
    """
    split = data.train if isinstance(data, Dataset) else data
    theta, unravel = ravel_pytree(params)
    x, t = split.x, split.t

    def f(theta: Any) -> Any:
        return network_loss(network, unravel(theta.astype(jnp.float32)), x, t, loss)

    return Objective(f, np.asarray(theta))


@overload
def objective(f: Callable[[Any], Any], start: ArrayLike, /) -> Objective: ...
@overload
def objective(
    f: Network, start: Params, data: Dataset | Split, loss: str | Loss | None = None, /
) -> Objective: ...
def objective(
    f: Any, start: Any, data: Dataset | Split | None = None, loss: str | Loss | None = None, /
) -> Objective:
    """An objective: of a function and a start, or of a network, parameters, data and a loss.

        kb.objective(f, start)                          f takes an array and returns a number
        kb.objective(network, params, data, loss)       the loss over the training data

    Raises FunctionError when f is not a finite number at the start; otherwise as `backprop`.
    """
    if not isinstance(f, Network):
        return Objective(f, as_start(start))
    if data is None:
        raise SettingError("data is missing: give kb.objective(network, params, data)")
    return network_objective(f, start, data, loss)
