"""Rules about the learning rate: too small to get anywhere, or beyond what the loss bears."""

from __future__ import annotations

import numpy as np

from koubai.diagnosis.evidence import Evidence
from koubai.diagnosis.finding import Finding
from koubai.told import Told
from koubai.training.settings import CUSTOM

# Nothing is learnt while weights move by less than this share of themselves in all.
_MOVED = 0.05
# So many times the slope of the loss, the decay leaves nothing of it.
_OUTWEIGHED = 10.0
# Weights that keep less than this share of their norm, where nothing is learnt, are decayed away.
_TAKEN = 0.05
# Of the loss before the first update, what counts as a jump up from one epoch to the next.
_JUMP = 0.05
# A loss that jumps in more than so many epochs is thrown about, not falling.
_OFTEN = 0.15

_NOTHING = Told("", "")


def learning_rate_too_small(evidence: Evidence) -> Finding | None:
    """The loss is where it was, and all steps together are next to nothing."""
    layers = evidence.layers
    if not len(layers) or not 0.8 * evidence.first_loss < evidence.last_loss < np.inf:
        return None
    iterations = int(evidence.history.iterations[-1])
    steps = layers.update_ratio[np.isfinite(layers.update_ratio).all(axis=1)]
    moved = iterations * float(steps.mean(axis=0).max(initial=0)) if len(steps) else np.inf
    if not 0 < moved < _MOVED:
        return None
    stable = None if evidence.adaptive else evidence.stable_rate()
    bound = (
        Told(
            f", and steps up to 2/λ_max = {stable:.2g} would be stable",
            f"。2/λ_max = {stable:.2g} までの学習率なら安定である",
        )
        if stable
        else _NOTHING
    )
    rate = min(stable / 2, 1.0) if stable else evidence.usual_rate
    return Finding(
        "learning rate too small",
        None,
        Told(
            f"with η = {evidence.learning_rate:g} the weights moved by at most {moved:.1e} of "
            f"themselves in {iterations:,} iterations and the loss went {evidence.fall}{bound}",
            f"η = {evidence.learning_rate:g} では、{iterations:,} 回の反復で重みは自身の大きさの"
            f"最大 {moved:.1e} 倍しか動かず、損失は {evidence.fall.ja}なった{bound.ja}",
        ),
        _try_rate(rate),
        "layer_curves",
        (evidence.history, "update_ratio"),
    )


def weight_decay_too_large(evidence: Evidence) -> Finding | None:
    """The decay λ w outweighs the gradient of the loss in every layer, and nothing is learnt.

    It does so from the start, or has taken the weights away by the end.
    """
    layers, decay = evidence.layers, evidence.weight_decay
    if not len(layers) or not (evidence.stopped == "diverged" or evidence.unlearnt(0.5)):
        return None
    steep = layers.gradient_norm[0] > 0
    pulls = decay * layers.weight_norm[0][steep].astype(np.float64) / layers.gradient_norm[0][steep]
    if pulls.min(initial=np.inf) > _OUTWEIGHED and steep.any():
        what = Told(
            f"the decay λ·w is at least {pulls.min():.2g} times the gradient of the loss at the "
            f"start, in every layer",
            f"減衰 λ·w が最初からどの層でも損失の勾配の {pulls.min():.2g} 倍以上あり",
        )
    elif decay > 0 and (left := _left(evidence)) < _TAKEN:
        what = Told(
            f"no layer's weights kept more than {left:.1g} of their norm",
            f"どの層の重みもノルムがもとの {left:.1g} 倍以下に縮み",
        )
    else:
        return None
    turned = evidence.learning_rate * decay
    grows = (
        Told(
            f"; η·λ is {turned:.2g}, and beyond 2 each step w ← (1 − η·λ) w makes the weights "
            f"larger",
            f"。η·λ は {turned:.2g} で、2 を超えると更新 w ← (1 − η·λ) w のたびに重みが大きくなる",
        )
        if turned > 2 and evidence.optimizer == "sgd"
        else _NOTHING
    )
    return Finding(
        "weight decay too large",
        None,
        Told(
            f"with λ = {decay:g} {what}, and the loss went {evidence.fall}{grows}",
            f"λ = {decay:g} では、{what.ja}、損失は {evidence.fall.ja}なった{grows.ja}",
        ),
        Told("Try weight_decay=0.0001, or none", "weight_decay=0.0001 を試すか、重み減衰をやめる"),
        "loss_curves",
        (evidence.history,),
    )


def _left(evidence: Evidence) -> float:
    """The largest share of its first weights' norm that a layer has at the end."""
    first, last = evidence.layers.weight_norm[[0, -1]].astype(np.float64)
    there = first > 0
    return float((last[there] / first[there]).max()) if there.any() else np.inf


def learning_rate_too_large(evidence: Evidence) -> Finding | None:
    """The loss was lost, ended above its start, or is thrown up and down."""
    losses = evidence.history.train_loss
    if not np.isfinite(evidence.first_loss):  # it was lost before any rate could matter
        return None
    jumps = (
        float((np.diff(losses) > _JUMP * abs(evidence.first_loss)).mean()) if len(losses) > 1 else 0
    )
    thrown = jumps > _OFTEN and evidence.unlearnt(0.1)
    if not (evidence.stopped == "diverged" or thrown or _risen(evidence)):
        return None
    what = (
        Told(
            f"the loss jumps up in {jumps:.0%} of the epochs",
            f"損失がエポックの {jumps:.0%} で跳ね上がった",
        )
        if thrown and evidence.stopped != "diverged"
        else Told(f"the loss went {evidence.fall}", f"損失は {evidence.fall.ja}なった")
    )
    if evidence.optimizer != CUSTOM:
        what, advice = _against_the_bound(evidence, what)
    else:  # it has a rate of its own, which is not known here
        advice = Told(
            "Give the optimiser a tenth of its rate", "最適化手法の学習率を 10 分の 1 にする"
        )
    return Finding(
        "learning rate too large",
        None,
        what,
        advice,
        "loss_curves",
        (evidence.history,),
    )


def _against_the_bound(evidence: Evidence, what: Told) -> tuple[Told, Told]:
    """What the loss did with which learning rate, and one to try."""
    rate = evidence.learning_rate
    stable = evidence.stable_rate() if evidence.optimizer == "sgd" else None
    if stable is None or not stable < rate:
        bound, smaller = Told("", "である"), rate / 10
    else:
        bound = Told(
            f", which is beyond the stable bound 2/λ_max = {stable:.2g}",
            f"で、安定限界 2/λ_max = {stable:.2g} を超えている",
        )
        smaller = stable / 2 if stable else rate / 10
    return (
        Told(f"{what}; η is {rate:g}{bound}", f"{what.ja}。η は {rate:g} {bound.ja}"),
        _try_rate(smaller),
    )


def _try_rate(rate: float) -> Told:
    return Told(f"Try learning_rate={rate:.1g}", f"learning_rate={rate:.1g} を試す")


def _risen(evidence: Evidence) -> bool:
    return evidence.last_loss > 2 * abs(evidence.first_loss) and evidence.unlearnt(2)
