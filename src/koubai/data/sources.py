"""A data set by what is written about it: in a run file, or on the command line."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from pathlib import Path

from koubai.data.arrays import arrays
from koubai.data.bitmaps import bitmaps
from koubai.data.checks import PathLike, kind
from koubai.data.dataset import Dataset, Source
from koubai.data.digits import digits
from koubai.data.images import images
from koubai.data.mnist import mnist
from koubai.data.rows import read_csv
from koubai.data.single import single
from koubai.data.table import table
from koubai.data.toy import blobs, circles, line, moons, sine, spirals, xor
from koubai.errors import DataError, SettingError, UnknownNameError, unknown_name

Loader = Callable[..., Dataset]

_NAMED: dict[str, Loader] = {
    loader.__name__: loader
    for loader in (
        digits,
        mnist,
        bitmaps,
        single,
        line,
        sine,
        xor,
        moons,
        circles,
        spirals,
        blobs,
    )
}
_LOADERS: dict[str, Loader] = {**_NAMED, "table": table, "images": images, "arrays": arrays}


def load(source: Source) -> Dataset:
    """The data set again that has this source, number for number.

        load(data.source).digest = data.digest

    Raises DataError for data that were passed as arrays, for arguments that the loader does not
    take, and whatever the loader finds wrong; UnknownNameError for another loader.
    """
    if source.loader not in _LOADERS:
        raise unknown_name("loader", source.loader, _LOADERS)
    if source.loader == "arrays":
        raise DataError(
            "these data were passed as arrays, which are not kept: pass the same data again"
        )
    loader = _LOADERS[source.loader]
    try:
        inspect.signature(loader).bind(**source.arguments)
    except TypeError as error:
        raise DataError(
            f"the loader {source.loader!r} cannot be called with the arguments of this source "
            f"({error}): correct the source, or load the data by hand"
        ) from error
    return loader(**source.arguments)


def from_argument(
    what: PathLike,
    target: str | None = None,
    *,
    task: str | None = None,
    size: str | None = None,
    colour: bool = False,
    folder: PathLike | None = None,
) -> Dataset:
    """The data set that is meant on the command line.

    what: a name (digits, mnist, bitmaps, line, sine, xor, moons, circles, spirals, blobs), a
    .csv file, or a folder of images. A name goes before a folder of that name, for which ./name
    is written.

    Of a table, target: the column that is to be learnt, the last one unless given; task:
    "classification" or "regression". Of a folder of images, size: "28x28", and colour. Of
    mnist, folder: where its files are.

    Raises UnknownNameError for a name that koubai does not know, DataError for a path that does
    not exist or is no such file, SettingError for a setting that belongs to other data.
    """
    text = os.fspath(what)
    path = Path(text).expanduser()
    loader = _meant(text, path)
    settings = {"target": target, "task": task, "size": size, "colour": colour, "folder": folder}
    _refuse_misplaced(text, loader, settings)
    if loader == "table":
        return table(path, read_csv(path).header[-1] if target is None else target, task)
    if loader == "images":
        return images(path, size, colour)
    return mnist(folder) if loader == "mnist" else _NAMED[loader]()


_OWNERS = {
    "target": ("table", "a .csv file"),
    "task": ("table", "a .csv file"),
    "size": ("images", "a folder of images"),
    "colour": ("images", "a folder of images"),
    "folder": ("mnist", "mnist"),
}


def _meant(text: str, path: Path) -> str:
    """The name of the loader."""
    if text in _NAMED:
        return text
    there = kind(path)
    if path.suffix.lower() == ".csv" and there != "folder":
        return "table"
    if there == "folder":
        return "images"
    if there == "file":
        raise DataError(f"{path} is not data: give a .csv file, a folder of images, or a name")
    if path.suffix or path.name != text:
        raise DataError(f"{text} does not exist: check the path")
    error = unknown_name("data set", text, _NAMED)
    raise UnknownNameError(f"{error} Or give FILE.csv, or a FOLDER of images.")


def _refuse_misplaced(text: str, loader: str, settings: dict[str, PathLike | bool | None]) -> None:
    for name, (owner, owned) in _OWNERS.items():
        value = settings[name]
        if value not in (None, False) and owner != loader:
            shown = os.fspath(value) if isinstance(value, os.PathLike) else value
            raise SettingError(f"{name} is {shown!r} but {text} is not {owned}: leave it out")
