"""What the figures say about anybody's gradient of anybody's function."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Bool, Float

from koubai.gradients.comparison import (
    ROUNDINGS,
    TOLERANCE,
    Difference,
    Gradient,
    blurred,
    bound,
    compare,
    epsilon_of,
)
from koubai.gradients.constants import constant_in_log
from koubai.gradients.factors import factor, scattered_factor
from koubai.gradients.findings import Finding, agreeing, at_a_glance, differing, mistaken_step
from koubai.gradients.numerical import step_sizes
from koubai.gradients.probes import bends, measured_noise, precision_of, repeated
from koubai.gradients.subject import Subject, suspects
from koubai.gradients.v_curve import (
    LADDER,
    Curve,
    best_of,
    coordinates,
    curve_of,
    differences_along,
    lengths,
)

_DIRECTIONS = 4
# As many coordinates make the V; the largest derivatives, so that rounding is not all there is.
_CURVE = 16
_EPS = float(np.finfo(np.float64).eps)


def function_finding(
    subject: Subject, grad_f: Callable[[], Gradient]
) -> tuple[Finding, list[Difference]]:
    """The finding, and the differences that it is about."""
    first = subject.compared(subject.step)
    found = at_a_glance([first])
    if found:
        return found, [first]
    values = repeated(subject.f, subject.point)
    if not np.isfinite(values).all():
        words = f"f(x) is {values[0]}, which leaves nothing to compare; take another x"
        return Finding("undecided", words), [first]
    found = _chance(subject, values, grad_f())
    if found:
        return found, [first]
    epsilon = precision_of(subject.f, subject.point, subject.gradient)
    narrow = epsilon > _EPS
    noise = ROUNDINGS * epsilon * float(np.abs(values).max()) + float(np.ptp(values))
    if not narrow and not suspects(first).any() and not blurred(first):
        return agreeing([first]), [first]
    found = _chance_beside(subject, first, noise)
    if found:
        return found, [first]
    noise = max(noise, measured_noise(subject.values, subject.point))

    plain = first if subject.step is None else subject.compared(None)
    closer = subject.compared_closely(plain, noise, everything=narrow or blurred(plain))
    bent = _kink(subject, first, noise)
    if bent is not None:
        rest = closer.wrong & ~bent
        if not rest.any():
            return _kink_words(subject, bent), [first]
    finding = _named(subject, closer, narrow)
    if finding.kind == "agrees" and subject.step and (not first.agrees or blurred(first)):
        return mistaken_step(subject.step, function_curve(subject)), [first]
    return finding, [closer]


def directions_finding(subject: Subject, seed: int) -> tuple[Finding | None, Difference]:
    """The slopes along random directions, which see the coordinates that a sample does not."""
    random = np.random.default_rng([seed, 1])
    v = random.normal(size=(_DIRECTIONS, subject.point.size)) * subject.reach
    v /= np.linalg.norm(v, axis=1, keepdims=True)
    rows = differences_along(subject.values, subject.point, v, LADDER)
    here = float(np.abs(subject.values(subject.point[None])).max())
    rungs = np.repeat(LADDER[:, None], _DIRECTIONS, axis=1)
    best = best_of(rows, rungs, ROUNDINGS * _EPS * here)
    slopes = v @ subject.gradient.ravel()
    # The terms of v · g may cancel, and their rounding with them.
    blur = epsilon_of(subject.gradient) * np.abs(v) @ np.abs(subject.gradient.ravel())
    found = compare("random directions", slopes, best.values, 2 * best.uncertainty + 10 * blur)
    return (None if found.agrees else differing([found])), found


def _chance(
    subject: Subject, values: Float[np.ndarray, " values"], again: Gradient
) -> Finding | None:
    """Answers that differ by more than the check could tolerate."""
    apart = np.abs(again - subject.gradient)
    scale = float(np.abs(subject.gradient).max(initial=0))
    if np.isfinite(scale) and np.any(apart > TOLERANCE * scale):
        here = np.unravel_index(int(apart.argmax()), apart.shape)
        return Finding(
            "random",
            f"grad_f gave {subject.gradient[here]:.8g} at {[int(i) for i in here]} and then "
            f"{again[here]:.8g}; fix the seed, the mini-batch and the mask of dropout",
        )
    moved = float(np.ptp(values))
    h = float(step_sizes(subject.point, None, np.dtype(np.float64)).min(initial=1.0))
    if moved / h > TOLERANCE * scale + ROUNDINGS * _EPS * float(np.abs(values).max()) / h:
        return Finding(
            "random",
            f"f gave {values.min():.8g} and {values.max():.8g} at the same x; fix the seed, the "
            f"mini-batch and the mask of dropout",
        )
    return None


def _chance_beside(subject: Subject, first: Difference, noise: float) -> Finding | None:
    """The same differences, taken a second time: chance that strikes seldom shows in so many."""
    again = subject.compared(subject.step)
    h = step_sizes(subject.point, subject.step, np.dtype(np.float64))
    moved = np.abs(again.numerical - first.numerical) > 4 * (first.bound + noise / h)
    if not moved.any():
        return None
    here = tuple(np.argwhere(moved)[0].tolist())
    return Finding(
        "random",
        f"by central differences the derivative at {list(here)} is {first.numerical[here]:.8g} and "
        f"then {again.numerical[here]:.8g}; fix the seed, the mini-batch and the mask of dropout",
    )


def _kink(subject: Subject, first: Difference, noise: float) -> Bool[np.ndarray, "*shape"] | None:
    """The coordinates along which f bends within the step; None where there are none."""
    wrong = np.flatnonzero(first.wrong).tolist()
    if not wrong:
        return None
    g = subject.gradient.ravel()[wrong]
    found = bends(subject.values, subject.point, wrong, g, subject.step, noise)
    bent = np.zeros(subject.point.size, bool)
    bent[wrong] = found
    return bent.reshape(subject.point.shape) if bent.any() else None


def _kink_words(subject: Subject, bent: Bool[np.ndarray, "*shape"]) -> Finding:
    where = [[int(i) for i in index] for index in np.argwhere(bent)]
    shown = ", ".join(f"x{index} = {subject.point[tuple(index)]:.3g}" for index in where[:3]) + (
        f" and {len(where) - 3} more" if len(where) > 3 else ""
    )
    return Finding(
        "kink",
        f"f bends within the step along {shown}: the gradient is the slope of one side, the "
        f"difference a mix of both; all else agrees",
    )


def _named(subject: Subject, closer: Difference, narrow: bool) -> Finding:
    constant = constant_in_log(subject.point, closer)
    if constant:
        return constant
    if not closer.agrees:
        sums = [(len(subject.point), "the first axis")] if subject.point.ndim > 1 else []
        return (
            factor([closer], sums)
            or _transposed(closer)
            or scattered_factor([closer], sums)
            or differing([closer])
        )
    if narrow:
        size = np.abs(closer.gradient).max()
        return Finding(
            "float32",
            f"f computes in float32, which leaves the differences uncertain by "
            f"{np.nanmax(closer.uncertainty) / size:.0e}; so far the gradient agrees; let f "
            f"compute in float64",
        )
    return agreeing([closer])


def _transposed(difference: Difference) -> Finding | None:
    g, n, off = difference.gradient, difference.numerical, difference.uncertainty
    if g.ndim != 2 or g.shape[0] != g.shape[1] or not difference.looked.all():
        return None
    if not (np.abs(g.T - n) <= bound(g.T, n, off)).all():
        return None
    return Finding("transposed", f"the gradient is the transpose of the right one, of {g.shape}")


def function_curve(subject: Subject) -> Curve:
    """The error against the step along the coordinates with the largest derivatives."""
    every = np.array(subject.chosen)
    order = np.argsort(-np.abs(subject.gradient.ravel()[every]), kind="stable")
    chosen = every[order[:_CURVE]].tolist()
    along = coordinates(subject.point, chosen)
    rows = differences_along(subject.values, subject.point, along, LADDER)
    g = subject.gradient.ravel()[chosen]
    return curve_of(g, rows / lengths(subject.point, chosen), LADDER)
