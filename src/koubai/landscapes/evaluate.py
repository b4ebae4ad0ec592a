"""Values of an objective at points of a plane, each computed afresh from the origin."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import singledispatch
from typing import Any, NamedTuple, cast

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from koubai.engine import compiled, float64
from koubai.errors import SettingError, unknown_name
from koubai.landscapes.network_values import NetworkValues, hits_of, losses_of
from koubai.landscapes.plane import Plane
from koubai.objectives.network import NetworkObjective
from koubai.objectives.objective import Objective

METRICS = ("loss", "accuracy", "gradient_norm", "gradient")

# On a CPU, where more is no faster, and where a constant gives the same bits whatever else runs.
_BUDGET = 256 * 2**20
# Of an accelerator's memory.
_SHARE = 0.25

Coordinates = Float[np.ndarray, "points dimensions"]


class Values(NamedTuple):
    """What was found at some points: a column for each quantity, and their standard errors.

    One column, or for the metric "gradient" one for each direction of the plane. errors: 0 where
    all the data was used.
    """

    values: Float[np.ndarray, "points columns"]
    errors: Float[np.ndarray, "points columns"]


Evaluate = Callable[[Coordinates], Values]


@singledispatch
def evaluator(
    objective: Objective, plane: Plane, metric: str = "loss", memory: int | None = None
) -> Evaluate:
    """A function that finds a metric of an objective at points (α, β) of a plane.

        loss: f(θ)     gradient_norm: ‖∇f(θ)‖     gradient: ∂f/∂α and ∂f/∂β, that is dᵢ · ∇f(θ)

    with θ = θ₀ + α d₁ + β d₂. accuracy: the share of examples classed right, for a network.
    memory: bytes for evaluations at several points at once; None means 256 MiB, or a quarter of an
    accelerator's.

    Raises UnknownNameError for another metric, SettingError for one that it does not have.
    """
    if metric not in METRICS:
        raise unknown_name("metric", metric, METRICS)
    if metric == "accuracy":
        raise SettingError("metric is 'accuracy', but the objective is a plain function: take loss")
    if not objective.traceable:
        return _one_by_one(objective, plane, metric)
    quantity = {"loss": _value, "gradient_norm": _gradient_norm, "gradient": _gradient}[metric]
    with float64():
        return _at_once(objective, plane, quantity, memory or _at_hand())


def _at_hand() -> int:
    stats = jax.local_devices()[0].memory_stats()  # None for a CPU
    return int(_SHARE * stats["bytes_limit"]) if stats else _BUDGET


@evaluator.register
def _(
    objective: NetworkObjective, plane: Plane, metric: str = "loss", memory: int | None = None
) -> Evaluate:
    quantities = {"loss": losses_of, "accuracy": hits_of}
    if metric not in quantities:
        return evaluator.dispatch(Objective)(objective, plane, metric, memory)
    if metric == "accuracy" and objective.split.t.ndim > 1:
        raise SettingError("metric is 'accuracy', but the targets are values, not classes")
    found = NetworkValues(objective, plane, quantities[metric], memory or _BUDGET)

    def evaluate(coordinates: Coordinates) -> Values:
        sums = found.sums(coordinates)
        return mean_and_error(sums, len(objective.split), objective.population)

    return evaluate


def mean_and_error(sums: Float[np.ndarray, "points two"], n: int, population: int | None) -> Values:
    """The mean of a quantity q from Σ q and Σ q² over n examples, and its standard error.

        s / √n · √(1 − n / N),      s² = (Σ q² − (Σ q)² / n) / (n − 1)

    where the n examples are a random sample of a population of N; else it is 0.
    Reference: Cochran (1977), Sampling Techniques, 2.6.
    """
    q, squares = sums[:, :1], sums[:, 1:]
    if population is None:
        return Values(q / n, np.zeros_like(q))
    with np.errstate(invalid="ignore"):
        variance = np.maximum(squares - q**2 / n, 0) / (n - 1)
    return Values(q / n, np.sqrt(variance / n * (1 - n / population)))


# --- any function that JAX can trace ------------------------------------------------------------

Quantity = Callable[[Callable[[Any], Any], Array, Array], Array]


def _value(f: Callable[[Any], Any], theta: Array, directions: Array) -> Array:
    return jnp.reshape(f(theta), (1,))


def _gradient_norm(f: Callable[[Any], Any], theta: Array, directions: Array) -> Array:
    return jnp.linalg.norm(jax.grad(f)(theta).ravel()).reshape(1)


def _gradient(f: Callable[[Any], Any], theta: Array, directions: Array) -> Array:
    return directions @ jax.grad(f)(theta).ravel()


def _at_once(objective: Objective, plane: Plane, quantity: Quantity, memory: int) -> Evaluate:
    """As many points at a time as memory allows, compiled once."""
    shape, dtype = objective.start.shape, objective.start.dtype

    def at(origin: Array, directions: Array, point: Array) -> Array:
        theta = (origin + point @ directions).reshape(shape).astype(dtype)
        return quantity(objective.f, theta, directions.astype(dtype))

    origin, directions = jnp.asarray(plane.origin), jnp.asarray(plane.directions)
    one = cast(Any, compiled(at)).lower(origin, directions, jnp.zeros(plane.dimensions)).compile()
    taken = one.memory_analysis()
    each = (taken.temp_size_in_bytes if taken else 0) + plane.origin.nbytes
    batch = max(1, memory // each)
    many = compiled(
        lambda origin, directions, points: jax.lax.map(
            lambda point: at(origin, directions, point), points, batch_size=batch
        )
    )

    def evaluate(coordinates: Coordinates) -> Values:
        with float64():
            found = np.asarray(many(origin, directions, jnp.asarray(coordinates)), np.float64)
        return Values(found, np.zeros_like(found))

    return evaluate


# --- anything else ------------------------------------------------------------------------------


def _one_by_one(objective: Objective, plane: Plane, metric: str) -> Evaluate:
    def look(theta: Float[np.ndarray, " parameters"]) -> Any:
        point = theta.reshape(objective.start.shape)
        if metric == "loss":
            try:
                return [objective.value(point)]
            except ArithmeticError:
                return [math.nan]
        gradient = objective.gradient(point).ravel()
        return [np.linalg.norm(gradient)] if metric == "gradient_norm" else (
            plane.directions @ gradient
        )  # fmt: skip

    def evaluate(coordinates: Coordinates) -> Values:
        found = np.array([look(theta) for theta in plane.at(coordinates)], np.float64)
        return Values(found, np.zeros_like(found))

    return evaluate
