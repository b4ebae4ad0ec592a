"""A run: a trained network with everything about how it was trained."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import ArrayLike

from koubai import data as data_room
from koubai.data.dataset import Dataset
from koubai.descent.path import Path
from koubai.errors import DataError, SettingError, ShapeError
from koubai.networks.network import Network, Params
from koubai.training.describe import DataDescription, build_network, describe_network
from koubai.training.evaluate import outputs, predicted_classes
from koubai.training.history import History, Records
from koubai.training.settings import Settings
from koubai.training.storage import (
    Outcome,
    RunFolder,
    open_record,
    read_description,
    read_tensors,
    reading_record,
)
from koubai.training.tensors import Tensors, flat, kept_params, last_params


@dataclass(eq=False)
class Run:
    """The result of `train`.

    params: the trained parameters; settings: all that decided them; outcome: how far training
    came, why it stopped, and the loss and accuracy at the end; about: what is known of the data.
    `history` and `path` are read when asked for.
    """

    network: Network
    params: Params
    settings: Settings
    outcome: Outcome
    about: DataDescription
    records: Records
    tensors: Tensors = field(repr=False)
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
    def history(self) -> History:
        """The loss of every mini-batch, and the measures of every epoch."""
        with reading_record(self.folder):
            return History.of(self.records)

    @cached_property
    def path(self) -> Path:
        """What the parameters did: points every few iterations, the first and last among them.

        `values` are losses of mini-batches; the last point's, which no batch followed, is the
        loss over the whole training data.
        """
        with reading_record(self.folder):
            points, iterations, values = (
                self.records.path.read(name) for name in ("point", "iteration", "loss")
            )
        if not len(iterations) or iterations[-1] != self.outcome.iterations:
            loss = self.outcome.train.loss
            points = np.concatenate([points, flat(last_params(self.tensors))[None]])
            iterations = np.append(iterations, self.outcome.iterations)
            values = np.append(values, np.float32(np.nan if loss is None else loss))
        return Path(points, values, iterations, self.stopped)

    def predict(self, x: ArrayLike) -> Float[np.ndarray, "examples outputs"]:
        """The network's outputs for x: probabilities of the classes, or values in their own units.

        Shapes: x (inputs,) or (examples, inputs), as `data.test.x` has them; the result has one
        row for each example. Raises ShapeError when x has another number of columns.
        """
        stored = np.atleast_2d(np.asarray(x, dtype=np.float32))
        if stored.shape[-1] != self.network.sizes[0]:
            raise ShapeError(
                f"x has {stored.shape[-1]} columns but the network takes "
                f"{self.network.sizes[0]} inputs. Was it trained on other data? See run.data"
            )
        return self._in_own_units(outputs(self.network, self.params, stored, 1.0))

    def classify(self, x: ArrayLike) -> list[str]:
        """The name of the most probable class for each example of x. Shapes as `predict`."""
        classes = self._classes()
        return [classes[label] for label in predicted_classes(self.predict(x))]

    def accuracy(self, which: str = "test") -> float:
        """The share of the "train" or "test" examples that the network classes right."""
        self._classes()
        return float((self.predicted_labels(which) == self.data.split(which).t).mean())

    def predicted_labels(self, which: str = "test") -> Int[np.ndarray, " examples"]:
        """The label that the network gives each example of a split."""
        return predicted_classes(self.outputs(which))

    def confusion(self, which: str = "test") -> Int[np.ndarray, "classes classes"]:
        """How often class i (row) was taken for class j (column)."""
        from sklearn.metrics import confusion_matrix

        return confusion_matrix(
            self.data.split(which).t,
            self.predicted_labels(which),
            labels=list(range(len(self._classes()))),
        )

    def outputs(self, which: str = "test") -> Float[np.ndarray, "examples outputs"]:
        """The network's output for every example of a split, targets standardised as in it."""
        split = self.data.split(which)
        return outputs(self.network, self.params, split.stored, split.scale)

    def save(self, folder: str | os.PathLike[str], force: bool = False) -> None:
        """Writes the run to a folder.

        Raises RunError when the folder already holds a run (unless `force`), or when a part of
        the network has no name by which it could be loaded again.
        """
        target = RunFolder.create(folder, force)
        records = Records(
            target.root,
            self.network.parameter_count,
            self.settings.path_budget,
            self.records.path.stride,
        )
        with reading_record(self.folder):
            self.records.copy_to(records)
        target.commit(
            describe_network(self.network),
            self.about,
            self.settings,
            self.outcome,
            self.tensors,
            records.flush(),
        )
        self.folder = os.fspath(folder)

    def _classes(self) -> tuple[str, ...]:
        if self.about.classes is None:
            raise SettingError(
                f"data {self.about.name!r} has values, not classes: use run.predict(x)"
            )
        return self.about.classes

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
    it is given. Raises RunError when the folder is not a run, or is damaged, or was written by a
    newer koubai.
    """
    description = read_description(folder)
    network = build_network(description.network)
    tensors = read_tensors(folder, description)
    root = open_record(folder, description).root
    with reading_record(folder):
        records = Records(
            root,
            network.parameter_count,
            description.settings.path_budget,
            marks=description.marks,
        )
    run = Run(
        network=network,
        params=kept_params(tensors),
        settings=description.settings,
        outcome=description.outcome,
        about=description.data,
        records=records,
        tensors=tensors,
        folder=os.fspath(folder),
        _data=data,
    )
    network.check(run.params, (network.sizes[0],))
    return run
