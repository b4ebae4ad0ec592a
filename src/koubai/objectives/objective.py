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

from koubai.engine import compiled, float64
from koubai.errors import FunctionError, KoubaiError, SettingError, ShapeError
from koubai.functions.arguments import as_point
from koubai.gradients.numerical import check_function, differences_at, real_number, traced
from koubai.objectives.blocks import Block
from koubai.told import Told

Values = Float[np.ndarray, "*shape"]


@dataclass(frozen=True, eq=False)
class Objective:
    """A function f(θ) of an array of parameters, and a point to start from.

    f: takes an array of the shape of `start` and returns one number; where JAX can trace it
    (`traceable`) its gradient is exact, else numerical (`exact` says which). start: float64, or
    float32 where it was given so, and everything is computed in that precision. names: of the
    parameters, for tables and axes; blocks: the arrays that θ is made of, where it is a flat vector
    of several. What f depends on must stay as it is: what was compiled for an objective is used
    again.

    Raises FunctionError when f returns anything but a number at the start, or one not finite, or
    asks for more numbers than the start has.
    """

    f: Callable[[Any], Any]
    start: Values
    names: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", as_start(self.start))
        check_function(self.f, "f")
        value = self._first_value()
        if not np.isfinite(value):
            at = _shown(self.start)
            raise FunctionError(
                Told(
                    f"f is {value} at the start {at}: start from a point where f is a finite "
                    f"number",
                    f"初期値 {at} で f が {value} です。f が有限の数になる点から始めてください",
                )
            )

    @property
    def exact(self) -> bool:
        """Whether `gradient` is exact."""
        return self.traceable

    @cached_property
    def traceable(self) -> bool:
        """Whether JAX can trace f, so that it can be compiled and differentiated."""
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
            return real_number(self.f(jnp.asarray(point) if self.traceable else point))

    def values(self, points: Float[np.ndarray, "points *shape"]) -> Float[np.ndarray, " points"]:
        """F at each of many points, one after the other, compiled once where JAX can trace it."""
        if not self.traceable:
            return np.array([self.value(point) for point in points], np.float64)
        with float64():
            each = compiled(lambda points: jax.lax.map(self.f, points))
            return np.asarray(each(jnp.asarray(points.astype(self.start.dtype))), np.float64)

    def gradient(self, x: ArrayLike) -> Values:
        """∇f(x), of the shape of x: exact where JAX can trace f, else by central differences."""
        point = self._point(x)
        if not self.traceable:
            return differences_at(self.f, point.astype(np.float64), None)
        with float64():
            return np.asarray(jax.grad(self.f)(jnp.asarray(point)))

    def _first_value(self) -> float:
        """The value at the start, asked with NumPy's array: JAX's would give x[0] for an x[1]."""
        try:
            with float64(), np.errstate(all="ignore"):
                answer = self.f(self.start.copy())
        except IndexError as error:
            raise FunctionError(
                f"f asks for more than the start {_shown(self.start)} has ({error}): give a start "
                f"as long as f needs"
            ) from error
        except KoubaiError:
            raise
        except (ArithmeticError, LookupError, RuntimeError, ValueError) as error:
            raise FunctionError(
                f"f fails at the start {_shown(self.start)} with {type(error).__name__} ({error}): "
                f"mend f, or start from a point where it is a finite number"
            ) from error
        except (AttributeError, TypeError):  # NumPy's array has no .at, say
            return self.value(self.start)
        return real_number(answer) if not self.traceable else self.value(self.start)

    def _point(self, x: ArrayLike) -> Values:
        """A copy of x in the objective's precision."""
        point = as_point(x, "x").astype(self.start.dtype)
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
    point = as_point(start, name)
    if not point.size:
        raise SettingError(f"{name} is empty: give numbers, such as [3.0, 4.0]")
    if not np.isfinite(point).all():
        raise SettingError(f"{name} is {_shown(point)}: give finite numbers")
    return point


def _shown(point: Values) -> str:
    return np.array2string(point, threshold=6, precision=6)
