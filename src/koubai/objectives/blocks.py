"""The arrays that a flat vector of parameters is made of, and their filters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np


class Block(NamedTuple):
    """One array of parameters, in its place in the flat vector.

    filters: the axis along which its filters lie, that is the weights that lead to one unit: the
    last for koubai and JAX, whose w is (inputs, units), the first for PyTorch. None for an array
    that has none: biases, and whatever has fewer than two axes.
    """

    name: str
    shape: tuple[int, ...]
    filters: int | None

    @property
    def size(self) -> int:
        """How many parameters it holds."""
        return math.prod(self.shape)


def split_blocks(theta: Any, blocks: Sequence[Block]) -> list[Any]:
    """The arrays of a flat vector of NumPy's, as views into it, or of JAX's."""
    ends = np.cumsum([block.size for block in blocks])
    return [
        theta[end - block.size : end].reshape(block.shape)
        for end, block in zip(ends.tolist(), blocks, strict=True)
    ]
