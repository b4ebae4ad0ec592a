"""What a gradient check is about: a function, somebody's gradient of it, and where to look."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from koubai.gradients.comparison import ROUNDINGS, Difference, Gradient, compare
from koubai.gradients.numerical import differences_at, rounding_error
from koubai.gradients.v_curve import Values, lengths, refined

# Where g and n are as near as this to each other, truncation is all there is between them.
_NEAR = 1e-8


@dataclass(frozen=True)
class Subject:
    """A function, a gradient of it at a point, and the coordinates that are looked at."""

    f: Callable[[Any], Any]
    point: Gradient
    gradient: Gradient
    looked: Bool[np.ndarray, "*shape"]
    step: float | None

    @cached_property
    def values(self) -> Values:
        """The function at many points."""
        return Values(self.f, self.point)

    @property
    def reach(self) -> Float[np.ndarray, " size"]:
        """How far a step goes along each coordinate: max(1, |x_i|)."""
        return lengths(self.point, range(self.point.size))

    @property
    def chosen(self) -> list[int]:
        """The coordinates, counted along the flattened point."""
        return np.flatnonzero(self.looked).tolist()

    def at(self, numbers: Any) -> Any:
        """The point with the coordinates that are looked at replaced."""
        if isinstance(numbers, np.ndarray):
            whole = self.point.copy()
            whole[self.looked] = numbers
            return whole
        import jax.numpy as jnp

        return jnp.asarray(self.point).at[np.nonzero(self.looked)].set(numbers)

    def spread(self, numbers: Float[np.ndarray, " chosen"]) -> Gradient:
        """Numbers of the coordinates that are looked at in the shape of the point, else NaN."""
        whole = np.full(self.point.shape, np.nan)
        whole[self.looked] = numbers
        return whole

    def compared(self, step: float | None) -> Difference:
        """The gradient beside the differences at one step."""
        part, numbers = self.at, self.point[self.looked]
        f = self.f if self.looked.all() else lambda numbers: self.f(part(numbers))
        at = self.point if self.looked.all() else numbers
        numerical, rounding = differences_at(f, at, step), ROUNDINGS * rounding_error(f, at, step)
        return compare(
            "gradient",
            self.gradient,
            self.spread(numerical.ravel()),
            self.spread(np.nan_to_num(rounding.ravel(), nan=0.0)),
        )

    def compared_closely(self, first: Difference, noise: float, everything: bool) -> Difference:
        """The same with those that are apart taken at the step that suits each best."""
        which = self.looked if everything else suspects(first)
        chosen = np.flatnonzero(which).tolist()
        numerical, uncertain = first.numerical.copy(), first.uncertainty.copy()
        if chosen:
            best = refined(self.values, self.point, chosen, noise)
            numerical[which], uncertain[which] = best.values, 2 * best.uncertainty
        return compare("gradient", self.gradient, numerical, uncertain)


def suspects(difference: Difference) -> Bool[np.ndarray, "*shape"]:
    """The elements between whose g and n there is anything but truncation, or no n at all."""
    g, n, off = difference.gradient, difference.numerical, difference.uncertainty
    with np.errstate(invalid="ignore"):
        apart = np.abs(g - n) > _NEAR * np.fmax(np.abs(g), np.abs(n)) + off
    return np.asarray(difference.looked & (apart | ~np.isfinite(n)))
