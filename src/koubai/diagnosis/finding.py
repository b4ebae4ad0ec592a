"""A finding: what goes wrong in a training, why one thinks so, and a way out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

KINDS = (
    "data not finite",
    "unscaled inputs",
    "labels out of order",
    "zero gradients",
    "initial weights too large",
    "symmetric units",
    "exploding gradients",
    "saturated units",
    "dead units",
    "vanishing gradients",
    "weight decay too large",
    "learning rate too large",
    "learning rate too small",
    "unbalanced classes",
    "over-fitting",
    "network too small",
)


@dataclass(frozen=True, eq=False)
class Finding:
    """Something that goes wrong.

    kind: one of `KINDS`. layer: where, counted as in the books, the input being layer 1; None
    where it is no single layer. evidence: what was seen, with its numbers. advice: what to try.
    figure: the function in `koubai.figures` that draws the evidence, and `subject` what it is
    called with: `plot` does both. late: whether training brought it about, so that it may follow
    from the steps; what was there before the first of them does not.

    >>> print(Finding("over-fitting", None, "the test loss rises", "Try more data", "overfitting"))
    over-fitting: the test loss rises. Try more data.
    """

    kind: str
    layer: int | None
    evidence: str
    advice: str
    figure: str
    subject: tuple[Any, ...] = field(default=(), repr=False)
    late: bool = field(default=False, repr=False)

    def plot(self) -> Any:
        """Draws the evidence; returns the axes."""
        from koubai import figures

        return getattr(figures, self.figure)(*self.subject)

    def __str__(self) -> str:
        return f"{self.kind}: {self.evidence}. {self.advice}."
