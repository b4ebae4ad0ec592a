"""Heights that can be told apart: contour levels, and a scale for values that span decades."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from matplotlib.ticker import MaxNLocator

Numbers = Float[np.ndarray, "*shape"]

# Values of which half lie in so small a share of the whole range are looked at in decades.
_CROWDED = 0.2
_MOST_LEVELS = 14
# Of the range above the lowest value, the smallest share that still gets a level.
_FINEST = 1e-6


def spans_decades(values: Numbers) -> bool:
    """Whether most of the values crowd together far below the highest ones."""
    low, high = _range(values)
    if not 0 < high - low < math.inf:
        return False
    return float(np.median(values[np.isfinite(values)])) - low < _CROWDED * (high - low)


def levels(values: Numbers) -> Float[np.ndarray, " levels"]:
    """Heights for contour lines between the lowest and the highest value, in order.

    Round numbers, evenly spaced; where the values span decades in the steps 1, 2, 5, 10, 20 …
    above the lowest value, or above 0 where it is nearly that, each rounded to its own decade.
    None where all values are equal.
    """
    low, high = _range(values)
    if not 0 < high - low < math.inf:
        return np.empty(0)
    if spans_decades(values):
        base = _base(low, high)
        found = _rounded(base, _round_offsets(values[np.isfinite(values)] - base))
    else:
        locator = MaxNLocator(_MOST_LEVELS, steps=[1, 2, 2.5, 5, 10])
        found = np.asarray(locator.tick_values(low, high))
    return found[(found > low) & (found < high)]


@dataclass(frozen=True)
class Compressed:
    """A scale that shows every decade above `base`: log₁₀(1 + (f − base) / unit)."""

    base: float
    unit: float

    def __call__(self, values: Numbers) -> Numbers:
        """The heights at which values are drawn."""
        above = np.maximum(np.asarray(values, np.float64) - self.base, 0)
        return np.asarray(np.log10(1 + above / self.unit))

    def ticks(self, highest: float) -> Float[np.ndarray, " ticks"]:
        """Values to mark, from base to the highest: one for each decade, seven at the most."""
        span = highest - self.base
        first, last = math.ceil(math.log10(self.unit)), math.floor(math.log10(span))
        every = max(1, math.ceil((last - first + 1) / 6))
        powers = np.arange(last, first - 1, -every)[::-1]
        marks = _rounded(self.base, 10.0**powers)
        apart = self(marks) > 0.08 * self(np.array(highest))
        return np.array([self.base, *marks[apart]])


def compression(values: Numbers) -> Compressed | None:
    """The scale on which values that span decades are told apart; None where none is needed."""
    if not spans_decades(values):
        return None
    low, high = _range(values)
    base = _base(low, high)
    above = values[np.isfinite(values)] - base
    unit = max(float(np.percentile(above, 5)), _FINEST * (high - base))
    return Compressed(base, 10.0 ** math.floor(math.log10(unit)))


def _range(values: Numbers) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.size else (math.nan, math.nan)


def _base(low: float, high: float) -> float:
    return 0.0 if 0 <= low < 0.01 * (high - low) else low


def _rounded(base: float, offsets: Float[np.ndarray, " n"]) -> Float[np.ndarray, " levels"]:
    """The sums, with no digit below the first one of the offset: 2.4 for 2.3246 + 0.1."""
    decades = 10.0 ** np.floor(np.log10(offsets) + 1e-9)
    return np.unique(np.round((base + offsets) / decades) * decades)


def _round_offsets(above: Float[np.ndarray, " n"]) -> Float[np.ndarray, " levels"]:
    """1, 2, 5, 10, 20 … over the range of the values, or whole decades if these are too many."""
    highest = float(above.max())
    lowest = max(float(np.percentile(above, 1)), _FINEST * highest)
    decades = np.arange(math.floor(math.log10(lowest)), math.ceil(math.log10(highest)) + 1)
    for steps in ([1, 2, 5], [1, 3], [1]):
        offsets = np.outer(10.0**decades, steps).ravel()
        offsets = offsets[(offsets >= lowest) & (offsets < highest)]
        if len(offsets) <= _MOST_LEVELS:
            break
    return offsets
