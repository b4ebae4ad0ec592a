"""The gradient by central differences: of any function of any array, one element at a time."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int
from numpy.typing import ArrayLike

from koubai.engine import compiled, float64
from koubai.errors import FunctionError, SettingError

# Numbers that one batch of evaluations may hold: 32 MiB in float64.
_BATCH_ELEMENTS = 4 * 2**20

Gradient = Float[np.ndarray, "*shape"]


def numerical_gradient(
    f: Callable[[Any], Any], x: ArrayLike, step: float | None = None
) -> Gradient:
    """The gradient of f at x by central differences.

        ∂f/∂x_i ≈ (f(x + h·e_i) − f(x − h·e_i)) / 2h

    Works for an x of any shape, every element once through its multi-index, and returns the same
    shape. Computed in float64; x itself is never modified. f takes an array and returns one
    number. A function that JAX can trace is evaluated at many points at once; any other (NumPy,
    a call into other software) point by point.

    `step` is h, the same for every element. Without it h_i = ε^(1/3) · max(1, |x_i|), where
    truncation (∝ h²) and rounding (∝ ε/h) balance; ε is that of the precision f answers in.

    Raises FunctionError when f does not return a single finite-precision number, SettingError
    for a step that is not above 0.
    Reference: 斎藤『ゼロから作るDeep Learning』4.3; Press et al., Numerical Recipes, 5.7.
    """
    point = np.array(x, dtype=np.float64)
    check_step(step, point)
    with float64():
        answer = traced(f, point)
        if answer is None:
            return one_by_one(f, point, step)[1]
        differences = compiled(lambda x: central_differences(f, x, step, answer.dtype))
        return np.asarray(differences(point), np.float64)


def gradient(f: Callable[[Any], Any], x: ArrayLike) -> Gradient:
    """The exact gradient of f at x, by automatic differentiation, in float64.

    f takes an array and returns one number, and is written with jax.numpy.
    Raises FunctionError when JAX cannot trace f, or when f does not return a single number.
    """
    point = np.array(x, dtype=np.float64)
    with float64():
        answer = traced(f, point)
        if answer is None:
            f(point.copy())  # an error of the function's own comes through
            raise FunctionError(
                "f cannot be differentiated exactly, for JAX cannot trace it: write it with "
                "jax.numpy in place of numpy or math, or use numerical_gradient"
            )
        if not jnp.issubdtype(answer.dtype, jnp.floating):
            raise FunctionError(
                f"f returned {answer.dtype}, which moves in jumps and has no derivative: let it "
                f"return a real number"
            )
        return np.asarray(jax.grad(f)(jnp.asarray(point)))


def traced(f: Callable[[Any], Any], point: Gradient) -> jax.ShapeDtypeStruct | None:
    """The shape and type of f(point) if JAX can trace f, else None.

    Raises FunctionError when f returns an array, or a number that is not real.
    """
    try:
        answer = jax.eval_shape(f, jax.ShapeDtypeStruct(point.shape, point.dtype))
    except Exception:  # whatever a function that is not for JAX raises when handed a tracer
        return None
    if not hasattr(answer, "shape"):
        return None
    _check_number(answer.shape, answer.dtype)
    return answer


def _check_number(shape: tuple[int, ...], dtype: Any) -> None:
    if shape != ():
        raise FunctionError(
            f"f returned an array of shape {shape}; a gradient needs a function that returns a "
            f"single number: add .sum() or .mean(), or pick an element"
        )
    if jnp.issubdtype(dtype, jnp.complexfloating):
        raise FunctionError(f"f returned a {dtype} number: let it return a real one")


def _number(answer: Any) -> Float[np.ndarray, ""]:
    """What f returned, as an array without axes. Raises FunctionError when it is no number."""
    array = np.asarray(answer)
    if array.dtype.kind not in "biufc" and not jnp.issubdtype(array.dtype, jnp.floating):
        raise FunctionError(f"f returned {answer!r}: let it return a single number")
    _check_number(array.shape, array.dtype)
    return array


def real_number(answer: Any) -> float:
    """What f returned, as a float. Raises FunctionError when it is not a single real number."""
    # NumPy's float64 is one of Python's floats too; what need not be looked at is quickly taken.
    return float(answer) if isinstance(answer, float) else float(_number(answer))


def check_step(step: float | None, point: Gradient) -> None:
    """Raises SettingError for an h that is not above 0, or that is lost in rounding at a point."""
    if step is None:
        return
    if not 0 < step < np.inf:
        raise SettingError(f"step is {step}: give a number above 0, or leave it out")
    if np.any(point + step == point):
        lost = point[point + step == point].flat[0]
        raise SettingError(
            f"step is {step}, which is lost in rounding beside x = {lost}: give a larger one, or "
            f"leave it out"
        )


def central_differences(
    f: Callable[[Any], Any], x: Float[Array, "*shape"], step: float | None, precision: Any
) -> Float[Array, "*shape"]:
    """`numerical_gradient` for a function that JAX can trace, itself to be traced or compiled.

    `precision` is the type that f answers in. Evaluations are batched, in bounded memory.
    """
    h = _steps(x, step, precision)

    def difference(i: Int[Array, ""]) -> Float[Array, ""]:
        e = (jnp.arange(x.size) == i).reshape(x.shape)
        above, below = jnp.where(e, x + h, x), jnp.where(e, x - h, x)
        width = jnp.where(e, above - below, 0).sum()  # 2h as rounded, not as wished
        return (f(above) - f(below)) / width

    at_once = max(1, _BATCH_ELEMENTS // max(1, x.size))
    differences = jax.lax.map(difference, jnp.arange(x.size), batch_size=at_once)
    return differences.reshape(x.shape)


def one_by_one(
    f: Callable[[Any], Any], point: Gradient, step: float | None
) -> tuple[float, Gradient]:
    """f(point) and its `numerical_gradient` for any other function, in 1 + 2·size evaluations."""
    first = f(point.copy())
    relative = _relative_step(float if isinstance(first, float) else _number(first).dtype)
    moved, gradient = point.copy(), np.empty_like(point)
    elements, slopes = moved.reshape(-1), gradient.reshape(-1)
    for i, x in enumerate(elements.tolist()):
        h = step or relative * max(1.0, abs(x))
        elements[i] = above = x + h
        rise = real_number(f(moved.copy()))
        elements[i] = below = x - h
        rise -= real_number(f(moved.copy()))
        elements[i] = x
        slopes[i] = rise / (above - below) if above > below else np.nan
    return real_number(first), gradient


def rounding_error(f: Callable[[Any], Any], x: ArrayLike, step: float | None = None) -> Gradient:
    """How far rounding in f can move each element of `numerical_gradient(f, x, step)`.

    ε · |f(x)| / h        ε of the precision that f answers in
    """
    point = np.array(x, dtype=np.float64)
    with float64():
        value = _number(f(point.copy()))
    floating = jnp.issubdtype(value.dtype, jnp.floating)
    epsilon = float(jnp.finfo(value.dtype if floating else jnp.float64).eps)
    return np.asarray(epsilon * abs(float(value)) / _steps(point, step, value.dtype))


def _steps(x: Any, step: float | None, precision: Any) -> Any:
    xp = jnp if isinstance(x, jax.Array) else np
    if step is not None:
        return xp.full(x.shape, step)
    return _relative_step(precision) * xp.maximum(1.0, abs(x))


@lru_cache
def _relative_step(precision: Any) -> float:
    """ε^(1/3), of the precision that a function answers in."""
    floating = jnp.issubdtype(precision, jnp.floating)
    return float(jnp.finfo(precision if floating else jnp.float64).eps) ** (1 / 3)
