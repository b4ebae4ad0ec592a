"""Descent: θ ← θ − η·d, step by step, on any function, with everything that happened kept."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path as File
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Bool, Float, Int
from numpy.typing import ArrayLike

from koubai.descent.optimisers import Optimiser, find_optimiser, optimisers
from koubai.descent.path import Path, Points, Values
from koubai.descent.stability import (
    fallen_away,
    first_learning_rate,
    settles,
    stable_learning_rate,
    still_falls,
    swings_for_ever,
)
from koubai.engine import compiled, compiled_on, float64
from koubai.errors import FunctionError, KoubaiError, SettingError
from koubai.functions.arguments import as_number, shown, whole_number
from koubai.functions.surfaces import Surface
from koubai.gradients.numerical import central_differences, check_step, one_by_one
from koubai.objectives.objective import Objective, as_start
from koubai.told import Told

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def descend(
    f: Callable[[Any], Any] | Objective,
    start: ArrayLike | None = None,
    learning_rate: float | None = None,
    steps: int | None = None,
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
            a float32 array. A surface of `kb.surfaces` has a start of its own.
        learning_rate: η; without it one is found: the optimiser's usual one, or 1/|λ| if that is
            less, where λ is the curvature at the start, and then halved until the values fall. For
            the adaptive optimisers, adagrad, rmsprop, adam and adamw, 4 · max(1, |start|) /
            min(steps, 100) is tried first.
        steps: how many at most; without it 100, or as many as a surface of `kb.surfaces` takes.
        optimizer: a name in `kb.optimisers`, or an Optax transformation with its own step size.
        gradient: "exact" or "numerical", instead of koubai's choice. `step` is then the h of the
            central differences.
        tolerance: stop as "converged" once ‖∇f‖ is not above it.

    The path says why it stopped: "steps", "converged" or "diverged"; the last also where the
    value is not finite, falls for ever, or ends at its highest above the start, with the first bad
    step and the largest learning rate that the curvature along the path would have borne. Where
    the value only swings, its message says so.

    Raises SettingError and UnknownNameError for arguments out of range, FunctionError when f or
    its gradient is not finite at the start.
    """
    optimiser = find_optimiser(optimizer)
    objective = _objective(f, start)
    steps = _usual_steps(objective) if steps is None else steps
    steps = whole_number("steps", steps, 1, 2**31 - 2)  # a compiled loop counts in 32 bits
    _check(learning_rate, tolerance, gradient)
    check_step(step, objective.start)
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
    rule = _Rule(_function(f), optimiser, numerical, step)
    with float64():
        if objective.traceable:
            descent = partial(_compiled_descent, rule)
        else:
            descent = partial(_plain_descent, _look(objective, rule), optimiser)

        def run(rate: float) -> _Record:
            return descent(objective.start, rate, steps, float(tolerance))

        if learning_rate is None:
            rate, record = _settled(run, first_learning_rate(objective, optimiser, steps), rule)
        else:
            rate, record = float(learning_rate), run(float(learning_rate))
    if not np.isfinite(record.gradients[0]).all():
        slope = record.gradients[0]
        raise FunctionError(
            Told(
                f"the gradient of f is {slope} at the start: f has a kink or a pole there; start "
                f"from a point beside it{', or give a smaller step=' if numerical else ''}",
                f"初期値で f の勾配が {slope} です。f がそこで折れているか発散しています。"
                f"隣の点から始めてください",
            )
        )
    return _as_path(objective, rule, rate, record, tolerance)


# A learning rate that is looked for is halved at most so often.
_HALVINGS = 30


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
        return f if start is None else replace(f, start=as_start(start))
    if start is None and isinstance(f, Surface):
        return Objective(f, as_start(f.start))
    if start is None:
        raise SettingError("start is missing: give the point to descend from, such as [3.0, 4.0]")
    return Objective(f, as_start(start))


def _usual_steps(objective: Objective) -> int:
    return objective.f.steps if isinstance(objective.f, Surface) else 100


def _function(f: Callable[[Any], Any] | Objective) -> Callable[[Any], Any]:
    """What to compile for: what never changes, or else a function made anew.

    What a plain function depends on may have changed since it was last descended.
    """
    if isinstance(f, Surface):
        return f
    if not isinstance(f, Objective):
        return lambda x: f(x)
    return f.f if f.f.__hash__ is not None else f.f.__call__  # found again by its hash


def _check(rate: float | None, tolerance: float, gradient: str | None) -> None:
    if rate is not None and not 0 < as_number(rate) < math.inf:
        raise SettingError(
            Told(
                f"learning_rate is {shown(rate)}: give a finite number above 0",
                f"learning_rate が {shown(rate)} です。0 より大きい有限な数にしてください",
            )
        )
    if not as_number(tolerance) >= 0:
        raise SettingError(f"tolerance is {shown(tolerance)}: give 0, or a small number above it")
    if gradient is not None and str(gradient) not in ("exact", "numerical"):
        raise SettingError(f"gradient is {shown(gradient)}: choose 'exact' or 'numerical'")


def _settled(run: Callable[[float], _Record], rate: float, rule: _Rule) -> tuple[float, _Record]:
    """The first of η, η/2, η/4, … at which the values fall, and its descent; else η and its own."""
    first = run(rate)
    if rule.optimiser.name == "custom" or not np.isfinite(first.gradients[0]).all():
        return rate, first
    record = first
    for halved in rate * 0.5 ** np.arange(_HALVINGS):
        record = first if halved == rate else run(float(halved))
        if settles(record.values, rule.optimiser):
            return float(halved), record
    return rate, first


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
    return compiled_on(_descent, rule.f, rule.optimiser, rule.numerical, rule.step, capacity)


def _descent(
    f: Callable[[Any], Any],
    optimiser: Optimiser,
    numerical: bool,
    step: float | None,
    capacity: int,
    start: Array,
    rate: float,
    steps: int,
    tolerance: float,
) -> Any:
    def evaluate(x: Array) -> tuple[Array, Array]:
        if not numerical:
            return jax.value_and_grad(f)(x)
        value = jnp.asarray(f(x))
        return value, central_differences(f, x, step, value.dtype)

    def put(record: _Record, k: Array, x: Array, memory: Any) -> _Record:
        value, gradient = evaluate(x)
        row = _Record(x, jnp.asarray(value, x.dtype), gradient.astype(x.dtype), _inner(memory, x))
        return jax.tree.map(lambda buffer, new: buffer.at[k].set(new), record, row)

    def goes_on(carry: Any) -> Bool[Array, ""]:
        k, _, _, record = carry
        return (k <= steps) & _worth_a_step(record, k - 1, tolerance)

    def advance(carry: Any) -> Any:
        k, x, memory, record = carry
        x, memory = optimiser.step(x, record.gradients[k - 1], memory, rate)
        return k + 1, x, memory, put(record, k, x, memory)

    memory = optimiser.init(start)
    empty = jax.tree.map(
        lambda a: jnp.zeros((capacity + 1, *a.shape), start.dtype),
        _Record(start, jnp.zeros(()), start, _inner(memory, start)),
    )
    first = put(empty, jnp.int32(0), start, memory)
    count, _, _, record = jax.lax.while_loop(goes_on, advance, (jnp.int32(1), start, memory, first))
    return record, count


def _worth_a_step(record: Any, k: Int[Array, ""], tolerance: float) -> Bool[Array, ""]:
    gradient = record.gradients[k]
    finite = jnp.isfinite(record.values[k]) & jnp.isfinite(gradient).all()
    return finite & (jnp.linalg.norm(gradient.ravel()) > tolerance)


def _inner(memory: Any, x: Any) -> tuple[Any, ...]:
    """The optimiser's inner quantities: those parts of its memory that have the shape of x."""
    return tuple(leaf for leaf in jax.tree.leaves(memory) if leaf.shape == x.shape)


# --- plain --------------------------------------------------------------------------------------


_Look = Callable[[Any], tuple[float, Any]]


def _look(objective: Objective, rule: _Rule) -> _Look:
    """The value and the gradient of what JAX cannot trace."""
    if rule.numerical:
        return partial(one_by_one, rule.f, rule.step)
    return lambda x: (objective.value(x), objective.gradient(x))


def _plain_descent(
    look: _Look,
    optimiser: Optimiser,
    start: Float[np.ndarray, "*shape"],
    rate: float,
    steps: int,
    tolerance: float,
) -> _Record:
    move, x = _step(optimiser), start
    memory = optimiser.init(jnp.asarray(start))
    rows: list[tuple[Any, float, Any, Any]] = []
    with np.errstate(all="ignore"):  # whoever diverges is told so by the path
        for k in range(steps + 1):
            try:
                value, gradient = look(np.asarray(x, np.float64))
            except KoubaiError:
                raise
            except (ArithmeticError, ValueError):  # as math.exp(1000) and math.log(-1) raise
                value, gradient = math.nan, np.full(start.shape, math.nan)
            rows.append((x, value, gradient, memory))
            length = math.hypot(*gradient.ravel().tolist())
            if k == steps or not (tolerance < length < math.inf and math.isfinite(value)):
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


# --- what came of it ----------------------------------------------------------------------------


def _as_path(
    objective: Objective, rule: _Rule, rate: float, record: _Record, tolerance: float
) -> Path:
    values, optimiser = record.values, rule.optimiser
    stopped, message = "steps", ""
    bad, stable = _first_bad_step(record), None
    if bad is not None:
        if not _falls_away(values, bad):
            sound = [np.asarray(x) for x in record.points[:bad] if np.isfinite(x).all()]
            stable = stable_learning_rate(objective, sound[-8:])
        stopped, message = "diverged", _trouble(values, bad, rate, stable, optimiser)
    elif np.linalg.norm(record.gradients[-1].ravel()) <= tolerance:
        stopped = "converged"
        message = f"the gradient vanished after {len(values) - 1} steps"
    elif optimiser.name == "sgd" and swings_for_ever(values, record.gradients):
        stable = stable_learning_rate(objective, map(np.asarray, record.points[-2:]))
        message = f"the value swings and gets no lower: {_too_large(rate, stable)}"
    elif still_falls(values):
        message = f"the value still falls after {len(values) - 1} steps: give more"
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
    away = fallen_away(values)
    if away is not None:
        return away
    finite = np.isfinite(values) & np.isfinite(record.gradients.reshape(len(values), -1)).all(1)
    if finite.all() and not values[-1] > max(values[0], values[:-1].max(initial=-np.inf)):
        return None
    return int(np.nanargmin(np.where(finite, values, np.inf))) + 1


def _falls_away(values: Values, bad: int) -> bool:
    """Whether the values fall out of all proportion, or out of the range of numbers."""
    lowest, end = values[bad - 1], np.finfo(values.dtype).min
    return bool(values[bad] < lowest or (np.isnan(values[bad]) and lowest < -((-end) ** 0.25)))


def _trouble(
    values: Values, bad: int, rate: float, stable: float | None, optimiser: Optimiser
) -> str:
    if _falls_away(values, bad):
        return (
            f"the value falls for ever, out of all bounds at step {bad}: f has no bottom there; "
            f"start elsewhere"
        )
    becomes = "is not a number" if np.isnan(values[bad]) else "rises"
    known = stable if optimiser.name == "sgd" else None
    return f"the value {becomes} from step {bad} on: {_too_large(rate, known)}"


def _too_large(rate: float, stable: float | None) -> str:
    """What is to be done about a learning rate, and by which bound."""
    if stable is None or rate < (1 - 1e-6) * stable:
        return f"choose a learning rate below {rate:g}"
    beyond = "beyond" if rate > (1 + 1e-6) * stable else "at"
    return (
        f"the learning rate {rate:g} is {beyond} the stable bound 2/λ_max = {stable:.3g}; choose "
        f"one below"
    )


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

    def save(self, file: str | os.PathLike[str], **options: Any) -> File:
        """Writes the paths to a file, as `Path.save` does one."""
        from koubai.report.save import save_shown

        return save_shown(self, file, **options)

    def _repr_mimebundle_(self, **_: Any) -> Any:
        from koubai.report.notebook import mimebundle

        return mimebundle(self)


def compare(
    f: Callable[[Any], Any] | Objective,
    optimizers: Sequence[str],
    start: ArrayLike | None = None,
    steps: int | None = None,
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
    names = _names(optimizers)
    rates: Any = [None] * len(names) if learning_rates is None else learning_rates
    if not isinstance(rates, Sequence | np.ndarray) or len(rates) != len(names):
        raise SettingError(
            f"learning_rates is {shown(rates)}: give a list with one for each of "
            f"{len(names)} optimizers"
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
        for name, rate in zip(names, rates, strict=True)
    }
    return Comparison(objective, paths)


def _names(optimizers: object) -> list[str]:
    """The names of the optimisers to compare, each once."""
    choices = list(optimizers) if isinstance(optimizers, Iterable) else []
    if isinstance(optimizers, str) or not choices:
        raise SettingError(
            f"optimizers is {shown(optimizers)}: give a list of names, such as ['sgd', 'adam']"
        )
    names = [find_optimiser(choice).name for choice in choices]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise SettingError(
            f"optimizers names {twice[0]!r} twice: name each once, for the paths are found by name"
        )
    return names
