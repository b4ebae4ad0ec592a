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
from koubai.gradients.numerical import numerical_gradient, real_number, traced

Values = Float[np.ndarray, "*shape"]


@dataclass(frozen=True, eq=False)
class Objective:
    """A function f(θ) of an array of parameters, and a point to start from.

    f: takes an array of the shape of `start` and returns one number; where JAX can trace it its
    gradient is exact, else numerical (`exact` says which). start: float64, or float32 where it
    was given so, and everything is computed in that precision. names: of the parameters, for
    tables and axes.

    Raises FunctionError when f returns anything but a number at the start, or one not finite, or
    asks for more numbers than the start has.
    """

    f: Callable[[Any], Any]
    start: Values
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        value = self._first_value()
        if not np.isfinite(value):
            raise FunctionError(
                f"f is {value} at the start {_shown(self.start)}: start from a point where f is a "
                f"finite number"
            )

    @cached_property
    def exact(self) -> bool:
        """Whether JAX can trace f, so that its gradient is exact."""
        with float64():
            answer = traced(self.f, self.start)
        if answer is not None and not jnp.issubdtype(answer.dtype, jnp.floating):
            raise FunctionError(
                f"f returned {answer.dtype}, which moves in jumps and has no slope to descend: let "
                f"it return a real number"
            )
        return answer is not None

    def value(self, x: ArrayLike) -> float:
        """f(x)."""
        point = self._point(x)
        with float64():
            return real_number(self.f(jnp.asarray(point) if self.exact else point))

    def gradient(self, x: ArrayLike) -> Values:
        """∇f(x), of the shape of x: exact where JAX can trace f, else by central differences."""
        point = self._point(x)
        if not self.exact:
            return numerical_gradient(self.f, point)
        with float64():
            return np.asarray(jax.grad(self.f)(jnp.asarray(point)))

    def _first_value(self) -> float:
        """The value at the start, asked with NumPy's array: JAX's would give x[0] for an x[1]."""
        if not callable(self.f):
            raise FunctionError(f"f is {self.f!r}: give a function of an array, or an Objective")
        try:
            with float64(), np.errstate(all="ignore"):
                answer = self.f(self.start.copy())
        except IndexError as error:
            raise FunctionError(
                f"f asks for more than the start {_shown(self.start)} has ({error}): give a start "
                f"as long as f needs"
            ) from error
        except ArithmeticError as error:
            raise FunctionError(
                f"f fails at the start {_shown(self.start)} ({error}): start from a point where f "
                f"is a finite number"
            ) from error
        except (AttributeError, TypeError):  # NumPy's array has no .at, say
            return self.value(self.start)
        return real_number(answer) if not self.exact else self.value(self.start)

    def _point(self, x: ArrayLike) -> Values:
        """A copy of x in the objective's precision."""
        point = np.array(x, dtype=self.start.dtype)
        if point.shape != self.start.shape:
            raise ShapeError(
                f"x has shape {point.shape} but the objective takes {self.start.shape}, the shape "
                f"of its start"
            )
        return point


def as_start(start: ArrayLike, name: str = "start") -> Values:
    """A copy of a start point: float32 stays float32, everything else becomes float64.

    Raises SettingError, which calls it by `name`, when it is not made of finite numbers.
    """
    try:
        point = np.array(start)
        if point.dtype.kind in "USc":  # NumPy would read text, and drop an imaginary part
            raise TypeError
        point = point if point.dtype == np.float32 else point.astype(np.float64)
    except (TypeError, ValueError):
        raise SettingError(f"{name} is {start!r}: give numbers, such as [3.0, 4.0]") from None
    if not point.size:
        raise SettingError(f"{name} is empty: give numbers, such as [3.0, 4.0]")
    if not np.isfinite(point).all():
        raise SettingError(f"{name} is {_shown(point)}: give finite numbers")
    return point


def _shown(point: Values) -> str:
    return np.array2string(point, threshold=6, precision=6)
