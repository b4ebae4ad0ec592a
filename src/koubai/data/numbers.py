"""Rows of plain numbers: new examples for a network whose inputs have no names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from jaxtyping import Float

from koubai.data.cells import looks_numeric, number, with_point
from koubai.data.checks import PathLike, existing_file
from koubai.data.rows import read_records
from koubai.errors import DataError

_LARGEST = float(np.finfo(np.float32).max)


def read_numbers(
    file: PathLike, inputs: int, scale: float = 1.0
) -> Float[np.ndarray, "rows inputs"]:
    """The rows of a CSV file of numbers in the unit of the data: x = scale · number.

    A first line without any number is a header and passed over. scale: that of the data's
    splits, 1/16 for digits and 1/255 for MNIST.

    Shapes: (rows, inputs), float32.
    Raises DataError when the file is missing or empty, or a row has not `inputs` finite numbers;
    it names the line.
    """
    path = existing_file(file)
    records = list(read_records(path))
    if records and not any(looks_numeric(cell) for cell in records[0][1]):
        del records[0]
    if not records:
        raise DataError(f"{path} is empty: give rows of {inputs} numbers")
    rows = [_row(path, line, cells, inputs) for line, cells in records]
    return np.array(rows, dtype=np.float32) * np.float32(scale)


def _row(path: Path, line: int, cells: list[str], inputs: int) -> list[float]:
    if len(cells) != inputs:
        raise DataError(
            f"{path} line {line} has {len(cells)} values where the network takes {inputs}: give "
            "the inputs alone, in their order"
        )
    return [_finite(path, line, cell) for cell in cells]


def _finite(path: Path, line: int, cell: str) -> float:
    value = number(cell)
    if value is not None and abs(value) <= _LARGEST:
        return value
    pointed = with_point(cell)
    fault = "is not a finite number: correct it"
    if pointed is not None:
        fault = f"has a decimal comma: write it with a point, {pointed}"
    raise DataError(f"{path} line {line}: {cell!r} {fault}")
