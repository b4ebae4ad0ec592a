"""The network bench: it learns, goes back, and shows every number."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

import numpy as np
from msgspec.structs import replace

from koubai.data.dataset import Dataset
from koubai.errors import SettingError
from koubai.gradients.check import Check, check_gradients
from koubai.gradients.paths import explain
from koubai.networks.network import Params
from koubai.play import messages
from koubai.play.build import check_differences, check_iterations, filled_in, network_of
from koubai.play.compiled import met
from koubai.play.messages import Explanation, Frame, LookView, NetworkMade, Regions, Stops
from koubai.play.views import column, formula, layers, look_view, numbers, own_view
from koubai.report.scene import Text
from koubai.told import in_japanese
from koubai.training.acts import Act, Edit, Setting, Step
from koubai.training.learner import Learner

# While it runs: seconds between measures of all the data, none as long as the iterations grow by
# more than this factor between them; but so many times what a measure takes.
_APART, _GROWTH, _TIMES = 0.25, 1.1, 6.0
# Products that a measure of all the data takes, up to which it comes with every step (some 10 ms);
# beyond, the step is shown first and the measure follows.
_AT_ONCE = 3e8
# Paths from a parameter to the cost that are written out.
_PATHS = 6
# Points of the plane along each axis where the network is asked for its answers.
_PLANE = 61


class NetworkBench:
    """A network that learns by hand, as the page sets it.

    acts: what is done to it at once, as a link brings it. Raises what `koubai.Learner` raises, and
    SettingError for a network beyond the limits.
    """

    def __init__(
        self,
        setting: messages.Network,
        data: Dataset,
        acts: tuple[Act, ...],
        stops: Stops,
    ) -> None:
        network = network_of(setting, data)
        check_iterations(sum(act.iterations for act in acts if isinstance(act, Step)))
        # What is compiled depends on all but these.
        met(replace(setting, seed=0, learning_rate=None, weight_decay=0.0))
        self.data, self.stops, self.running, self.stopped = data, stops, False, ""
        self.learner = Learner(
            network,
            data,
            setting.optimizer,
            setting.learning_rate,
            setting.batch_size,
            setting.seed,
            loss=setting.loss,
            weight_decay=setting.weight_decay,
            gradient=setting.gradient,
            acts=acts,
        )
        self.setting = filled_in(setting, self.learner)
        self._behind, self._measured, self._cost = False, 0.0, 0.0
        self._rate, self._compute = 0.0, 0.0
        self._checked: tuple[Params, Check] | None = None
        self._measure()

    @property
    def at_work(self) -> bool:
        """Whether there is something to go on with: it runs, or its measures are behind."""
        return self.running or self._behind

    def made(self, number: int | None = None) -> NetworkMade:
        """What it is made of."""
        network, plan = self.learner.network, self.learner.plan
        method = self.learner.method
        return NetworkMade(
            number=number,
            network=self.setting,
            sizes=network.sizes,
            activations=tuple(activation.name for activation in network.activations),
            parameters=network.parameter_count,
            iterations_per_epoch=plan.iterations_per_epoch,
            batch_size=plan.batch_size,
            formulas={
                **{activation.name: activation.formula for activation in network.activations},
                method.loss.name: method.loss.formula,
                method.optimiser.name: method.optimiser.formula,
            },
        )

    def advance(self, steps: int, unit: str) -> None:
        """So many iterations or epochs: the rest of an epoch that has begun counts as one."""
        per_epoch = self.learner.plan.iterations_per_epoch
        done = self.learner.place[1]
        iterations = steps if unit == "iteration" else steps * per_epoch - done
        check_iterations(iterations)
        self.learner.step(iterations)
        self._changed()

    def back(self, steps: int) -> None:
        """So many iterations back, or the last change alone; a run stops."""
        self.running = False
        self.learner.back(steps)
        self._changed()

    def rewind(self) -> None:
        """As it was drawn; a run stops."""
        self.running = False
        self.learner.rewind()
        self._changed()

    def change(self, name: Setting, value: float) -> None:
        """Another learning rate or weight decay; a run goes on."""
        self.learner.change(name, value)
        self.stopped = ""

    def edit(self, edit: Edit) -> None:
        """A parameter set by hand."""
        self.learner.do(edit)
        self._changed()

    def run(self, on: bool) -> None:
        """Learns on and on, or stops."""
        self.stopped = ""
        self.running = on and self.learner.diverged is None
        if not self.running:
            self._changed()

    def go_on(self, seconds: float) -> None:
        """Learns for about so long, until a reason to stop; or measures, where that is left."""
        if not self.running:
            self._measure()
            return
        began, first = time.perf_counter(), self.learner.iteration
        spent, chunk = 0.0, 1
        while spent < seconds and self._may_go_on():
            self.learner.step(int(min(chunk, self._left())))
            spent = time.perf_counter() - began
            done = self.learner.iteration - first
            chunk = max(1, int(done * (seconds - spent) / max(spent, 1e-4)))
        done = self.learner.iteration - first
        if done > 0:
            self._compute = 1000 * spent / done
            self._rate = done / spent
        if self._measure_is_due() or not self._may_go_on():
            self._measure()
        self._stop_where_asked()

    def frame(self, number: int | None = None) -> Frame:
        """Where it stands."""
        learner = self.learner
        epoch, batch = learner.place
        measured = learner.measured
        lost = learner.diverged
        return Frame(
            number=number,
            running=self.running,
            iteration=learner.iteration,
            epoch=epoch,
            batch=batch,
            learning_rate=learner.learning_rate,
            weight_decay=learner.weight_decay,
            layers=layers(learner.params),
            batch_iterations=np.array(learner.losses.iterations, np.int32),
            batch_losses=np.array(learner.losses.values, np.float32),
            measured_at=np.array(measured.iterations, np.int32),
            train_loss=column(measured.values, lambda m: m.train.loss),
            test_loss=column(measured.values, lambda m: m.test.loss),
            train_accuracy=column(measured.values, lambda m: m.train.accuracy),
            test_accuracy=column(measured.values, lambda m: m.test.accuracy),
            confusion=self._confusion,
            rate=self._rate if self.running else 0.0,
            compute=self._compute,
            stopped=self.stopped or ("diverged" if lost else ""),
            first_bad_step=lost.step if lost else 0,
            why=Text(str(lost.message), lost.message.ja) if lost else None,
            stops=self.stops,
            can_go_back=bool(learner.acts),
        )

    def look(self, example: int, number: int | None = None) -> LookView:
        """Every number of an example of the next mini-batch; behind its end the last."""
        return look_view(self.learner, example, number)

    def look_at_own(self, x: Sequence[float], number: int | None = None) -> LookView:
        """What the network makes of an input that is not of the data."""
        return own_view(self.learner, x, number)

    def explain(self, layer: int, i: int | None, j: int, number: int | None = None) -> Explanation:
        """One parameter's gradient, by backpropagation and by central differences.

        Both over the next mini-batch and without weight decay. Raises SettingError for a parameter
        that is not there.
        """
        sizes = self.learner.network.sizes
        if not (2 <= layer <= len(sizes) and 1 <= j <= sizes[layer - 1]) or (
            i is not None and not 1 <= i <= sizes[layer - 2]
        ):
            raise SettingError(
                f"layer {layer}, i {i}, j {j} is no parameter of the network {list(sizes)}"
            )
        check, look = self._check(), self.learner.look()
        difference = check.layers[2 * (layer - 2) + (i is None)]
        index = (j - 1,) if i is None else (i - 1, j - 1)
        backprop, numerical = float(difference.gradient[index]), float(difference.numerical[index])
        return Explanation(
            number=number,
            backprop=backprop,
            numerical=numerical,
            agrees=not bool(difference.wrong[index]),
            verdict=Text(str(check.verdict), in_japanese(check.verdict)),
            formula=formula(layer, i, j),
            numbers=numbers(look, layer, i, j),
            paths=self._paths(layer, i, j),
        )

    def regions(self, number: int | None = None) -> Regions:
        """What the network answers all over the plane, for data of two inputs.

        Raises SettingError for data of any other number of inputs.
        """
        if self.data.inputs != 2:
            raise SettingError(
                f"data {self.data.name!r} has {self.data.inputs} inputs: regions are drawn for two"
            )
        x = self.data.train.x
        room = 0.12 * np.ptp(x, axis=0).max()
        axes = [
            np.linspace(low - room, high + room, _PLANE)
            for low, high in zip(x.min(axis=0), x.max(axis=0), strict=True)
        ]
        points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 2)
        y = self.learner.outputs(points)
        return Regions(
            number=number,
            axes=(axes[0], axes[1]),
            outputs=y.reshape(_PLANE, _PLANE, -1),
            x=x,
            t=self.data.train.t,
        )

    def _paths(self, layer: int, i: int | None, j: int) -> str:
        look, method = self.learner.look(), self.learner.method
        if len(look.examples) > 1:
            return ""
        params, loss = self.learner.params, method.loss
        found = explain(method.network, params, look.x, look.targets, layer, i, j, loss, _PATHS)
        return found.latex if found.complete else ""

    def _check(self) -> Check:
        """Of the whole gradient, once for the parameters as they are."""
        params = self.learner.params
        if self._checked is None or self._checked[0] is not params:
            look, method = self.learner.look(), self.learner.method
            check_differences(method.network)
            check = check_gradients(method.network, params, look.x, look.targets, method.loss)
            self._checked = (params, check)
        return self._checked[1]

    def _may_go_on(self) -> bool:
        return self.running and self.learner.diverged is None and self._left() > 0

    def _left(self) -> float:
        """Iterations that are left of the epochs that were asked for."""
        if self.stops.epochs is None:
            return math.inf
        end = self.stops.epochs * self.learner.plan.iterations_per_epoch
        return end - self.learner.iteration

    def _measure_is_due(self) -> bool:
        """Often at first, when learning is fast."""
        grown = self.learner.iteration > _GROWTH * self.learner.measured.iterations[-1]
        apart = max(0 if grown else _APART, _TIMES * self._cost)
        return time.perf_counter() - self._measured > apart

    def _stop_where_asked(self) -> None:
        if self.learner.diverged is not None:
            self.running = False
            return
        self.stopped = self._reason()
        if self.stopped:
            self.running = False
            self._measure()

    def _reason(self) -> str:
        """Which stop condition holds; measures count only where they are of now."""
        measured, stops = self.learner.measured, self.stops
        if stops.epochs is not None and self.learner.place[0] >= stops.epochs:
            return "epochs"
        if measured.iterations[-1] == self.learner.iteration:
            loss, accuracy = measured.values[-1].train.loss, measured.values[-1].test.accuracy
            if stops.train_loss is not None and loss is not None and loss <= stops.train_loss:
                return "train_loss"
            if stops.test_accuracy is not None and (accuracy or 0) >= stops.test_accuracy:
                return "test_accuracy"
        return ""

    def _changed(self) -> None:
        """After something was done by hand: all is to be measured anew."""
        self.stopped, self._behind = "", True
        examples = len(self.data.train) + len(self.data.test)
        if examples * self.learner.network.parameter_count <= _AT_ONCE:
            self._measure()

    def _measure(self) -> None:
        began = time.perf_counter()
        self.learner.measure()
        self._confusion = None if self.data.classes is None else self.learner.confusion()
        self._behind, self._measured = False, time.perf_counter()
        self._cost = self._measured - began
