"""A training session: from one look at the signals to the next, until a reason to stop."""

from __future__ import annotations

import math
import time
from collections import deque
from typing import NamedTuple

import msgspec
import numpy as np
from jaxtyping import Array, Float, Int

from koubai.data.dataset import Dataset
from koubai.networks.network import Params
from koubai.told import NOTHING, Told, joined
from koubai.training.describe import describe_data, describe_network
from koubai.training.divergence import (
    gone_back,
    has_risen,
    lost,
    lost_everywhere,
    risen,
    with_diagnosis,
)
from koubai.training.evaluate import Measures, measure, members_of, outputs
from koubai.training.fit import determination
from koubai.training.history import Records
from koubai.training.interrupt import Interrupt
from koubai.training.loop import Method, State, descend_epoch, on_device
from koubai.training.observer import Observer
from koubai.training.patience import Patience
from koubai.training.plan import Part, Plan
from koubai.training.progress import Report, follow
from koubai.training.rates import LearningRate
from koubai.training.run import Run
from koubai.training.settings import Settings
from koubai.training.storage import Outcome, RunFolder
from koubai.training.tensors import Tensors, state_tensors

# Iterations that run without a look at the signals.
_MOST_AT_ONCE = 256
# A run in a folder is written to it about so often.
_SECONDS_BETWEEN_COMMITS = 2.0


class Stretch(NamedTuple):
    """Some iterations in a row: where they begin, and all that decides what they do."""

    iteration: int
    state: State
    part: Part
    start: int


class Session:
    """Training from where a state left off, until the epochs are done or there is a reason to stop.

    It owns what changes while a network learns; `run` returns the finished Run. What an epoch
    does is in its `Plan`, what is recorded in its `Observer`. Without a folder the records stay
    in memory. `before` is the run that it goes on with.
    """

    def __init__(
        self,
        method: Method,
        settings: Settings,
        learning_rate: LearningRate,
        data: Dataset,
        state: State,
        records: Records,
        folder: RunFolder | None = None,
        before: Run | None = None,
    ) -> None:
        self.method, self.settings = method, settings
        self.data, self.state, self.records, self.folder = data, state, records, folder
        self.plan = Plan(settings, learning_rate, len(data.train))
        self.iteration = before.outcome.iterations if before else 0
        self.stopped, self.message = "", NOTHING
        best_epoch = before.outcome.best_epoch if before else None
        best = before.params if before and best_epoch is not None else None
        so_far = records.epochs.read("validation_loss")
        self.patience = Patience(settings.patience, so_far, best, best_epoch)
        self._earlier_seconds = before.outcome.seconds if before else 0.0
        self._compile_seconds = before.outcome.compile_seconds if before else 0.0
        self._started = self._committed = time.perf_counter()
        self._examples = on_device(data)
        self._observer = Observer(method, self.plan, self._examples, records)
        test = len(data.train) + np.arange(len(data.test))
        splits = {"train": self.plan.members, "test": test, "validation": self.plan.held_back}
        self._indices = {name: indices for name, indices in splits.items() if len(indices)}
        self._splits = {
            name: members_of(indices, self._examples) for name, indices in self._indices.items()
        }
        self._parts: list[Part] = []
        self._stretches: deque[Stretch] = deque(maxlen=2)  # to go back one step when it diverges
        self._measures = self._measure(state.params)

    @property
    def epoch(self) -> int:
        """Whole passes over the training data."""
        return self.plan.place(self.iteration)[0]

    def run(self, progress: bool | None) -> Run:
        """Trains until there is a reason to stop."""
        epochs = self.settings.epochs
        with Interrupt() as interrupt:
            with follow(progress, self.plan.iterations, epochs, self.iteration) as report:
                if not self.records.epochs.rows:  # else it was killed before its first iteration
                    self._note_epoch()
                    self._commit(self._outcome(), self._tensors())
                if not self.stopped:
                    self._compile()
                while not self.stopped:
                    self._advance(report)
                    if interrupt.heard and not self.stopped:
                        self._stop("interrupted", interrupt.told(self.iteration))
            return self._finish()

    def _compile(self) -> None:
        """Compiles all that training needs, before the clock starts.

        Each part of the epoch is descended for no iterations, and one look at the layers taken.
        """
        self._parts = self.plan.parts(self.epoch)
        for part in self._parts:
            self._descend(Stretch(self.iteration, self.state, part, start=0), stop=0)
        self._observer.layers(self.state, self.iteration)
        now = time.perf_counter()
        self._compile_seconds += now - self._started
        self._started = now

    def _advance(self, report: Report) -> None:
        """The iterations up to the next one worth a look."""
        _, done = self.plan.place(self.iteration)
        if done == 0 or not self._parts:
            self._parts = self.plan.parts(self.epoch)
        part = next(part for part in self._parts if part.holds(done))
        start = done - part.first
        stop = min(len(part.batches), start + self._until_next_look())
        before = self._observer.before(self.state, self.iteration)
        stretch = Stretch(self.iteration, self.state, part, start)
        self._stretches.append(stretch)
        self.state, every, reached = self._descend(stretch, stop)
        losses = np.asarray(every)[start : int(reached)]
        self._observer.record(self.iteration, losses, before)
        self.iteration += len(losses)
        last = float(losses[-1])
        if not math.isfinite(last):
            failed = self.iteration - 1
            what = lost(last, failed, *self.plan.place(failed))
            self._diverge(what, failed)
        elif self.plan.place(self.iteration)[1] == 0:
            self._measures = self._measure(self.state.params)
            self._note_epoch()
        report(self.iteration, self.epoch, last, self._measures.test)

    def _until_next_look(self) -> int:
        return min(_MOST_AT_ONCE, self._observer.until_next(self.iteration))

    def _descend(
        self, stretch: Stretch, stop: int
    ) -> tuple[State, Float[Array, " iterations"], Int[Array, ""]]:
        return descend_epoch(
            self.method, stretch.state, self._examples, stretch.part.batches, stretch.part.rates,
            self.settings.weight_decay, stretch.start, stop,
        )  # fmt: skip

    def _measure(self, params: Params) -> Measures:
        classes = self.data.classes is not None
        found = {
            name: measure(self.method, params, self._examples, members, classes)
            for name, members in self._splits.items()
        }
        return Measures(**found)

    def _note_epoch(self) -> None:
        """Writes the measures down, and decides whether to go on."""
        self._observer.record_epoch(self.iteration, self.epoch, self._measures)
        if self._measures.train.loss is None:
            self._diverge(lost_everywhere(self.iteration), failed=self.iteration)
            return
        held_back = self._measures.validation
        loss = held_back.loss if held_back else None
        too_long = self.patience.look(loss, self.state.params, self.epoch)
        if too_long is not None:
            self._stop("early", too_long)
        elif self.epoch >= self.settings.epochs:
            self._stop("epochs", NOTHING)
        elif time.perf_counter() - self._committed > _SECONDS_BETWEEN_COMMITS:
            self._commit(self._outcome(), self._tensors())

    def _diverge(self, what: Told, failed: int) -> None:
        """Goes back one step, from the parameters after `failed` updates, whose loss is lost."""
        rate = self.plan.rate(failed - 1) if failed else None
        message = gone_back(what, self.method.optimiser, rate)
        self._stop("diverged", with_diagnosis(message) if failed else message)
        self.iteration = max(0, failed - 1)
        self.state = self._state_after(self.iteration)

    def _state_after(self, iterations: int) -> State:
        """The state after so many iterations, not far back: found by descending there again."""
        for stretch in reversed(self._stretches):
            if stretch.iteration <= iterations:
                return self._descend(stretch, stretch.start + iterations - stretch.iteration)[0]
        return self.state

    def _judge(self) -> None:
        """Calls a run diverged that did all its iterations and ended far above its start."""
        first = float(self.records.epochs.read("train_loss")[0])
        last, t = self._measures.train.loss, self.data.train.t[self.plan.members]
        outputs = self.method.network.sizes[-1]
        if last is None or has_risen(self.method.loss, first, last, t, outputs):
            rate = self.settings.learning_rate
            message = risen(first, last, self.iteration, self.method.optimiser, rate)
            self._stop("diverged", with_diagnosis(message))

    def _stop(self, reason: str, message: Told) -> None:
        self.stopped, self.message = reason, message

    def _finish(self) -> Run:
        """Measures the parameters that are kept, and says whether they are worth keeping."""
        self._measures = self._measure(self._kept())
        if self.stopped in ("epochs", "early"):
            self._judge()
        if self.data.classes is None:
            self._measures = self._with_r_squared()
        outcome = self._outcome()
        tensors = self._tensors(self._observer.layers(self.state, self.iteration))
        self._commit(outcome, tensors)
        return self._as_run(outcome, tensors)

    def _with_r_squared(self) -> Measures:
        """The measures with the R² of every split, where it is a finite number."""
        stored, t, scale = (np.asarray(part) for part in self._examples)
        found = {}
        for name, own in self._indices.items():
            y = outputs(self.method.network, self._kept(), stored[own], float(scale))
            with np.errstate(all="ignore"):  # outputs that diverged square to infinity
                score = float(determination(y, t[own]).mean())
            score = score if math.isfinite(score) else None
            found[name] = msgspec.structs.replace(getattr(self._measures, name), r_squared=score)
        return Measures(**found)

    def _kept(self) -> Params:
        return self.state.params if self.patience.best is None else self.patience.best

    def _tensors(self, layers: Float[np.ndarray, "quantities layers"] | None = None) -> Tensors:
        return state_tensors(self.state, self.patience.best, layers)

    def _commit(self, outcome: Outcome, tensors: Tensors) -> None:
        """Makes the present state the one that the folder holds."""
        if self.folder is None:
            return
        network, data = describe_network(self.method.network), describe_data(self.data)
        marks = self.records.flush()
        self.folder.commit(network, data, self.settings, outcome, tensors, marks)
        self.records.clean()
        self._committed = time.perf_counter()

    def _outcome(self) -> Outcome:
        message = joined(self.message, self._observer.thinning(self.settings))
        return Outcome(
            stopped=self.stopped or "unfinished",
            message=str(message),
            message_ja=message.ja,
            iterations=self.iteration,
            epochs=self.epoch,
            seconds=self._earlier_seconds + time.perf_counter() - self._started,
            compile_seconds=self._compile_seconds,
            train=self._measures.train,
            test=self._measures.test,
            validation=self._measures.validation,
            best_epoch=self.patience.best_epoch,
        )

    def _as_run(self, outcome: Outcome, tensors: Tensors) -> Run:
        return Run(
            network=self.method.network,
            params=self._kept(),
            settings=self.settings,
            outcome=outcome,
            about=describe_data(self.data),
            tensors=tensors,
            _record=self.records,
            folder=None if self.folder is None else str(self.folder.path),
            _data=self.data,
        )
