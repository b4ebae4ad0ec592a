"""What can be told of a function by calling it: chance, single precision, a bend."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from koubai.engine import float64
from koubai.gradients.comparison import TOLERANCE, Gradient
from koubai.gradients.numerical import real_number, step_sizes
from koubai.gradients.v_curve import Values, coordinates, lengths

# Dropout over three units draws the same mask eight times in a row once in 5000 cases.
_REPEATS = 8
_EPS = float(np.finfo(np.float64).eps)
# A bend is looked at from one side at h and h/2, at a step that is small beside the curvature.
_ONE_SIDED = 1e-4

Numbers = Float[np.ndarray, " numbers"]


def repeated(f: Callable[[Any], Any], point: Gradient) -> Numbers:
    """The function at one point, called again and again."""
    with float64():
        return np.array([real_number(f(point.copy())) for _ in range(_REPEATS)])


def precision_of(f: Callable[[Any], Any], point: Gradient, gradient: Gradient) -> float:
    """ε of float32 when f computes in it, although x is float64; else that of float64.

    It does if it answers in float32, if all its answers are float32 numbers, or if it does not see
    a quarter of float32's spacing added to x, by which Σ |∂f/∂x_i| · spacing/4 ought to show.
    """
    single = np.float32(point).astype(np.float64)
    nudge = np.spacing(np.abs(single).astype(np.float32)).astype(np.float64) / 4
    nudged = single + np.where(gradient < 0, -nudge, nudge)
    with float64():
        answer = np.asarray(f(single.copy()))
        value, beside = real_number(answer), real_number(f(nudged))
    shown = [value, *(real_number(f(point + k * 1e-3 / 7)) for k in (1, 2, 3))]
    all_single = len(set(shown)) > 2 and all(float(np.float32(v)) == v for v in shown)
    expected = np.nansum(np.abs(gradient) * nudge)
    unseen = value == beside and expected > 100 * _EPS * abs(value)
    narrow = (answer.dtype.kind == "f" and answer.dtype.itemsize < 8) or all_single or unseen
    return float(np.finfo(np.float32).eps) if narrow else _EPS


def bends(
    f: Values,
    point: Gradient,
    chosen: Sequence[int],
    gradient: Numbers,
    step: float | None,
    noise: float,
) -> list[bool]:
    """At which of some coordinates a bend of f within the step explains all the difference.

    There the derivative from one side is g, however small the step, or where several bends meet g
    lies between both sides, as a subgradient does, while the central difference mixes them.
    """
    h = step_sizes(point, step, np.dtype(np.float64)).ravel()[list(chosen)]
    long = lengths(point, chosen)
    wide = _one_sided(f, point, chosen, h / long)
    near = _one_sided(f, point, chosen, np.minimum(h / long, _ONE_SIDED))
    (left, right), central = wide, _central(f, point, chosen, h / long)
    error = np.abs(central - gradient)
    allowed = 10 * TOLERANCE * np.abs(gradient) + 20 * noise / np.minimum(h, _ONE_SIDED * long)
    found: list[bool] = []
    for k in range(len(chosen)):
        sides = [abs(side[k] - gradient[k]) for side in (left, right)]
        close = [abs(side[k] - gradient[k]) for side in near]
        one = any(
            far < 0.05 * error[k] and small <= max(allowed[k], TOLERANCE * abs(central[k]))
            for far, small in zip(sides, close, strict=True)
        )
        low, high = min(side[k] for side in near), max(side[k] for side in near)
        between = low < gradient[k] < high and high - low > 20 * allowed[k]
        found.append(bool(one or between))
    return found


def _one_sided(
    f: Values, point: Gradient, chosen: Sequence[int], h: Numbers
) -> tuple[Numbers, Numbers]:
    """The derivatives from the left and from the right: 2 · D(h/2) − D(h), which is right to h²."""
    here = f(point[None])[0]
    v, long = coordinates(point, chosen), lengths(point, chosen)
    sides: list[Numbers] = []
    for sign in (-1, 1):
        whole = _slope(f, point, v, sign * h, here)
        half = _slope(f, point, v, sign * h / 2, here)
        sides.append((2 * half - whole) / long)
    return sides[0], sides[1]


def _slope(
    f: Values,
    point: Gradient,
    v: Float[np.ndarray, "chosen size"],
    h: Numbers,
    here: float,
) -> Numbers:
    moved = point.ravel() + h[:, None] * v
    return (f(moved.reshape(-1, *point.shape)) - here) / h


def _central(f: Values, point: Gradient, chosen: Sequence[int], h: Numbers) -> Numbers:
    v, long = coordinates(point, chosen), lengths(point, chosen)
    here = f(point[None])[0]
    return (_slope(f, point, v, h, here) + _slope(f, point, v, -h, here)) / (2 * long)
