"""The run of a network that was trained by hand: what was done is done again, and recorded."""

from __future__ import annotations

import time

import zarr
from msgspec.structs import replace
from zarr.storage import MemoryStore

from koubai.descent.optimisers import optimisers
from koubai.functions.losses import losses
from koubai.training.acts import Step
from koubai.training.describe import describe_data
from koubai.training.evaluate import Measures
from koubai.training.history import Records
from koubai.training.layers import moments_apart
from koubai.training.learner import Learner
from koubai.training.observer import Observer
from koubai.training.plan import Plan
from koubai.training.run import Run
from koubai.training.settings import CUSTOM, Settings
from koubai.training.storage import Outcome
from koubai.training.tensors import state_tensors

# Points of the path that are recorded, about, and bytes for them.
_POINTS, _BUDGET = 256, 256 * 2**20


def run_of(learner: Learner) -> Run:
    """The run of a learner, as far as it has come."""
    again = learner.anew()
    settings = settings_of(learner)
    root = zarr.create_group(MemoryStore())
    apart = moments_apart(learner.iteration, settings.batch_size, settings.record_every)
    records = Records(root, learner.network, _BUDGET, settings.record_every, apart)
    records.add_epoch(0, 0, again.evaluate())
    began = time.perf_counter()
    for act in learner.acts:
        if isinstance(act, Step):
            _record(again, settings, records, again.iteration + act.iterations)
        else:
            again.do(act)
    seconds = time.perf_counter() - began
    tensors = state_tensors(
        again.state, None, _observer(again, settings, records).layers(again.state, again.iteration)
    )
    return Run(
        network=learner.network,
        params=again.params,
        settings=settings,
        outcome=_outcome(learner, again.evaluate(), seconds),
        about=describe_data(learner.data),
        tensors=tensors,
        _record=records,
        _data=learner.data,
    )


def _record(again: Learner, settings: Settings, records: Records, end: int) -> None:
    """Steps up to an iteration, with looks where the records want them."""
    observer = _observer(again, settings, records)
    per_epoch = again.plan.iterations_per_epoch
    while again.iteration < end:
        iteration = again.iteration
        before = observer.before(again.state, iteration)
        left = min(end - iteration, per_epoch - iteration % per_epoch)
        observer.record(iteration, again.step(min(left, observer.until_next(iteration))), before)
        if again.iteration % per_epoch == 0:
            records.add_epoch(again.iteration, again.place[0], again.evaluate())


def _observer(again: Learner, settings: Settings, records: Records) -> Observer:
    """One that knows the learning rate and the weight decay of now."""
    now = replace(settings, weight_decay=again.weight_decay)
    plan = Plan(now, again.learning_rate, len(again.data.train))
    return Observer(again.method, plan, again.examples, records)


def settings_of(learner: Learner) -> Settings:
    """Those of its run, with what was done to it."""
    method, plan = learner.method, learner.plan
    epochs = -(-learner.iteration // plan.iterations_per_epoch)
    return Settings(
        optimizer=method.optimiser.name if method.optimiser.name in optimisers else CUSTOM,
        learning_rate=learner.first["learning_rate"],
        schedule="constant",
        batch_size=plan.batch_size,
        epochs=epochs,
        seed=learner.seed,
        loss=method.loss.name if method.loss.name in losses else CUSTOM,
        record_every=max(1, -(-learner.iteration // _POINTS)),
        path_budget=_BUDGET,
        weight_decay=learner.first["weight_decay"],
        gradient=method.gradient.name,
        acts=learner.acts,
    )


def _outcome(learner: Learner, measures: Measures, seconds: float) -> Outcome:
    lost = learner.diverged
    return Outcome(
        stopped="epochs" if lost is None else "diverged",
        message="" if lost is None else str(lost.message),
        message_ja="" if lost is None else lost.message.ja,
        iterations=learner.iteration,
        epochs=learner.place[0],
        seconds=seconds,
        train=measures.train,
        test=measures.test,
    )
