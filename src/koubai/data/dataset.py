"""A data set: examples and targets in two splits, their meaning, and where they came from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import msgspec
import numpy as np
from jaxtyping import Float, Int, Num

from koubai.errors import DataError

Argument = str | int | float | bool | None


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How to get a data set again: the name of a loader in `koubai.data` and its arguments."""

    loader: str
    arguments: dict[str, Argument] = {}


class Column(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A column of a table, with what the training split taught about it.

    A numeric column enters the network as (value − mean) / std; a column with categories as one
    input for each category, 1 for its own and 0 for the others.
    """

    name: str
    categories: tuple[str, ...] | None = None
    mean: float = 0.0
    std: float = 1.0

    @property
    def width(self) -> int:
        """The number of inputs that this column becomes."""
        return 1 if self.categories is None else len(self.categories)


@dataclass(frozen=True, eq=False)
class Split:
    """Examples and their targets.

    `stored` is what lies in memory: uint8 for images, float32 for anything else. What a network
    sees is x = scale · stored. `t` holds labels, (examples,) int32, or values,
    (examples, outputs) float32.
    """

    stored: Num[np.ndarray, "examples features"]
    t: Int[np.ndarray, " examples"] | Float[np.ndarray, "examples outputs"]
    scale: float = 1.0

    @property
    def x(self) -> Float[np.ndarray, "examples features"]:
        """What the network sees, in float32; computed anew at each call."""
        return self.stored.astype(np.float32) * np.float32(self.scale)

    def __len__(self) -> int:
        return len(self.stored)

    def __repr__(self) -> str:
        return (
            f"Split({len(self)} examples: x {self.stored.shape} of {self.scale:g} · "
            f"{self.stored.dtype}, t {self.t.shape} of {self.t.dtype})"
        )


@dataclass(frozen=True, eq=False)
class Dataset:
    """Training and test data with their meaning.

    `classes` names the classes, or is None where the targets are values (regression). A table has
    its `columns` and `target`; images have an `image_shape`, (height, width) or
    (height, width, channels). `source` says how to get the same data again.

    Raises DataError when a split is empty, holds NaN or infinite values (it says where), or has
    labels outside the classes.
    """

    name: str
    train: Split
    test: Split
    classes: tuple[str, ...] | None
    source: Source
    image_shape: tuple[int, ...] | None = None
    columns: tuple[Column, ...] = ()
    target: Column | None = None

    def __post_init__(self) -> None:
        for which, split in (("train", self.train), ("test", self.test)):
            _check_split(self.name, which, split, self.classes)
        if self.test.stored.shape[1:] != self.train.stored.shape[1:]:
            raise DataError(
                f"the splits of {self.name!r} have {self.train.stored.shape[1]} and "
                f"{self.test.stored.shape[1]} features: give both the same"
            )

    @property
    def inputs(self) -> int:
        """The number of inputs that a network for this data takes."""
        return self.train.stored.shape[1]

    @property
    def outputs(self) -> int:
        """The number of outputs: one for each class, or one for each target value."""
        return len(self.classes) if self.classes is not None else self.train.t.shape[1]

    def split(self, which: str) -> Split:
        """The split of that name, "train" or "test"."""
        if which not in ("train", "test"):
            raise DataError(f"split {which!r} is not there: choose 'train' or 'test'")
        return self.train if which == "train" else self.test

    @cached_property
    def digest(self) -> str:
        """SHA-256 over every example and target and what they mean, in hexadecimal.

        Two data sets with the same digest hold the same numbers in the same order.
        """
        content = hashlib.sha256()
        for split in (self.train, self.test):
            for array in (split.stored, split.t):
                content.update(f"{array.dtype.str}{array.shape}{split.scale!r}".encode())
                content.update(np.ascontiguousarray(array).data)
        meaning = (self.classes, self.image_shape, self.columns, self.target)
        content.update(msgspec.json.encode(meaning))
        return content.hexdigest()

    def __repr__(self) -> str:
        kind = f"{len(self.classes)} classes" if self.classes is not None else "regression"
        return (
            f"Dataset({self.name!r}: {len(self.train)} training and {len(self.test)} test "
            f"examples, {self.inputs} inputs, {kind}, sha256 {self.digest[:12]})"
        )


def _check_split(name: str, which: str, split: Split, classes: tuple[str, ...] | None) -> None:
    where = f"the {which} split of {name!r}"
    if len(split) == 0:
        raise DataError(f"{where} is empty: give it at least one example")
    if len(split.t) != len(split):
        raise DataError(f"{where} has {len(split)} examples but {len(split.t)} targets")
    for part, array in (("x", split.stored), ("t", split.t)):
        if not np.issubdtype(array.dtype, np.floating):
            continue
        bad = np.argwhere(~np.isfinite(array))
        if len(bad):
            place = tuple(int(i) for i in bad[0])
            raise DataError(
                f"{where} holds {array[place]} at {part}{list(place)} "
                f"({len(bad)} such values): remove these examples or fill them in"
            )
    if classes is not None:
        outside = np.flatnonzero((split.t < 0) | (split.t >= len(classes)))
        if len(outside):
            first = int(outside[0])
            raise DataError(
                f"{where} has label {split.t[first]} at t[{first}], but there are "
                f"{len(classes)} classes, numbered 0 to {len(classes) - 1}"
            )
