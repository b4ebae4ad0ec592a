"""A function of one or two variables over a window: its values and its gradient."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from koubai.engine import compiled_on, float64
from koubai.errors import FunctionError, SettingError, ShapeError
from koubai.functions.arguments import as_point, shown, whole_number
from koubai.functions.surfaces import surfaces
from koubai.gradients.numerical import differences_at, real_number, traced
from koubai.objectives.objective import Objective

Function = Callable[[Any], Any] | Objective
Interval = tuple[float, float]
Window = tuple[Interval, Interval]
_Points = Float[np.ndarray, "points variables"]

# Points that are evaluated at once: a network's objective holds its whole data for each.
_AT_ONCE = 4096


@dataclass(frozen=True, eq=False)
class Grid:
    """The values of a function over a window: values[i, j] at (x0[i], x1[j]).

    NaN and Inf are kept as they came; NaN also stands where f raised an arithmetic error.
    """

    x0: Float[np.ndarray, " rows"]
    x1: Float[np.ndarray, " columns"]
    values: Float[np.ndarray, "rows columns"]

    @property
    def window(self) -> Window:
        """The lowest and the highest x0, and the same of x1."""
        return (float(self.x0[0]), float(self.x0[-1])), (float(self.x1[0]), float(self.x1[-1]))


@dataclass(frozen=True, eq=False)
class GradientGrid:
    """The gradient of a function over a window: gradients[i, j] = ∇f at (x0[i], x1[j])."""

    x0: Float[np.ndarray, " rows"]
    x1: Float[np.ndarray, " columns"]
    gradients: Float[np.ndarray, "rows columns 2"]


@dataclass(frozen=True, eq=False)
class Curve:
    """The values of a function of one variable: values[i] at x[i]."""

    x: Float[np.ndarray, " points"]
    values: Float[np.ndarray, " points"]


def grid(f: Function, window: Window, size: int | tuple[int, int] = 101) -> Grid:
    """The values of a function of two variables over a window, at size × size points.

    A function that JAX can trace is evaluated in float64 at many points at once; any other
    (NumPy, a call into other software) point by point.

    window: ((lowest x0, highest x0), (lowest x1, highest x1)). size: one number, or one for each
    axis. Raises SettingError for a window or a size out of range, FunctionError when f returns
    no number, or fails at every point.
    """
    x0, x1 = _axes(window, size)
    values = _values(f, _corners(x0, x1), (2,))
    return Grid(x0, x1, values.reshape(len(x0), len(x1)))


def curve(f: Function, interval: Interval, size: int = 401) -> Curve:
    """The values of a function of one variable at evenly spaced points. Errors as `grid`."""
    x = _axis("interval", interval, size)
    return Curve(x, _values(f, x[:, None], ()))


def gradient_grid(f: Function, window: Window, size: int | tuple[int, int] = 17) -> GradientGrid:
    """The gradient of a function of two variables over a window, exact where JAX can trace f.

    Arguments and errors as `grid`.
    """
    x0, x1 = _axes(window, size)
    gradients = _gradients(f, _corners(x0, x1))
    return GradientGrid(x0, x1, gradients.reshape(len(x0), len(x1), 2))


def values_at(
    f: Function, points: Float[np.ndarray, "points *shape"]
) -> Float[np.ndarray, " points"]:
    """The values of a function at points, which are the rows. Errors as `grid`."""
    return _values(f, points.reshape(len(points), -1), points.shape[1:])


def expect_function(f: object) -> None:
    """Raises SettingError unless `f` is an objective or can be called."""
    if not (isinstance(f, Objective) or callable(f)):
        known = isinstance(f, str) and f in surfaces
        hint = f"kb.surfaces.{f}" if known else "one, such as kb.surfaces.rosenbrock"
        raise SettingError(f"f is {shown(f)}, which is not a function: give {hint}")


def _axes(window: Any, size: int | tuple[int, int]) -> tuple[Any, Any]:
    rows, columns = size if isinstance(size, tuple) and len(size) == 2 else (size, size)
    ends = as_point(window, "window")
    if ends.shape != (2, 2):
        raise SettingError(
            f"window is {shown(window)}: give ((lowest x0, highest x0), (lowest x1, highest x1))"
        )
    return _axis("window", ends[0], rows), _axis("window", ends[1], columns)


def _axis(name: str, interval: Any, size: Any) -> Float[np.ndarray, " size"]:
    ends = as_point(interval, name)
    if ends.shape != (2,):
        raise SettingError(f"{name} is {shown(interval)}: give a lower number, then a higher")
    low, high = ends.tolist()
    if not (low < high and math.isfinite(high - low)):
        raise SettingError(f"{name} goes from {low} to {high}: give a lower number, then a higher")
    return np.linspace(low, high, whole_number("size", size, 2, 10**7))


def _corners(x0: Float[np.ndarray, " rows"], x1: Float[np.ndarray, " columns"]) -> _Points:
    return np.stack(np.meshgrid(x0, x1, indexing="ij"), axis=-1).reshape(-1, 2)


def _shaped(
    f: Function, points: _Points, shape: tuple[int, ...]
) -> tuple[Callable[[Any], Any], Float[np.ndarray, "points *shape"]]:
    """The bare function, and the points in the shape that it takes."""
    expect_function(f)
    if not isinstance(f, Objective):
        return f, points.reshape(len(points), *shape)
    if f.start.size != points.shape[1]:
        raise ShapeError(
            f"f takes {f.start.size} variables, and this needs a function of {points.shape[1]}: "
            f"fix the others, or look at f along a plane"
        )
    return f.f, points.reshape(len(points), *f.start.shape)


def _values(f: Function, points: _Points, shape: tuple[int, ...]) -> Float[np.ndarray, " points"]:
    function, shaped = _shaped(f, points, shape)
    with float64():
        if traced(function, np.asarray(shaped[0])) is None:
            return _one_by_one(lambda x: np.asarray(real_number(function(x))), shaped)
        return np.asarray(compiled_on(_values_of, function)(jnp.asarray(shaped)), np.float64)


def _gradients(f: Function, points: _Points) -> _Points:
    function, shaped = _shaped(f, points, (2,))
    with float64():
        answer = traced(function, np.asarray(shaped[0]))
        if answer is not None and jnp.issubdtype(answer.dtype, jnp.floating):
            found = compiled_on(_gradients_of, function)(jnp.asarray(shaped))
            return np.asarray(found).reshape(len(points), -1)
        return _one_by_one(lambda x: differences_at(function, x, None).ravel(), shaped)


def _values_of(f: Callable[[Any], Any], points: Any) -> Any:
    return jax.lax.map(f, points, batch_size=_AT_ONCE)


def _gradients_of(f: Callable[[Any], Any], points: Any) -> Any:
    return _values_of(jax.grad(f), points)


def _one_by_one(
    f: Callable[[Any], Any], points: Float[np.ndarray, "points *shape"]
) -> Float[np.ndarray, "points *answer"]:
    """Any function at each point; NaN where it fails, as `1 / 0` or `math.log(-1)` do."""
    rows: list[Any] = []
    failure: Exception | None = None
    for x in points:
        try:
            with np.errstate(all="ignore"):
                rows.append(f(x.copy()))
        except FunctionError:
            raise
        except (ArithmeticError, ValueError) as error:
            rows.append(None)
            failure = error
    answer = next((row for row in rows if row is not None), None)
    if answer is None:
        raise FunctionError(
            f"f fails at every point of the window ({failure}): let it take an array of shape "
            f"{points.shape[1:]} and return a number"
        )
    nothing = np.full_like(answer, np.nan)
    return np.stack([nothing if row is None else row for row in rows])
