"""Arrays as text: little-endian binary in base64."""

from __future__ import annotations

import base64

import numpy as np
from jaxtyping import Num
from numpy.typing import ArrayLike

from koubai.report.scene import Array, Packing

_Numbers = Num[np.ndarray, "..."]


def exact(values: ArrayLike) -> Array:
    """The numbers as they are: whole ones in 32 bits, float32 as such, anything else in 64 bits."""
    numbers = np.asarray(values)
    if numbers.dtype.kind in "iub":
        return _packed("i4", numbers)
    return _packed("f4" if numbers.dtype == np.float32 else "f8", numbers)


def single(values: ArrayLike) -> Array:
    """The numbers in float32: seven digits, more than a picture or a tooltip shows.

    What float32 cannot hold becomes infinite.
    """
    with np.errstate(over="ignore"):
        return _packed("f4", np.asarray(values))


def rough(values: ArrayLike) -> Array:
    """The numbers in 256 steps between the least and the greatest, where no eye can tell.

    What is not finite becomes the nearest end.
    """
    numbers = np.asarray(values, np.float64)
    finite = numbers[np.isfinite(numbers)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    scale = (high - low) / 255 or 1.0
    steps = ((np.nan_to_num(numbers, nan=low, posinf=high, neginf=low) - low) / scale).round()
    return _packed("u1", steps, scale, low)


def _packed(kind: Packing, numbers: _Numbers, scale: float = 1.0, offset: float = 0.0) -> Array:
    data = numbers.astype(f"<{kind}").tobytes()
    text = base64.b64encode(data).decode("ascii")
    return Array(type=kind, shape=numbers.shape, data=text, scale=scale, offset=offset)
