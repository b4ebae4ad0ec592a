"""A CSV file as rows of text, each with its line number for the errors."""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from koubai.data.checks import PathLike, existing_file, read_bytes
from koubai.errors import DataError


@dataclass(frozen=True)
class Rows:
    """The cells of a CSV file, stripped of spaces about them."""

    path: Path
    header: list[str]
    cells: list[list[str]]
    lines: list[int]  # lines[row] is where the row begins in the file, from 1

    def __len__(self) -> int:
        return len(self.cells)

    def column(self, name: str) -> list[str]:
        """The cells of a column, none of them missing.

        Raises DataError when there is no such column, with the nearest name and the list, or a
        cell is missing, with its line.
        """
        at = self._position(name)
        column = [row[at] for row in self.cells]
        for row, text in enumerate(column):
            if text.lower() in _MISSING:
                raise DataError(
                    f"{self.where(row, name)}: the value is missing ({text!r}): "
                    "fill it in or remove the row"
                )
        return column

    def where(self, row: int, column: str) -> str:
        """How errors call a cell."""
        return f"{self.path} line {self.lines[row]}, column {column!r}"

    def _position(self, name: str) -> int:
        if name in self.header:
            return self.header.index(name)
        nearest = difflib.get_close_matches(name, self.header, n=1, cutoff=0.5)
        hint = f" Did you mean {nearest[0]!r}?" if nearest else ""
        raise DataError(
            f"column {name!r} is not in {self.path}.{hint} It has: {', '.join(self.header)}."
        )


_MISSING = frozenset(("", "nan", "na", "n/a", "null", "?"))


def read_csv(file: PathLike) -> Rows:
    """The rows of a CSV file in UTF-8 whose first line names the columns.

    Commas, semicolons or tabs separate, whichever the first line has most of. Blank lines are
    passed over.

    Raises DataError when the file is missing, a folder, not UTF-8, empty, or has a name twice,
    a row of another length, or an error in its quotation marks.
    """
    path = existing_file(file)
    header, *records = list(_records(path)) or [(1, [])]
    _check_header(path, header[1])
    if not records:
        raise DataError(f"{path} has a header but no rows below it: add some")
    for line, cells in records:
        if len(cells) != len(header[1]):
            raise DataError(
                f"{path} line {line} has {len(cells)} values but the header names "
                f"{len(header[1])} columns: is there a separator too many or too few?"
            )
    return Rows(path, header[1], [cells for _, cells in records], [line for line, _ in records])


def _records(path: Path) -> Iterator[tuple[int, list[str]]]:
    text = _decoded(path)
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    # Strict, or a quotation mark left open would swallow the rest of the file in silence.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for cells in reader:
            if cells:
                yield line, [cell.strip() for cell in cells]
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataError(f"{path} line {line} is not CSV ({error}): correct it") from error


def _decoded(path: Path) -> str:
    content = read_bytes(path)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{path} line {line} is not UTF-8 (byte {content[error.start]:#04x}): "
            "save the file as 'CSV UTF-8'"
        ) from error


def _check_header(path: Path, header: list[str]) -> None:
    if not header:
        raise DataError(f"{path} is empty: its first line must name the columns")
    for at, name in enumerate(header):
        if not name:
            raise DataError(f"{path}: column {at + 1} has no name: the first line names them all")
        if name in header[:at]:
            raise DataError(
                f"{path} has two columns called {name!r}: the first line must give each its own"
            )
