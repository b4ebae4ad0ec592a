"""How large a step a function bears: its curvature, and the learning rate that goes with it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from jaxtyping import Float

from koubai.descent.optimisers import Optimiser
from koubai.objectives.hessian import DENSE, hessian_product, outer_curvatures, working_precision
from koubai.objectives.objective import Objective

Point = Float[np.ndarray, "*shape"]
Values = Float[np.ndarray, " points"]
Gradients = Float[np.ndarray, "points *shape"]

# Residuals up to so much of the largest eigenvalue: a learning rate needs no more.
_TOLERANCE = 1e-3

# In a quarter of so many steps an adaptive optimiser comes from the start to the origin.
_CROSSING = 100

# Of the whole way down, what one step of a descent that settles may lead up again …
_RISE = 0.01
# … and of the values themselves, where rounding is all that is left.
_ROUNDING = 1e-12

# So many times below the values of the first steps there is no bottom to be expected.
_AWAY = 1e6
_FIRST_STEPS = 10
# Fewer steps than twice these are no swing.
_FEWEST = 4
# A share of the first gradient, and of the whole way down.
_SMALL, _SWING = 1e-3, 0.1
# A share of the whole way down.
_FALLING = 1e-3


def largest_curvature(objective: Objective, x: Point) -> float:
    """The largest eigenvalue λ_max of the Hessian at x: the curvature of the steepest bend.

    From Hessian-vector products: exact where JAX can trace the function, else from differences of
    the numerical gradient. NaN where they are not finite.
    """
    precision = working_precision(objective)
    product = hessian_product(objective, x, precision)
    return float(outer_curvatures(product, x.size, 1, 0, _TOLERANCE)[0].values[0])


def stable_learning_rate(objective: Objective, points: Iterable[Point]) -> float | None:
    """The largest learning rate that gradient descent bears near these points.

        η < 2 / λ_max

    On a quadratic, x − η λ x shrinks along every direction exactly when this holds. None where
    the function bends upwards nowhere. Reference: LeCun, Simard & Pearlmutter (1993).
    """
    curvatures = [largest_curvature(objective, x) for x in points]
    finite = [curvature for curvature in curvatures if np.isfinite(curvature)]
    highest = max(finite, default=0.0)
    return 2 / highest if highest > 0 else None


def first_learning_rate(objective: Objective, optimiser: Optimiser, steps: int) -> float:
    """A learning rate to try first, where none is given.

        proportional to the gradient (sgd, momentum, nesterov): min(usual, 1 / |λ| at the start)
        adaptive (the others):                         4 · max(1, |x₀|) / min(steps, 100)

    |λ| is the largest curvature of either sign: what bends down at the start bends up elsewhere.
    Where it bends more on the way, the descent halves this rate until its values fall: see
    `settles`. An adaptive optimiser moves every parameter by about η a step, so this crosses the
    distance from the start to the origin in a quarter of the first hundred steps. With many
    parameters the curvature is not looked at and the optimiser's usual rate is taken.
    """
    if objective.start.size > DENSE or optimiser.name == "custom":
        return optimiser.learning_rate
    if optimiser.adaptive:
        return 4 * max(1.0, float(np.abs(objective.start).max(initial=0))) / min(steps, _CROSSING)
    product = hessian_product(objective, objective.start, "float64")
    ends = outer_curvatures(product, objective.start.size, 1, 1, _TOLERANCE)
    curvature = max(float(abs(end.values[0])) for end in ends)
    return min(optimiser.learning_rate, 1 / curvature) if curvature > 0 else optimiser.learning_rate


def settles(values: Values, optimiser: Optimiser) -> bool:
    """Whether the values of a descent fall, or at least do not rise by much on the way.

        plain gradient descent: every rise f_{k+1} − f_k ≤ (f₀ − lowest f) / 100
        the other optimisers:   the sum of all rises ≤ f₀ − lowest f, and the end below the start

    Below 2/λ_max along the way plain gradient descent never rises; the others run past a minimum
    by their nature. Values that fall for ever settle as well as any.
    """
    sound = values[: fallen_away(values)]
    if not np.isfinite(sound).all():
        return False
    way = float(sound[0] - sound.min())
    rises = np.maximum(np.diff(sound), 0.0)
    if optimiser.name == "sgd":
        return rises.max(initial=0.0) <= _RISE * way + _ROUNDING * float(np.abs(sound).max())
    return rises.sum() <= way and bool(sound[-1] <= sound[0])


def fallen_away(values: Values) -> int | None:
    """The step by which the values have fallen out of all proportion, faster and faster.

    From there on they are a million times below all that was seen in the first ten steps, and the
    last fall is the longest, or out of the range of numbers. None where they are not.
    """
    finite = np.isfinite(values)
    seen = np.abs(values[: _FIRST_STEPS + 1][finite[: _FIRST_STEPS + 1]]).max(initial=0.0)
    below = values < -_AWAY * seen
    if not below.any() or not below[finite][-1]:
        return None
    falls = -np.diff(values[finite])
    return int(np.argmax(below)) if falls[-1] >= falls.max() else None


def still_falls(values: Values) -> bool:
    """Whether a descent had not arrived when its steps were done.

    The last tenth of its steps made more than a thousandth of the whole way down.
    """
    steps = len(values) - 1
    before = values[steps - max(1, steps // 10)]
    return bool(before - values[-1] > _FALLING * (values[0] - values[-1]) > 0)


def swings_for_ever(values: Values, gradients: Gradients) -> bool:
    """Whether gradient descent goes to and fro, and not down.

    In the second half, where the gradient is not small, a step leads up by more than a tenth of the
    whole way; or at most of the steps the gradient points against the one before, and the lowest
    value is no lower than that of the first half.
    """
    half = len(values) // 2
    if half < _FEWEST or not np.isfinite(values).all():
        return False
    g = gradients.reshape(len(values), -1).astype(np.float64)
    if np.linalg.norm(g[half:], axis=1).max() <= _SMALL * np.linalg.norm(g[0]):
        return False
    if np.diff(values[half:]).max() > _SWING * (values[0] - values.min()):
        return True
    against = (g[half:] * g[half - 1 : -1]).sum(axis=1) < 0
    return bool(against.mean() > 0.5 and values[half:].min() >= values[:half].min())
