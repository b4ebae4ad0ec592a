"""What a user passes in, as numbers: read once at the door, or refused in one line."""

from __future__ import annotations

import operator
import reprlib
from numbers import Real

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Shaped

from koubai.engine import is_concrete
from koubai.errors import DataError, SettingError


def as_array(x: object, name: str) -> Shaped[Array, "*shape"]:
    """`x` as an array of real numbers, integers and booleans among them; inside a traced function
    too. Raises DataError, which calls it by `name`, for anything else.
    """
    try:
        if any(isinstance(leaf, str | bytes) for leaf in jax.tree.leaves(x)):
            raise TypeError  # JAX would take text for the name of a type
        array = jnp.asarray(x)  # pyright: ignore[reportArgumentType]
    except (TypeError, ValueError, OverflowError):
        raise DataError(_not_numbers(x, name)) from None
    if jnp.issubdtype(array.dtype, jnp.complexfloating):
        raise DataError(_not_numbers(x, name))
    return array


def as_float(x: object, name: str) -> Float[Array, "*shape"]:
    """`as_array` in floating point: integers and booleans are converted, floats kept."""
    array = as_array(x, name)
    return array if jnp.issubdtype(array.dtype, jnp.floating) else array.astype(float)


def as_point(x: object, name: str) -> Float[np.ndarray, "*shape"]:
    """A copy of `x` as NumPy's array: float32 stays float32, everything else becomes float64.

    Raises SettingError, which calls it by `name`, when it is not made of real numbers.
    """
    try:
        point = np.array(x)
        whole = point.dtype == object and all(isinstance(number, Real) for number in point.flat)
        if not (point.dtype.kind in "biuf" or whole or jnp.issubdtype(point.dtype, jnp.floating)):
            raise TypeError  # NumPy would read text and dates, and drop an imaginary part
        return point if point.dtype == np.float32 else point.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        raise SettingError(_not_numbers(x, name)) from None


def as_number(value: object) -> float:
    """`value` as a float; NaN, which lies in no range, where it is not a real number."""
    try:
        array = np.asarray(value)
    except ValueError:
        return float("nan")
    right = array.shape == () and array.dtype.kind in "iuf"
    return float(array) if right else float("nan")


def whole_number(name: str, value: object, least: int, most: int | None = None) -> int:
    """`value` as an int; SettingError unless it is a whole number from `least` to `most`."""
    try:
        number = least - 1 if isinstance(value, bool) else operator.index(value)  # pyright: ignore[reportArgumentType]
    except TypeError:
        number = least - 1
    if number < least:
        raise SettingError(f"{name} is {shown(value)}: give a whole number, {least} or more")
    if most is not None and number > most:
        raise SettingError(f"{name} is {shown(value)}: give a whole number up to {most:,}")
    return number


def expect(value: object, kind: type | tuple[type, ...], name: str, hint: str) -> None:
    """Raises SettingError, which calls `value` by `name` and says what to give, unless it is of
    the kind.
    """
    if not isinstance(value, kind):
        raise SettingError(f"{name} is {shown(value)}: give {hint}")


def shown(value: object) -> str:
    """`value` as it can stand in an error's single line: in short, without line breaks."""
    return " ".join(reprlib.repr(value).split())


def outline(array: object) -> str:
    """An array in a few characters, its shape and its length ‖·‖: "(784, 50) ‖·‖ 3.06"."""
    if not (isinstance(array, jax.Array | np.ndarray) and is_concrete(array)):
        return shown(array)
    length = np.linalg.norm(np.asarray(array, np.float64).ravel())
    return f"{array.shape} ‖·‖ {length:.3g}"


def _not_numbers(x: object, name: str) -> str:
    try:
        np.asarray(x)
        wrong = f"is {shown(x)}, which cannot be read as real numbers"
    except ValueError:
        wrong = f"is {shown(x)}, whose rows have different lengths"
    return f"{name} {wrong}: give numbers, such as [3.0, 4.0]"
