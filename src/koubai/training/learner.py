"""A network that learns by hand: a step, some more, back again, with every number in reach."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import dropwhile, takewhile
from typing import NamedTuple, cast

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Float, Int
from numpy.typing import ArrayLike
from sklearn.metrics import confusion_matrix

from koubai.data.checks import real_number, whole_number
from koubai.data.dataset import Dataset
from koubai.descent.optimisers import Optimiser, find_optimiser
from koubai.errors import SettingError
from koubai.functions.losses import Loss
from koubai.gradients.backprop import loss_for
from koubai.networks.network import Layer, Network, Params
from koubai.told import Told
from koubai.training.acts import Act, Change, Edit, Setting, Step, joined, without_last
from koubai.training.divergence import (
    gone_back,
    has_risen,
    lost,
    lost_everywhere,
    risen,
    set_by_hand,
)
from koubai.training.evaluate import (
    Measure,
    Measures,
    measure,
    members_of,
    outputs,
    predicted_classes,
)
from koubai.training.gradients import gradients
from koubai.training.inputs import as_inputs
from koubai.training.look import Look, look_at
from koubai.training.loop import (
    Method,
    State,
    descend_epoch,
    fresh_state,
    on_device,
)
from koubai.training.plan import Part, Plan
from koubai.training.rates import checked_rate
from koubai.training.run import Run
from koubai.training.settings import CUSTOM, Settings
from koubai.training.thinned import Thinned
from koubai.training.train import check_fit

Losses = Float[np.ndarray, " iterations"]

# Iterations between which a state is kept, at most; bytes for all that are, and how many they are
# at most; and how many of the latest are never thinned out.
_MOST_AT_ONCE, _BUDGET, _MOST_KEPT, _LATEST = 256, 64 * 2**20, 1024, 16
# Losses and measures that are remembered, at most: more than a chart has pixels.
_LOSSES, _MEASURES = 4096, 2048


class Divergence(NamedTuple):
    """Where learning was lost: the number of the first bad step, from 1, and what to say of it.

    step is 0 where it was lost before any.
    """

    step: int
    message: Told


class _Kept(NamedTuple):
    """A state on the way: after so many acts, and so many iterations of the next."""

    place: tuple[int, int]
    iteration: int
    state: State


class Learner:
    """A network that learns by hand.

        g = ∂L/∂θ (a mini-batch) + λ w,    θ ← θ − η · d(g)

    The arguments are those of `train`, and as many steps lead to the same bits as there. What is
    done to it is written down in `acts`, with which another learner of the same arguments comes to
    the same state. `losses` are those of the mini-batches, before each update, and `measured` what
    `measure` found, both by iteration and thinned out where there are thousands.

    When a loss is lost, `diverged` says so; the learner stands where it was last finite, and
    learns no further until something is changed.

    >>> import koubai as kb
    >>> learner = kb.Learner(kb.Network([12, 3, 2]), kb.data.bitmaps(), batch_size=8)
    >>> losses = learner.step(10)
    >>> learner.back()
    >>> learner.iteration
    9

    Raises SettingError, UnknownNameError, ShapeError for arguments that do not fit.
    """

    def __init__(
        self,
        network: Network,
        data: Dataset,
        optimizer: str | Optimiser | optax.GradientTransformation = "sgd",
        learning_rate: float | None = None,
        batch_size: int = 100,
        seed: int = 0,
        *,
        loss: str | Loss | None = None,
        weight_decay: float = 0.0,
        gradient: str = "backprop",
        acts: Sequence[Act] = (),
    ) -> None:
        optimiser = find_optimiser(optimizer)
        self.method = Method(network, loss_for(network, loss), optimiser, gradients[gradient])
        check_fit(self.method, data)
        rate = optimiser.learning_rate if learning_rate is None else learning_rate
        self.first = {
            "learning_rate": _checked("learning_rate", rate),
            "weight_decay": _checked("weight_decay", weight_decay),
        }
        self.data, self.seed = data, whole_number("seed", seed, 0)
        self.plan = Plan(_settings(batch_size, self.seed), 1.0, len(data.train))
        self.examples = on_device(data)
        test = len(data.train) + np.arange(len(data.test))
        self._splits = {
            "train": members_of(self.plan.members, self.examples),
            "test": members_of(test, self.examples),
        }
        self._epoch, self._parts = -1, list[Part]()
        self.losses: Thinned[float] = Thinned(_LOSSES)
        self.measured: Thinned[Measures] = Thinned(_MEASURES)
        self.state = fresh_state(self.method, network.init(self.seed))
        self.iteration, self.acts, self.diverged = 0, tuple[Act, ...](), None
        # When a parameter was last set by hand, and all of them then.
        self._edited: tuple[int, Params] | None = None
        self._kept = [_Kept((0, 0), 0, self.state)]
        self.measure()
        for act in acts:
            self.do(act)

    @property
    def network(self) -> Network:
        """What learns."""
        return self.method.network

    @property
    def params(self) -> Params:
        """The parameters as they are now."""
        return self.state.params

    @property
    def learning_rate(self) -> float:
        """The learning rate η of the next iteration."""
        return self._now("learning_rate")

    @property
    def weight_decay(self) -> float:
        """The weight decay λ of the next iteration."""
        return self._now("weight_decay")

    @property
    def place(self) -> tuple[int, int]:
        """The epoch and the mini-batch in it, both from 0, that come next."""
        return self.plan.place(self.iteration)

    def do(self, act: Act) -> None:
        """Does an act. Raises SettingError where it does not fit."""
        match act:
            case Step(iterations):
                self.step(iterations)
            case Change(name, value):
                self.change(name, value)
            case Edit(layer, i, j, value):
                self.edit(layer, i, j, value)

    def step(self, iterations: int = 1) -> Losses:
        """So many iterations, fewer where it diverges.

        Returns the loss of each mini-batch, before its update; the last is not finite where it
        diverged.
        """
        left = whole_number("iterations", iterations, 1)
        found = [np.zeros(0, np.float32)]
        while left > 0 and self.diverged is None:
            found.append(self._advance(left))
            left -= len(found[-1])
        return np.concatenate(found)

    def change(self, name: Setting, value: float) -> None:
        """Another learning rate or weight decay from here on. Raises SettingError out of range."""
        if name not in self.first:
            raise SettingError(f"name is {name!r}: give 'learning_rate' or 'weight_decay'")
        self.acts = joined(self.acts, Change(name, _checked(name, value)))
        self.diverged = None

    def edit(self, layer: int, i: int | None, j: int, value: float) -> None:
        """Sets the weight wˡ_ji, from unit i of the layer below to unit j, or the bias bˡ_j.

        layer, i, j: counted as in the books, where the input is layer 1 and the first unit 1; i is
        None for the bias. Raises SettingError for what is not there.
        """
        sizes = self.network.sizes
        number = _within("layer", layer, 2, len(sizes)) - 2
        unit = _within("j", j, 1, sizes[number + 1]) - 1
        below = None if i is None else _within("i", i, 1, sizes[number]) - 1
        value = _in_float32("value", value)
        layers = list(self.params)
        w, b = (np.array(array) for array in layers[number])
        if below is None:
            b[unit] = value
        else:
            w[below, unit] = value
        layers[number] = Layer(jnp.asarray(w), jnp.asarray(b))
        self.state = State(tuple(layers), self.state.memory)
        self.acts = joined(self.acts, Edit(layer, i, j, value))
        self.diverged, self._edited = None, (self.iteration, self.params)

    def back(self, iterations: int = 1) -> None:
        """Goes so many iterations back; what was changed between is as it was before.

        If the last thing done was a change, it alone is undone. At the start there is no way back.
        """
        self._return_to(without_last(self.acts, whole_number("iterations", iterations, 1)))

    def rewind(self) -> None:
        """Back to the initial weights and settings."""
        self._return_to(())

    def _return_to(self, acts: tuple[Act, ...]) -> None:
        """Stands where the first acts of those done so far led: from the last state kept there."""
        edited = any(isinstance(act, Edit) for act in self.acts[len(acts) :])
        while self._kept[-1].place > _end(acts):
            self._kept.pop()
        (whole, iterations), self.iteration, self.state = self._kept[-1]
        done = (Step(iterations),) if iterations else ()
        self.acts, self.diverged = (*acts[:whole], *done), None
        self.losses.cut(self.iteration)
        for act in _left(acts[whole:], iterations):
            self.do(act)
        self.measured.cut(self.iteration + 1)
        if self._edited is not None and self._edited[0] > self.iteration:
            self._edited = None
        if edited:  # what was measured here may be of the parameter that was set
            self.measure()

    def look(self) -> Look:
        """Every number of the iteration that comes next; nothing is changed."""
        part, start = self._part()
        return look_at(
            self.method, self.state, self.examples, part.batches[start], self.learning_rate,
            self.weight_decay,
        )  # fmt: skip

    def measure(self) -> Measures:
        """Loss and accuracy over all the data; remembered in `measured`.

        A loss that has risen beyond what learning explains is a divergence too, see `train`.
        """
        measures = self.evaluate()
        if measures.train.loss is None and self.diverged is None:
            self._go_back(lost_everywhere(self.iteration), self.iteration)
            measures = self.evaluate()
        self.measured.cut(self.iteration)  # a parameter may have been set since
        self.measured.add(self.iteration, measures)
        self._judge(measures.train.loss)
        return measures

    def evaluate(self) -> Measures:
        """Loss and accuracy over all the data, as `measure`; nothing is remembered or judged."""
        return Measures(
            train=self._measure("train", self.params), test=self._measure("test", self.params)
        )

    def _measure(self, split: str, params: Params) -> Measure:
        classes = self.data.classes is not None
        return measure(self.method, params, self.examples, self._splits[split], classes)

    def anew(self) -> Learner:
        """Another learner of the same arguments, with nothing done."""
        method = self.method
        return Learner(
            method.network, self.data, method.optimiser, self.first["learning_rate"],
            self.plan.batch_size, self.seed, loss=method.loss,
            weight_decay=self.first["weight_decay"], gradient=method.gradient.name,
        )  # fmt: skip

    def as_run(self) -> Run:
        """The run that `train` would have made of it: what was done is done again, and recorded.

        `run.settings.acts` say what was done. A run by hand cannot be resumed, but everything else.
        """
        from koubai.training.by_hand import run_of

        return run_of(self)

    def outputs(self, x: ArrayLike) -> Float[np.ndarray, "examples outputs"]:
        """What the network puts out for each x, (examples, inputs)."""
        batch = as_inputs(x, self.network.sizes[0])
        return outputs(self.network, self.params, batch, 1.0)

    def confusion(self) -> Int[np.ndarray, "classes classes"]:
        """How often class i (row) of the test data is taken for class j (column)."""
        test, classes = self.data.test, range(self.data.outputs)
        y = outputs(self.network, self.params, test.stored, test.scale)
        return confusion_matrix(test.t, predicted_classes(y), labels=list(classes))

    def _advance(self, most: int) -> Losses:
        """Some iterations, up to the end of the epoch's part at most; returns their losses."""
        part, start = self._part()
        stop = start + min(most, _MOST_AT_ONCE, len(part.batches) - start)
        state, losses = self._descend(part, start, stop)
        if math.isfinite(losses[-1]):
            self._accept(state, losses)
        else:
            self._lose(part, start, losses)
        return losses

    def _descend(self, part: Part, start: int, stop: int) -> tuple[State, Losses]:
        rates = jax.device_put(np.full(len(part.batches), self.learning_rate, np.float32))
        state, every, reached = descend_epoch(
            self.method, self.state, self.examples, part.batches, rates, self.weight_decay,
            start, stop,
        )  # fmt: skip
        return state, np.asarray(every)[start : int(reached)]

    def _accept(self, state: State, losses: Losses) -> None:
        for k, loss in enumerate(losses):
            self.losses.add(self.iteration + k, float(loss))
        self.state, self.iteration = state, self.iteration + len(losses)
        self.acts = joined(self.acts, Step(len(losses)))
        self._kept.append(_Kept(_end(self.acts), self.iteration, state))
        kept = len(self._kept)
        size = _size(state)
        latest = max(1, min(_LATEST, _BUDGET // (2 * size)))
        full = kept > _MOST_KEPT or kept * size > _BUDGET
        if full and kept > 2 * latest:
            del self._kept[1:-latest:2]

    def _lose(self, part: Part, start: int, losses: Losses) -> None:
        """The loss of the last of these mini-batches is lost: goes on to the one before it."""
        failed = self.iteration + len(losses) - 1
        if len(losses) > 1:
            self._accept(*self._descend(part, start, start + len(losses) - 1))
        self._go_back(lost(float(losses[-1]), failed, *self.plan.place(failed)), failed)

    def _go_back(self, what: Told, failed: int) -> None:
        """Undoes the iteration after which the loss was lost, if it was one, and says so."""
        changes = list(takewhile(lambda act: isinstance(act, Change), reversed(self.acts)))
        for _ in changes:
            self.back()
        last = self.acts[-1] if self.acts else None
        rate = self.learning_rate if isinstance(last, Step) else None
        if rate is not None:
            self.back()
        for change in reversed(changes):  # they were made after that iteration, and stay
            self.do(change)
        if isinstance(last, Edit):
            message = set_by_hand(what)
        else:
            message = gone_back(what, self.method.optimiser, rate)
        self.diverged = Divergence(0 if rate is None else failed, message)

    def _judge(self, loss: float | None) -> None:
        first = self.measured.values[0].train.loss
        if first is None or loss is None or self.diverged is not None or self.iteration == 0:
            return
        if self._has_risen(first, loss) and self._edited is not None:
            by_hand = self._measure("train", self._edited[1]).loss
            first = max(first, first if by_hand is None else by_hand)
        if self._has_risen(first, loss):
            done = tuple(dropwhile(lambda act: not isinstance(act, Step), reversed(self.acts)))
            rate = self._value("learning_rate", done)
            message = risen(first, loss, self.iteration, self.method.optimiser, rate)
            self.diverged = Divergence(self._first_bad(first), message)

    def _has_risen(self, first: float, loss: float) -> bool:
        return has_risen(self.method.loss, first, loss, self.data.train.t, self.network.sizes[-1])

    def _first_bad(self, first: float) -> int:
        """The first remembered step after which a mini-batch's loss was above what it was at first
        for good.
        """
        pairs = zip(self.losses.iterations, self.losses.values, strict=True)
        return next((k for k, loss in pairs if loss > 10 * abs(first)), self.iteration)

    def _part(self) -> tuple[Part, int]:
        """The mini-batches that the next iteration is one of, and its number among them."""
        epoch, done = self.place
        if epoch != self._epoch:
            self._epoch, self._parts = epoch, self.plan.parts(epoch)
        part = next(part for part in self._parts if part.holds(done))
        return part, done - part.first

    def _now(self, name: Setting) -> float:
        return self._value(name, reversed(self.acts))

    def _value(self, name: Setting, backwards: Iterable[Act]) -> float:
        """What a setting was after those acts, which are given from the last to the first."""
        changes = (act for act in backwards if isinstance(act, Change) and act.name == name)
        return next((change.value for change in changes), self.first[name])


def _end(acts: Sequence[Act]) -> tuple[int, int]:
    """So many whole acts, and iterations of the next: an act of steps may go on."""
    last = acts[-1] if acts else None
    return (len(acts) - 1, last.iterations) if isinstance(last, Step) else (len(acts), 0)


def _left(acts: Sequence[Act], iterations: int) -> Iterator[Act]:
    """Those acts without the first iterations of the first."""
    for act in acts:
        if isinstance(act, Step):
            if act.iterations > iterations:
                yield Step(act.iterations - iterations)
        else:
            yield act
        iterations = 0


def _size(state: State) -> int:
    return sum(array.nbytes for array in jax.tree.leaves(state))


def _checked(name: Setting, value: float) -> float:
    if name == "weight_decay":
        return real_number(name, value, 0)
    return cast("float", checked_rate(real_number(name, value)))


def _within(name: str, value: int, least: int, most: int) -> int:
    number = whole_number(name, value, least)
    if number > most:
        raise SettingError(f"{name} is {number}, but there are only {least} to {most}")
    return number


def _in_float32(name: str, value: float) -> float:
    number = real_number(name, value)
    if abs(number) > float(np.finfo(np.float32).max):
        raise SettingError(
            Told(
                f"{name} is {value!r}: give a number that is finite in float32",
                f"{name} が {value!r} です。float32 で有限な数にしてください",
            )
        )
    return float(np.float32(number))


def _settings(batch_size: int, seed: int) -> Settings:
    """What a plan needs to know; the rate, which may change, is given to each epoch."""
    return Settings(
        optimizer=CUSTOM, learning_rate=1.0, schedule="constant", batch_size=batch_size, epochs=1,
        seed=seed, loss=CUSTOM, record_every=1, path_budget=1,
    ).checked()  # fmt: skip
