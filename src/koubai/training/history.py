"""What is recorded while a network learns, and how it reads afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec
import numpy as np
import zarr
from jaxtyping import Float, Int

from koubai.descent.recorder import Record
from koubai.errors import SettingError
from koubai.networks.network import Network
from koubai.training.evaluate import Measures
from koubai.training.layers import QUANTITIES, Layers
from koubai.training.tensors import Tensors, last_look

# 1.4 million iterations; beyond that every other one is kept, then every fourth, …
_HISTORY_BUDGET = 16 * 2**20
_LAYERS_BUDGET = 2**20
# A loss that ends by this share above its least is called over-fitting; less may be chance.
_RISE = 0.05

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
    """The records of a run: each mini-batch's loss, each epoch's measures, the path, the layers.

    With `marks`, what `flush` returned, those of an earlier session go on where it left them. A
    run that was saved before layers were looked at has no record of them: `layers` is None.
    """

    def __init__(
        self,
        root: zarr.Group,
        network: Network,
        path_budget: int,
        path_stride: int = 1,
        layers_stride: int = 1,
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
            "path", step | {"point": ("f4", (network.parameter_count,))}, path_budget, path_stride
        )
        self.layers = None
        if marks is None or "layers" in marks:
            seen: Columns = dict.fromkeys(QUANTITIES, ("f4", (len(network.sizes) - 1,)))
            seen |= {"iteration": ("i8", ())}
            self.layers = record("layers", seen, _LAYERS_BUDGET, layers_stride)

    def __repr__(self) -> str:
        rows = ", ".join(
            f"{name}: {record.rows} rows, every {record.stride}"
            for name, record in self._all().items()
        )
        return f"Records({rows})"

    def _all(self) -> dict[str, Record]:
        always = {"batches": self.batches, "epochs": self.epochs, "path": self.path}
        return always if self.layers is None else always | {"layers": self.layers}

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


class Overfitting(NamedTuple):
    """The epoch at whose end a loss on data held back was least, that loss, and the last one."""

    epoch: int
    least: float
    last: float


@dataclass(frozen=True, eq=False)
class History:
    """How learning went, for figures and tables.

    For every mini-batch: `batch_iterations` and `batch_losses`, the loss before its update (every
    `batch_stride`-th, where there were too many to keep). For every epoch, from 0 before the
    first: `epochs`, `iterations` done by its end, and losses and accuracies of the training,
    validation and test data, NaN where there is none.

    `layers` is what was seen of each layer at some moments. Losses are of the targets as the data
    has them; those of a table's regression are of
    standardised targets, (t − mean) / std: see `Run.typical_error` for its own unit.
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
    layers: Layers = field(default_factory=Layers.none)

    def best_epoch(self, which: str = "test") -> int:
        """The epoch at whose end the loss on the "train", "validation" or "test" data was least.

        A loss on data held back that rises again afterwards is the sign of over-fitting. An epoch
        chosen by the test data makes them a part of training: to choose one, hold back validation
        data, `train(…, validation=0.2, patience=10)`.

        Raises SettingError for another split, or one whose loss was never a finite number.
        """
        if which not in ("train", "validation", "test"):
            raise SettingError(f"which is {which!r}: choose 'train', 'validation' or 'test'")
        losses: Float[np.ndarray, " epochs"] = getattr(self, f"{which}_loss")
        finite = np.isfinite(losses)
        if not finite.any():
            raise SettingError(
                f"which is {which!r}, and there no loss was measured that is a finite number: "
                f"choose another split, or train with validation=0.2"
            )
        return int(self.epochs[np.argmin(np.where(finite, losses, np.inf))])

    def overfitting(self, which: str = "test") -> Overfitting | None:
        """Where and by how much a loss rises again after its least; None where it does not.

        Less than 5 % may be chance, and is none. Raises SettingError as `best_epoch`.
        """
        least = self.epochs.tolist().index(self.best_epoch(which))
        losses: Float[np.ndarray, " epochs"] = getattr(self, f"{which}_loss")
        last = float(losses[np.isfinite(losses)][-1])
        if last <= (1 + _RISE) * losses[least]:
            return None
        return Overfitting(int(self.epochs[least]), float(losses[least]), last)

    @staticmethod
    def of(records: Records, tensors: Tensors, iteration: int) -> History:
        """The history that the records hold, up to the state of a run after so many iterations."""
        seen = records.layers
        layers = Layers.none() if seen is None else Layers.of(seen, last_look(tensors), iteration)
        return History(
            batch_iterations=records.batches.read("iteration"),
            batch_losses=records.batches.read("loss"),
            batch_stride=records.batches.stride,
            epochs=records.epochs.read("epoch"),
            iterations=records.epochs.read("iteration"),
            **{name: records.epochs.read(name) for name in _MEASURES},
            layers=layers,
        )

    def __repr__(self) -> str:
        if not len(self.epochs):
            return "History(empty)"
        losses = {"train": self.train_loss, "validation": self.validation_loss}
        losses["test"] = self.test_loss
        last = ", ".join(
            f"{split} loss {values[-1]:.4g}"
            for split, values in losses.items()
            if not np.isnan(values).all()
        )
        return f"History({self.epochs[-1]} epochs, {self.iterations[-1]} iterations: {last})"
