"""What the figures say about anybody's gradient of anybody's function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from koubai.gradients.comparison import (
    ROUNDINGS,
    TOLERANCE,
    Difference,
    Gradient,
    bound,
    compare,
    epsilon_of,
)
from koubai.gradients.constants import constant_in_log
from koubai.gradients.factors import factor
from koubai.gradients.findings import Finding, agreeing, at_a_glance, differing, mistaken_step
from koubai.gradients.network_check import blurred
from koubai.gradients.numerical import differences_at, rounding_error, step_sizes
from koubai.gradients.probes import bends, precision_of, repeated
from koubai.gradients.v_curve import (
    LADDER,
    Curve,
    Values,
    best_of,
    coordinates,
    curve_of,
    differences_along,
    lengths,
    refined,
)

# Where g and n are as near as this to each other, truncation is all there is between them.
_NEAR = 1e-8
_DIRECTIONS = 4
# As many coordinates make the V; the largest derivatives, so that rounding is not all there is.
_CURVE = 16
_EPS = float(np.finfo(np.float64).eps)


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


def function_finding(
    subject: Subject, grad_f: Callable[[], Gradient]
) -> tuple[Finding, list[Difference]]:
    """The finding, and the differences that it is about."""
    first = _compared(subject, subject.step)
    found = at_a_glance([first])
    if found:
        return found, [first]
    values = repeated(subject.f, subject.point)
    found = _chance(subject, values, grad_f())
    if found:
        return found, [first]
    epsilon = precision_of(subject.f, subject.point, subject.gradient)
    narrow = epsilon > _EPS
    noise = ROUNDINGS * epsilon * float(np.abs(values).max()) + float(np.ptp(values))
    if not narrow and not _apart(first) and not blurred(first):
        return agreeing([first]), [first]

    plain = first if subject.step is None else _compared(subject, None)
    closer = _closer(subject, plain, noise, everything=narrow or blurred(plain))
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


def _compared(subject: Subject, step: float | None) -> Difference:
    part, numbers = subject.at, subject.point[subject.looked]
    f = subject.f if subject.looked.all() else lambda numbers: subject.f(part(numbers))
    at = subject.point if subject.looked.all() else numbers
    numerical, rounding = differences_at(f, at, step), ROUNDINGS * rounding_error(f, at, step)
    return compare(
        "gradient",
        subject.gradient,
        subject.spread(numerical.ravel()),
        subject.spread(np.nan_to_num(rounding.ravel(), nan=0.0)),
    )


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


def _apart(difference: Difference) -> bool:
    """Whether anything but truncation lies between g and n."""
    g, n, off = difference.gradient, difference.numerical, difference.uncertainty
    size = np.fmax(np.abs(g), np.abs(n))
    return bool((np.abs(g - n) > _NEAR * size + off)[difference.looked].any())


def _closer(subject: Subject, first: Difference, noise: float, everything: bool) -> Difference:
    """The same with those that are apart taken at the step that suits each best."""
    g, n = subject.gradient, first.numerical
    with np.errstate(invalid="ignore"):
        suspect = np.abs(g - n) > _NEAR * np.fmax(np.abs(g), np.abs(n)) + first.uncertainty
    which = subject.looked if everything else subject.looked & suspect
    chosen = np.flatnonzero(which).tolist()
    numerical, uncertain = n.copy(), first.uncertainty.copy()
    if chosen:
        best = refined(subject.values, subject.point, chosen, noise)
        numerical[which], uncertain[which] = best.values, 2 * best.uncertainty
    return compare("gradient", g, numerical, uncertain)


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
        return factor([closer], sums) or _transposed(closer) or differing([closer])
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
