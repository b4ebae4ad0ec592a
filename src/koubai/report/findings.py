"""What a run's diagnosis found, as the viewer takes it."""

from __future__ import annotations

from typing import Literal

from koubai.diagnosis.diagnose import diagnose
from koubai.diagnosis.finding import TITLES, Told
from koubai.report.scene import Finding, Text
from koubai.training.run import Run

_Place = Literal["summary", "valley", "curves", "network", "mistakes"]
# Which part of the page shows the evidence.
_PLACES: dict[str, _Place] = {
    "over-fitting": "curves",
    "learning rate too large": "curves",
    "learning rate too small": "curves",
    "weight decay too large": "curves",
    "network too small": "curves",
    "unbalanced classes": "mistakes",
    "labels out of order": "mistakes",
    "data not finite": "summary",
    "unscaled inputs": "summary",
}


def findings_of(run: Run) -> tuple[Finding, ...]:
    """The findings, the most serious first, each with the part of the page that shows it."""
    return tuple(
        Finding(
            kind=found.kind,
            title=Text(found.kind, TITLES[found.kind]),
            evidence=_text(found.evidence),
            advice=_text(found.advice),
            layer=found.layer,
            place=_PLACES.get(found.kind, "network"),
        )
        for found in diagnose(run)
    )


def _text(told: Told) -> Text:
    return Text(str(told), told.ja)
