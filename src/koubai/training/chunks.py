"""A chunk of an array in a Zarr folder, read and checked: its file is named where it is damaged."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Shaped

from koubai.errors import RunError

# What Zarr raises for files that were altered or are missing.
DAMAGE = (AttributeError, IndexError, KeyError, OSError, TypeError, ValueError, RuntimeError)


def read_chunk(store: Path, array: Any, chunk: int, advice: str) -> Shaped[np.ndarray, "..."]:
    """The rows of a chunk of an array in the folder `store`.

    Zarr fills what is missing, and reads the chunks of an array side by side: where one of them is
    damaged the others are left under way, and Python may complain of them when it ends.

    Raises RunError where the chunk's file is missing or was altered, with its path and `advice`.
    """
    place = (chunk, *(0,) * (array.ndim - 1))
    file = store / array.path / "c" / "/".join(map(str, place))
    if not file.exists():
        raise RunError(f"{os.fspath(file)!r} is missing. {advice}")
    try:
        return np.asarray(array.get_block_selection(place))
    except DAMAGE:
        raise RunError(
            f"{os.fspath(file)!r} is damaged: it was altered after it was written. {advice}"
        ) from None
