"""Rules about how well the network suits the data: learnt by heart, or too small for it."""

from __future__ import annotations

import numpy as np

from koubai.diagnosis.evidence import Evidence
from koubai.diagnosis.finding import Finding
from koubai.told import Told

_SPLITS = {"validation": "検証データ", "test": "テストデータ"}
# A loss on other data has risen when it ends so far above its least,
_RISE = 1.08
# and by so much of the loss before learning; less may be chance.
_SHARE = 0.08
# and by so many standard errors of it: the losses of single examples scatter by about their mean.
_ERRORS = 2
# By so much of itself a loss that still falls does so in the last quarter of the way; and after
# fewer iterations than this none has come to rest.
_STILL, _FEWEST = 0.05, 30
# By so much of a score the nearest neighbour is better than a network that is too small.
_BETTER = 0.1


def over_fitting(evidence: Evidence) -> Finding | None:
    """The loss on data held back rises again while that on the training data falls.

    Such a loss is a mean over n examples, each of which has about an exponential distribution: its
    standard error is L / √n, and a rise by two of them is asked for. Four examples show nothing.
    """
    history = evidence.history
    held_back = np.isfinite(history.validation_loss).any()
    which = "validation" if held_back else "test"
    losses = history.validation_loss if held_back else history.test_loss
    if evidence.kept_best or not np.isfinite(losses).all():
        return None
    least, last = float(losses.min()), float(losses[-1])
    risen = last > _RISE * least and last - least > _SHARE * evidence.baseline
    by_chance = _ERRORS * last / np.sqrt(evidence.held_back)
    if not (risen and last - least > by_chance and evidence.last_loss < last / 2):
        return None
    best, learnt = history.best_epoch(which), evidence.last_loss
    return Finding(
        "over-fitting",
        None,
        Told(
            f"from epoch {best} on the {which} loss rose from {least:.3g} to {last:.3g}, while the "
            f"training loss fell to {learnt:.3g}",
            f"エポック {best} 以降、{_SPLITS[which]}の損失は {least:.3g} から {last:.3g} に上がり、"
            f"訓練データの損失は {learnt:.3g} まで下がった",
        ),
        Told(
            f"Stop near epoch {best} (validation=0.2, patience=10), get more data, or try "
            f"weight_decay=0.001",
            f"エポック {best} の付近で止める（validation=0.2, patience=10）か、データを増やすか、"
            f"weight_decay=0.001 を試す",
        ),
        "overfitting",
        (history, which),
    )


def network_too_small(evidence: Evidence) -> Finding | None:
    """The loss no longer falls, and the nearest neighbour knows more than the network."""
    losses = evidence.history.train_loss
    if (
        len(losses) < 2
        or evidence.history.iterations[-1] < _FEWEST
        or _still_falls(evidence)
        or not evidence.unlearnt(_BETTER)
        or not np.isfinite(evidence.last_loss)
    ):
        return None
    facts = evidence.data()
    if facts is None or not facts.neighbours > facts.score + _BETTER:
        return None
    of = Told("accuracy", "正解率") if len(facts.counts) else Told("R²", " R² ")
    units = [activation.name for activation in evidence.activations[:-1]]
    return Finding(
        "network too small",
        None,
        Told(
            f"the training loss no longer falls at {evidence.last_loss:.3g}, and the nearest "
            f"training example answers better than the network: {of} {facts.neighbours:.2f} "
            f"against {facts.score:.2f} on the test data",
            f"訓練データの損失は {evidence.last_loss:.3g} で下げ止まった。テストデータの{of.ja}は、"
            f"最も近い訓練データの例に倣って答えれば {facts.neighbours:.2f} だが、"
            f"ネットワークでは {facts.score:.2f} である",
        ),
        Told(
            "Try twice as many hidden units, or one more hidden layer",
            "中間層のユニットを 2 倍にするか、中間層を 1 層増やす",
        )
        if units
        else Told(
            "Try a hidden layer, such as 20 units of relu",
            "中間層（たとえば relu のユニット 20 個）を加える",
        ),
        "learning_curves",
        (evidence.history,),
    )


def _still_falls(evidence: Evidence) -> bool:
    """Whether the loss fell in the last quarter of the way, as the learning rates measure it.

    A schedule that lets the rate go to 0 brings every loss to a halt, whatever the network.
    """
    losses, epochs = evidence.history.train_loss, evidence.history.epochs
    way = np.append(0, np.cumsum(evidence.pace(epochs[:-1])))
    start = min(np.searchsorted(way, 0.75 * way[-1]), len(losses) - 2)
    return bool(losses[start] - losses[-1] > _STILL * abs(losses[-1]))
