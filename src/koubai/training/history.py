"""What is recorded while a network learns, and how it reads afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
import numpy as np
import zarr
from jaxtyping import Float, Int

from koubai.descent.recorder import Record
from koubai.training.evaluate import Measures

# 1.4 million iterations; beyond that every other one is kept, then every fourth, …
_HISTORY_BUDGET = 16 * 2**20

_MEASURES = tuple(
    f"{split}_{figure}"
    for split in ("train", "validation", "test")
    for figure in ("loss", "accuracy")
)


Columns = dict[str, tuple[str, tuple[int, ...]]]


class Mark(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much of a record is valid: so many rows of the group with that stride."""

    stride: int
    rows: int


class Records:
    """The three records of a run: the loss of each mini-batch, each epoch's measures, the path.

    With `marks`, what `flush` returned, those of an earlier session go on where it left them.
    """

    def __init__(
        self,
        root: zarr.Group,
        parameters: int,
        path_budget: int,
        path_stride: int = 1,
        marks: Mapping[str, Mark] | None = None,
    ) -> None:
        def record(name: str, columns: Columns, budget: int, stride: int = 1) -> Record:
            if marks is None:
                return Record(root, name, columns, budget, stride)
            return Record(root, name, columns, budget, marks[name].stride, marks[name].rows)

        step: Columns = {"iteration": ("i8", ()), "loss": ("f4", ())}
        measures: Columns = {"iteration": ("i8", ()), "epoch": ("i8", ())}
        measures |= dict.fromkeys(_MEASURES, ("f8", ()))
        self.batches = record("batches", step, _HISTORY_BUDGET)
        self.epochs = record("epochs", measures, _HISTORY_BUDGET)
        self.path = record(
            "path", step | {"point": ("f4", (parameters,))}, path_budget, path_stride
        )

    def _all(self) -> dict[str, Record]:
        return {"batches": self.batches, "epochs": self.epochs, "path": self.path}

    def flush(self) -> dict[str, Mark]:
        """Writes what is pending; returns how much of each record is valid now."""
        for record in self._all().values():
            record.flush()
        return {name: Mark(record.stride, record.rows) for name, record in self._all().items()}

    def clean(self) -> None:
        """Deletes what no mark of the last `flush` refers to."""
        for record in self._all().values():
            record.clean()

    def copy_to(self, other: Records) -> None:
        """Appends every row to records of the same form."""
        for name, record in self._all().items():
            other._all()[name].append_all_of(record)

    def add_epoch(self, iteration: int, epoch: int, measures: Measures) -> None:
        """Adds the measures of an epoch; what was not measured or is not finite becomes NaN."""
        row: dict[str, list[float]] = {"iteration": [iteration], "epoch": [epoch]}
        for split in ("train", "validation", "test"):
            measure = getattr(measures, split)
            row[f"{split}_loss"] = [_number(measure.loss if measure else None)]
            row[f"{split}_accuracy"] = [_number(measure.accuracy if measure else None)]
        self.epochs.append(**row)


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


@dataclass(frozen=True, eq=False)
class History:
    """How learning went, for figures and tables.

    For every mini-batch: `batch_iterations` and `batch_losses`, the loss before its update (every
    `batch_stride`-th, where there were too many to keep). For every epoch, from 0 before the
    first: `epochs`, `iterations` done by its end, and losses and accuracies of the training,
    validation and test data, NaN where there is none.
    """

    batch_iterations: Int[np.ndarray, " batches"]
    batch_losses: Float[np.ndarray, " batches"]
    batch_stride: int
    epochs: Int[np.ndarray, " epochs"]
    iterations: Int[np.ndarray, " epochs"]
    train_loss: Float[np.ndarray, " epochs"]
    train_accuracy: Float[np.ndarray, " epochs"]
    validation_loss: Float[np.ndarray, " epochs"]
    validation_accuracy: Float[np.ndarray, " epochs"]
    test_loss: Float[np.ndarray, " epochs"]
    test_accuracy: Float[np.ndarray, " epochs"]

    @staticmethod
    def of(records: Records) -> History:
        """The history that the records hold."""
        return History(
            batch_iterations=records.batches.read("iteration"),
            batch_losses=records.batches.read("loss"),
            batch_stride=records.batches.stride,
            epochs=records.epochs.read("epoch"),
            iterations=records.epochs.read("iteration"),
            **{name: records.epochs.read(name) for name in _MEASURES},
        )
