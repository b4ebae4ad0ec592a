"""The data that a network may learn from: what koubai brings, and what the user gave."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache

from koubai import data
from koubai.data.dataset import Dataset
from koubai.data.mnist import mnist_is_there
from koubai.errors import DataError, unknown_name
from koubai.play.messages import DataChoice

# What is always there, by the names that the page has words for.
_OWN: Mapping[str, Callable[[], Dataset]] = {
    "single": data.single,
    "bitmaps": data.bitmaps,
    "xor": data.xor,
    "moons": data.moons,
    "circles": data.circles,
    "spirals": data.spirals,
    "blobs": data.blobs,
    "line": data.line,
    "sine": data.sine,
    "digits": data.digits,
}


class Datasets:
    """Data sets by name, each loaded when it is first asked for.

    MNIST is among them where its files are whole: nothing is downloaded here. given: the user's
    own, by the name of its file, with a ′ where koubai has data of that name.
    """

    def __init__(self, given: Dataset | None = None) -> None:
        self._loaders: dict[str, Callable[[], Dataset]] = {
            name: cache(load) for name, load in _OWN.items()
        }
        if mnist_is_there():
            self._loaders["mnist"] = cache(data.mnist)
        if given is not None:
            name = f"{given.name}′" if given.name in self._loaders else given.name
            self._loaders[name] = lambda: given

    def __getitem__(self, name: str) -> Dataset:
        """The data of that name. Raises UnknownNameError, or what the loader raises."""
        if name not in self._loaders:
            raise unknown_name("data", name, list(self._loaders))
        return self._loaders[name]()

    def choices(self) -> tuple[DataChoice, ...]:
        """What there is to choose from: not what is damaged."""
        found = list[DataChoice]()
        for name in self._loaders:
            with suppress(DataError):
                found.append(_choice(name, self[name]))
        return tuple(found)


def _choice(name: str, found: Dataset) -> DataChoice:
    names = list[str]()
    for column in found.columns:
        names += [column.name] if column.categories is None else list(column.categories)
    return DataChoice(
        name=name,
        train_examples=len(found.train),
        test_examples=len(found.test),
        inputs=found.inputs,
        outputs=found.outputs,
        classes=found.classes or (),
        image_shape=found.image_shape,
        input_names=tuple(names),
    )
