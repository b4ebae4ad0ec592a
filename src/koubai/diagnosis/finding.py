"""A finding: what goes wrong in a training, why one thinks so, and a way out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from koubai.told import Told

# Every kind of finding, with its name in Japanese.
TITLES: Mapping[str, str] = {
    "data not finite": "有限でないデータ",
    "unscaled inputs": "正規化されていない入力",
    "labels out of order": "入力と対応しないラベル",
    "zero gradients": "勾配が常に 0",
    "initial weights too large": "重みの初期値が大きすぎる",
    "symmetric units": "対称なユニット",
    "exploding gradients": "勾配爆発",
    "saturated units": "飽和したユニット",
    "dead units": "死んだユニット",
    "vanishing gradients": "勾配消失",
    "weight decay too large": "重み減衰が強すぎる",
    "learning rate too large": "学習率が大きすぎる",
    "learning rate too small": "学習率が小さすぎる",
    "unbalanced classes": "クラスの偏り",
    "over-fitting": "過学習",
    "network too small": "ネットワークが小さすぎる",
}
KINDS = tuple(TITLES)


@dataclass(frozen=True, eq=False)
class Finding:
    """Something that goes wrong.

    kind: one of `KINDS`. layer: where, counted as in the books, the input being layer 1; None
    where it is no single layer. evidence: what was seen, with its numbers. advice: what to try.
    figure: the function in `koubai.figures` that draws the evidence, and `subject` what it is
    called with: `plot` does both. late: whether training brought it about, so that it may follow
    from the steps; what was there before the first of them does not.

    >>> rises = Told("the test loss rises", "テストデータの損失が上がっている")
    >>> more = Told("Try more data", "データを増やす")
    >>> print(Finding("over-fitting", None, rises, more, "overfitting"))
    over-fitting: the test loss rises. Try more data.
    """

    kind: str
    layer: int | None
    evidence: Told
    advice: Told
    figure: str
    subject: tuple[Any, ...] = field(default=(), repr=False)
    late: bool = field(default=False, repr=False)

    def plot(self) -> Any:
        """Draws the evidence; returns the axes."""
        from koubai import figures

        return getattr(figures, self.figure)(*self.subject)

    def __str__(self) -> str:
        return f"{self.kind}: {self.evidence}. {self.advice}."
