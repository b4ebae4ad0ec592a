"""Descent: θ ← θ − η·d, step by step, on any function, with everything that happened kept."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Bool, Float, Int
from numpy.typing import ArrayLike

from koubai.descent.optimisers import Optimiser, find_optimiser
from koubai.descent.path import Path
from koubai.descent.stability import first_learning_rate, stable_learning_rate
from koubai.engine import compiled, float64
from koubai.errors import FunctionError, SettingError
from koubai.gradients.numerical import central_differences, numerical_gradient
from koubai.objectives.objective import Objective, as_start


def descend(
    f: Callable[[Any], Any] | Objective,
    start: ArrayLike | None = None,
    learning_rate: float | None = None,
    steps: int = 100,
    *,
    optimizer: str | Optimiser | optax.GradientTransformation = "sgd",
    gradient: str | None = None,
    step: float | None = None,
    tolerance: float = 0.0,
) -> Path:
    """Descends a function from a start, and returns the path.

        θ_{k+1} = θ_k − η · d(∇f(θ_k))

    Arguments:
        f: a function of an array that returns a number, or an Objective (whose start is taken
            unless one is given). Where JAX can trace it, its gradient is exact and the whole
            descent compiled; otherwise (NumPy, a call into other software) numerical, in a loop.
        start: of any shape; it is not modified. Computed in float64, or in float32 where start is
            a float32 array.
        learning_rate: η; without it one that suits the start, see `first_learning_rate`.
        optimizer: a name in `kb.optimisers`, or an Optax transformation with its own step size.
        gradient: "exact" or "numerical", instead of koubai's choice. `step` is then the h of the
            central differences.
        tolerance: stop as "converged" once ‖∇f‖ is not above it.

    The path says why it stopped: "steps", "converged" or "diverged"; the last also where the
    value is not finite, or ends at its highest above the start, with the first bad step and the
    largest learning rate that the curvature along the path would have borne.

    Raises SettingError and UnknownNameError for arguments out of range, FunctionError when f is
    not a finite number at the start.
    """
    optimiser = find_optimiser(optimizer)
    objective = _objective(f, start)
    _check(learning_rate, steps, tolerance, gradient)
    rate = learning_rate or first_learning_rate(objective, optimiser, steps)
    if gradient == "exact" and not objective.exact:
        raise FunctionError(
            "gradient is 'exact', but JAX cannot trace f: write it with jax.numpy in place of "
            "numpy or math, or leave gradient out"
        )
    numerical = gradient == "numerical" or not objective.exact
    rule = _Rule(objective.f, optimiser, numerical, step)
    with float64():
        run = _compiled_descent if objective.exact else _plain_descent
        record = run(rule, objective.start, float(rate), steps, float(tolerance))
    return _as_path(objective, optimiser, rate, record, tolerance)


class _Rule(NamedTuple):
    """What a descent does at each step; what a compiled one is compiled for."""

    f: Callable[[Any], Any]
    optimiser: Optimiser
    numerical: bool
    step: float | None


class _Record(NamedTuple):
    """What a descent leaves: one row for each point."""

    points: Any
    values: Any
    gradients: Any
    memory: tuple[Any, ...]


def _objective(f: Callable[[Any], Any] | Objective, start: ArrayLike | None) -> Objective:
    if isinstance(f, Objective):
        return f if start is None else Objective(f.f, as_start(start), f.names)
    if start is None:
        raise SettingError("start is missing: give the point to descend from, such as [3.0, 4.0]")
    return Objective(f, as_start(start))


def _check(rate: float | None, steps: int, tolerance: float, gradient: str | None) -> None:
    if rate is not None and not (rate > 0 and math.isfinite(rate)):
        raise SettingError(f"learning_rate is {rate}: give a finite number above 0")
    if steps < 1:
        raise SettingError(f"steps is {steps}: give a number above 0")
    if not tolerance >= 0:
        raise SettingError(f"tolerance is {tolerance}: give 0, or a small number above it")
    if gradient not in (None, "exact", "numerical"):
        raise SettingError(f"gradient is {gradient!r}: choose 'exact' or 'numerical'")


# --- compiled -----------------------------------------------------------------------------------


def _compiled_descent(
    rule: _Rule, start: Float[np.ndarray, "*shape"], rate: float, steps: int, tolerance: float
) -> _Record:
    capacity = 1 << steps.bit_length()  # a power of two, so that more steps seldom compile anew
    record, count = _loop(rule, capacity)(jnp.asarray(start), rate, steps, tolerance)
    rows = int(count)
    return jax.tree.map(lambda buffer: np.asarray(buffer[:rows]), record)


@lru_cache(maxsize=64)
def _loop(rule: _Rule, capacity: int) -> Callable[..., Any]:
    def evaluate(x: Array) -> tuple[Array, Array]:
        if not rule.numerical:
            return jax.value_and_grad(rule.f)(x)
        value = rule.f(x)
        return value, central_differences(rule.f, x, rule.step, value.dtype)

    def descent(start: Array, rate: float, steps: int, tolerance: float) -> Any:
        def put(record: _Record, k: Array, x: Array, memory: Any) -> _Record:
            value, gradient = evaluate(x)
            row = _Record(x, value.astype(x.dtype), gradient.astype(x.dtype), _inner(memory, x))
            return jax.tree.map(lambda buffer, new: buffer.at[k].set(new), record, row)

        def goes_on(carry: Any) -> Bool[Array, ""]:
            k, _, _, record = carry
            return (k <= steps) & _worth_a_step(record, k - 1, tolerance)

        def advance(carry: Any) -> Any:
            k, x, memory, record = carry
            x, memory = rule.optimiser.step(x, record.gradients[k - 1], memory, rate)
            return k + 1, x, memory, put(record, k, x, memory)

        memory = rule.optimiser.init(start)
        empty = jax.tree.map(
            lambda a: jnp.zeros((capacity + 1, *a.shape), start.dtype),
            _Record(start, jnp.zeros(()), start, _inner(memory, start)),
        )
        first = put(empty, jnp.int32(0), start, memory)
        count, _, _, record = jax.lax.while_loop(
            goes_on, advance, (jnp.int32(1), start, memory, first)
        )
        return record, count

    return compiled(descent)


def _worth_a_step(record: Any, k: Int[Array, ""], tolerance: float) -> Bool[Array, ""]:
    gradient = record.gradients[k]
    finite = jnp.isfinite(record.values[k]) & jnp.isfinite(gradient).all()
    return finite & (jnp.linalg.norm(gradient.ravel()) > tolerance)


def _inner(memory: Any, x: Any) -> tuple[Any, ...]:
    """The optimiser's inner quantities: those parts of its memory that have the shape of x."""
    return tuple(leaf for leaf in jax.tree.leaves(memory) if leaf.shape == x.shape)


# --- plain --------------------------------------------------------------------------------------


def _plain_descent(
    rule: _Rule, start: Float[np.ndarray, "*shape"], rate: float, steps: int, tolerance: float
) -> _Record:
    move = compiled(rule.optimiser.step)
    x, memory, rows = start.copy(), rule.optimiser.init(jnp.asarray(start)), list[_Record]()
    for k in range(steps + 1):
        value = np.asarray(float(rule.f(x.copy())))
        gradient = numerical_gradient(rule.f, x, rule.step).astype(x.dtype)
        rows.append(_Record(x, value, gradient, _inner(memory, x)))
        finite = np.isfinite(value) and np.isfinite(gradient).all()
        if k == steps or not finite or np.linalg.norm(gradient) <= tolerance:
            break
        x, memory = move(x, gradient, memory, rate)
        x = np.asarray(x)
    return jax.tree.map(lambda *parts: np.stack([np.asarray(part) for part in parts]), *rows)


# --- what came of it ----------------------------------------------------------------------------


def _as_path(
    objective: Objective, optimiser: Optimiser, rate: float, record: _Record, tolerance: float
) -> Path:
    values, gradients = record.values, record.gradients
    bad = _first_bad_step(record)
    stable = None
    if bad is not None:
        sound = [x for x in record.points[:bad] if np.isfinite(x).all()]
        stable = stable_learning_rate(objective, sound[-8:])
    converged = bad is None and np.linalg.norm(gradients[-1].ravel()) <= tolerance
    stopped = "diverged" if bad is not None else "converged" if converged else "steps"
    return Path(
        points=record.points,
        values=values,
        iterations=np.arange(len(values)),
        stopped=stopped,
        message=_message(stopped, bad, rate, stable, len(values) - 1, optimiser),
        gradients=gradients,
        learning_rate=rate,
        optimizer=optimiser.name,
        memory=dict(zip(_memory_names(optimiser, len(record.memory)), record.memory, strict=True)),
        first_bad_step=bad,
        stable_learning_rate=stable,
    )


def _first_bad_step(record: _Record) -> int | None:
    """The step, counted from 1, from which the values only get worse; None where they do not."""
    values = record.values
    finite = np.isfinite(values) & np.isfinite(record.gradients.reshape(len(values), -1)).all(1)
    if finite.all() and not values[-1] > max(values[0], values[:-1].max(initial=-np.inf)):
        return None
    return int(np.nanargmin(np.where(finite, values, np.inf))) + 1


def _message(
    stopped: str,
    bad: int | None,
    rate: float,
    stable: float | None,
    steps: int,
    optimiser: Optimiser,
) -> str:
    if stopped == "converged":
        return f"the gradient vanished after {steps} steps"
    if stopped == "steps":
        return ""
    reason = f"the value rises from step {bad} on"
    if stable is None:
        return f"{reason}: the function has no bottom here, or falls away; start elsewhere"
    if optimiser.name == "sgd" and rate > stable:
        return (
            f"{reason}: the learning rate {rate:g} is beyond the stable bound "
            f"2/λ_max = {stable:.3g}; choose one below"
        )
    return f"{reason}: choose a learning rate below {rate:g}"


def _memory_names(optimiser: Optimiser, count: int) -> Sequence[str]:
    if len(optimiser.memory) == count:
        return optimiser.memory
    return [f"memory {number}" for number in range(1, count + 1)]


@dataclass(frozen=True, eq=False)
class Comparison:
    """Descents of one function by several optimisers, from the same start: paths by name."""

    objective: Objective
    paths: dict[str, Path]


def compare(
    f: Callable[[Any], Any] | Objective,
    optimizers: Sequence[str],
    start: ArrayLike | None = None,
    steps: int = 100,
    learning_rates: Sequence[float] | None = None,
) -> Comparison:
    """Descends one function with several optimisers from the same start.

    learning_rates: one for each; without it such as `descend` chooses. Errors as `descend`.
    """
    rates = [None] * len(optimizers) if learning_rates is None else learning_rates
    if len(rates) != len(optimizers):
        raise SettingError(
            f"learning_rates has {len(rates)} entries for {len(optimizers)} optimizers: give one "
            f"for each"
        )
    objective = _objective(f, start)
    paths = {
        name: descend(objective, learning_rate=rate, steps=steps, optimizer=name)
        for name, rate in zip(optimizers, rates, strict=True)
    }
    return Comparison(objective, paths)
