"""The objective f(θ): the one thing that is descended, looked at, and measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from koubai.engine import float64
from koubai.errors import FunctionError, SettingError, ShapeError
from koubai.gradients.numerical import numerical_gradient, traced

Values = Float[np.ndarray, "*shape"]


@dataclass(frozen=True, eq=False)
class Objective:
    """A function f(θ) of an array of parameters, and a point to start from.

    f: takes an array of the shape of `start` and returns one number; where JAX can trace it its
    gradient is exact, else numerical (`exact` says which). start: float64, or float32 where it
    was given so, and everything is computed in that precision. names: of the parameters, for
    tables and axes.

    Raises FunctionError when f returns anything but a number at the start, or one not finite.
    """

    f: Callable[[Any], Any]
    start: Values
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        value = self.value(self.start)
        if not np.isfinite(value):
            raise FunctionError(
                f"f is {value} at the start {_shown(self.start)}: start from a point where f is a "
                f"finite number"
            )

    @cached_property
    def exact(self) -> bool:
        """Whether JAX can trace f, so that its gradient is exact."""
        with float64():
            return traced(self.f, self.start) is not None

    def value(self, x: ArrayLike) -> float:
        """f(x)."""
        point = self._point(x)
        with float64():
            value = np.asarray(self.f(jnp.asarray(point) if self.exact else point))
        if value.shape != ():
            raise FunctionError(
                f"f returned an array of shape {value.shape}, but only a single number can be "
                f"descended: add .sum() or .mean(), or pick an element"
            )
        return float(value)

    def gradient(self, x: ArrayLike) -> Values:
        """∇f(x), of the shape of x: exact where JAX can trace f, else by central differences."""
        point = self._point(x)
        if not self.exact:
            return numerical_gradient(self.f, point)
        with float64():
            return np.asarray(jax.grad(self.f)(jnp.asarray(point)))

    def _point(self, x: ArrayLike) -> Values:
        """A copy of x in the objective's precision."""
        point = np.array(x, dtype=self.start.dtype)
        if point.shape != self.start.shape:
            raise ShapeError(
                f"x has shape {point.shape} but the objective takes {self.start.shape}, the shape "
                f"of its start"
            )
        return point


def as_start(start: ArrayLike) -> Values:
    """A copy of a start point: float32 stays float32, everything else becomes float64.

    Raises SettingError when it is not made of finite numbers.
    """
    try:
        point = np.array(start)
        point = point if point.dtype == np.float32 else point.astype(np.float64)
    except (TypeError, ValueError):
        raise SettingError(f"start is {start!r}: give numbers, such as [3.0, 4.0]") from None
    if not np.isfinite(point).all():
        raise SettingError(f"start is {_shown(point)}: give finite numbers")
    return point


def _shown(point: Values) -> str:
    return np.array2string(point, threshold=6, precision=6)
