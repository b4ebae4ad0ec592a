"""The error of central differences against their step: truncation falls with it, rounding grows.

    C(h) − f' ≈ f''' h² / 6  +  ε |f| / h

On logarithmic axes it is a V, and between its arms lies the step at which a difference is best.
Reference: Press et al., Numerical Recipes, 5.7; Moré & Wild (2012), Estimating Derivatives of
Noisy Simulations.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import numpy as np
from jaxtyping import Float

from koubai.engine import compiled, float64
from koubai.gradients.numerical import real_number, traced

# From where truncation rules to where rounding does, twice a decade.
LADDER = 10.0 ** -np.arange(1, 9.5, 0.5)
# Steps at the end of the ladder whose differences are apart by noise in f, if by anything.
_SMALLEST = 4
# Two differences contradict each other when they are further apart than both may be off, thrice.
_CONTRADICTS = 3
# Numbers that one batch of evaluations may hold: 32 MiB in float64.
_BATCH_ELEMENTS = 4 * 2**20
# Points that are evaluated at once; always as many, so that they compile once.
_AT_ONCE = 128

Gradient = Float[np.ndarray, "*shape"]
Vector = Float[np.ndarray, " size"]
Numbers = Float[np.ndarray, " points"]


class Curve(NamedTuple):
    """errors: the largest |g − n| over the largest derivative, at each of the steps h."""

    steps: Float[np.ndarray, " steps"]
    errors: Float[np.ndarray, " steps"]

    @property
    def best(self) -> int:
        """Where the error is smallest: the bottom of the V."""
        return int(np.where(np.isnan(self.errors), np.inf, self.errors).argmin())

    def __str__(self) -> str:
        rows = zip(self.steps, self.errors, strict=True)
        return "\n".join(f"h = {step:.0e}  relative error {error:.1e}" for step, error in rows)


class Refined(NamedTuple):
    """Derivatives at the step that suits each best, and how far they may be off."""

    values: Vector
    uncertainty: Vector


class Values:
    """A function at many points; compiled once where JAX can trace it.

    NaN where it raises an arithmetic error.
    """

    def __init__(self, f: Callable[[Any], Any], point: Gradient) -> None:
        self.f = f
        with float64():
            one_by_one = traced(f, point) is None
        self._every = None if one_by_one else compiled(lambda points: jax.lax.map(f, points))
        self._at_once = max(1, min(_AT_ONCE, _BATCH_ELEMENTS // max(1, point.size)))

    def __call__(self, points: Float[np.ndarray, "points *shape"]) -> Numbers:
        """The values at the points, which are the rows."""
        with float64():
            if self._every is None:
                return np.array([value_or_nan(self.f, point.copy()) for point in points])
            parts: list[Numbers] = []
            for start in range(0, len(points), self._at_once):
                some = points[start : start + self._at_once]
                pad = [(0, self._at_once - len(some)), *[(0, 0)] * (points.ndim - 1)]
                found = np.asarray(self._every(np.pad(some, pad, mode="edge")), np.float64)
                parts.append(found[: len(some)])
            return np.concatenate(parts)


def value_or_nan(f: Callable[[Any], Any], point: Gradient) -> float:
    """The function at a point; NaN where it raises an arithmetic error."""
    try:
        with np.errstate(all="ignore"):  # wide steps may leave the domain of f
            return real_number(f(point))
    except (ArithmeticError, ValueError):
        return float("nan")


def differences_along(
    f: Values,
    point: Gradient,
    directions: Float[np.ndarray, "directions size"],
    steps: Sequence[float] | Float[np.ndarray, " steps"],
) -> Float[np.ndarray, "steps directions"]:
    """Central differences along directions v, at every step.

    v · ∇f ≈ (f(x + h·v) − f(x − h·v)) / 2h
    """
    v, h = directions[None], np.asarray(steps)[:, None, None]
    above, below = point.ravel() + h * v, point.ravel() - h * v
    width = ((above - below) * v).sum(axis=-1) / (v * v).sum(axis=-1)  # 2h as rounded
    pairs = np.stack([above, below]).reshape(-1, *point.shape)
    high, low = f(pairs).reshape(2, *width.shape)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (high - low) / width


def coordinates(point: Gradient, chosen: Sequence[int]) -> Float[np.ndarray, "directions size"]:
    """Directions along single coordinates, of length max(1, |x_i|): a step is relative to x."""
    directions = np.zeros((len(chosen), point.size))
    directions[range(len(chosen)), chosen] = lengths(point, chosen)
    return directions


def lengths(point: Gradient, chosen: Sequence[int]) -> Float[np.ndarray, " chosen"]:
    """max(1, |x_i|) of the coordinates."""
    return np.maximum(1.0, np.abs(point.ravel()[list(chosen)]))


def refined(f: Values, point: Gradient, chosen: Sequence[int], noise: float) -> Refined:
    """The derivatives by some coordinates, each at its best step. noise: how far f may be off."""
    at_once = max(1, _BATCH_ELEMENTS // (2 * len(LADDER) * max(1, point.size)))
    parts: list[Refined] = []
    for start in range(0, len(chosen), at_once):
        some = chosen[start : start + at_once]
        found = differences_along(f, point, coordinates(point, some), LADDER)
        long = lengths(point, some)
        parts.append(best_of(found / long, LADDER[:, None] * long, noise))
    return Refined(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def best_of(
    differences: Float[np.ndarray, "steps derivatives"],
    steps: Float[np.ndarray, "steps derivatives"],
    noise: float,
) -> Refined:
    """Of each derivative's differences, the one that its neighbours on the ladder confirm best.

    Beyond a kink differences settle too, on the mean of its two slopes. But the derivative is the
    limit of h → 0: what settles on another value at smaller steps is not it.
    """
    differences = np.where(np.isfinite(differences), differences, np.nan)
    apart = np.abs(np.diff(differences, axis=0))
    apart = np.where(np.isnan(apart), np.inf, apart)
    doubt = np.maximum(apart[:-1], apart[1:]) + noise / steps[1:-1]
    settled = doubt + _observed_noise(apart, steps) / steps[1:-1]
    for j in range(1, len(doubt)):
        gap = np.abs(differences[1 : j + 1] - differences[j + 1])
        doubt[:j][gap > _CONTRADICTS * (settled[:j] + settled[j])] = np.inf
    best = doubt.argmin(axis=0)[None]
    pick = np.take_along_axis
    return Refined(pick(differences, best + 1, axis=0)[0], pick(doubt, best, axis=0)[0])


def _observed_noise(
    apart: Float[np.ndarray, "pairs derivatives"], steps: Float[np.ndarray, "steps derivatives"]
) -> Float[np.ndarray, " derivatives"]:
    """How far f is off by itself, from the smallest steps: f may round more than its size says."""
    return (apart * steps[1:])[-_SMALLEST:].max(axis=0)


def curve_of(
    gradient: Vector,
    differences: Float[np.ndarray, "steps derivatives"],
    steps: Float[np.ndarray, " steps"],
) -> Curve:
    """The largest error at every step, over the largest of the derivatives."""
    apart = np.abs(differences - gradient).max(axis=1)
    scale = max(np.abs(gradient).max(), np.abs(np.nan_to_num(differences)).max(axis=1).min())
    return Curve(steps, apart / (scale or 1.0))
