"""How large a step a function bears: its curvature, and the learning rate that goes with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float
from scipy.sparse.linalg import aslinearoperator, eigsh

from koubai.descent.optimisers import Optimiser
from koubai.engine import float64
from koubai.objectives.objective import Objective

Point = Float[np.ndarray, "*shape"]
_Product = Callable[[Float[np.ndarray, " size"]], Float[np.ndarray, " size"]]

_TOLERANCE: Any = 1e-3
# Up to so many parameters the Hessian is written out; beyond, it is only multiplied with.
_DENSE = 64


def largest_curvature(objective: Objective, x: Point) -> float:
    """The largest eigenvalue λ_max of the Hessian at x: the curvature of the steepest bend.

    Computed in float64, from Hessian-vector products: exact where JAX can trace the function,
    else from differences of the numerical gradient.
    """
    size = x.size
    with float64():
        product = _hessian_product(objective, np.asarray(x, np.float64))
        if size <= _DENSE:
            return float(_eigenvalues(product, size)[-1])
        operator: Any = aslinearoperator(_Matrix((size, size), np.dtype(np.float64), product))
        start = np.random.default_rng(0).normal(size=size)
        return float(eigsh(operator, k=1, which="LA", v0=start, tol=_TOLERANCE)[0][0])


def stable_learning_rate(objective: Objective, points: Iterable[Point]) -> float | None:
    """The largest learning rate that gradient descent bears near these points.

        η < 2 / λ_max

    On a quadratic, x − η λ x shrinks along every direction exactly when this holds. None where
    the function bends upwards nowhere. Reference: LeCun, Simard & Pearlmutter (1993).
    """
    curvatures = [largest_curvature(objective, x) for x in points]
    finite = [curvature for curvature in curvatures if np.isfinite(curvature)]
    highest = max(finite, default=0.0)
    return 2 / highest if highest > 0 else None


def first_learning_rate(objective: Objective, optimiser: Optimiser, steps: int) -> float:
    """A learning rate to begin with, where none is given.

        proportional to the gradient (sgd, momentum, nesterov): min(usual, 1 / |λ| at the start)
        adaptive (the others):                                  4 · max(1, |x₀|) / steps

    |λ| is the largest curvature of either sign: what bends down at the start bends up elsewhere.
    An adaptive optimiser moves every parameter by about η a step, so this crosses the distance
    from the start to the origin in a quarter of the steps. With many parameters the curvature is
    not looked at and the optimiser's usual rate is taken.
    """
    if objective.start.size > _DENSE or optimiser.name == "custom":
        return optimiser.learning_rate
    if optimiser.adaptive:
        return 4 * max(1.0, float(np.abs(objective.start).max(initial=0))) / steps
    with float64():
        product = _hessian_product(objective, objective.start.astype(np.float64))
        curvature = float(np.abs(_eigenvalues(product, objective.start.size)).max())
    return min(optimiser.learning_rate, 1 / curvature) if curvature > 0 else optimiser.learning_rate


def _eigenvalues(product: _Product, size: int) -> Float[np.ndarray, " size"]:
    """All of a small Hessian's, from the lowest to the highest."""
    hessian = np.stack([product(e) for e in np.eye(size)])
    return np.linalg.eigvalsh((hessian + hessian.T) / 2)


class _Matrix(NamedTuple):
    """What SciPy asks of a matrix that is only multiplied with."""

    shape: tuple[int, int]
    dtype: np.dtype[np.float64]
    matvec: _Product


def _hessian_product(objective: Objective, x: Point) -> _Product:
    if objective.exact:
        gradient = jax.grad(objective.f)

        @jax.jit
        def exact(v: jax.Array) -> jax.Array:
            return jax.jvp(gradient, (jnp.asarray(x),), (v.reshape(x.shape),))[1].ravel()

        return lambda v: np.asarray(exact(jnp.asarray(v).ravel()))

    # Differences of a numerical gradient: its error of about 1e-10 asks for a wide step.
    h = 1e-3 * max(1.0, float(np.abs(x).max(initial=0)))

    def by_differences(v: Float[np.ndarray, " size"]) -> Float[np.ndarray, " size"]:
        length = float(np.linalg.norm(v))
        along = h * v.reshape(x.shape) / length
        above, below = objective.gradient(x + along), objective.gradient(x - along)
        return (above - below).ravel() * length / (2 * h)

    return by_differences
