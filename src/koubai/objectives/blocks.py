"""The arrays that a flat vector of parameters is made of, and their filters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float


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


def split_blocks(
    theta: Float[np.ndarray, " parameters"], blocks: Sequence[Block]
) -> list[Float[np.ndarray, "..."]]:
    """The arrays of a flat vector, as views into it."""
    ends = np.cumsum([block.size for block in blocks])
    parts = np.split(theta, ends[:-1])
    return [part.reshape(block.shape) for part, block in zip(parts, blocks, strict=True)]
