"""Divergence: a loss that rose beyond what learning explains, and the likely cause."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from koubai.descent.optimisers import Optimiser
from koubai.engine import RARELY, compiled
from koubai.errors import counted
from koubai.functions.losses import Loss
from koubai.functions.targets import as_targets
from koubai.told import Told
from koubai.training.settings import CUSTOM

Targets = Int[np.ndarray, " examples"] | Float[np.ndarray, "examples outputs"]

# A loss so many times that of the start, and that of knowing nothing, is neither noise nor the
# price of a bad minimum.
_TIMES = 10


def has_risen(loss: Loss, first: float, last: float, t: Targets, outputs: int) -> bool:
    """Whether a loss over the training data ended where no learning leads.

        last > 10 · max(|first|, |L(t̄, t)|)

    L(t̄, t) is the loss of an output that is the mean target for every example, whatever its x:
    the variance of values, the entropy of classes. A start that is good already may therefore
    be left for a worse loss, as noise does, and that is no divergence.

    Shapes: t as in `Split`.
    """
    return last > _TIMES * abs(first) and last > _TIMES * abs(loss_of_the_mean(loss, t, outputs))


def lost(loss: float, iteration: int, epoch: int, batch: int) -> Told:
    """What to say of a mini-batch's loss, after so many iterations, that is not a finite number."""
    return Told(
        f"the loss became {loss} after {counted(iteration, 'iteration')}, on mini-batch "
        f"{batch + 1} of epoch {epoch + 1}",
        f"反復 {iteration:,} 回のあと、エポック {epoch + 1} のミニバッチ {batch + 1} で"
        f"損失が {loss} になった",
    )


def lost_everywhere(iteration: int) -> Told:
    """What to say of a loss over all the training data that is not a finite number."""
    return Told(
        f"the loss over the training data is not finite after {counted(iteration, 'iteration')}",
        f"反復 {iteration:,} 回のあと、訓練データでの損失が有限でない",
    )


def set_by_hand(what: Told) -> Told:
    """What to say of a loss that was lost by parameters that somebody set."""
    return Told(
        f"{what}. It is so with the parameters that were set by hand: go back, or set others",
        f"{what.ja}。手で設定したパラメータによる。一つ戻るか、別の値を設定する",
    )


def with_diagnosis(message: Told) -> Told:
    """The same of a run that can be diagnosed: what to try is said there."""
    return Told(f"{message}: see the diagnosis", f"{message.ja}。診断を参照")


def gone_back(what: Told, optimiser: Optimiser, rate: float | None) -> Told:
    """What to say of a run whose loss was lost, and which went back one step.

    rate: that of the step which lost it; None where it was lost before the first one.
    """
    cause = _AT_THE_START if rate is None else _cause(optimiser, rate)
    return Told(
        f"{what}; the last parameters with a finite loss are kept. {cause}",
        f"{what.ja}。損失が有限だった最後のパラメータを残した。{cause.ja}",
    )


def risen(
    first: float, last: float | None, iterations: int, optimiser: Optimiser, rate: float
) -> Told:
    """What to say of a run that did all its iterations and ended far above its start."""
    end = (
        Told("a number that is not finite", "有限でない値")
        if last is None
        else Told(f"{last:.4g}", f"{last:.4g}")
    )
    cause = _cause(optimiser, rate)
    return Told(
        f"the loss over the training data rose from {first:.4g} to {end} in {iterations} "
        f"iterations; the parameters are kept as they are. {cause}",
        f"訓練データでの損失が反復 {iterations} 回で {first:.4g} から {end.ja} に増えた。"
        f"パラメータはそのまま残した。{cause.ja}",
    )


_AT_THE_START = Told(
    "It was so before the first update: look at the scale of the data and of the initial weights",
    "最初の更新の前からそうである。データと重みの初期値の大きさを確かめる",
)


def _cause(optimiser: Optimiser, rate: float) -> Told:
    """The likely cause. What to try is for the diagnosis, which knows the curvature and more."""
    if optimiser.name == CUSTOM:
        return Told(
            "The optimiser's own steps are probably too large",
            "最適化手法の歩幅が大きすぎるとみられる",
        )
    return Told(
        f"Its steps, at the learning rate {rate:g}, are probably too large",
        f"学習率 {rate:g} での歩幅が大きすぎるとみられる",
    )


def loss_of_the_mean(loss: Loss, t: Targets, outputs: int) -> float:
    """The loss over the targets t of an output that is their mean for every example."""
    return float(_of_the_mean(loss, jax.device_put(t), outputs))


def _loss_at_the_mean(loss: Loss, t: Array, outputs: int) -> Float[Array, ""]:
    targets = as_targets(t, jnp.zeros((len(t), outputs)))
    mean = jnp.broadcast_to(targets.mean(axis=0), targets.shape)
    return loss.each(mean, targets).mean()


_of_the_mean = compiled(_loss_at_the_mean, static=("loss", "outputs"), options=RARELY)
