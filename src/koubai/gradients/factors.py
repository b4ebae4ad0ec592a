"""Derivatives that are right but for a factor, and what such a factor usually comes from."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from koubai.gradients.comparison import Difference, compare, rounding_in
from koubai.gradients.findings import Finding

# Ratios of wrong to right derivatives are compared to within this, and what rounding adds.
_EXACT = 1e-5
# Among right derivatives so many wrong ones do not have the same ratio by accident.
_SEVERAL = 3


def factor(differences: Sequence[Difference], sums: Sequence[tuple[int, str]]) -> Finding | None:
    """One factor by which whole arrays are wrong, if there is one.

    sums: numbers that a sum may be over, such as the batch size, and how to say it.
    """
    wrong = [difference for difference in differences if not difference.agrees]
    found = _common_factor(wrong, sums)
    if found is None:
        return None
    count, words = found
    where = "" if len(wrong) == len(differences) else f" in {', '.join(d.name for d in wrong)}"
    return Finding("factor", f"{count} derivatives{where} are {words}")


def scattered_factor(
    differences: Sequence[Difference], sums: Sequence[tuple[int, str]]
) -> Finding | None:
    """One factor by which all is wrong that is wrong, among other derivatives that are right."""
    wrong = [difference for difference in differences if not difference.agrees]
    found = _common_factor([_wrong_alone(difference) for difference in wrong], sums)
    if found is None or found[0] < _SEVERAL:
        return None
    count, words = found
    every = sum(int(difference.looked.sum()) for difference in wrong)
    names, first = ", ".join(d.name for d in wrong), np.argwhere(wrong[0].wrong)[0].tolist()
    return Finding(
        "factor", f"{count} of {every} derivatives in {names}, the first at {first}, are {words}"
    )


def _common_factor(
    wrong: Sequence[Difference], sums: Sequence[tuple[int, str]]
) -> tuple[int, str] | None:
    """How many derivatives are that many times what they must be, in words."""
    ratios = [ratio_of(difference) for difference in wrong]
    found = ratios[0] if ratios else None
    if found is None or not all(ratio is not None and _equal(ratio, found) for ratio in ratios):
        return None
    if math.isclose(found, 1, rel_tol=_EXACT):  # no factor, but a few that are hardly wrong
        return None
    count = sum(int(np.count_nonzero(d.gradient[d.looked])) for d in wrong)
    name = _named(found, sums)
    if name is None and count < 2:
        return None  # any wrong number is some multiple of the right one
    return count, f"{_shown(found)} times what they must be" + (f": {name}" if name else "")


def _wrong_alone(difference: Difference) -> Difference:
    """The same with a look at the elements beyond their bound alone."""
    off = np.where(difference.wrong, difference.uncertainty, np.nan)
    return compare(difference.name, difference.gradient, difference.numerical, off)


def named_factor(
    differences: Sequence[Difference], sums: Sequence[tuple[int, str]]
) -> Finding | None:
    """`factor`, when it is one that mistakes are known to leave."""
    finding = factor(differences, sums)
    return finding if finding and ":" in finding.words else None


def ratio_of(difference: Difference) -> float | None:
    """The ratio g/n, if it is the same for all elements of an array that can be told from 0."""
    g, n, off = difference.gradient, difference.numerical, difference.uncertainty
    clear = difference.looked & (np.abs(n) > 20 * off) & (np.abs(n) > 0)
    if not clear.any() or not np.any(g[clear]):
        return None
    largest = np.abs(np.where(clear, n, 0)).argmax()
    ratio = float(g.flat[largest] / n.flat[largest])
    slack = _EXACT * np.abs(g) + 2 * abs(ratio) * off + rounding_in(g)
    fits = np.abs(g - ratio * n) <= slack
    return ratio if bool(fits[difference.looked].all()) and math.isfinite(ratio) else None


def _equal(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-3)


def _named(ratio: float, sums: Sequence[tuple[int, str]]) -> str | None:
    """What a factor usually comes from."""
    if _equal(ratio, 1):
        return None
    known = [(-1.0, "the sign is wrong, as of t − y for y − t, or of an ascent")]
    for number, what in sums:
        if number > 1:
            known += [
                (number, f"the sum over {what} is taken for the mean, N = {number}"),
                (1 / number, f"the mean over {what} is taken once too often, 1/N = 1/{number}"),
            ]
    known += [
        (2.0, "a 2 too many, as of a square whose half is taken, or of gradients added up twice"),
        (0.5, "a 2 is missing, as that of a square, or a ½ is one too many"),
        (180 / math.pi, "180/π, degrees taken for radians"),
        (math.pi / 180, "π/180, radians taken for degrees"),
        (255.0, "the range of a pixel: scaled in one place and not in the other"),
        (1 / 255, "the range of a pixel: scaled in one place and not in the other"),
    ]
    for value, name in known:
        if _equal(ratio, value):
            return name
        if _equal(ratio, -value):
            return f"{name}; and the sign is wrong"
    for size, words in ((ratio, "{}, as of a sum for a mean"), (1 / ratio, "1/{}")):
        if size > 2 and math.isclose(size, round(size), rel_tol=1e-4):
            return words.format(round(size)) + f" over {round(size)} examples"
    return None


def _shown(ratio: float) -> str:
    for whole in (1, 2, 3, 4):
        if math.isclose(ratio * whole, round(ratio * whole), rel_tol=1e-5, abs_tol=1e-9):
            top = round(ratio * whole)
            return {(1, 2): "½", (-1, 2): "−½"}.get((top, whole), f"{ratio:.4g}")
    return f"{ratio:.6g}"
