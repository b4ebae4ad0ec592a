"""A run: a trained network with everything about how it was trained."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path as File
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import ArrayLike

from koubai import data as data_room
from koubai.data.dataset import Dataset, Split
from koubai.descent.path import Path
from koubai.errors import DataError, SettingError
from koubai.functions.arguments import expect
from koubai.functions.losses import Loss, losses
from koubai.networks.network import Network, Params
from koubai.objectives.network import network_objective
from koubai.objectives.objective import Objective
from koubai.training.batches import split_off
from koubai.training.describe import DataDescription, build_network, describe_network
from koubai.training.evaluate import class_scores, outputs, predicted_classes
from koubai.training.fit import Values, determination, root_mean_squared_error
from koubai.training.history import History, Records
from koubai.training.inputs import as_inputs
from koubai.training.settings import CUSTOM, Settings
from koubai.training.storage import (
    Description,
    Outcome,
    RunFolder,
    check_record,
    open_record,
    read_run,
    reading_record,
)
from koubai.training.tensors import Tensors, flat, kept_params, last_params


@dataclass(eq=False)
class Run:
    """The result of `train`.

    params: the trained parameters; settings: all that decided them; outcome: how far training
    came, why it stopped, and the loss and accuracy at the end; about: what is known of the data.
    Its losses are those of the targets as the data has them: a table's are standardised, for
    which `typical_error` and `r_squared` say more. `history` and `path` are read when asked for,
    and raise RunError when their record is damaged; the network itself works without it.
    """

    network: Network
    params: Params
    settings: Settings
    outcome: Outcome
    about: DataDescription
    tensors: Tensors = field(repr=False)
    _record: Records | Description = field(repr=False)  # at hand, or how to find it in the folder
    folder: str | None = None
    _data: Dataset | None = field(default=None, repr=False)

    @property
    def stopped(self) -> str:
        """Why training stopped: "epochs", "early", "diverged", "interrupted" or "unfinished"."""
        return self.outcome.stopped

    @cached_property
    def data(self) -> Dataset:
        """The data it was trained on, loaded again from its source where need be.

        Raises DataError when the source no longer gives the same content.
        """
        data = data_room.load(self.about.source) if self._data is None else self._data
        if data.digest != self.about.digest:
            raise DataError(
                f"data {self.about.name!r} is not what this run was trained on: its digest is "
                f"{data.digest[:12]}, the run's {self.about.digest[:12]}. Pass the original to "
                f"load_run(folder, data=…)"
            )
        return data

    @cached_property
    def records(self) -> Records:
        """The records that `history` and `path` are read from; RunError when they are damaged."""
        if isinstance(self._record, Records):
            return self._record
        with reading_record(self.folder):
            opened, marks = open_record(self.folder or "", self._record), self._record.marks
            check_record(opened, marks)
            return Records(opened.root, self.network, self.settings.path_budget, marks=marks)

    @cached_property
    def history(self) -> History:
        """The loss of every mini-batch, the measures of every epoch, and looks at the layers."""
        records = self.records
        with reading_record(self.folder):
            return History.of(records, self.tensors, self.outcome.iterations)

    @cached_property
    def path(self) -> Path:
        """What the parameters did: points every few iterations, the first and last among them.

        `values` are losses of mini-batches; the last point's, which no batch followed, is the
        loss over the whole training data.
        """
        record = self.records.path
        with reading_record(self.folder):
            points, iterations, values = (
                record.read(name) for name in ("point", "iteration", "loss")
            )
        if not len(iterations) or iterations[-1] != self.outcome.iterations:
            loss = self.outcome.train.loss
            points = np.concatenate([points, flat(last_params(self.tensors))[None]])
            iterations = np.append(iterations, self.outcome.iterations)
            values = np.append(values, np.float32(np.nan if loss is None else loss))
        return Path(points, values, iterations, self.stopped)

    def diagnose(self) -> list[Any]:
        """What goes wrong, in words: `kb.Finding`s, the most serious first; see `kb.diagnose`."""
        from koubai.diagnosis.diagnose import diagnose

        return [*diagnose(self)]

    def report(self, file: str | os.PathLike[str], **options: Any) -> File:
        """Writes the run as one page of HTML: see `koubai.report.save_page`, which takes the
        options. Returns the file.
        """
        from koubai.report.page import save_page

        return save_page(self, file, **options)

    def _repr_mimebundle_(self, **_: Any) -> Any:
        from koubai.report.notebook import mimebundle

        return mimebundle(self)

    def predict(self, x: ArrayLike) -> Float[np.ndarray, "examples outputs"]:
        """The network's outputs for x: probabilities of the classes, or values in their own units.

        Shapes: x (inputs,) or (examples, inputs), as `data.test.x` has them; the result has one
        row for each example. Raises ShapeError when x has another shape, DataError where it holds
        anything but finite numbers.
        """
        batch = as_inputs(x, self.network.sizes[0])
        return self._in_own_units(outputs(self.network, self.params, batch, 1.0))

    def classify(self, x: ArrayLike) -> list[str]:
        """The name of the most probable class for each example of x. As `predict`."""
        classes = self._classes()
        return [classes[label] for label in predicted_classes(self.predict(x))]

    def scores(self, x: ArrayLike) -> Float[np.ndarray, "examples classes"]:
        """What the network puts out for each class: probabilities where they sum to 1.

        A single output y tells two classes apart, and gives the columns 1 − y and y. Shapes and
        errors as `predict`; SettingError where the data has values, not classes.
        """
        self._classes()
        return class_scores(self.predict(x))

    def accuracy(self, which: str = "test") -> float:
        """The share of the examples of a split that the network classes right."""
        self._classes()
        return float((self.predicted_labels(which) == self.split(which).t).mean())

    def typical_error(self, which: str = "test") -> float | Float[np.ndarray, " outputs"]:
        """The root mean squared error over a split, in the target's own unit.

            √( (1/N) Σ_n (y_n − t_n)² )

        A number where there is one output, else one for each, (outputs,). Raises SettingError
        where the data has classes.
        """
        unit = 1.0 if self.about.target is None else self.about.target.std
        return _alone(unit * root_mean_squared_error(*self._values(which)))

    def r_squared(self, which: str = "test") -> float | Float[np.ndarray, " outputs"]:
        """The share of the target's variance over a split that the network explains.

            1 − Σ_n (t_n − y_n)² / Σ_n (t_n − t̄)²

        1 is perfect, 0 no better than the mean t̄; NaN where the target does not vary. Result and
        errors as `typical_error`.
        """
        return _alone(determination(*self._values(which)))

    def predicted_labels(self, which: str = "test") -> Int[np.ndarray, " examples"]:
        """The label that the network gives each example of a split."""
        return predicted_classes(self.outputs(which))

    def confusion(self, which: str = "test") -> Int[np.ndarray, "classes classes"]:
        """How often class i (row) was taken for class j (column)."""
        from sklearn.metrics import confusion_matrix

        return confusion_matrix(
            self.split(which).t,
            self.predicted_labels(which),
            labels=list(range(len(self._classes()))),
        )

    def outputs(self, which: str = "test") -> Float[np.ndarray, "examples outputs"]:
        """The network's output for every example of a split, targets standardised as in it."""
        split = self.split(which)
        return outputs(self.network, self.params, split.stored, split.scale)

    def objective(self, which: str = "train", loss: Loss | None = None) -> Objective:
        """The loss over a split as a function of all parameters, from the trained ones on.

            f(θ) = (1/N) Σ_n L(y_n(θ), t_n),    without weight decay

        θ holds w then b, layer by layer, in one vector, as `path.points` do. `loss` is needed
        only where the run was trained with one of the user's own, which is not stored.
        """
        if loss is None and self.settings.loss == CUSTOM:
            raise SettingError(
                "this run used a loss of the user's own, which is not stored: pass it again, "
                "run.objective(loss=…)"
            )
        known = losses[self.settings.loss] if loss is None else loss
        return network_objective(self.network, self.params, self.split(which), known)

    def split(self, which: str = "test") -> Split:
        """The examples that the run calls "train", "validation" or "test".

        "train" are those it learnt from: of the data's, without those held back for validation.
        Raises DataError for another name, SettingError for "validation" where there is none.
        """
        share = self.settings.validation
        if which == "test" or (which == "train" and share == 0):
            return self.data.split(which)
        if share == 0 and which == "validation":
            raise SettingError(
                "which is 'validation', but no data was held back: train with validation=0.1"
            )
        if which not in ("train", "validation"):
            raise DataError(f"split {which!r} is not there: choose 'train' or 'test'")
        whole = self.data.train
        learnt, held_back = split_off(len(whole), share, self.settings.seed)
        members = learnt if which == "train" else held_back
        return Split(whole.stored[members], whole.t[members], whole.scale)

    def save(self, folder: str | os.PathLike[str], force: bool = False) -> None:
        """Writes the run to a folder.

        Raises RunError when the folder already holds a run or anything else (unless `force`), or
        when a part of the network has no name by which it could be loaded again.
        """
        own = self.records  # a damaged record is noticed before anything is written
        target = RunFolder.create(folder, force)
        records = Records(
            target.root,
            self.network,
            self.settings.path_budget,
            own.path.stride,
            1 if own.layers is None else own.layers.stride,
        )
        with reading_record(self.folder):
            own.copy_to(records)
        target.commit(
            describe_network(self.network),
            self.about,
            self.settings,
            self.outcome,
            self.tensors,
            records.flush(),
        )
        self.folder, self.records = os.fspath(folder), records

    def _classes(self) -> tuple[str, ...]:
        if self.about.classes is None:
            raise SettingError(
                f"data {self.about.name!r} has values, not classes: use run.predict(x)"
            )
        return self.about.classes

    def _values(self, which: str) -> tuple[Values, Values]:
        """The outputs and targets of a regression's split, as the data has them."""
        if self.about.classes is not None:
            raise SettingError(
                f"data {self.about.name!r} has classes, not values: use run.accuracy({which!r})"
            )
        return self.outputs(which), self.split(which).t

    def _in_own_units(
        self, y: Float[np.ndarray, "examples outputs"]
    ) -> Float[np.ndarray, "examples outputs"]:
        target = self.about.target
        if target is None or target.categories is not None:
            return y
        return y * target.std + target.mean

    def __repr__(self) -> str:
        accuracy = self.outcome.test.accuracy
        shown = f", test accuracy {accuracy:.4f}" if accuracy is not None else ""
        return (
            f"Run({list(self.network.sizes)} on {self.about.name!r}, {self.outcome.epochs} epochs, "
            f"{self.outcome.iterations} iterations, stopped: {self.stopped}{shown})"
        )


def load_run(folder: str | os.PathLike[str], data: Dataset | None = None) -> Run:
    """The run in a folder, as `Run.save` or `train(…, out=folder)` left it.

    Nothing in the folder is executed. The data itself is loaded when it is first needed, unless
    it is given, and so are the records of `history` and `path`. Raises RunError when the folder
    is not a run, its description or its parameters are damaged, or a newer koubai wrote it.
    """
    if data is not None and not isinstance(data, Dataset):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise SettingError(f"data is {data!r}: give the Dataset that the run was trained on")
    expect(folder, (str, os.PathLike), "folder", "the path of a run, such as 'runs/first'")
    description, tensors = read_run(folder)
    network = build_network(description.network)
    run = Run(
        network=network,
        params=kept_params(tensors),
        settings=description.settings,
        outcome=description.outcome,
        about=description.data,
        tensors=tensors,
        _record=description,
        folder=os.fspath(folder),
        _data=data,
    )
    network.check(run.params, (network.sizes[0],))
    return run


def _alone(values: Float[np.ndarray, " outputs"]) -> float | Float[np.ndarray, " outputs"]:
    return float(values[0]) if len(values) == 1 else values
