"""The loss of a network over its data, as an objective over all its parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, overload

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Float
from numpy.typing import ArrayLike

from koubai.data.dataset import Dataset, Split
from koubai.engine import compiled
from koubai.errors import SettingError
from koubai.functions.arguments import shown
from koubai.functions.losses import Loss
from koubai.functions.targets import as_targets
from koubai.gradients.backprop import check_kinds, loss_for, network_loss
from koubai.networks.network import Layer, Network, Params
from koubai.objectives.blocks import Block, split_blocks
from koubai.objectives.objective import Objective, as_start

# Examples in a tile.
_TILE = 1000


@dataclass(frozen=True, eq=False)
class NetworkObjective(Objective):
    """The loss of a network over a split, as a function of all its parameters in one vector.

    What it was made of is kept: whoever knows the network can find many values faster. population:
    of how many examples the split is a random sample; None where it is all there are.
    """

    network: Network = field(kw_only=True)
    split: Split = field(kw_only=True)
    loss: Loss = field(kw_only=True)
    population: int | None = field(default=None, kw_only=True)

    def value(self, x: ArrayLike) -> float:
        """f(x)."""
        return float(self.values(self._point(x)[None])[0])

    def values(self, points: Float[np.ndarray, "points *shape"]) -> Float[np.ndarray, " points"]:
        """F at each of many points, all of them against one tile of examples after the other.

        In float32 within a tile and in float64 over the tiles.
        """
        layers = [layers_of(self, point.ravel(), "float32") for point in points]
        return sum(self._tiles(layers), np.zeros(len(points))) / len(self.split)

    def _tiles(self, layers: Sequence[Params]) -> Iterator[Float[np.ndarray, " points"]]:
        """The losses of each tile, times its examples."""
        for start in range(0, len(self.split), _TILE):
            stored, t = (part[start : start + _TILE] for part in (self.split.stored, self.split.t))
            x = jax.device_put(stored.astype(np.float32) * np.float32(self.split.scale))
            losses = [_tile_loss(self.network, params, x, t, self.loss) for params in layers]
            yield np.array(losses, np.float64) * len(x)

    def _first_value(self) -> float:
        # Labels are looked at here: what is compiled only knows their type.
        self.network.check(layers_of(self, self.start, "float32"), self.split.stored.shape)
        as_targets(self.split.t, jnp.zeros((len(self.split), self.network.sizes[-1])))
        return self.value(self.start)


_tile_loss = compiled(network_loss, static=("network", "loss"))


@dataclass(frozen=True, eq=False)
class LossOverData:
    """f(θ) of a network over a split, from what it is made of: it can be sent to other processes.

    Images stay uint8 until f is computed.
    """

    network: Network
    split: Split
    loss: Loss
    blocks: tuple[Block, ...]

    def __call__(self, theta: Any) -> Any:
        params = _layers(jnp.asarray(theta).astype(jnp.float32), self.blocks)
        # Behind the barrier XLA does not scale the images once and for all, into four times the
        # memory, while it compiles.
        stored = jax.lax.optimization_barrier(jnp.asarray(self.split.stored))
        x = stored.astype(jnp.float32) * jnp.float32(self.split.scale)
        return network_loss(self.network, params, x, self.split.t, self.loss)


def network_objective(
    network: Network, params: Params, data: Dataset | Split, loss: str | Loss | None = None
) -> NetworkObjective:
    """The loss of a network over a split (of a data set: the training data) as f(θ).

    θ holds w then b, layer by layer, in one vector; it starts at `params`. Errors as `backprop`.
    """
    check_kinds(network, params)
    theta, _ = ravel_pytree(params)
    return over_split(network, np.asarray(theta), split_of(data), loss_for(network, loss))


def over_split(
    network: Network,
    theta: Float[np.ndarray, " parameters"],
    split: Split,
    loss: Loss,
    population: int | None = None,
) -> NetworkObjective:
    """The loss over a split that is all the data, or a sample of a `population` of examples."""
    blocks = tuple(_blocks(network))
    return NetworkObjective(
        LossOverData(network, split, loss, blocks),
        theta,
        blocks=blocks,
        network=network,
        split=split,
        loss=loss,
        population=population,
    )


def _blocks(network: Network) -> Iterator[Block]:
    for layer, (inputs, units) in enumerate(pairwise(network.sizes), start=2):
        yield Block(f"layer {layer} w", (inputs, units), filters=1)
        yield Block(f"layer {layer} b", (units,), filters=None)


def layers_of(
    objective: NetworkObjective, theta: Float[np.ndarray, " parameters"], precision: str
) -> Params:
    """The layers that a flat vector of all parameters stands for."""
    return jax.device_put(_layers(theta.astype(precision), objective.blocks))


def _layers(theta: Any, blocks: Sequence[Block]) -> Params:
    arrays: list[Any] = split_blocks(theta, blocks)
    return tuple(Layer(w, b) for w, b in zip(arrays[::2], arrays[1::2], strict=True))


def split_of(data: object) -> Split:
    """The split given, or a data set's training split. Raises SettingError for anything else."""
    if isinstance(data, Dataset | Split):
        return data.train if isinstance(data, Dataset) else data
    raise SettingError(
        f"data is {shown(data)}: give a Dataset, such as kb.data.digits(), or one of its splits"
    )


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
