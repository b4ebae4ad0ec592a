"""A CSV file as rows of text, each with its line number for the errors."""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from koubai.data.cells import is_missing, looks_numeric
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
        """The cells of a column; DataError, with the nearest name, when there is none such."""
        at = self._position(name)
        return [row[at] for row in self.cells]

    def refuse_missing(self, names: Iterable[str]) -> None:
        """DataError when values are missing in these columns: how many, and where first."""
        lines = {name: self._missing(name) for name in names}
        lines = {name: missing for name, missing in lines.items() if missing}
        if not lines:
            return
        count = sum(len(missing) for missing in lines.values())
        if count == 1:
            ((name, (line,)),) = lines.items()
            raise DataError(
                f"{self.path} line {line}, column {name!r}: the value is missing: fill it in or "
                "remove the row"
            )
        shown = [
            f"{name!r} ({len(missing)}, first on line {missing[0]})"
            for name, missing in list(lines.items())[:_MOST_SHOWN]
        ]
        if len(lines) > _MOST_SHOWN:
            shown.append(f"{len(lines) - _MOST_SHOWN} more")
        raise DataError(
            f"{self.path} has {count} missing values, in "
            f"column{'s' * (len(lines) > 1)} {_listed(shown)}: fill them in, or remove these rows "
            "or columns"
        )

    def where(self, row: int, column: str) -> str:
        """How errors call a cell."""
        return f"{self.path} line {self.lines[row]}, column {column!r}"

    def _missing(self, name: str) -> list[int]:
        """The lines where the column has nothing."""
        cells = zip(self.lines, self.column(name), strict=True)
        return [line for line, text in cells if is_missing(text)]

    def _position(self, name: str) -> int:
        if name in self.header:
            return self.header.index(name)
        nearest = difflib.get_close_matches(name, self.header, n=1, cutoff=0.5)
        hint = f" Did you mean {nearest[0]!r}?" if nearest else ""
        raise DataError(
            f"column {name!r} is not in {self.path}.{hint} It has: {', '.join(self.header)}."
        )


_MOST_SHOWN = 5  # columns in one message


def _listed(texts: list[str]) -> str:
    return " and ".join(part for part in (", ".join(texts[:-1]), texts[-1]) if part)


def read_csv(file: PathLike) -> Rows:
    """The rows of a CSV file in UTF-8 whose first line names the columns.

    Tabs separate if the first line has one, else semicolons, else commas. Blank lines are passed
    over.

    Raises DataError when the file is missing, a folder, not UTF-8, empty, or has a name twice,
    a row of another length, an error in its quotation marks, or data where the names belong.
    """
    path = existing_file(file)
    (first, header), *records = list(read_records(path)) or [(1, [])]
    _refuse_data(path, first, header, [cells for _, cells in records])
    _check_header(path, header)
    if not records:
        raise DataError(f"{path} has a header but no rows below it: add some")
    for line, cells in records:
        if len(cells) != len(header):
            raise DataError(
                f"{path} line {line} has {len(cells)} values but the header names "
                f"{len(header)} columns: is there a separator too many or too few, or a decimal "
                "comma?"
            )
    return Rows(path, header, [cells for _, cells in records], [line for line, _ in records])


def read_records(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Every line that is not blank: its number in the file, from 1, and its cells.

    Raises DataError when the file is not UTF-8 or has an error in its quotation marks.
    """
    text = _decoded(path)
    first = text.partition("\n")[0]
    # Not whichever is there most often: 1,5;2,5 has more decimal commas than separators.
    separator = next((mark for mark in "\t;" if mark in first), ",")
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


def _refuse_data(path: Path, line: int, header: list[str], below: list[list[str]]) -> None:
    """DataError when each cell of the first line could stand among those below it.

    That is a number among numbers, or a text that recurs. A line on its own is data when a number
    is in it.
    """
    columns = [[row[at] for row in below if at < len(row)] for at in range(len(header))]
    if below:
        is_data = all(_belongs(cell, column) for cell, column in zip(header, columns, strict=True))
    else:
        is_data = any(looks_numeric(cell) for cell in header)
    if header and is_data:
        raise DataError(
            f"{path} line {line} looks like data ({', '.join(header[:3])}"
            f"{', …' * (len(header) > 3)}), but the first line must name the columns: add a line "
            "with their names above it"
        )


def _belongs(cell: str, column: list[str]) -> bool:
    if not looks_numeric(cell):
        return cell in column
    return all(looks_numeric(text) or is_missing(text) for text in column)


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
