"""The gradient by central differences: of any function of any array, one element at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike
from jaxtyping import Array, Float

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
    if step is not None and not step > 0:
        raise SettingError(f"step is {step}: give a number above 0, or leave it out")
    point = np.array(x, dtype=np.float64)
    with float64():
        traced = _trace(f, point)
        if traced is None:
            return _one_by_one(f, point, step)
        return _batched(f, point, _steps(point, step, _epsilon(traced.dtype)))


def gradient(f: Callable[[Any], Any], x: ArrayLike) -> Gradient:
    """The exact gradient of f at x, by automatic differentiation, in float64.

    f takes an array and returns one number, and is written with jax.numpy.
    Raises FunctionError when JAX cannot trace f, or when f does not return a single number.
    """
    point = np.array(x, dtype=np.float64)
    with float64():
        if _trace(f, point) is None:
            raise FunctionError(
                "f cannot be differentiated exactly, for JAX cannot trace it: write it with "
                "jax.numpy in place of numpy or math, or use numerical_gradient"
            )
        return np.asarray(jax.grad(f)(jnp.asarray(point)))


def _trace(f: Callable[[Any], Any], point: Gradient) -> jax.ShapeDtypeStruct | None:
    """The shape and type of f(point) if JAX can trace f, else None."""
    try:
        result = jax.eval_shape(f, jax.ShapeDtypeStruct(point.shape, point.dtype))
    except Exception:  # whatever a function that is not for JAX raises when handed a tracer
        return None
    if not hasattr(result, "shape"):
        return None
    _check_scalar(result.shape)
    return result


def _check_scalar(shape: tuple[int, ...]) -> None:
    if shape != ():
        raise FunctionError(
            f"f returned an array of shape {shape}; a gradient needs a function that returns a "
            f"single number: add .sum() or .mean(), or pick an element"
        )


def _epsilon(dtype: Any) -> float:
    floating = jnp.issubdtype(dtype, jnp.floating)
    return float(jnp.finfo(dtype if floating else jnp.float64).eps)


def _steps(point: Gradient, step: float | None, epsilon: float) -> Gradient:
    if step is not None:
        return np.full(point.shape, step)
    return np.cbrt(epsilon) * np.maximum(1.0, np.abs(point))


def _batched(f: Callable[[Any], Any], point: Gradient, h: Gradient) -> Gradient:
    def difference(i: Array) -> Array:
        e = (jnp.arange(point.size) == i).reshape(point.shape)
        above, below = jnp.where(e, x + h_, x), jnp.where(e, x - h_, x)
        width = jnp.where(e, above - below, 0).sum()  # 2h as rounded, not as wished
        return (f(above) - f(below)) / width

    x, h_ = jnp.asarray(point), jnp.asarray(h)
    at_once = max(1, _BATCH_ELEMENTS // max(1, point.size))
    differences = compiled(
        lambda: jax.lax.map(difference, jnp.arange(point.size), batch_size=at_once)
    )()
    return np.asarray(differences, dtype=np.float64).reshape(point.shape)


def _one_by_one(f: Callable[[Any], Any], point: Gradient, step: float | None) -> Gradient:
    value = np.asarray(f(point.copy()))
    _check_scalar(value.shape)
    h = _steps(point, step, _epsilon(value.dtype))
    result = np.empty(point.shape)
    for index in np.ndindex(point.shape):
        above, below = point.copy(), point.copy()
        above[index] += h[index]
        below[index] -= h[index]
        width = above[index] - below[index]
        result[index] = (float(f(above)) - float(f(below))) / width
    return result
