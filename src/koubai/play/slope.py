"""The slope bench: descent on a function of one or two variables, as the page shows it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple, cast

import jax
import numpy as np
from jaxtyping import Float

from koubai.descent.descend import descend
from koubai.descent.directions import directions
from koubai.descent.path import Path
from koubai.descent.stability import stable_learning_rate
from koubai.descent.window import interval_of, window_of
from koubai.engine import OnData, compiled_on, float64
from koubai.errors import SettingError
from koubai.functions.expressions import Expression, expression
from koubai.functions.surfaces import Surface, surfaces
from koubai.gradients.numerical import central_differences
from koubai.objectives.grid import curve, gradient_grid, grid
from koubai.objectives.objective import Objective
from koubai.play.limits import MOST_STEPS
from koubai.play.messages import Around, LookAround, Slope, SlopePath, SlopeView
from koubai.play.paths import diverged, followed

# Steps that are taken at least; points of a map along each axis, and of a curve.
_STEPS, _MAP, _CURVE = 200, 101, 401
# Directions round a point that are looked in: every 4°.
_DIRECTIONS = 90
# Points of a path where the curvature is measured, which bounds the learning rate.
_BENDS = 5
# Where a formula of one's own is started from: off the axes, on which many are flat.
_START = (1.5, 1.0)


class _Ground(NamedTuple):
    """The function over a window, or along an interval, and the bound of the learning rate."""

    axes: tuple[Float[np.ndarray, " points"], ...]
    values: Float[np.ndarray, "..."]
    slopes: Float[np.ndarray, "..."]
    stable: float | None


def slope_view(slope: Slope, number: int | None = None) -> SlopeView:
    """The function and the descents on it, whole; the page walks along them.

    Raises FunctionError for a formula that cannot be read or has no value at the start,
    SettingError and UnknownNameError for settings out of range.
    """
    if len(slope.optimizers) != len(slope.learning_rates):
        raise SettingError(
            f"learning_rates has {len(slope.learning_rates)} numbers: give one for each of the "
            f"{len(slope.optimizers)} optimizers"
        )
    f = _function(slope.formula)
    variables = ("x", "y") if isinstance(f, Surface) else f.variables
    start = slope.start or (f.start if isinstance(f, Surface) else _START[: len(variables)])
    if len(start) != len(variables):
        raise SettingError(f"start has {len(start)} numbers: give {len(variables)} of them")
    objective, steps = _objective(slope.formula), _steps(f)
    paths = [
        descend(objective, start, rate, steps, optimizer=name, gradient=slope.gradient)
        for name, rate in zip(slope.optimizers, slope.learning_rates, strict=True)
    ]
    ground = _ground(slope.formula, tuple(start))
    minima = f.minima if isinstance(f, Surface) else ()
    rates = tuple(cast("float", path.learning_rate) for path in paths)
    return SlopeView(
        number=number,
        slope=Slope(
            formula=slope.formula,
            optimizers=slope.optimizers,
            learning_rates=rates,
            start=tuple(float(x) for x in start),
            gradient=slope.gradient,
        ),
        formula=f.formula.replace("x_0", "x").replace("x_1", "y"),
        variables=variables,
        axes=ground.axes,
        values=ground.values,
        slopes=ground.slopes,
        minima=np.array(minima, np.float64).reshape(-1, len(variables)),
        paths=tuple(_path(objective.f, path, steps) for path in paths),
        stable=ground.stable,
    )


def around(asked: LookAround) -> Around:
    """The change of a function of two variables in every direction from a point.

    Raises FunctionError for a formula that cannot be read and where the gradient vanishes,
    ShapeError for a function of one variable, SettingError for a radius out of range.
    """
    found = directions(_objective(asked.formula), asked.at, asked.radius, _DIRECTIONS)
    return Around(
        number=asked.number,
        at=asked.at,
        radius=found.radius,
        gradient=found.gradient,
        angles=found.angles,
        changes=found.changes,
        predicted=found.predicted,
        steepest=found.steepest,
    )


def _function(formula: str) -> Surface | Expression:
    name = formula.strip()
    return surfaces[name] if name in surfaces else expression(formula)


@lru_cache(maxsize=32)
def _objective(formula: str) -> Objective:
    """One for each formula, so that it is compiled once, however often its settings change."""
    f = _function(formula)
    fixed = OnData(lambda _, x: f(x), ())  # also what is compiled for other starts
    if isinstance(f, Surface):
        return Objective(fixed, np.array(f.start), ("x", "y"))
    return Objective(fixed, np.array(_START[: len(f.variables)]), f.variables)


@lru_cache(maxsize=32)
def _ground(formula: str, start: tuple[float, ...]) -> _Ground:
    """What stays as it is while learning rates change: seen from a descent that settles."""
    f, objective = _function(formula), _objective(formula)
    path = descend(objective, start, None, _steps(f))
    stable = _bound(objective, path)
    if len(start) == 1:
        found = curve(objective, _wider(interval_of(path)), _CURVE)
        return _Ground((found.x,), found.values, np.zeros((0, 1)), stable)
    if isinstance(f, Surface):
        window = window_of(path, f)
    else:
        x, y = window_of(path)
        window = (_wider(x), _wider(y))
    heights = grid(objective, window, _MAP)
    slopes = gradient_grid(objective, heights.window, _MAP).gradients
    return _Ground((heights.x0, heights.x1), heights.values, slopes, stable)


def _wider(interval: tuple[float, float]) -> tuple[float, float]:
    """Twice as wide: of a formula of one's own both sides of a minimum are worth seeing."""
    low, high = interval
    return low - (high - low) / 2, high + (high - low) / 2


def _steps(f: Surface | Expression) -> int:
    return min(MOST_STEPS, max(_STEPS, f.steps if isinstance(f, Surface) else 0))


def _path(f: Callable[[Any], Any], path: Path, steps: int) -> SlopePath:
    kept = followed(path)
    gradients = np.full_like(path.points, np.nan) if path.gradients is None else path.gradients
    gradients, others = gradients[:kept], _other_way(f, path, steps)[:kept]
    apart = gradients - others if path.gradient == "numerical" else others - gradients
    return SlopePath(
        optimizer=path.optimizer,
        learning_rate=cast("float", path.learning_rate),
        points=path.points[:kept],
        values=path.values[:kept],
        gradients=gradients,
        others=others,
        apart=apart,
        downhill=-cast("float", path.learning_rate) * gradients,
        memory={name: array[:kept] for name, array in path.memory.items()},
        stopped=path.stopped,
        first_bad_step=path.first_bad_step,
        message=diverged(path),
    )


def _other_way(
    f: Callable[[Any], Any], path: Path, steps: int
) -> Float[np.ndarray, "points variables"]:
    """The gradients of a path, numerical where it followed exact ones, and the other way round."""
    # Of one size, so that they are compiled once.
    points = np.zeros((steps + 1, *path.points.shape[1:]))
    points[: len(path)] = path.points
    way = _exact if path.gradient == "numerical" else _numerical
    with float64():
        return np.asarray(compiled_on(way, f)(points))[: len(path)]


def _exact(f: Callable[[Any], Any], points: Any) -> Any:
    return jax.lax.map(jax.grad(f), points)


def _numerical(f: Callable[[Any], Any], points: Any) -> Any:
    return jax.lax.map(lambda x: central_differences(f, x, None, x.dtype), points)


def _bound(objective: Objective, path: Path) -> float | None:
    """2/λₘₐₓ near the path, as far as it is stable."""
    good = path.points[: path.first_bad_step]
    some = good[np.unique(np.linspace(0, len(good) - 1, _BENDS).round().astype(int))]
    return stable_learning_rate(objective, list(some))
