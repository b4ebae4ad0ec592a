"""The gradient check: a derivation compared with central differences, and what the figures say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jax.typing import ArrayLike
from jaxtyping import Float

from koubai.engine import float64
from koubai.errors import ShapeError
from koubai.functions.losses import Loss
from koubai.gradients.backprop import backprop, network_loss
from koubai.gradients.numerical import numerical_gradient
from koubai.networks.network import Network, Params

# Central differences in float64 are right to about ε^(2/3) ≈ 4e-11 of the values that occur;
# a wrong formula is wrong in the first digits. Anything between would deserve a look.
TOLERANCE = 1e-6

Gradient = Float[np.ndarray, "*shape"]


@dataclass(frozen=True)
class Difference:
    """One array of derivatives, found in two ways.

    `error` is max|g − n| / max(|g|, |n|), over all elements: relative to the largest derivative
    of the array, so that rounding in a tiny element accuses nobody and no absolute tolerance
    lets a wrong array pass. `index` is the element where they differ most.
    """

    name: str
    error: float
    index: tuple[int, ...]
    gradient: Gradient
    numerical: Gradient


@dataclass(frozen=True)
class Check:
    """The outcome of a gradient check: whether it passed, the differences, a verdict in words."""

    passed: bool
    layers: tuple[Difference, ...]
    verdict: str
    tolerance: float

    @property
    def worst(self) -> Difference:
        """The array with the largest relative error."""
        return max(self.layers, key=lambda difference: difference.error)

    def __str__(self) -> str:
        rows = [f"{d.name:<12}  relative error {d.error:.1e}" for d in self.layers]
        return "\n".join([*rows, self.verdict])


def check_gradients(
    network: Network,
    params: Params,
    x: ArrayLike,
    t: ArrayLike,
    loss: str | Loss | None = None,
    step: float | None = None,
) -> Check:
    """Backpropagation against central differences, for every weight and bias, in float64.

    Arguments, shapes and errors as `backprop`; `step` as in `numerical_gradient`. The check
    covers every parameter, so it takes two evaluations of the loss for each of them.
    """
    with float64():
        params = _as_float64(params)
        x64 = jnp.asarray(np.asarray(x), jnp.float64)
        found = backprop(network, params, x64, t, loss).gradients
        expected = finite_differences(network, params, x64, t, loss, step)
        differences = [
            _difference(f"layer {number} {part}", getattr(g, part), getattr(n, part))
            for number, (g, n) in enumerate(zip(found, expected, strict=True), start=2)
            for part in ("w", "b")
        ]
    return _check(differences)


def check_gradient(
    f: Callable[[Any], Any],
    grad_f: Callable[[Any], ArrayLike],
    x: ArrayLike,
    step: float | None = None,
) -> Check:
    """Anybody's gradient function against central differences of their f, at x.

    Raises ShapeError when grad_f(x) does not have the shape of x, FunctionError when f does not
    return a single number.
    """
    point = np.array(x, dtype=np.float64)
    with float64():
        found = np.asarray(grad_f(point.copy()), dtype=np.float64)
    if found.shape != point.shape:
        raise ShapeError(
            f"grad_f returned shape {found.shape} for an x of shape {point.shape}: a gradient "
            f"has one derivative for each element of x"
        )
    return _check([_difference("gradient", found, numerical_gradient(f, point, step))])


def finite_differences(
    network: Network,
    params: Params,
    x: ArrayLike,
    t: ArrayLike,
    loss: str | Loss | None = None,
    step: float | None = None,
) -> Params:
    """The whole gradient of a network by central differences, of the form of the parameters.

    Arguments, shapes and errors as `backprop`; `step` as in `numerical_gradient`. Float64.
    """
    with float64():
        theta, unravel = ravel_pytree(_as_float64(params))
        gradient = numerical_gradient(
            lambda theta: network_loss(network, unravel(theta), x, t, loss), theta, step
        )
        return unravel(jnp.asarray(gradient))


def _as_float64(params: Params) -> Params:
    return jax.tree.map(lambda array: jnp.asarray(np.asarray(array), jnp.float64), params)


def _difference(name: str, gradient: ArrayLike, numerical: ArrayLike) -> Difference:
    g, n = np.asarray(gradient), np.asarray(numerical)
    apart = np.abs(g - n)
    scale = max(np.abs(g).max(initial=0), np.abs(n).max(initial=0))
    error = float(apart.max(initial=0) / scale) if scale > 0 else 0.0
    index = np.unravel_index(int(apart.argmax()), apart.shape)
    return Difference(name, error, tuple(int(i) for i in index), g, n)


def _check(differences: list[Difference]) -> Check:
    worst = max(differences, key=lambda difference: difference.error)
    passed = all(difference.error <= TOLERANCE for difference in differences)
    return Check(passed, tuple(differences), _verdict(worst, passed, differences), TOLERANCE)


def _verdict(worst: Difference, passed: bool, differences: list[Difference]) -> str:
    if all(not np.any(d.numerical) and not np.any(d.gradient) for d in differences):
        return (
            "vacuous: every derivative is zero here, so the check says nothing; try another x or "
            "other parameters"
        )
    if passed:
        return f"agrees: the largest relative error is {worst.error:.1e} ({worst.name})"
    here = list(worst.index)
    return (
        f"differs: {worst.name} at {here} is {worst.gradient[worst.index]:.8g}, by central "
        f"differences {worst.numerical[worst.index]:.8g} (relative error {worst.error:.1e})"
    )
