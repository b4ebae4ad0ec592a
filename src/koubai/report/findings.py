"""What a run's diagnosis found, as the viewer takes it."""

from __future__ import annotations

from typing import Literal

from koubai.diagnosis.diagnose import diagnose
from koubai.diagnosis.finding import TITLES
from koubai.report.scene import Finding, Text
from koubai.told import Told
from koubai.training.run import Run

_Place = Literal["summary", "valley", "curves", "network", "mistakes"]
# Which part of the page shows the evidence, and which of its charts.
SHOWN: dict[str, tuple[_Place, str]] = {
    "data not finite": ("summary", ""),
    "unscaled inputs": ("summary", ""),
    "labels out of order": ("mistakes", "confusion"),
    "zero gradients": ("network", "gradient-norm"),
    "initial weights too large": ("network", "network"),
    "symmetric units": ("network", "network"),
    "exploding gradients": ("network", "gradient-norm"),
    "saturated units": ("network", "activations"),
    "dead units": ("network", "activations"),
    "vanishing gradients": ("network", "gradient-norm"),
    "weight decay too large": ("curves", "loss"),
    "learning rate too large": ("curves", "loss"),
    "learning rate too small": ("network", "update-ratio"),
    "unbalanced classes": ("mistakes", "confusion"),
    "over-fitting": ("curves", "loss"),
    "network too small": ("curves", "loss"),
}


def findings_of(run: Run) -> tuple[Finding, ...]:
    """The findings, the most serious first, each with the place that shows it."""
    return tuple(
        Finding(
            kind=found.kind,
            title=Text(found.kind, TITLES[found.kind]),
            evidence=_text(found.evidence),
            advice=_text(found.advice),
            layer=found.layer,
            place=SHOWN[found.kind][0],
            chart=SHOWN[found.kind][1],
        )
        for found in diagnose(run)
    )


def _text(told: Told) -> Text:
    return Text(str(told), told.ja)
