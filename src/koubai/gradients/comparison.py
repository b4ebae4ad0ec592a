"""Two gradients side by side: how far apart they are, and how far rounding lets them be."""

from __future__ import annotations

import math
from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float

# Truncation leaves central differences right to about 1e-10 of the values that occur; a wrong
# formula is wrong in the first digits. Anything between would deserve a look.
TOLERANCE = 1e-6
# Rounding inside f adds up over its operations to a few times ε·|f|/h.
ROUNDINGS = 10
# Where rounding leaves differences fewer digits, a better step is looked for.
_BLURRED = 1e-4

Gradient = Float[np.ndarray, "*shape"]


@dataclass(frozen=True)
class Difference:
    """One array of derivatives, found in two ways: g and, by central differences, n.

    uncertainty: how far truncation and rounding can move each n. Where

        |g − n| ≤ 10⁻⁶ · max(|g|, |n|) + uncertainty + rounding in g

    for every element, the two agree. index: the element nearest to this bound, or furthest beyond
    it; error: its |g − n| and tolerance: its bound, both over the largest derivative of the array.
    error is inf where one is not a number; n is NaN where no difference was taken.
    """

    name: str
    error: float
    index: tuple[int, ...]
    tolerance: float
    gradient: Gradient
    numerical: Gradient
    uncertainty: Gradient

    @property
    def hidden(self) -> bool:
        """Whether rounding hides these derivatives: the largest is known to less than a digit."""
        size = np.fmax(np.abs(self.gradient), np.abs(self.numerical))
        if not np.any(size) or not np.isfinite(size).all():
            return False
        return bool(self.uncertainty.flat[size.argmax()] > 0.1 * size.max())

    @property
    def agrees(self) -> bool:
        """Whether every element is within its bound."""
        return self.error <= self.tolerance

    @property
    def verdict(self) -> str:
        """In a word: agrees, differs, hidden, or zero, where there is nothing to compare."""
        if not self.agrees:
            return "differs"
        return "zero" if self.is_zero else "hidden" if self.hidden else "agrees"

    @property
    def wrong(self) -> Bool[np.ndarray, "*shape"]:
        """Which elements are beyond their bound."""
        apart = _apart(self.gradient, self.numerical, self.looked)
        return np.asarray(apart > self.bound)

    @property
    def looked(self) -> Bool[np.ndarray, "*shape"]:
        """Where a difference was taken."""
        return np.asarray(~np.isnan(self.uncertainty))

    @property
    def bound(self) -> Gradient:
        """How far apart g and n may be."""
        return bound(self.gradient, self.numerical, self.uncertainty)

    @property
    def is_zero(self) -> bool:
        """Whether every derivative is 0, and no difference more than rounding."""
        rounded = np.abs(self.numerical) <= self.uncertainty
        return not np.any(self.gradient) and bool(rounded[self.looked].all())


def compare(
    name: str, gradient: Gradient, numerical: Gradient, uncertainty: Gradient
) -> Difference:
    """The difference of g and n; where no difference was taken, n and uncertainty are NaN."""
    looked = np.asarray(~np.isnan(uncertainty))
    apart = _apart(gradient, numerical, looked)
    allowed = np.where(looked, bound(gradient, numerical, uncertainty), np.inf)
    with np.errstate(invalid="ignore", divide="ignore"):
        excess = np.where(apart > 0, apart / allowed, 0.0)
    index = np.unravel_index(int(excess.argmax()), apart.shape)
    here = tuple(int(i) for i in index)
    if math.isinf(apart[here]):
        return Difference(name, math.inf, here, TOLERANCE, gradient, numerical, uncertainty)
    scale = float(np.fmax(np.abs(gradient), np.abs(numerical)).max(initial=0, where=looked))
    error, tolerance = (apart[here] / scale, allowed[here] / scale) if scale else (0.0, TOLERANCE)
    return Difference(name, float(error), here, float(tolerance), gradient, numerical, uncertainty)


def blurred(difference: Difference) -> bool:
    """Whether rounding leaves the largest of these derivatives fewer than four digits."""
    size = np.abs(difference.gradient)
    return bool(difference.uncertainty.flat[size.argmax()] > _BLURRED * size.max() > 0)


def bound(gradient: Gradient, numerical: Gradient, uncertainty: Gradient) -> Gradient:
    """How far apart g and n may be: 10⁻⁶ of the value, what n is uncertain by, rounding in g."""
    size = np.fmax(np.abs(gradient), np.abs(numerical))
    return np.asarray(TOLERANCE * size + uncertainty + rounding_in(gradient))


def rounding_in(gradient: Gradient) -> float:
    """How far rounding moves each element of a gradient, itself a sum over examples and units.

    10 · ε · max |g|        ε of the precision it came in: g may be float32, n is float64
    """
    largest = np.abs(gradient).max(initial=0, where=np.isfinite(gradient))
    return ROUNDINGS * epsilon_of(gradient) * float(largest)


def epsilon_of(gradient: Gradient) -> float:
    """The ε of the precision that an array is in."""
    return float(jnp.finfo(gradient.dtype).eps)


def _apart(gradient: Gradient, numerical: Gradient, looked: Bool[np.ndarray, "*shape"]) -> Gradient:
    with np.errstate(invalid="ignore"):
        apart = np.abs(gradient - numerical)
    return np.where(looked, np.where(np.isfinite(apart), apart, np.inf), 0.0)
