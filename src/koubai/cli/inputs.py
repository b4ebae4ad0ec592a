"""Files with new examples, read as the network of a run sees them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float

from koubai.data import Drawing, read_drawing, read_image, read_numbers, read_rows
from koubai.errors import DataError
from koubai.training.describe import DataDescription

_DIGITS = ("digits", "mnist")


@dataclass(frozen=True, eq=False)
class Inputs:
    """Examples of one file, x = (examples, inputs), what to call each, and what was changed."""

    names: list[str]
    x: Float[np.ndarray, "examples inputs"]
    changes: str = ""


def read_inputs(data: DataDescription, file: Path, invert: bool | None) -> Inputs:
    """The examples of a CSV file or an image, for a network that was trained on that data.

    invert: whether light and dark change places in images; None means where digits have a light
    border, and with False they are not fitted either. Raises DataError when the file is not what
    the network takes.
    """
    if file.suffix.lower() == ".csv":
        x = _rows(data, file)
        return Inputs([f"{file} row {row}" for row in range(1, len(x) + 1)], x)
    if data.image_shape is None:
        raise DataError(
            f"{file} is not a .csv file, and the run was trained on {data.name!r}, which are not "
            f"images: give a .csv file"
        )
    if data.source.loader in _DIGITS and invert is not False:
        drawing = read_drawing(file, data.source.loader, invert)
    else:
        pixels = read_image(file, data.image_shape)
        drawing = Drawing(255 - pixels if invert else pixels, bool(invert), fitted=False)
    changes = ["inverted"] * drawing.inverted + ["cropped and centred"] * drawing.fitted
    x = drawing.pixels.astype(np.float32) / 255
    return Inputs([str(file)], x[None], ", ".join(changes))


def _rows(data: DataDescription, file: Path) -> Float[np.ndarray, "rows inputs"]:
    if data.columns:
        return read_rows(file, data.columns)
    return read_numbers(file, data.inputs, data.scale)
