"""Many values of a network's objective on a plane, found together.

The first layer is affine in its parameters, so its weighted inputs on the whole plane are made of
three products that are found once:

    z¹(θ₀ + α d₁ + β d₂) = z¹(θ₀) + α z¹(d₁) + β z¹(d₂)

With many inputs that is nearly all the work. The rest is done for one tile of examples after the
other, all points of the plane against a tile while it lies in the cache.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Num

from koubai.engine import compiled
from koubai.functions.losses import Loss
from koubai.functions.outputs import output_losses
from koubai.functions.targets import as_targets
from koubai.landscapes.plane import Plane
from koubai.networks.network import Network, Params
from koubai.objectives.network import NetworkObjective, layers_of

# Examples in a tile: with fewer, starting each operation takes as long as computing it; with more,
# three arrays of 50 units leave the cache.
_TILE = 3000
# Room for so many points at least.
_FEWEST = 128

Coordinates = Float[np.ndarray, "points dimensions"]
Sums = Float[np.ndarray, "points two"]
Units = Float[Array, "units tile"]
Outputs = Float[Array, "tile outputs"]
# z¹ of the origin and of each direction for a tile of examples, and their targets.
_Tile = tuple[tuple[Units, ...], Float[Array, "outputs tile"]]
# The quantity of every example, from the output layer's weighted inputs and the targets.
Quantity = Callable[[Network, Loss, Outputs, Outputs], Float[Array, " tile"]]


def losses_of(network: Network, loss: Loss, z: Outputs, t: Outputs) -> Float[Array, " tile"]:
    """The loss of every example."""
    return output_losses(network.output, loss, z, t)


def hits_of(network: Network, loss: Loss, z: Outputs, t: Outputs) -> Float[Array, " tile"]:
    """1 for every example that is classed right, 0 for the others."""
    if z.shape[1] == 1:
        return ((network.output.value(z) > 0.5) == (t > 0.5))[:, 0].astype(z.dtype)
    return (z.argmax(axis=1) == t.argmax(axis=1)).astype(z.dtype)


class NetworkValues:
    """Sums over all examples of a quantity of each, at any points of a plane.

    The products of the first layer are kept between calls where they take no more than half of
    `memory`, in bytes.
    """

    def __init__(
        self, objective: NetworkObjective, plane: Plane, quantity: Quantity, memory: int
    ) -> None:
        self.objective, self.quantity = objective, quantity
        vectors = (plane.origin, *plane.directions)
        self._layers = [layers_of(objective, vector, "float32") for vector in vectors]
        columns = objective.network.sizes[1] * len(self._layers)
        self._kept = len(objective.split) * columns * 4 <= memory / 2
        self._tiles: list[_Tile] | None = None

    def sums(self, coordinates: Coordinates) -> Sums:
        """Σ q and Σ q² at each (α, β).

        In float32 within a tile and in float64 over the tiles, always in the same order.
        """
        count = len(coordinates)
        # Room for a power of two of them, so that few numbers of points compile anew.
        points = np.zeros((max(_FEWEST, 1 << (count - 1).bit_length()), coordinates.shape[1]), "f4")
        points[:count] = coordinates
        network, loss, room = self.objective.network, self.objective.loss, jnp.asarray(points)

        def of_tile(tile: _Tile) -> Sums:
            found = _tile_sums(network, loss, self.quantity, self._layers, *tile, room, count)
            return np.asarray(found, np.float64)[:count]

        with ThreadPoolExecutor(os.cpu_count()) as threads:
            if self._kept and self._tiles is None:
                self._tiles = list(threads.map(self._first_layer, self._parts()))
            if self._tiles is not None:
                found = threads.map(of_tile, self._tiles)
            else:
                found = threads.map(lambda part: of_tile(self._first_layer(part)), self._parts())
            return sum(found, np.zeros((count, 2)))

    def _parts(self) -> Iterator[slice]:
        for start in range(0, len(self.objective.split), _TILE):
            yield slice(start, start + _TILE)

    def _first_layer(self, part: slice) -> _Tile:
        split = self.objective.split
        stored, t = jnp.asarray(split.stored[part]), jnp.asarray(split.t[part])
        return _first_layer(self._layers, stored, split.scale, t)


@compiled
def _first_layer(
    layers: list[Params], stored: Num[Array, "tile inputs"], scale: float, t: Num[Array, "tile *_"]
) -> _Tile:
    """z¹ of the origin and of each direction, a row for each unit; and the targets likewise."""
    w = jnp.concatenate([params[0].w for params in layers], axis=1)
    b = jnp.concatenate([params[0].b for params in layers])
    z = (stored.astype(jnp.float32) * scale) @ w + b
    outputs = jnp.zeros((len(t), len(layers[0][-1].b)), z.dtype)
    return tuple(jnp.split(z.T, len(layers))), as_targets(t, outputs).T


# Whole vectors of a CPU that has AVX-512, of which XLA takes halves by itself: 22 ns for a point
# and an example against 32 (784-50-10). Other CPUs do not notice.
@partial(
    compiled,
    static=("network", "loss", "quantity"),
    options={"xla_cpu_prefer_vector_width": 512},
)
def _tile_sums(
    network: Network,
    loss: Loss,
    quantity: Quantity,
    layers: list[Params],
    first: tuple[Units, ...],
    t: Float[Array, "outputs tile"],
    points: Float[Array, "room dimensions"],
    count: int,
) -> Float[Array, "room two"]:
    def at(point: Float[Array, " dimensions"], arrays: Any) -> Array:
        origin, *directions = arrays
        return origin + sum(a * d for a, d in zip(point, directions, strict=True))

    def sums(point: Float[Array, " dimensions"]) -> Float[Array, " two"]:
        z = at(point, first)
        for level, activation in enumerate(network.activations[:-1], start=1):
            a = activation.value(z) if activation.elementwise else activation.value(z.T).T
            w = at(point, [params[level].w for params in layers])
            b = at(point, [params[level].b for params in layers])
            z = w.T @ a + b[:, None]
        q = quantity(network, loss, z.T, t.T)
        # One product: for two XLA would compute q twice.
        return q @ jnp.stack([jnp.ones_like(q), q], axis=1)

    def put(i: Any, found: Array) -> Array:
        return found.at[i].set(sums(points[i]))

    return jax.lax.fori_loop(0, count, put, jnp.zeros((len(points), 2)))
