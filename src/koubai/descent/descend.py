"""Descent: θ ← θ − η·d, step by step, on any function, with everything that happened kept."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Bool, Float, Int
from numpy.typing import ArrayLike

from koubai.descent.optimisers import Optimiser, find_optimiser, optimisers
from koubai.descent.path import Path, Points, Values
from koubai.descent.stability import first_learning_rate, stable_learning_rate
from koubai.engine import compiled, float64
from koubai.errors import FunctionError, SettingError
from koubai.gradients.numerical import central_differences, check_step, one_by_one
from koubai.objectives.objective import Objective, as_start

if TYPE_CHECKING:
    from matplotlib.axes import Axes


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

    Raises SettingError and UnknownNameError for arguments out of range, FunctionError when f or
    its gradient is not finite at the start.
    """
    optimiser = find_optimiser(optimizer)
    objective = _objective(f, start)
    _check(learning_rate, steps, tolerance, gradient)
    check_step(step, objective.start)
    rate = learning_rate or first_learning_rate(objective, optimiser, steps)
    if gradient == "exact" and not objective.exact:
        raise FunctionError(
            "gradient is 'exact', but JAX cannot trace f: write it with jax.numpy in place of "
            "numpy or math, or leave gradient out"
        )
    numerical = gradient == "numerical" or not objective.exact
    if step is not None and not numerical:
        raise SettingError(
            f"step is {step}, but the gradient is exact: give gradient='numerical' as well"
        )
    rule = _Rule(objective.f, optimiser, numerical, step)
    with float64():
        run = _compiled_descent if objective.exact else _plain_descent
        record = run(rule, objective.start, float(rate), steps, float(tolerance))
    if not np.isfinite(record.gradients[0]).all():
        raise FunctionError(
            f"the gradient of f is {record.gradients[0]} at the start: f has a kink or a pole "
            f"there; start from a point beside it"
        )
    return _as_path(objective, rule, rate, record, tolerance)


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
    if steps < 1 or steps != int(steps):
        raise SettingError(f"steps is {steps}: give a whole number above 0")
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
    move, x = _step(rule.optimiser), start
    memory = rule.optimiser.init(jnp.asarray(start))
    rows: list[tuple[Any, float, Any, Any]] = []
    with np.errstate(all="ignore"):  # whoever diverges is told so by the path
        for k in range(steps + 1):
            value, gradient = _look(rule, x)
            rows.append((x, value, gradient, memory))
            length = math.hypot(*gradient.ravel().tolist())
            if k == steps or not math.isfinite(value + length) or length <= tolerance:
                break
            x, memory = move(x, gradient, memory, rate)
    points, values, gradients, memories = zip(*rows, strict=True)
    inner = [_inner(kept, start) for kept in memories] if jax.tree.leaves(memory) else []
    return _Record(
        _column(points, start),
        np.array(values, start.dtype),
        _column(gradients, start),
        tuple(_column(column, start) for column in zip(*inner, strict=True)),
    )


def _column(rows: Sequence[Any], start: Float[np.ndarray, "*shape"]) -> Points:
    # One by one: NumPy would walk through each of JAX's arrays element by element.
    return np.array([np.asarray(row) for row in rows], start.dtype)


@lru_cache(maxsize=64)
def _step(optimiser: Optimiser) -> Callable[..., Any]:
    if optimiser is optimisers.sgd:  # so little arithmetic is done sooner than handed to JAX
        return lambda x, gradient, memory, rate: (x - rate * gradient, memory)
    return compiled(optimiser.step)


def _look(rule: _Rule, x: Any) -> tuple[float, Float[np.ndarray, "*shape"]]:
    """The value and the gradient at x; NaN where the function gives up, as math.exp(1000) does."""
    point = np.asarray(x, np.float64)
    try:
        return one_by_one(rule.f, point, rule.step)
    except ArithmeticError:
        return math.nan, np.full(point.shape, math.nan)


# --- what came of it ----------------------------------------------------------------------------


def _as_path(
    objective: Objective, rule: _Rule, rate: float, record: _Record, tolerance: float
) -> Path:
    values, optimiser = record.values, rule.optimiser
    stopped, message = "steps", ""
    bad, stable = _first_bad_step(record), None
    if bad is not None:
        if not _falls_away(values, bad):
            sound = [x for x in record.points[:bad] if np.isfinite(x).all()]
            stable = stable_learning_rate(objective, sound[-8:])
        stopped, message = "diverged", _trouble(values, bad, rate, stable, optimiser)
    elif np.linalg.norm(record.gradients[-1].ravel()) <= tolerance:
        stopped = "converged"
        message = f"the gradient vanished after {len(values) - 1} steps"
    return Path(
        points=record.points,
        values=values,
        iterations=np.arange(len(values)),
        stopped=stopped,
        message=message,
        gradients=record.gradients,
        gradient="numerical" if rule.numerical else "exact",
        learning_rate=rate,
        optimizer=optimiser.name,
        memory=dict(zip(_memory_names(optimiser, len(record.memory)), record.memory, strict=True)),
        first_bad_step=bad,
        stable_learning_rate=stable,
        objective=objective,
    )


def _first_bad_step(record: _Record) -> int | None:
    """The step, counted from 1, from which the values only get worse; None where they do not."""
    values = record.values
    finite = np.isfinite(values) & np.isfinite(record.gradients.reshape(len(values), -1)).all(1)
    if finite.all() and not values[-1] > max(values[0], values[:-1].max(initial=-np.inf)):
        return None
    return int(np.nanargmin(np.where(finite, values, np.inf))) + 1


def _falls_away(values: Values, bad: int) -> bool:
    """Whether the values left the range of numbers at its lower end."""
    lowest, end = values[bad - 1], np.finfo(values.dtype).min
    return bool(values[bad] < lowest or (np.isnan(values[bad]) and lowest < -((-end) ** 0.25)))


def _trouble(
    values: Values, bad: int, rate: float, stable: float | None, optimiser: Optimiser
) -> str:
    if _falls_away(values, bad):
        return (
            f"the value falls for ever, out of the range of numbers at step {bad}: f has no bottom "
            f"there; start elsewhere"
        )
    becomes = "is not a number" if np.isnan(values[bad]) else "rises"
    if stable is not None and optimiser.name == "sgd" and rate > stable:
        return (
            f"the value {becomes} from step {bad} on: the learning rate {rate:g} is beyond the "
            f"stable bound 2/λ_max = {stable:.3g}; choose one below"
        )
    return f"the value {becomes} from step {bad} on: choose a learning rate below {rate:g}"


def _memory_names(optimiser: Optimiser, count: int) -> Sequence[str]:
    if len(optimiser.memory) == count:
        return optimiser.memory
    return [f"memory {number}" for number in range(1, count + 1)]


@dataclass(frozen=True, eq=False)
class Comparison:
    """Descents of one function by several optimisers, from the same start: paths by name."""

    objective: Objective
    paths: dict[str, Path]

    def plot(self, **options: Any) -> Axes:
        """Draws the paths: see `koubai.figures.comparison_figure`, which takes the options."""
        from koubai.figures.path import comparison_figure

        return comparison_figure(self, **options)


def compare(
    f: Callable[[Any], Any] | Objective,
    optimizers: Sequence[str],
    start: ArrayLike | None = None,
    steps: int = 100,
    learning_rates: Sequence[float] | None = None,
    *,
    gradient: str | None = None,
    step: float | None = None,
    tolerance: float = 0.0,
) -> Comparison:
    """Descends one function with several optimisers from the same start.

    learning_rates: one for each; without it such as `descend` chooses. The other arguments, and
    errors, as `descend`.
    """
    rates = [None] * len(optimizers) if learning_rates is None else learning_rates
    if len(rates) != len(optimizers):
        raise SettingError(
            f"learning_rates has {len(rates)} entries for {len(optimizers)} optimizers: give one "
            f"for each"
        )
    objective = _objective(f, start)
    paths = {
        name: descend(
            objective,
            learning_rate=rate,
            steps=steps,
            optimizer=name,
            gradient=gradient,
            step=step,
            tolerance=tolerance,
        )
        for name, rate in zip(optimizers, rates, strict=True)
    }
    return Comparison(objective, paths)
