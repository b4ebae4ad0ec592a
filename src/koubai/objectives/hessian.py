"""The Hessian ∇²f of an objective: multiplied with vectors, and written out only where small."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial, singledispatch
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Num

from koubai.engine import compiled, compiled_on, float64
from koubai.errors import SettingError, unknown_name
from koubai.functions.losses import Loss
from koubai.functions.outputs import output_losses
from koubai.functions.targets import as_targets
from koubai.networks.network import Layer, Network, Params
from koubai.objectives.eigenpairs import (
    Eigenpairs,
    Product,
    dense_eigenpairs,
    outermost_eigenpairs,
)
from koubai.objectives.network import NetworkObjective, layers_of
from koubai.objectives.objective import Objective

Point = Float[np.ndarray, "*shape"]
Vector = Float[np.ndarray, " parameters"]
Units = Float[Array, "tile units"]

PRECISIONS = ("float32", "float64")
# Up to so many parameters everything is computed in float64, unless told otherwise.
_EXACT = 2_000
# Up to so many the Hessian is written out.
DENSE = 64

# Examples in a tile: with 784 inputs it fills three megabytes in float32.
_TILE = 1000
_MOST_KEPT = 128 * 2**20


def working_precision(objective: Objective, precision: str | None = None) -> str:
    """The precision asked for; else float64 up to 2 000 parameters, beyond it the objective's.

    What others than JAX differentiate, they do in the precision of its start, and SettingError is
    raised for another.
    """
    if precision is not None and precision not in PRECISIONS:
        raise unknown_name("precision", precision, PRECISIONS)
    own = str(objective.start.dtype)
    if objective.exact and not objective.traceable:
        if precision not in (None, own):
            raise SettingError(
                f"precision is {precision!r}, but the objective computes in {own}: leave it out, "
                f"or give its parameters and data in {precision}"
            )
        return own
    if precision is None:
        return "float64" if objective.start.size <= _EXACT else own
    return precision


def reachable(objective: Objective, precision: str) -> float:
    """How small ‖Hv − λv‖ / max|λ| can be made, given the rounding of a product."""
    if not objective.traceable:
        return 1e-5
    return 1e-9 if precision == "float64" else 1e-5


def outer_curvatures(
    product: Product, size: int, top: int, bottom: int, tolerance: float
) -> tuple[Eigenpairs, Eigenpairs]:
    """The `top` largest and `bottom` smallest eigenvalues of a Hessian, algebraically.

    Each at most as many as there are parameters. Residuals up to tolerance · max|λ|.
    """
    top, bottom = min(top, size), min(bottom, size)
    if size > max(DENSE, top + bottom):
        return outermost_eigenpairs(product, size, top, bottom, tolerance)
    every = dense_eigenpairs(product, size)
    ends = (slice(top), slice(size - bottom, None))
    first, last = (Eigenpairs(*(part[rows] for part in every)) for rows in ends)
    return first, last


@singledispatch
def hessian_product(objective: Objective, x: Point, precision: str = "float64") -> Product:
    """The function v ↦ ∇²f(x) · v, computed in that precision; flat vectors in float64.

    Exact where JAX can trace f, forward over reverse; else from differences of the numerical
    gradient, in float64. Reference: Pearlmutter (1994), Neural Computation 6.
    """
    return (_exact if objective.traceable else _by_differences)(objective, x, precision)


def _exact(objective: Objective, x: Point, precision: str) -> Product:
    with float64():
        point = jnp.asarray(x, precision)
    along = compiled_on(_along, objective.f)

    def product(v: Vector) -> Vector:
        with float64():
            return np.asarray(along(point, jnp.asarray(v, precision)), np.float64)

    return product


def _along(f: Callable[[Any], Any], point: Array, v: Array) -> Array:
    return jax.jvp(jax.grad(f), (point,), (v.reshape(point.shape),))[1].ravel()


def _by_differences(objective: Objective, x: Point, precision: str) -> Product:
    # Differences of a numerical gradient: its error of about 1e-10 asks for a wide step.
    x = np.asarray(x, np.float64)
    h = 1e-3 * max(1.0, float(np.abs(x).max(initial=0)))

    def product(v: Vector) -> Vector:
        length = float(np.linalg.norm(v))
        along = h * v.reshape(x.shape) / length
        above, below = objective.gradient(x + along), objective.gradient(x - along)
        return (above - below).ravel() * length / (2 * h)

    return product


# --- a network over its data --------------------------------------------------------------------


@hessian_product.register
def _(objective: NetworkObjective, x: Point, precision: str = "float64") -> Product:
    return _NetworkProduct(objective, x.ravel(), precision)


class _NetworkProduct:
    """The product for a network, tile by tile of the examples.

    z¹ is affine in the first layer's parameters, so its own second derivative is 0: with ż¹ for
    its change along v = (v¹, v²⋯), and h for the loss as a function of z¹ and the layers above,

        ż¹ = x · v¹_w + v¹_b         (ġ, ġ²⋯) = ∇²h(z¹, θ²⋯) · (ż¹, v²⋯)
        (Hv)¹_w = xᵀ · ġ             (Hv)¹_b = Σ_n ġ_n             (Hv)²⋯ = ġ²⋯

    Two products with the inputs instead of five; z¹ is found once where it takes no more than
    128 MiB. In the working precision within a tile, in float64 over the tiles.
    """

    def __init__(self, objective: NetworkObjective, x: Vector, precision: str) -> None:
        self._objective, self._precision = objective, precision
        with float64():
            self._params = layers_of(objective, x, precision)
        size = len(objective.split) * objective.network.sizes[1] * np.dtype(precision).itemsize
        self._kept: dict[int, Units] | None = {} if size <= _MOST_KEPT else None

    def __call__(self, v: Vector) -> Vector:
        with float64(), ThreadPoolExecutor(os.cpu_count()) as threads:
            direction = layers_of(self._objective, v, self._precision)
            found = threads.map(partial(self._of_tile, direction), self._tiles())
            return sum(found, np.zeros(v.size)) / len(self._objective.split)

    def _tiles(self) -> Iterator[int]:
        yield from range(0, len(self._objective.split), _TILE)

    def _of_tile(self, direction: Params, start: int) -> Vector:
        objective, part = self._objective, slice(start, start + _TILE)
        scale = np.float32(objective.split.scale)
        with float64():  # a context is the thread's own
            stored = jnp.asarray(objective.split.stored[part])
            z = self._weighted_inputs(start, stored, scale)
            found = _tile_product(
                objective.network, objective.loss, self._params, direction, z, stored, scale,
                objective.split.t[part],
            )  # fmt: skip
        return np.concatenate([np.ravel(array) for array in jax.tree.leaves(found)], dtype=float)

    def _weighted_inputs(self, start: int, stored: Num[Array, "tile inputs"], scale: Any) -> Units:
        if self._kept is None:
            return _first_layer(self._params[0], stored, scale)
        if start not in self._kept:
            self._kept[start] = _first_layer(self._params[0], stored, scale)
        return self._kept[start]


def _inputs(stored: Num[Array, "tile inputs"], scale: Any, like: Array) -> Array:
    return (stored.astype(jnp.float32) * scale).astype(like.dtype)


@compiled
def _first_layer(layer: Layer, stored: Num[Array, "tile inputs"], scale: Any) -> Units:
    return _inputs(stored, scale, layer.w) @ layer.w + layer.b


@partial(compiled, static=("network", "loss"))
def _tile_product(
    network: Network,
    loss: Loss,
    params: Params,
    direction: Params,
    z: Units,
    stored: Num[Array, "tile inputs"],
    scale: Any,
    t: Any,
) -> Params:
    x = _inputs(stored, scale, z)
    slope = jax.grad(partial(_loss_above, network, loss, t), argnums=(0, 1))
    changes = (x @ direction[0].w + direction[0].b, direction[1:])
    first, above = jax.jvp(slope, (z, params[1:]), changes)[1]
    return (Layer(x.T @ first, first.sum(axis=0)), *above)


def _loss_above(network: Network, loss: Loss, t: Any, z: Units, above: Params) -> Float[Array, ""]:
    """Σ_n L_n as a function of the first weighted inputs and the layers above them."""
    for (w, b), activation in zip(above, network.activations, strict=False):
        z = activation.value(z) @ w + b
    return output_losses(network.output, loss, z, as_targets(t, z)).sum()
