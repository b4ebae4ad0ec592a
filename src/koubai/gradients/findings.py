"""What a gradient check found: a kind, and a sentence that says why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np

from koubai.gradients.comparison import TOLERANCE, Difference
from koubai.gradients.v_curve import Curve
from koubai.told import Told, in_japanese


class Finding(NamedTuple):
    """kind: in a word or two, see `Check`; words: the evidence, as a sentence, which is `Told`
    where koubai's own backpropagation can come to it.

    passed: whether the gradient is right as far as can be told; without it, as the kind says.
    """

    kind: str
    words: str
    passed: bool | None = None


@dataclass(frozen=True)
class Check:
    """The outcome of a gradient check.

    passed: whether the gradient is right as far as central differences can tell. kind, and with
    its evidence in words the verdict:

    | kind | what the figures say |
    |---|---|
    | agrees | within the tolerance everywhere |
    | kink | the only differences are where an activation or f bends within the step |
    | factor | some or all derivatives are right but for one factor, which is named |
    | transposed | weights, or the gradient itself, lie on their side |
    | missing bias | the weights are right and the gradient of biases is 0 |
    | missing derivative | the derivative of an activation was left out |
    | constant in log | the loss has a constant inside its logarithm and the gradient has not |
    | step | the step is too large or too small; at a better one the two agree |
    | float32 | f computes in float32, which leaves differences three digits |
    | random | f or the gradient answers differently when called again |
    | vacuous | every derivative is zero, so nothing was compared |
    | undecided | rounding in f hides every derivative, or f is not finite beside x |
    | differs | wrong, without a name for it |

    layers: the differences, one for each array of parameters; tolerance: how far the two may be
    apart relative to a derivative, to which each adds what rounding explains.
    """

    kind: str
    verdict: str
    passed: bool
    layers: tuple[Difference, ...]
    measure: Callable[[], Curve] = field(repr=False)
    tolerance: float = TOLERANCE

    @property
    def worst(self) -> Difference:
        """The array furthest beyond its tolerance, or nearest to it."""
        return worst_of(self.layers)

    @cached_property
    def curve(self) -> Curve:
        """The error against the step: the V of truncation and rounding. Computed when asked for."""
        return self.measure()

    def __str__(self) -> str:
        width = max(len(d.name) for d in self.layers)
        rows = [
            f"{d.name:<{width}}  relative error {d.error:.1e}, tolerance {d.tolerance:.1e}"
            for d in self.layers
        ]
        return "\n".join([*rows, self.verdict])


def concluded(
    finding: Finding, differences: Sequence[Difference], measure: Callable[[], Curve]
) -> Check:
    """The check that ends with a finding: passed when all that is comparable agrees."""
    kind, words, passed = finding
    if passed is None:
        agree = kind == "constant in log" and all(difference.agrees for difference in differences)
        passed = kind in {"agrees", "kink"} or agree
    verdict = Told(f"{kind}: {words}", in_japanese(words))
    return Check(kind, verdict, passed, tuple(differences), measure)


def worst_of(differences: Sequence[Difference]) -> Difference:
    """The array furthest beyond its tolerance, or nearest to it."""
    return max(differences, key=lambda difference: difference.error / difference.tolerance)


def at_a_glance(differences: Sequence[Difference]) -> Finding | None:
    """What can be said without looking closer: nothing to compare, or a gradient without numbers.

    Differences that are not numbers may be so at this step alone.
    """
    if all(difference.is_zero for difference in differences):
        return Finding(
            "vacuous",
            Told(
                "every derivative is zero here, so the check says nothing; try another x or other "
                "parameters",
                "ここではすべての微分が 0 なので、比べても何もわかりません。別の x かパラメータで"
                "試してください",
            ),
        )
    broken = [d for d in differences if not np.isfinite(d.gradient[d.looked]).all()]
    return differing(broken) if broken else None


def differing(differences: Sequence[Difference]) -> Finding:
    """Wrong, without a name for it; undecided where all that is wrong are no numbers of f's."""
    worst = worst_of(differences)
    here = worst.index
    if all(_without_numbers(difference) for difference in differences if not difference.agrees):
        return Finding(
            "undecided",
            Told(
                f"at {list(here)} of {worst.name} the function is not finite on both sides, "
                f"however small the step, so there is nothing to compare; take another x",
                f"{worst.name} の {list(here)} では、幅をどれほど小さくしても関数が両側で有限に"
                f"ならないので、比べるものがありません。別の x で試してください",
            ),
        )
    mine, numerical = worst.gradient[here], worst.numerical[here]
    return Finding(
        "differs",
        Told(
            f"{worst.name} at {list(here)} is {mine:.8g}, by central differences {numerical:.8g} "
            f"(relative error {worst.error:.1e})",
            f"{worst.name} の {list(here)} は {mine:.8g}、中心差分では {numerical:.8g} です"
            f"（相対誤差 {worst.error:.1e}）",
        ),
    )


def _without_numbers(difference: Difference) -> bool:
    """Whether the only elements beyond their bound are those without a difference to compare."""
    numbers = np.isfinite(difference.numerical)
    return bool(np.isfinite(difference.gradient).all()) and not difference.wrong[numbers].any()


def agreeing(differences: Sequence[Difference]) -> Finding:
    """Agrees where anything can be told; undecided where rounding hides all of it."""
    told = [difference for difference in differences if not difference.hidden]
    if not told:
        return Finding(
            "undecided",
            Told(
                "rounding in the function hides every derivative, so the check says nothing; take "
                "a constant off the function, or compute it in float64",
                "関数の丸め誤差に微分がすべて隠れているので、比べても何もわかりません。関数から"
                "定数を引くか、float64 で計算してください",
            ),
        )
    largest = max(told, key=lambda difference: difference.error)
    words = Told(
        f"the largest relative error is {largest.error:.1e} ({largest.name})",
        f"相対誤差は最大で {largest.error:.1e} です（{largest.name}）",
    )
    hidden = ", ".join(difference.name for difference in differences if difference.hidden)
    if hidden:
        words = Told(
            f"{words}; too small to tell beside rounding: {hidden}",
            f"{words.ja}。丸め誤差に隠れて判定できないもの：{hidden}",
        )
    return Finding("agrees", words)


def mistaken_step(step: float, better: Curve) -> Finding:
    """The step given is at fault: at another one the two agree."""
    best = better.steps[better.best]
    nearest = int(np.abs(np.log(better.steps / step)).argmin())
    size, why = ("large", "truncation rules") if step > best else ("small", "rounding rules")
    if np.isnan(better.errors[nearest]):
        why = "the function is not finite"
    return Finding(
        "step",
        f"the step {step:.0e} is too {size} ({why} there); at {best:.0e} the relative error "
        f"is {better.errors[better.best]:.1e}, so leave step out",
    )
