"""A grid on disk: a Zarr folder that other programs open as it is, one chunk a task.

A folder appears with all but its values in one step; then one chunk after the other is written. So
a kill at any moment leaves a folder that can be gone on with. A chunk that is there and reads,
its CRC-32C included, counts; what is damaged is done again.
"""

from __future__ import annotations

import math
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
import zarr
from jaxtyping import Num
from zarr.codecs import Crc32cCodec
from zarr.storage import LocalStore

from koubai.errors import RunError, SettingError
from koubai.functions.arguments import expect
from koubai.landscapes.evaluate import Values
from koubai.training.chunks import DAMAGE, read_chunk

FORMAT = 1
AXES = ("alpha", "beta")
_MARK = "koubai_grid"


class Named(NamedTuple):
    """An array and the names of its dimensions."""

    array: Num[np.ndarray, "..."]
    dimensions: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Sheet:
    """All of a grid but its values.

    key: what tells it from other grids; quantities: how many columns of values each has; errors:
    whether they have standard errors; rows: of a chunk; arrays: whatever else belongs to it.
    """

    key: str
    shape: tuple[int, ...]
    quantities: Mapping[str, int]
    errors: bool
    rows: int
    arrays: Mapping[str, Named]
    attributes: Mapping[str, Any]


class GridFolder:
    """A folder that holds a grid, whole or in part."""

    def __init__(self, path: Path) -> None:
        """Opens it. Raises RunError when it is no grid, or damaged."""
        self.path = path
        try:
            # All-NaN chunks are values like others, to be written.
            with zarr.config.set({"array.write_empty_chunks": True}):
                self._root = zarr.open_group(LocalStore(path), mode="r+")
                self._arrays = dict(self._root.arrays())
            self.attributes = cast("dict[str, Any]", self._root.attrs.asdict())
            version = self.attributes[_MARK]
            self._values = {name: self._arrays[name] for name in self.attributes["values"]}
        except DAMAGE as error:
            raise RunError(
                f"{os.fspath(path)!r} is not a landscape, or a damaged one ({error}): give a "
                f"folder that land.save('….zarr') or landscape(…, out=…) wrote"
            ) from None
        if version > FORMAT:
            raise RunError(
                f"{os.fspath(path)!r} was written by koubai {self.attributes['koubai']}: upgrade "
                f"koubai to read it"
            )

    @staticmethod
    def find(out: str | os.PathLike[str], key: str) -> GridFolder | None:
        """The folder `out`, if it holds the grid with that key; None if there is nothing.

        Raises SettingError where it holds anything else.
        """
        expect(out, (str, os.PathLike), "out", "a folder, such as 'valley.zarr'")
        path = Path(out)
        if not os.fspath(out):
            raise SettingError("out is empty: name a folder, such as valley.zarr")
        if not path.exists() or (path.is_dir() and not any(path.iterdir())):
            return None
        try:
            folder = GridFolder(path)
        except RunError:
            raise SettingError(
                f"out is {os.fspath(out)!r}, which is there and holds no landscape, or a damaged "
                f"one: choose another folder, or delete it"
            ) from None
        if folder.attributes.get("key") != key:
            raise SettingError(
                f"out is {os.fspath(out)!r}, which holds another grid, of another plane, size, "
                f"metric or data (a DataLoader that shuffles gives other data each time): choose "
                f"another folder, or delete it"
            )
        return folder

    @staticmethod
    def create(out: str | os.PathLike[str], sheet: Sheet) -> GridFolder:
        """A new folder with all but the values. Raises SettingError where it cannot be written."""
        path = Path(out)
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}.partial")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_sheet(zarr.open_group(LocalStore(draft), mode="w"), sheet)
            draft.replace(path)
        except OSError as error:
            raise SettingError(
                f"out is {os.fspath(out)!r}, which cannot be written ({error.strerror}): choose "
                f"another place"
            ) from None
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        return GridFolder(path)

    @property
    def chunks(self) -> int:
        """How many chunks the grid has."""
        first = next(iter(self._values.values()))
        return first.cdata_shape[0]

    @property
    def points(self) -> tuple[int, int]:
        """How many points the grid has that are there and read, and how many it has at all."""
        first = self.attributes["values"][0]
        there = [self.read(chunk) for chunk in range(self.chunks)]
        width = sum(width for _, width in self.attributes["quantities"])
        kept = sum(values.values.size // width for values in there if values is not None)
        return kept, math.prod(self._values[first].shape)

    def array(self, name: str) -> Num[np.ndarray, "..."]:
        """An array that belongs to the grid, whole. RunError when it is damaged or missing."""
        advice = f"Delete {os.fspath(self.path)!r} and compute the landscape again"
        if name not in self:
            raise RunError(f"{os.fspath(self.path / name)!r} is missing. {advice}")
        return read_chunk(self.path, self._arrays[name], 0, advice)

    def __contains__(self, name: str) -> bool:
        return name in self._arrays

    def read(self, chunk: int) -> Values | None:
        """The values of a chunk, points × columns; None where it is missing or damaged."""
        try:
            found = {
                name: read_chunk(self.path, array, chunk, "Compute it again")
                for name, array in self._values.items()
            }
        except RunError:
            return None
        quantities = self.attributes["quantities"]
        columns = [found[name].reshape(-1, width) for name, width in quantities]
        errors = [
            found[error_of(name)].reshape(-1, width) if error_of(name) in found
            else np.zeros_like(column)
            for (name, width), column in zip(quantities, columns, strict=True)
        ]  # fmt: skip
        return Values(np.hstack(columns), np.hstack(errors))

    def write(self, chunk: int, values: Values) -> None:
        """Writes the values of a chunk."""
        first = 0
        for name, width in self.attributes["quantities"]:
            columns = slice(first, first + width)
            first += width
            self._write(name, chunk, values.values[:, columns])
            if error_of(name) in self._values:
                self._write(error_of(name), chunk, values.errors[:, columns])

    def _write(self, name: str, chunk: int, columns: Any) -> None:
        array = self._values[name]
        rows = array.chunks[0]
        part = slice(chunk * rows, min((chunk + 1) * rows, array.shape[0]))
        array[part] = columns.reshape(part.stop - part.start, *array.shape[1:])


def error_of(quantity: str) -> str:
    """The name of the array with a quantity's standard errors."""
    return f"{quantity}_error"


def _write_sheet(root: zarr.Group, sheet: Sheet) -> None:
    for name, (array, dimensions) in sheet.arrays.items():
        _create(root, name, array.shape, dimensions, array.shape, array.dtype)[...] = array
    chunk = (sheet.rows, *sheet.shape[1:])
    names = [n for q in sheet.quantities for n in ((q, error_of(q)) if sheet.errors else (q,))]
    for name in names:
        width = sheet.quantities[name.removesuffix("_error")]
        more = (width,) if width > 1 else ()
        dimensions = AXES[: len(sheet.shape)] + (("direction",) if more else ())
        _create(root, name, sheet.shape + more, dimensions, chunk + more, np.dtype("f8"))
    own = {
        _MARK: FORMAT,
        "key": sheet.key,
        "values": names,
        "quantities": [*sheet.quantities.items()],
    }
    root.attrs.update(own | dict(sheet.attributes))


def _create(
    root: zarr.Group,
    name: str,
    shape: tuple[int, ...],
    dimensions: tuple[str, ...],
    chunks: tuple[int, ...],
    dtype: Any,
) -> zarr.Array[Any]:
    floating = np.issubdtype(dtype, np.floating)
    return root.create_array(
        name,
        shape=shape,
        chunks=chunks,
        dtype=dtype,
        fill_value=np.nan if floating else 0,
        compressors=[Crc32cCodec()],
        dimension_names=dimensions,
        config={"write_empty_chunks": True},
    )
