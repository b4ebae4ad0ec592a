"""What can be told of a function by calling it: chance, single precision, a bend."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from koubai.engine import float64
from koubai.gradients.comparison import TOLERANCE, Gradient
from koubai.gradients.numerical import real_number, step_sizes
from koubai.gradients.v_curve import Values, coordinates, lengths, value_or_nan

# Dropout over three units draws the same mask eight times in a row once in 5000 cases.
_REPEATS = 8
# So many points on a line, so far apart, show how much of f is noise, on one line or another; by
# differences of that order, and as many standard deviations are a bound.
_LINES, _NEIGHBOURS, _NEIGHBOURING = 4, 9, 1e-8
_ORDER, _DEVIATIONS = 4, 5
_EPS = float(np.finfo(np.float64).eps)
# A bend is looked at from one side at h and h/2, at a step that is small beside the curvature.
_ONE_SIDED = 1e-4

Numbers = Float[np.ndarray, " numbers"]


def repeated(f: Callable[[Any], Any], point: Gradient) -> Numbers:
    """The function at one point, called again and again."""
    with float64():
        return np.array([real_number(f(point.copy())) for _ in range(_REPEATS)])


def measured_noise(f: Values, point: Gradient) -> float:
    """How far f is off by itself, where it rounds more than its size says: it may have cancelled.

    σ² = (k!)² / (2k)! · mean (Δᵏf)²        k = 4, of values at neighbouring points

    What is smooth in f is gone from such differences, and noise is not.
    Reference: Moré & Wild (2011), Estimating Computational Noise.
    """
    random = np.random.default_rng(0)
    along = random.uniform(-1, 1, size=(_LINES, point.size)) * lengths(point, range(point.size))
    far = _NEIGHBOURING * np.arange(_NEIGHBOURS)[:, None]
    points = point.ravel() + far * along[:, None]
    values = f(points.reshape(-1, *point.shape)).reshape(_LINES, _NEIGHBOURS)
    with np.errstate(invalid="ignore"):
        spread = (np.diff(values, n=_ORDER) ** 2).mean(axis=1).max()
    variance = math.factorial(_ORDER) ** 2 / math.factorial(2 * _ORDER) * float(spread)
    return _DEVIATIONS * math.sqrt(variance) if math.isfinite(variance) else 0.0


def precision_of(f: Callable[[Any], Any], point: Gradient, gradient: Gradient) -> float:
    """ε of float32 when f computes in it, although x is float64; else that of float64.

    It does if it answers in float32, if all its answers are float32 numbers, or if it does not see
    a quarter of float32's spacing added to x, by which Σ |∂f/∂x_i| · spacing/4 ought to show.
    """
    single = point.astype(np.float32).astype(np.float64)
    nudge = np.spacing(np.abs(single).astype(np.float32)).astype(np.float64) / 4
    nudged = np.asarray(single + np.where(gradient < 0, -nudge, nudge))
    with float64():
        answer = np.asarray(f(point.copy()))
        value, beside = value_or_nan(f, single.copy()), value_or_nan(f, nudged)
        around = [value_or_nan(f, np.asarray(point + k * 1e-3 / 7)) for k in (1, 2, 3)]
    shown = [v for v in (value, *around) if np.isfinite(v)]
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
    lies between both sides, as a subgradient does, while the central difference mixes them. What
    rounding in f does explain is no bend.
    """
    h = step_sizes(point, step, np.dtype(np.float64)).ravel()[list(chosen)]
    long = lengths(point, chosen)
    with np.errstate(invalid="ignore"):  # f may be infinite on one side
        wide = _one_sided(f, point, chosen, h / long)
        near = _one_sided(f, point, chosen, np.minimum(h / long, _ONE_SIDED))
        (left, right), central = wide, _central(f, point, chosen, h / long)
    error = np.abs(central - gradient)
    allowed = 10 * TOLERANCE * np.abs(gradient) + 20 * noise / np.minimum(h, _ONE_SIDED * long)
    told = error > 2 * noise / h
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
        found.append(bool(told[k] and (one or between)))
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
