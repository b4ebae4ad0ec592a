"""What the figures say about the gradients of a network."""

from __future__ import annotations

import jax
import numpy as np

from koubai.gradients.comparison import Difference, blurred, compare
from koubai.gradients.constants import constant_in_loss
from koubai.gradients.factors import factor, named_factor, scattered_factor
from koubai.gradients.findings import Finding, agreeing, at_a_glance, differing, mistaken_step
from koubai.gradients.kinks import kink, only_kinks
from koubai.gradients.mistakes import Batch, mistake, mistaken_backprop
from koubai.gradients.whole import (
    arrays_of,
    compared,
    compared_closely,
    names_of,
    network_curve,
)
from koubai.networks.network import Params


def network_finding(
    batch: Batch, gradients: Params, step: float | None
) -> tuple[Finding, list[Difference]]:
    """The finding, and the differences that it is about."""
    first = compared(batch, gradients, step)
    found = at_a_glance(first) or constant_in_loss(batch, gradients)
    if found:
        return found, first
    if not needs_a_closer_look(first):
        return agreeing(first), first
    if not all(difference.agrees for difference in first):
        bent = kink(batch, gradients, first, step)
        if bent:
            return bent, first
    usual = first if step is None else compared(batch, gradients, None)
    closer = compared_closely(batch, usual)
    if not all(difference.agrees for difference in closer):
        return only_kinks(batch, gradients, step) or _wrong(batch, gradients, closer), closer
    finding = agreeing(closer)
    if step is not None and finding.kind == "agrees":
        return mistaken_step(step, network_curve(batch, gradients)), first
    return finding, closer


def needs_a_closer_look(differences: list[Difference]) -> bool:
    """Whether some differ, or rounding leaves them but few digits."""
    return any(not d.agrees or blurred(d) for d in differences)


def _wrong(batch: Batch, gradients: Params, differences: list[Difference]) -> Finding:
    sums = [(len(batch.x), "the batch"), (batch.network.sizes[-1], "the outputs")]
    return (
        named_factor(differences, sums)
        or mistake(batch, gradients)
        or factor(differences, sums)
        or factor(_beside_backprop(batch, gradients), sums)
        or scattered_factor(differences, sums)
        or differing(differences)
    )


def _beside_backprop(batch: Batch, gradients: Params) -> list[Difference]:
    """The gradients beside koubai's own, which neither rounding in the loss nor a kink blurs."""
    return [
        compare(name, np.asarray(mine), right, np.zeros(right.shape))
        for name, mine, right in zip(
            names_of(batch.params),
            jax.tree.leaves(gradients),
            arrays_of(mistaken_backprop(batch)),
            strict=True,
        )
    ]
