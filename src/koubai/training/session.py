"""A training session: from one look at Ctrl-C to the next, until a reason to stop."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from koubai.data.dataset import Dataset
from koubai.descent.schedules import schedules
from koubai.networks.network import Params
from koubai.training.batches import epoch_order, split_off
from koubai.training.describe import describe_data, describe_network
from koubai.training.evaluate import Measure, Measures, measure
from koubai.training.history import Records
from koubai.training.interrupt import Interrupt
from koubai.training.loop import Method, State, descend_epoch, on_device
from koubai.training.progress import Report, follow
from koubai.training.run import Run
from koubai.training.settings import Settings
from koubai.training.storage import Outcome, RunFolder
from koubai.training.tensors import flat, state_tensors

LearningRate = float | Callable[[int], float]

# Iterations that run without a look at Ctrl-C.
_MOST_AT_ONCE = 256
# A run in a folder is written to it about so often.
_SECONDS_BETWEEN_COMMITS = 2.0

Batches = Int[Array, "iterations batch"]
Rates = Float[Array, " iterations"]


class Stretch(NamedTuple):
    """Some iterations in a row: where they begin, and all that decides what they do."""

    iteration: int
    state: State
    batches: Batches
    rates: Rates
    start: int


class Session:
    """Training from where a state left off, until the epochs are done or there is a reason to stop.

    It owns what changes while a network learns; `run` returns the finished Run. Without a folder
    the records stay in memory. `before` is the run that it goes on with.
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
        self.method, self.settings, self.learning_rate = method, settings, learning_rate
        self.data, self.state, self.records, self.folder = data, state, records, folder
        self.members, self.held_back = split_off(
            len(data.train), settings.validation, settings.seed
        )
        self.batch_size = min(settings.batch_size, len(self.members))
        self.iterations_per_epoch = math.ceil(len(self.members) / self.batch_size)
        self.iteration = before.outcome.iterations if before else 0
        self.stopped, self.message = "", ""
        self.best: Params | None = None
        self.best_epoch: int | None = None
        if before and before.outcome.best_epoch is not None:
            self.best, self.best_epoch = before.params, before.outcome.best_epoch
        self._earlier_seconds = before.outcome.seconds if before else 0.0
        self._started = self._committed = time.perf_counter()
        self._examples = on_device(data)
        self._parts: list[tuple[int, Batches, Rates]] = []
        self._stretches: deque[Stretch] = deque(maxlen=2)  # to go back one step when it diverges
        self._measures = self._measure(state.params)

    @property
    def epoch(self) -> int:
        """Whole passes over the training data."""
        return self.iteration // self.iterations_per_epoch

    def run(self, progress: bool | None) -> Run:
        """Trains until there is a reason to stop."""
        total = self.settings.epochs * self.iterations_per_epoch
        with (
            Interrupt() as interrupt,
            follow(progress, total, self.settings.epochs, self.iteration) as report,
        ):
            if self.iteration == 0:
                self._note_epoch()
                self._commit(self._outcome())
            while not self.stopped:
                self._advance(report)
                if interrupt.requested and not self.stopped:
                    self._stop(
                        "interrupted", f"stopped by Ctrl-C after {self.iteration} iterations"
                    )
        self._measures = self._measure(self._kept())
        outcome = self._outcome()
        self._commit(outcome)
        return self._as_run(outcome)

    def _advance(self, report: Report) -> None:
        """The iterations up to the next one worth a look."""
        done = self.iteration % self.iterations_per_epoch
        if done == 0 or not self._parts:
            self._parts = list(self._epoch_parts(self.epoch))
        first, batches, rates = next(
            part for part in self._parts if part[0] <= done < part[0] + len(part[1])
        )
        start = done - first
        stop = min(len(batches), start + self._until_next_look())
        before = flat(self.state.params) if self._records_point() else None
        stretch = Stretch(self.iteration, self.state, batches, rates, start)
        self._stretches.append(stretch)
        self.state, losses, reached = self._descend(stretch, stop)
        self._record(np.asarray(losses)[start : int(reached)], before)
        self.iteration += int(reached) - start
        last = float(losses[int(reached) - 1])
        if not math.isfinite(last):
            epoch, batch = divmod(self.iteration - 1, self.iterations_per_epoch)
            place = f"iteration {self.iteration}, mini-batch {batch + 1} of epoch {epoch + 1}"
            self._diverge(f"the loss became {last} at {place}", failed=self.iteration - 1)
        elif self.iteration % self.iterations_per_epoch == 0:
            self._end_epoch()
        report(self.iteration, self.epoch, last, self._measures.test)

    def _descend(
        self, stretch: Stretch, stop: int
    ) -> tuple[State, Float[Array, " iterations"], Int[Array, ""]]:
        return descend_epoch(
            self.method, stretch.state, self._examples, stretch.batches, stretch.rates,
            self.settings.weight_decay, stretch.start, stop,
        )  # fmt: skip

    def _state_after(self, iterations: int) -> State:
        """The state after so many iterations, not far back: found by descending there again."""
        for stretch in reversed(self._stretches):
            if stretch.iteration <= iterations:
                return self._descend(stretch, stretch.start + iterations - stretch.iteration)[0]
        return self.state

    def _epoch_parts(self, epoch: int) -> Iterator[tuple[int, Batches, Rates]]:
        """The mini-batches of an epoch: the whole ones, then the smaller last one if there is.

        Each part comes with the number of its first mini-batch and with its learning rates.
        """
        order = self.members  # which order does not matter to a mini-batch of all examples
        if self.batch_size < len(order):
            order = epoch_order(order, self.settings.seed, epoch)
        whole = len(order) // self.batch_size
        rates = self._learning_rates(epoch)
        cut = whole * self.batch_size
        yield 0, jnp.asarray(order[:cut].reshape(whole, self.batch_size)), rates[:whole]
        if cut < len(order):
            yield whole, jnp.asarray(order[None, cut:]), rates[whole:]

    def _learning_rates(self, epoch: int) -> Rates:
        iterations = np.arange(self.iterations_per_epoch) + epoch * self.iterations_per_epoch
        rate = self.learning_rate
        if callable(rate):
            return jnp.asarray([rate(int(k)) for k in iterations], jnp.float32)
        progress = iterations / (self.settings.epochs * self.iterations_per_epoch)
        return jnp.asarray(rate * schedules[self.settings.schedule].factor(progress), jnp.float32)

    def _until_next_look(self) -> int:
        stride = self.records.path.stride
        return min(_MOST_AT_ONCE, stride - self.iteration % stride)

    def _records_point(self) -> bool:
        return self.iteration % self.records.path.stride == 0

    def _record(
        self, losses: Float[np.ndarray, " iterations"], before: Float[np.ndarray, " p"] | None
    ) -> None:
        """Writes down the losses from `self.iteration` on, and the point before them."""
        self.records.batches.append(iteration=self.iteration + np.arange(len(losses)), loss=losses)
        if before is not None and math.isfinite(losses[0]):
            self.records.path.append(
                iteration=[self.iteration], loss=losses[:1], point=before[None]
            )

    def _end_epoch(self) -> None:
        """Measures the network after a pass over the training data."""
        self._measures = self._measure(self.state.params)
        self._note_epoch()

    def _note_epoch(self) -> None:
        """Writes the measures down, and decides whether to go on."""
        self.records.add_epoch(self.iteration, self.epoch, self._measures)
        if self._measures.train.loss is None:
            self._diverge(
                f"the loss over the training data is not finite after iteration {self.iteration}",
                failed=self.iteration,
            )
            return
        self._remember_best()
        patience = self.settings.patience
        if patience is not None and self.epoch - (self.best_epoch or 0) >= patience:
            self._stop(
                "early",
                f"the validation loss has not improved for {patience} epochs; the parameters of "
                f"epoch {self.best_epoch} are kept",
            )
        elif self.epoch >= self.settings.epochs:
            self._stop("epochs", "")
        elif time.perf_counter() - self._committed > _SECONDS_BETWEEN_COMMITS:
            self._commit(self._outcome())

    def _remember_best(self) -> None:
        """Keeps the parameters with the lowest validation loss, where there is `patience`."""
        if self.settings.patience is None:
            return
        losses = self.records.epochs.read("validation_loss")
        if losses[-1] == np.nanmin(losses):
            self.best, self.best_epoch = self.state.params, self.epoch

    def _measure(self, params: Params) -> Measures:
        def on(members: Int[np.ndarray, " members"]) -> Measure:
            classes = self.data.classes is not None
            return measure(self.method, params, self._examples, members, classes)

        return Measures(
            train=on(self.members),
            test=on(len(self.data.train) + np.arange(len(self.data.test))),
            validation=on(self.held_back) if len(self.held_back) else None,
        )

    def _diverge(self, what: str, failed: int) -> None:
        """Goes back one step, from the parameters after `failed` updates, whose loss is lost."""
        if failed:
            epoch, batch = divmod(failed - 1, self.iterations_per_epoch)
            rate = float(self._learning_rates(epoch)[batch])
            cause = f"The learning rate {rate:g} is probably too large: try {rate / 10:g}"
        else:
            cause = (
                "It was so before the first update: look at the scale of the data and of the "
                "initial weights"
            )
        self._stop("diverged", f"{what}; the last parameters with a finite loss are kept. {cause}")
        self.iteration = max(0, failed - 1)
        self.state = self._state_after(self.iteration)

    def _stop(self, reason: str, message: str) -> None:
        self.stopped, self.message = reason, message

    def _kept(self) -> Params:
        return self.state.params if self.best is None else self.best

    def _thinning(self) -> str:
        """What is to be said of a path that outgrew its budget."""
        stride = self.records.path.stride
        if stride == self.settings.record_every:
            return ""
        return (
            f"The path's budget of {self.settings.path_budget / 2**20:.3g} MiB was full: it is "
            f"recorded every {stride} iterations."
        )

    def _commit(self, outcome: Outcome) -> None:
        """Makes the present state the one that the folder holds."""
        if self.folder is None:
            return
        marks = self.records.flush()
        self.folder.commit(
            describe_network(self.method.network),
            describe_data(self.data),
            self.settings,
            outcome,
            state_tensors(self.state, self.best),
            marks,
        )
        self.records.clean()
        self._committed = time.perf_counter()

    def _outcome(self) -> Outcome:
        return Outcome(
            stopped=self.stopped or "unfinished",
            message=" ".join(filter(None, (self.message, self._thinning()))),
            iterations=self.iteration,
            epochs=self.epoch,
            seconds=self._earlier_seconds + time.perf_counter() - self._started,
            train=self._measures.train,
            test=self._measures.test,
            validation=self._measures.validation,
            best_epoch=self.best_epoch,
        )

    def _as_run(self, outcome: Outcome) -> Run:
        return Run(
            network=self.method.network,
            params=self._kept(),
            settings=self.settings,
            outcome=outcome,
            about=describe_data(self.data),
            records=self.records,
            tensors=state_tensors(self.state, self.best),
            folder=None if self.folder is None else str(self.folder.path),
            _data=self.data,
        )
