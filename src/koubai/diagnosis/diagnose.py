"""The diagnosis: each rule looks at the evidence; what another finding explains is left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from koubai.diagnosis import fit, inputs, rates, signals, units
from koubai.diagnosis.evidence import Evidence
from koubai.diagnosis.finding import Finding
from koubai.diagnosis.of_run import evidence_of
from koubai.functions.arguments import expect
from koubai.training.run import Run

Rule = Callable[[Evidence], Finding | None]

# The most serious first: what is wrong with the data or the start, then what may follow from it.
RULES: tuple[Rule, ...] = (
    inputs.data_not_finite,
    inputs.unscaled_inputs,
    inputs.labels_out_of_order,
    signals.zero_gradients,
    signals.initial_weights_too_large,
    units.symmetric_units,
    signals.exploding_gradients,
    units.saturated_units,
    units.dead_units,
    signals.vanishing_gradients,
    rates.weight_decay_too_large,
    rates.learning_rate_too_large,
    rates.learning_rate_too_small,
    inputs.unbalanced_classes,
    fit.over_fitting,
    fit.network_too_small,
)

_SLOW = frozenset({"learning rate too small", "network too small"})
_STUCK = _SLOW | {"vanishing gradients", "saturated units", "dead units"}
# What follows from what, so that it need not be said as well.
EXPLAINS: Mapping[str, frozenset[str]] = {
    "data not finite": _STUCK
    | {
        "unscaled inputs",
        "initial weights too large",
        "symmetric units",
        "exploding gradients",
        "learning rate too large",
    },
    "unscaled inputs": _STUCK
    | {
        "initial weights too large",
        "symmetric units",
        "exploding gradients",
        "learning rate too large",
    },
    "labels out of order": frozenset({"over-fitting", "network too small"}),
    "zero gradients": _STUCK,
    "initial weights too large": _STUCK | {"exploding gradients"},
    "symmetric units": _STUCK,
    "exploding gradients": _STUCK | {"learning rate too large"},
    "saturated units": _SLOW | {"vanishing gradients"},
    "dead units": _SLOW | {"vanishing gradients"},
    "vanishing gradients": _SLOW,
    "weight decay too large": _STUCK | {"learning rate too large"},
    "learning rate too large": _SLOW,
    "learning rate too small": frozenset({"network too small"}),
    "unbalanced classes": frozenset({"network too small"}),
}
# What follows from what where it came about in training.
EXPLAINS_LATE: Mapping[str, frozenset[str]] = {
    "learning rate too large": frozenset({"saturated units", "dead units"}),
}


def diagnose(run: Run) -> list[Finding]:
    """What goes wrong in a training, in words: findings, the most serious first.

    An empty list means that none of these was seen: data that is not finite, unscaled inputs,
    labels out of order, symmetric, saturated or dead units, zero, exploding or vanishing gradients,
    initial weights or a weight decay too large, a learning rate too large or too small, unbalanced
    classes, over-fitting, a network too small.

    Raises SettingError for what is no run, DataError when its data is no longer there, RunError
    when its record is damaged.
    """
    expect(run, Run, "run", "what kb.train or kb.load_run returned")
    return findings(evidence_of(run))


def findings(evidence: Evidence) -> list[Finding]:
    """What the rules find, the most serious first, without what another finding explains."""
    found = [finding for rule in RULES if (finding := rule(evidence)) is not None]
    explained = {kind for finding in found for kind in EXPLAINS.get(finding.kind, ())}
    late = {kind for finding in found for kind in EXPLAINS_LATE.get(finding.kind, ())}
    return [
        finding
        for finding in found
        if finding.kind not in explained and not (finding.late and finding.kind in late)
    ]
