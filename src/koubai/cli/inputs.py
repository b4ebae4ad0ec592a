"""Files with new examples, read as the network of a run sees them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float, UInt8

from koubai.data import read_image, read_rows
from koubai.data.checks import existing_file, read_bytes
from koubai.errors import DataError
from koubai.training.describe import DataDescription

# Their ink is light on dark, and they have a border that is dark: the 4×3 bitmaps have none.
_LIGHT_ON_DARK = ("digits", "mnist")
_LARGEST = float(np.finfo(np.float32).max)


@dataclass(frozen=True, eq=False)
class Inputs:
    """Examples of one file, x = (examples, inputs), and what to call each."""

    names: list[str]
    x: Float[np.ndarray, "examples inputs"]
    inverted: bool = False


def read_inputs(data: DataDescription, file: Path, invert: bool | None) -> Inputs:
    """The examples of a CSV file or an image, for a network that was trained on that data.

    invert: whether light and dark change places in images; None means where digits have a light
    border. Raises DataError when the file is not what the network takes.
    """
    if file.suffix.lower() == ".csv":
        x = read_rows(file, data.columns) if data.columns else _numbers(data, file)
        return Inputs([f"{file} row {row}" for row in range(1, len(x) + 1)], x)
    if data.image_shape is None:
        raise DataError(
            f"{file} is not a .csv file, and the run was trained on {data.name!r}, which are not "
            f"images: give a .csv file"
        )
    pixels = read_image(file, data.image_shape)
    if invert is None:
        invert = data.source.loader in _LIGHT_ON_DARK and _has_light_border(
            pixels.reshape(data.image_shape)
        )
    x = (255 - pixels if invert else pixels).astype(np.float32) / 255
    return Inputs([str(file)], x[None], invert)


def _has_light_border(image: UInt8[np.ndarray, "height width"]) -> bool:
    inside = np.zeros(image.shape, dtype=bool)
    inside[1:-1, 1:-1] = True
    return bool(image[~inside].mean() > 127)


def _numbers(data: DataDescription, file: Path) -> Float[np.ndarray, "rows inputs"]:
    """Rows of numbers in the unit of the data, x = scale · number; a header is passed over."""
    path = existing_file(file)
    text = read_bytes(path).decode("utf-8-sig", errors="replace")
    separator = max(",;\t", key=text.partition("\n")[0].count)
    lines = [
        (number, [cell.strip(' "') for cell in line.split(separator)])
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip()
    ]
    if lines and not any(_is_number(cell) for cell in lines[0][1]):
        lines = lines[1:]
    if not lines:
        raise DataError(f"{path} is empty: give rows of {data.inputs} numbers")
    rows = [_row(path, line, cells, data.inputs) for line, cells in lines]
    return np.array(rows, dtype=np.float32) * np.float32(data.scale)


def _row(path: Path, line: int, cells: list[str], inputs: int) -> list[float]:
    if len(cells) != inputs:
        raise DataError(
            f"{path} line {line} has {len(cells)} values where the network takes {inputs}: give "
            f"the inputs alone, in their order"
        )
    for cell in cells:
        if not _is_number(cell):
            raise DataError(f"{path} line {line}: {cell!r} is not a finite number: correct it")
    return [float(cell) for cell in cells]


def _is_number(text: str) -> bool:
    try:
        return abs(float(text)) <= _LARGEST  # which NaN is not either
    except ValueError:
        return False
