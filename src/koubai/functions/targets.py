"""Targets: labels, one-hot rows or values, brought to the shape of what the network put out."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Shaped
from numpy.typing import ArrayLike

from koubai.engine import is_concrete
from koubai.errors import DataError, ShapeError
from koubai.functions.arguments import as_array


def as_targets(t: ArrayLike, y: Float[Array, "*batch outputs"]) -> Float[Array, "*batch outputs"]:
    """The targets t in the shape and precision of the outputs y.

    Accepts values or one-hot rows of the shape of y; integer labels, one for each example, which
    become one-hot rows; and, where there is a single output, one value for each example.

    Raises ShapeError for any other shape, DataError for a label outside the classes.
    """
    given, t = t, as_array(t, "t")
    if t.shape == y.shape:
        return t.astype(y.dtype)
    if t.shape == y.shape[:-1]:
        if y.shape[-1] == 1:
            return t[..., None].astype(y.dtype)
        if jnp.issubdtype(t.dtype, jnp.integer):
            _check_labels(given, y.shape[-1])
            return jax.nn.one_hot(t, y.shape[-1], dtype=y.dtype)
    raise ShapeError(
        f"t has shape {t.shape} and type {t.dtype}, but the output has shape {y.shape}: give one "
        f"integer label for each example, shape {y.shape[:-1]}, or targets of shape {y.shape}"
        f"{_hint(t, y)}"
    )


def _hint(t: Shaped[Array, "*shape"], y: Float[Array, "*batch outputs"]) -> str:
    if t.shape == y.shape[:-1]:
        return "; labels are integers, t.astype(int)"
    return "; t lies on its side, give t.T" if t.shape == y.shape[::-1] else ""


def _check_labels(given: ArrayLike, classes: int) -> None:
    if not is_concrete(given):
        return
    labels = np.asarray(given)
    lowest, highest = labels.min(initial=0), labels.max(initial=0)
    if lowest < 0 or highest >= classes:
        wrong = lowest if lowest < 0 else highest
        raise DataError(
            f"t holds label {wrong}, but there are {classes} outputs: labels run from 0 "
            f"to {classes - 1}"
        )
