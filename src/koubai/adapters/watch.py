"""A PyTorch training that is watched: what it tells of its layers, and what goes wrong in it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from koubai.adapters.layer_record import LayerRecord
from koubai.adapters.loss_record import LossRecord
from koubai.adapters.torch_hooks import Hooks
from koubai.adapters.torch_model import plain_module
from koubai.descent.optimisers import optimisers
from koubai.diagnosis.diagnose import findings
from koubai.diagnosis.evidence import Evidence
from koubai.diagnosis.finding import Finding
from koubai.errors import SettingError
from koubai.functions.arguments import as_number, shown, whole_number
from koubai.told import Told
from koubai.training.history import History
from koubai.training.layers import Layers

if TYPE_CHECKING:
    from torch.nn import Module

# What an advice names of koubai, and what it is called in PyTorch.
_IN_TORCH = {
    " (validation=0.2, patience=10)": "",
    "（validation=0.2, patience=10）": "",
    "learning_rate=": "lr=",
    "initialiser=": "",
    "'he'": "torch.nn.init.kaiming_normal_",
    "'xavier'": "torch.nn.init.xavier_normal_",
    "hidden='relu'": "torch.nn.ReLU",
    "hidden='leaky_relu'": "torch.nn.LeakyReLU",
}
# Optimisers whose steps grow with the gradient; all others divide by the size of past ones.
_NOT_ADAPTIVE = ("SGD", "ASGD", "LBFGS")


# The longer a training is, the farther apart it is looked at: each time after a tenth more steps.
_THINNING = 10


def watch(
    module: Module, optimizer: Any = None, every: int = 100, baseline: float | None = None
) -> Watch:
    """Watches a PyTorch module while it is trained, for `diagnose`; what it computes stays as is.

        watch = kb.watch(module, optimizer)
        for x, t in loader:
            optimizer.zero_grad()
            loss = loss_of(module(x), t)
            loss.backward()
            watch.step(loss)                    # before or after optimizer.step()
            optimizer.step()
        for finding in watch.diagnose():
            print(finding)

    Layers are the Linear and convolution modules that are trained, in the order in which they are
    called. At every `every`-th step they are looked at, later at every tenth of the steps done, and
    nowhere else is there a cost. The loss is taken to be a mean over the examples. Passes without
    gradients (`torch.no_grad()`) are not looked at. The data is not known: what only it can tell,
    as unscaled inputs, is not found.

    optimizer: where its name and learning rate are read; without one the rate is ‖Δw‖ / ‖∂L/∂w‖ of
    the first step, which for plain gradient descent it is. baseline: the loss of always answering
    the mean target; without one the first loss.

    Raises SettingError for a compiled module, one without such layers, an optimizer that does not
    train it, a baseline that is no number, or an `every` below 1; MissingExtraError without
    PyTorch.
    """
    return Watch(module, optimizer, every, baseline)


class Watch:
    """A module that is watched: see `kb.watch`. Leaving a `with` block closes it."""

    def __init__(self, module: Module, optimizer: Any, every: int, baseline: float | None) -> None:
        _check_not_compiled(module)
        self._module = module
        self._every = whole_number("every", every, 1)
        if baseline is not None and not np.isfinite(as_number(baseline)):
            raise SettingError(
                f"baseline is {shown(baseline)}: give a finite number, or leave it out"
            )
        self._baseline = baseline
        self._name = "unknown" if optimizer is None else type(optimizer).__name__
        self._rate = None if optimizer is None else _rate_of(optimizer, module)
        self._steps = 0
        self._losses = LossRecord(self._every)
        self._layers = LayerRecord()
        self._looks: list[int] = []  # steps done before each
        self._next = 0
        self._hooks = Hooks(module, self._layers.forward)
        if not self._hooks.names:
            raise SettingError("module has no Linear or convolution that is trained: give one")

    def __repr__(self) -> str:
        return f"Watch({len(self._hooks.names)} layers, {self._steps} steps)"

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Takes the hooks off the module; what was seen stays."""
        self._hooks.close()

    @property
    def names(self) -> tuple[str, ...]:
        """The module's names of the layers, the first that is called first; () before a step."""
        return tuple(self._hooks.names[layer] for layer in self._layers.order)

    def step(self, loss: Any) -> None:
        """Notes a step of training, once its gradients are there.

        loss: of this step's batch, a number or a tensor with one. Call it after `loss.backward()`,
        while the gradients are there: before the next `zero_grad()`.

        Raises SettingError where no layer was called, none has a gradient, or the loss is not one
        number; after `close`, and once the module was compiled.
        """
        if self._hooks.closed:
            raise SettingError("the watch was closed: call watch.step(loss) before watch.close()")
        if self._hooks.looking:
            _check_not_compiled(self._module)
            self._layers.step(self._hooks.seen)
            self._looks.append(self._steps)
            self._next = self._steps + max(self._every, self._steps // _THINNING)
        else:
            self._layers.step(None)
        self._losses.add(loss)
        self._steps += 1
        self._hooks.look(self._steps == self._next)

    def epoch(
        self,
        train_loss: Any = None,
        test_loss: Any = None,
        train_accuracy: Any = None,
        test_accuracy: Any = None,
    ) -> None:
        """Notes the measures at the end of an epoch, or before the first step; None if unknown.

        Without a train_loss it is the mean over the steps of the epoch, and before the first step
        the first loss. Without epochs every `every` steps (at least 50) count as one.

        Raises SettingError for what is no number, and for an epoch without train_loss and steps.
        """
        self._losses.epoch(train_loss, test_loss, train_accuracy, test_accuracy)

    @property
    def history(self) -> History:
        """How learning went so far. Raises SettingError before the first step."""
        if not self._steps:
            raise SettingError("nothing was watched yet: call watch.step(loss) in the loop first")
        return self._losses.history(self._layers.layers(self._looks))

    def diagnose(self) -> list[Finding]:
        """What goes wrong in this training, in words: findings, the most serious first.

        They are of the kinds that `kb.diagnose` lists, but for what a watch cannot know: the data
        (unscaled inputs, labels out of order, unbalanced classes, a network too small) and the
        weight decay. An empty list means that none was seen. Raises SettingError before the first
        step.
        """
        return [self._in_torchs_words(finding) for finding in findings(self._evidence())]

    def _evidence(self) -> Evidence:
        history = self.history
        rate = self._rate if self._rate is not None else _first_rate(history.layers)
        usual = optimisers.get(self._name.lower())
        first = float(history.train_loss[0])
        # A network that has learnt nothing knows the test data as well as the training data.
        test = history.test_loss.copy()
        test[0] = first if np.isnan(test[0]) else test[0]
        return Evidence(
            history=replace(history, test_loss=test),
            activations=self._layers.activations,
            baseline=first if self._baseline is None else self._baseline,
            optimizer=self._name.lower(),
            adaptive=self._name not in _NOT_ADAPTIVE,
            learning_rate=rate,
            usual_rate=0.01 if usual is None else usual.learning_rate,
            stopped="epochs" if np.isfinite(history.batch_losses[-1]) else "diverged",
            kept_best=False,
            data=lambda: None,
            stable_rate=lambda: None,
        )

    def _in_torchs_words(self, finding: Finding) -> Finding:
        evidence, advice, layer = finding.evidence, finding.advice, finding.layer
        if layer is not None:
            name = self.names[layer - 2]
            evidence = Told(
                evidence.replace(f"layer {layer}", f"layer {layer} ({name})", 1),
                evidence.ja.replace(f"第 {layer} 層", f"第 {layer} 層（{name}）", 1),
            )
        advice = Told(_called_in_torch(advice), _called_in_torch(advice.ja))
        return replace(finding, evidence=evidence, advice=advice)


def _called_in_torch(advice: str) -> str:
    for koubai, torch in _IN_TORCH.items():
        advice = advice.replace(koubai, torch)
    return advice


def _check_not_compiled(module: Module) -> None:
    """Hooks see nothing inside what torch.compile or `module.compile()` made."""
    for name, part in plain_module(module).named_modules():
        wrapped = not name and part is not module
        if wrapped or part._compiled_call_impl is not None:  # pyright: ignore[reportPrivateUsage]
            where = f"module.{name}" if name else "module"
            raise SettingError(
                f"{where} is compiled, and no hook sees into it: watch and train the module as it "
                f"was before"
            )


def _rate_of(optimizer: Any, module: Module) -> float | None:
    """The learning rate of those parameters of a module that an optimiser trains."""
    mine = {id(parameter) for parameter in module.parameters()}
    try:
        groups = [(group, group["params"]) for group in optimizer.param_groups]
    except (AttributeError, KeyError, TypeError):
        raise SettingError(
            f"optimizer is {shown(optimizer)}: give a torch.optim.Optimizer, or leave it out"
        ) from None
    for group, parameters in groups:
        if any(id(parameter) in mine for parameter in parameters):
            rate = group.get("lr")
            return None if rate is None else float(rate)
    raise SettingError(
        "optimizer trains no parameter of this module: give the one that does, or leave it out"
    )


def _first_rate(layers: Layers) -> float:
    """‖Δw‖ / ‖∂L/∂w‖ of the first look behind which the weights moved, in three digits, over all
    layers; NaN before the second step.
    """
    moved = np.sqrt(np.square(layers.update_ratio * layers.weight_norm).sum(axis=1))
    gradient = np.sqrt(np.square(layers.gradient_norm).sum(axis=1))
    # Where gradients of several batches are added up, not every step moves them.
    look = int(np.argmax((moved > 0) & (gradient > 0)))
    return float(f"{moved[look] / gradient[look]:.3g}") if gradient[look] > 0 else float("nan")
