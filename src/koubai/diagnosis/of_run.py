"""The evidence that a run gives."""

from __future__ import annotations

from functools import cache, partial

import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from koubai.data.dataset import Split
from koubai.descent.optimisers import optimisers
from koubai.descent.schedules import schedules
from koubai.descent.stability import stable_learning_rate
from koubai.diagnosis.evidence import DataFacts, Evidence
from koubai.diagnosis.neighbours import nearest
from koubai.functions.losses import losses
from koubai.objectives.network import network_objective
from koubai.training.divergence import loss_of_the_mean
from koubai.training.fit import determination
from koubai.training.run import Run
from koubai.training.settings import CUSTOM

# Examples that the curvature is taken over.
_CURVED = 300
# Examples that the scale of inputs is taken over, about.
_SCALED = 10_000


def evidence_of(run: Run) -> Evidence:
    """What the rules look at, of a run. Data and curvature are looked at when a rule asks."""
    settings, history = run.settings, run.history
    optimiser = optimisers.get(settings.optimizer)
    schedule = schedules.get(settings.schedule, schedules["constant"])
    return Evidence(
        history=history,
        activations=run.network.activations,
        baseline=_baseline(run),
        optimizer=settings.optimizer,
        adaptive=optimiser is None or optimiser.adaptive,
        learning_rate=settings.learning_rate,
        usual_rate=0.01 if optimiser is None else optimiser.learning_rate,
        stopped=run.stopped,
        kept_best=run.outcome.best_epoch is not None,
        data=cache(lambda: _data_facts(run)),
        stable_rate=cache(lambda: _stable_rate(run)),
        held_back=len(run.split("validation" if settings.validation else "test")),
        weight_decay=settings.weight_decay,
        pace=lambda epochs: schedule.factor(epochs / max(1, settings.epochs)),
    )


def _baseline(run: Run) -> float:
    """The loss of the mean target; with a loss that is not stored, that before learning."""
    if run.settings.loss == CUSTOM:
        return float(run.history.train_loss[0])
    loss = losses[run.settings.loss]
    return loss_of_the_mean(loss, run.split("train").t, run.network.sizes[-1])


def _stable_rate(run: Run) -> float | None:
    if run.settings.loss == CUSTOM or not np.isfinite(run.history.train_loss[0]):
        return None
    start = ravel_pytree(run.params)[1](jnp.asarray(run.path.points[0]))
    train = run.split("train")
    some = Split(train.stored[:_CURVED], train.t[:_CURVED], train.scale)
    objective = network_objective(run.network, start, some, losses[run.settings.loss])
    return stable_learning_rate(objective, [objective.start])


def _data_facts(run: Run) -> DataFacts:
    train, test = run.split("train"), run.split("test")
    asked, known = nearest(train, test)
    some = train.stored[:: max(1, len(train) // _SCALED)]
    x = some.astype(np.float64) * train.scale
    facts = partial(
        DataFacts,
        means=x.mean(axis=0),
        stds=x.std(axis=0),
        one_unit=run.about.image_shape is not None,
        test_examples=len(test),
    )
    if run.about.classes is None:
        return facts(
            counts=np.zeros(0, np.int64),
            classes=(),
            recall=np.zeros(0),
            score=_r_squared(run),
            chance=0.0,
            neighbours=float(np.mean(determination(train.t[known], test.t[asked]))),
        )
    confusion = run.confusion("train")
    counts = confusion.sum(axis=1)
    return facts(
        counts=counts,
        classes=run.about.classes,
        recall=np.diag(confusion) / np.maximum(counts, 1),
        score=run.outcome.test.accuracy or 0.0,
        chance=float((test.t == counts.argmax()).mean()),
        neighbours=float((train.t[known] == test.t[asked]).mean()),
    )


def _r_squared(run: Run) -> float:
    """Of the test data; −∞ or NaN after a divergence, whose outputs square to infinity."""
    with np.errstate(all="ignore"):
        return float(np.mean(run.r_squared("test")))
