"""The gradient by central differences: of any function of any array, one element at a time."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int
from numpy.typing import ArrayLike

from koubai.engine import compiled, float64
from koubai.errors import FunctionError, KoubaiError, SettingError
from koubai.functions.arguments import as_number, as_point, shown

# The relative step for a function that answers in float64, by far the most usual.
_STEP = float(np.finfo(np.float64).eps) ** (1 / 3)
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

    Raises FunctionError when f does not return a single finite-precision number, or is finite at
    x and not beside it; SettingError for a step that is not above 0, or an x that is not made of
    real numbers.
    Reference: 斎藤『ゼロから作るDeep Learning』4.3; Press et al., Numerical Recipes, 5.7.
    """
    point = as_point(x, "x").astype(np.float64)
    found = differences_at(f, point, step)
    if not np.isfinite(found).all():
        _check_beside(f, point, found)
    return found


def differences_at(f: Callable[[Any], Any], point: Gradient, step: float | None) -> Gradient:
    """`numerical_gradient` at a point in float64, not finite where f is not finite beside it."""
    check_step(step, point)
    with float64():
        answer = traced(f, point)
        if answer is None:
            return _one_by_one_or_nan(f, point, step)
        differences = compiled(lambda x: central_differences(f, x, step, answer.dtype))
        return np.asarray(differences(point), np.float64)


def _one_by_one_or_nan(f: Callable[[Any], Any], point: Gradient, step: float | None) -> Gradient:
    try:
        return one_by_one(f, step, point)[1]
    except KoubaiError:
        raise
    except (ArithmeticError, ValueError):  # as math.exp(1000) and math.log(-1) raise
        return np.full_like(point, np.nan)


def _check_beside(f: Callable[[Any], Any], point: Gradient, found: Gradient) -> None:
    """Raises FunctionError where the differences are not finite although f is at the point; an
    error of f's own at the point itself comes through.
    """
    with float64():
        value = real_number(f(point.copy()))
    if np.isfinite(value) and np.isfinite(point).all():
        bad = ~np.isfinite(found)  # all of them where f raised an error
        smallest = float(np.abs(point[bad]).min())
        index = [int(i) for i in np.argwhere(bad)[0]]
        where = "" if bad.all() else f", in x{index} = {point[bad][0]:g}"
        raise FunctionError(
            f"f is {value:g} at x but no finite number a step h beside it{where}: give a smaller "
            f"h, such as step={smallest / 1000 or 1e-9:.0e}"
        )


def gradient(f: Callable[[Any], Any], x: ArrayLike) -> Gradient:
    """The exact gradient of f at x, by automatic differentiation, in float64.

    f takes an array and returns one number, and is written with jax.numpy.
    Raises FunctionError when JAX cannot trace f, or when f does not return a single number.
    """
    point = as_point(x, "x").astype(np.float64)
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

    Raises FunctionError when f is no function, returns an array, or a number that is not real.
    """
    check_function(f, "f")
    try:
        answer = jax.eval_shape(_or_none(f), jax.ShapeDtypeStruct(point.shape, point.dtype))
    except (TypeError, OverflowError):  # f returned what is no number
        return None
    if not hasattr(answer, "shape"):
        return None
    _check_number(answer.shape, answer.dtype)
    return answer


def _or_none(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A function that answers None where f raises; errors that reach JAX take it a millisecond."""

    def answer(x: Any) -> Any:
        try:
            return f(x)
        except Exception:  # whatever a function that is not for JAX raises when handed a tracer
            return None

    return answer


def check_function(f: object, name: str) -> None:
    """Raises FunctionError, which calls it by `name`, for what cannot be called with one x."""
    if not callable(f):
        raise FunctionError(f"{name} is {shown(f)}: give a function of an array")
    try:
        inspect.signature(f).bind(None)
    except ValueError:  # a built-in function that does not say what it takes
        return
    except TypeError as error:
        raise FunctionError(
            f"{name} does not take one argument ({error}): let it take one array x, whose numbers "
            f"are x[0], x[1], …"
        ) from None


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
    try:
        array = np.asarray(answer)
    except ValueError:  # rows of different lengths
        array = np.asarray(None)
    if array.dtype.kind not in "biufc" and not jnp.issubdtype(array.dtype, jnp.floating):
        raise FunctionError(f"f returned {shown(answer)}: let it return a single number")
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
    if not 0 < as_number(step) < np.inf:
        raise SettingError(f"step is {shown(step)}: give a number above 0, or leave it out")
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
    h = step_sizes(x, step, precision)

    def difference(i: Int[Array, ""]) -> Float[Array, ""]:
        e = (jnp.arange(x.size) == i).reshape(x.shape)
        above, below = jnp.where(e, x + h, x), jnp.where(e, x - h, x)
        width = jnp.where(e, above - below, 0).sum()  # 2h as rounded, not as wished
        return (f(above) - f(below)) / width

    at_once = max(1, _BATCH_ELEMENTS // max(1, x.size))
    differences = jax.lax.map(difference, jnp.arange(x.size), batch_size=at_once)
    return differences.reshape(x.shape)


def one_by_one(
    f: Callable[[Any], Any], step: float | None, point: Gradient
) -> tuple[float, Gradient]:
    """f(point) and its `numerical_gradient` for any other function, in 1 + 2·size evaluations."""
    copy = point.copy  # f may keep the array that it is given, or write into it
    first = f(copy())
    relative = _STEP if isinstance(first, float) else _relative_step(_number(first).dtype)
    gradient = copy()
    for index, x in zip(_indices(point.shape), point.ravel().tolist(), strict=True):
        h = step or (relative if -1 < x < 1 else relative * abs(x))
        above, below = copy(), copy()
        above[index] = highest = x + h
        below[index] = lowest = x - h
        high, low = f(above), f(below)
        if not (isinstance(high, float) and isinstance(low, float)):
            high, low = real_number(high), real_number(low)
        gradient[index] = (high - low) / (highest - lowest) if highest > lowest else np.nan
    return real_number(first), gradient


@lru_cache(maxsize=16)
def _indices(shape: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    return tuple(np.ndindex(shape))


def rounding_error(f: Callable[[Any], Any], x: ArrayLike, step: float | None = None) -> Gradient:
    """How far rounding in f can move each element of `numerical_gradient(f, x, step)`.

    ε · |f(x)| / h        ε of the precision that f answers in
    """
    point = as_point(x, "x").astype(np.float64)
    with float64():
        value = _number(f(point.copy()))
    floating = jnp.issubdtype(value.dtype, jnp.floating)
    epsilon = float(jnp.finfo(value.dtype if floating else jnp.float64).eps)
    return np.asarray(epsilon * abs(float(value)) / step_sizes(point, step, value.dtype))


def step_sizes(x: Any, step: float | None, precision: Any) -> Any:
    """The h of every element of x, see `numerical_gradient`; for a function of that precision."""
    xp = jnp if isinstance(x, jax.Array) else np
    if step is not None:
        return xp.full(x.shape, step)
    return _relative_step(precision) * xp.maximum(1.0, abs(x))


@lru_cache
def _relative_step(precision: Any) -> float:
    """ε^(1/3), of the precision that a function answers in."""
    floating = jnp.issubdtype(precision, jnp.floating)
    return float(jnp.finfo(precision if floating else jnp.float64).eps) ** (1 / 3)
