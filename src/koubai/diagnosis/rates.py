"""Rules about the learning rate: too small to get anywhere, or beyond what the loss bears."""

from __future__ import annotations

import numpy as np

from koubai.diagnosis.evidence import Evidence
from koubai.diagnosis.finding import Finding
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
    bound = f", and steps up to 2/λ_max = {stable:.2g} would be stable" if stable else ""
    rate = min(stable / 2, 1.0) if stable else evidence.usual_rate
    return Finding(
        "learning rate too small",
        None,
        f"with η = {evidence.learning_rate:g} the weights moved by at most {moved:.1e} of "
        f"themselves in {iterations:,} iterations and the loss went "
        f"{evidence.fall}{bound}",
        f"Try learning_rate={rate:.1g}",
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
        what = (
            f"the decay λ·w is at least {pulls.min():.2g} times the gradient of the loss at the "
            f"start, in every layer"
        )
    elif decay > 0 and (left := _left(evidence)) < _TAKEN:
        what = f"no layer's weights kept more than {left:.1g} of their norm"
    else:
        return None
    turned = evidence.learning_rate * decay
    grows = (
        f"; η·λ is {turned:.2g}, and beyond 2 each step w ← (1 − η·λ) w makes the weights larger"
        if turned > 2 and evidence.optimizer == "sgd"
        else ""
    )
    return Finding(
        "weight decay too large",
        None,
        f"with λ = {decay:g} {what}, and the loss went {evidence.fall}{grows}",
        "Try weight_decay=0.0001, or none",
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
        f"the loss jumps up in {jumps:.0%} of the epochs"
        if thrown and evidence.stopped != "diverged"
        else f"the loss went {evidence.fall}"
    )
    own = evidence.optimizer == CUSTOM  # it has a rate of its own, which is not known here
    stable = evidence.stable_rate() if evidence.optimizer == "sgd" else None
    beyond = stable is not None and stable < evidence.learning_rate
    bound = f", which is beyond the stable bound 2/λ_max = {stable:.2g}" if beyond else ""
    smaller = stable / 2 if stable and beyond else evidence.learning_rate / 10
    return Finding(
        "learning rate too large",
        None,
        what if own else f"{what}; η is {evidence.learning_rate:g}{bound}",
        "Give the optimiser a tenth of its rate" if own else f"Try learning_rate={smaller:.1g}",
        "loss_curves",
        (evidence.history,),
    )


def _risen(evidence: Evidence) -> bool:
    return evidence.last_loss > 2 * abs(evidence.first_loss) and evidence.unlearnt(2)
