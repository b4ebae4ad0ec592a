"""What a user asks a trained network about: checked, and named where it cannot be answered."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np
from jaxtyping import Float, Shaped
from numpy.typing import ArrayLike

from koubai.errors import DataError, ShapeError


def as_inputs(x: ArrayLike, inputs: int) -> Float[np.ndarray, "examples inputs"]:
    """X as a batch in float32; one example alone is a batch of one.

    Raises ShapeError when x is not (inputs,) or (examples, inputs), DataError, with row and
    column, where it holds anything but numbers that are finite in float32.
    """
    batch = np.atleast_2d(_as_array(x))
    if batch.ndim > 2:
        raise ShapeError(
            f"x has shape {batch.shape}: give one row for each example, x.reshape(len(x), -1)"
        )
    if batch.shape[1] != inputs:
        raise ShapeError(
            f"x has {batch.shape[1]} columns but the network takes {inputs} inputs. Was it trained "
            f"on other data? See run.data"
        )
    if not len(batch):
        raise ShapeError("x has no examples: give at least one")
    if batch.dtype.kind not in "biuf":
        batch = _numbers(x)
    with np.errstate(over="ignore"):  # what overflows is reported below, with its place
        narrow = batch.astype(np.float32)
    bad = np.argwhere(~np.isfinite(narrow))
    if len(bad):
        row, column = (int(i) for i in bad[0])
        raise DataError(
            f"x is {batch[row, column]} in row {row}, column {column} (from 0), which is not "
            f"finite in float32 ({len(bad)} such values): leave these rows out or fill them in"
        )
    return narrow


def _as_array(x: ArrayLike) -> Shaped[np.ndarray, "..."]:
    try:
        return np.asarray(x)
    except (TypeError, ValueError):
        raise ShapeError(
            "x has rows of different lengths: give each example as many numbers as the network "
            "has inputs"
        ) from None


def _numbers(x: ArrayLike) -> Float[np.ndarray, "examples inputs"]:
    """What NumPy takes for texts or objects, if it is numbers after all."""
    batch: Any = np.atleast_2d(np.asarray(x, dtype=object))
    for (row, column), value in np.ndenumerate(batch):
        if not isinstance(value, Real):
            raise DataError(
                f"x is {value!r} in row {row}, column {column} (from 0): give numbers, coded as "
                f"in run.data.train.x"
            )
    return batch.astype(np.float64)
