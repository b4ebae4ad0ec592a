"""Inputs far from everything that a network was trained on, about which it knows nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from koubai.data.dataset import Column

_FAR = 10.0  # standard deviations from the mean


class Outside(NamedTuple):
    """Which examples lie out of range, and what the first of them has, in words."""

    rows: Bool[np.ndarray, " examples"]
    first: str


def out_of_range(
    x: Float[np.ndarray, "examples inputs"], scale: float, columns: Sequence[Column] = ()
) -> Outside | None:
    """The examples with an input outside what the data can have; None where there is none.

    The inputs of a table may lie 10 standard deviations from the mean; those of data with a scale,
    x = scale · number, from 0 to 1. Of other data no range is known.

    Shapes: x as the network sees it; rows (examples,).
    """
    if columns:
        far = np.abs(x) > _FAR
    elif scale != 1:
        far = (x < 0) | (x > 1 + 1e-6)
    else:
        return None
    if not far.any():
        return None
    row, at = np.argwhere(far)[0]
    value = float(x[row, at])
    rows = np.any(far, axis=1)
    return Outside(np.asarray(rows), _by_column(value, int(at), columns) or _by_scale(value, scale))


def _by_column(value: float, at: int, columns: Sequence[Column]) -> str:
    for column in columns:
        if at < column.width:
            return (
                f"column {column.name!r} has {column.mean + column.std * value:.6g}, where the "
                f"training data have {column.mean:.4g} ± {column.std:.4g}"
            )
        at -= column.width
    return ""


def _by_scale(value: float, scale: float) -> str:
    return f"it has {value / scale:.6g}, where the training data have 0 to {1 / scale:.6g}"
