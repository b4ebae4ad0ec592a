"""The gradient check: a derivation compared with central differences, and what the figures say."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Float
from numpy.typing import ArrayLike

from koubai.engine import float64
from koubai.errors import ShapeError
from koubai.functions.losses import Loss
from koubai.gradients.backprop import as_batch, backprop, network_loss
from koubai.gradients.numerical import numerical_gradient, rounding_error
from koubai.networks.network import Network, Params

# Truncation leaves central differences right to about 1e-10 of the values that occur; a wrong
# formula is wrong in the first digits. Anything between would deserve a look.
TOLERANCE = 1e-6
# Rounding inside f adds up over its operations to a few times ε·|f|/h.
_ROUNDINGS = 10

Gradient = Float[np.ndarray, "*shape"]


@dataclass(frozen=True)
class Difference:
    """One array of derivatives, found in two ways: g and, by central differences, n.

    error: max|g − n| / max(|g|, |n|), relative to the largest derivative of the array; inf where
    one is not a number. index: the element where they differ most. tolerance: the largest error
    that truncation and rounding explain; where it is above 1/10, rounding in the function hides
    these derivatives and nothing can be told (`hidden`).
    """

    name: str
    error: float
    index: tuple[int, ...]
    tolerance: float
    gradient: Gradient
    numerical: Gradient

    @property
    def hidden(self) -> bool:
        """Whether rounding hides these derivatives."""
        return self.tolerance > 0.1

    @property
    def agrees(self) -> bool:
        """Whether the error is within the tolerance."""
        return self.error <= self.tolerance


@dataclass(frozen=True)
class Check:
    """The outcome of a gradient check: whether it passed, the differences, a verdict in words."""

    passed: bool
    layers: tuple[Difference, ...]
    verdict: str
    tolerance: float

    @property
    def worst(self) -> Difference:
        """The array furthest beyond its tolerance, or nearest to it."""
        return _worst(self.layers)

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
        f, theta, unravel = _as_function(network, params, x64, t, loss)
        three = (
            backprop(network, params, x64, t, loss).gradients,
            unravel(jnp.asarray(numerical_gradient(f, theta, step))),
            unravel(jnp.asarray(rounding_error(f, theta, step))),
        )
        differences = [
            _difference(f"layer {number} {part}", *(getattr(layer, part) for layer in layers))
            for number, layers in enumerate(zip(*three, strict=True), start=2)
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
    expected, rounding = numerical_gradient(f, point, step), rounding_error(f, point, step)
    return _check([_difference("gradient", found, expected, rounding)])


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
        f, theta, unravel = _as_function(network, _as_float64(params), x, t, loss)
        return unravel(jnp.asarray(numerical_gradient(f, theta, step)))


def _as_function(
    network: Network, params: Params, x: ArrayLike, t: ArrayLike, loss: str | Loss | None
) -> tuple[Callable[[Any], Any], Float[np.ndarray, " parameters"], Callable[[Any], Params]]:
    """The loss as a function of all parameters in one vector, that vector, and the way back."""
    examples, targets = as_batch(network, params, x, t)
    theta, unravel = ravel_pytree(params)

    def f(theta: Any) -> Any:
        return network_loss(network, unravel(jnp.asarray(theta)), examples, targets, loss)

    return f, np.asarray(theta), unravel


def _as_float64(params: Params) -> Params:
    return jax.tree.map(lambda array: jnp.asarray(np.asarray(array), jnp.float64), params)


def _difference(
    name: str, gradient: ArrayLike, numerical: ArrayLike, rounding: ArrayLike
) -> Difference:
    g, n = np.asarray(gradient), np.asarray(numerical)
    scale = max(np.abs(g).max(initial=0), np.abs(n).max(initial=0))
    broken = ~(np.isfinite(g) & np.isfinite(n))
    with np.errstate(invalid="ignore"):
        apart = np.where(broken, np.inf, np.abs(g - n))
    index = np.unravel_index(int(apart.argmax()), apart.shape) if apart.size else ()
    if broken.any() or scale == 0:
        error, tolerance = (math.inf if broken.any() else 0.0), TOLERANCE
    else:
        error = float(apart.max() / scale)
        tolerance = TOLERANCE + _ROUNDINGS * float(np.max(rounding)) / float(scale)
    return Difference(name, error, tuple(int(i) for i in index), tolerance, g, n)


def _worst(differences: Sequence[Difference]) -> Difference:
    return max(differences, key=lambda difference: difference.error / difference.tolerance)


def _check(differences: Sequence[Difference]) -> Check:
    told = [difference for difference in differences if not difference.hidden]
    passed = all(difference.agrees for difference in differences) and bool(told)
    return Check(passed, tuple(differences), _verdict(differences, told), TOLERANCE)


def _verdict(differences: Sequence[Difference], told: Sequence[Difference]) -> str:
    worst = _worst(differences)
    if all(not np.any(d.numerical) and not np.any(d.gradient) for d in differences):
        return (
            "vacuous: every derivative is zero here, so the check says nothing; try another x or "
            "other parameters"
        )
    if not worst.agrees:
        here = list(worst.index)
        return (
            f"differs: {worst.name} at {here} is {worst.gradient[worst.index]:.8g}, by central "
            f"differences {worst.numerical[worst.index]:.8g} (relative error {worst.error:.1e})"
        )
    if not told:
        return (
            "undecided: rounding in the function hides every derivative, so the check says "
            "nothing; take a constant off the function, or compute it in float64"
        )
    best = max(told, key=lambda difference: difference.error)
    verdict = f"agrees: the largest relative error is {best.error:.1e} ({best.name})"
    hidden = [difference.name for difference in differences if difference.hidden]
    if hidden:
        verdict += f"; too small to tell beside rounding: {', '.join(hidden)}"
    return verdict
