"""A record of what happened: rows that grow in Zarr, under a budget.

When the budget is full every other row is dropped and the stride doubles, so a record of any
length of training covers all of it, evenly. Every chunk carries a CRC-32C.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import zarr
from jaxtyping import Shaped
from zarr.codecs import Crc32cCodec

# Rows reach Zarr in chunks of about this size.
_CHUNK_BYTES = 2**20

Column = Shaped[np.ndarray, "rows *shape"]


class Record:
    """Rows of named columns, one row every `stride` iterations.

    `columns` gives each column's dtype and the shape of one entry. The column "iteration" must
    be among them and rows must come in its order; those whose iteration is not a multiple of
    the stride are not kept. `budget` is in bytes.

    A record lives in its own group of `parent`, named `name-stride`. Doubling the stride writes
    a new group and leaves the old one alone until `clean` is called: whoever has noted stride and
    rows gets that state back by passing both, whatever was appended since.
    """

    def __init__(
        self,
        parent: zarr.Group,
        name: str,
        columns: dict[str, tuple[str, tuple[int, ...]]],
        budget: int,
        stride: int = 1,
        rows: int | None = None,
    ) -> None:
        self.stride = stride
        self._parent, self._name, self._columns = parent, name, columns
        row_bytes = sum(
            np.dtype(dtype).itemsize * int(np.prod(shape)) for dtype, shape in columns.values()
        )
        self._most_rows = max(2, budget // row_bytes)
        self._chunk_rows = max(1, min(self._most_rows, _CHUNK_BYTES // row_bytes))
        self._pending = _Pending(columns)
        self._written = 0
        if rows is None:
            self._group = self._create_group()
        else:
            self._group = _group(parent, f"{name}-{stride}")
            self._reopen(rows)

    @property
    def rows(self) -> int:
        """The number of rows kept."""
        return self._written + self._pending.rows

    def append(self, **rows: Any) -> None:
        """Adds rows: one array for each column, equally long."""
        kept = np.asarray(rows["iteration"]) % self.stride == 0
        self._pending.append({name: np.asarray(rows[name])[kept] for name in self._columns})
        whole_chunks = self._pending.rows - self._pending.rows % self._chunk_rows
        if whole_chunks:
            self._write(self._pending.take(whole_chunks))
            self._written += whole_chunks
        while self.rows > self._most_rows:
            self._thin()

    def append_all_of(self, other: Record) -> None:
        """Adds every row of a record with the same columns."""
        self.append(**{name: other.read(name) for name in self._columns})

    def read(self, name: str) -> Column:
        """One column, all rows."""
        written = _rows(self._array(name), 0, self._written)
        return np.concatenate([written, self._pending.column(name)])

    def flush(self) -> None:
        """Writes the rows that were waiting for their chunk to fill; they go on waiting."""
        self._write({name: self._pending.column(name) for name in self._columns})

    def clean(self) -> None:
        """Deletes the groups of earlier strides."""
        for key in list(self._parent.group_keys()):
            if key.startswith(f"{self._name}-") and key != self._group.basename:
                del self._parent[key]

    def _array(self, name: str) -> Any:
        # A chunk of zeros is written like any other, so that a missing one means damage.
        array: Any = self._group[name]
        return array.with_config({"write_empty_chunks": True})

    def _reopen(self, rows: int) -> None:
        """Takes the rows of the last, unfilled chunk back into memory."""
        self._written = rows - rows % self._chunk_rows
        self._pending.append(
            {name: _rows(self._array(name), self._written, rows) for name in self._columns}
        )

    def _create_group(self) -> zarr.Group:
        group = self._parent.create_group(f"{self._name}-{self.stride}", overwrite=True)
        for name, (dtype, shape) in self._columns.items():
            group.create_array(
                name,
                shape=(0, *shape),
                chunks=(self._chunk_rows, *shape),
                dtype=dtype,
                compressors=[Crc32cCodec()],
                dimension_names=["row", *(f"{name}_{axis}" for axis in range(len(shape)))],
            )
        return group

    def _write(self, rows: dict[str, Column]) -> None:
        for name, values in rows.items():
            array = self._array(name)
            array.resize((self._written + len(values), *array.shape[1:]))
            if len(values):
                array[self._written :] = values

    def _thin(self) -> None:
        old = {name: self._array(name) for name in self._columns}
        old_rows, pending = self._written, self._pending
        self.stride *= 2
        self._group, self._written = self._create_group(), 0
        self._pending = _Pending(self._columns)
        for start in range(0, old_rows, self._chunk_rows):
            stop = min(start + self._chunk_rows, old_rows)
            self.append(**{name: np.asarray(old[name][start:stop]) for name in self._columns})
        self.append(**{name: pending.column(name) for name in self._columns})


def _group(parent: zarr.Group, name: str) -> zarr.Group:
    """The group of that name, which has to be there."""
    group = parent[name]
    if not isinstance(group, zarr.Group):
        raise ValueError(f"{group.path} is an array where a group of arrays should be")
    return group


def _rows(array: Any, start: int, stop: int) -> Column:
    """Rows of an array, if every chunk up to them is there: Zarr fills a missing one with zeros.

    Behind them chunks may be missing: who wrote there was killed after the array had grown, and
    before it was filled.
    """
    chunks = -(-stop // array.chunks[0])
    if array.nchunks_initialized < chunks:
        raise ValueError(
            f"{chunks - array.nchunks_initialized} of {chunks} chunks of {array.path} are missing"
        )
    return array[start:stop]


class _Pending:
    """Rows in memory, added piece by piece and joined only when they are looked at."""

    def __init__(self, columns: dict[str, tuple[str, tuple[int, ...]]]) -> None:
        self.rows = 0
        self._pieces: dict[str, list[Column]] = {
            name: [np.empty((0, *shape), dtype)] for name, (dtype, shape) in columns.items()
        }

    def append(self, rows: dict[str, Column]) -> None:
        for name, pieces in self._pieces.items():
            pieces.append(rows[name].astype(pieces[0].dtype))
        self.rows += len(rows["iteration"])

    def column(self, name: str) -> Column:
        self._pieces[name] = [np.concatenate(self._pieces[name])]
        return self._pieces[name][0]

    def take(self, count: int) -> dict[str, Column]:
        """Removes the first rows and returns them."""
        taken: dict[str, Column] = {}
        for name in self._pieces:
            joined = self.column(name)
            taken[name], self._pieces[name] = joined[:count], [joined[count:]]
        self.rows -= count
        return taken
