"""How well the nearest training example answers: what the data gives away without a network."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from koubai.data.dataset import Split

# Examples that are compared, of either split.
_TRAIN, _TEST = 4000, 1000


def nearest(
    train: Split, test: Split
) -> tuple[Int[np.ndarray, " asked"], Int[np.ndarray, " asked"]]:
    """Examples of the test data, and for each the training example that is nearest to it.

    Each input is divided by its standard deviation first. Of large splits some, evenly spread.
    """
    known, asked = _some(len(train), _TRAIN), _some(len(test), _TEST)
    among = train.stored[known].astype(np.float64)
    spread = among.std(axis=0)
    scale = 1 / np.where(spread > 0, spread, np.inf)
    a, b = (among - among.mean(axis=0)) * scale, (test.stored[asked] - among.mean(axis=0)) * scale
    return asked, known[_squared_distances(b, a).argmin(axis=1)]


def _some(examples: int, most: int) -> Int[np.ndarray, " some"]:
    return np.unique(np.linspace(0, examples - 1, min(examples, most)).round().astype(int))


def _squared_distances(
    a: Float[np.ndarray, "n inputs"], b: Float[np.ndarray, "m inputs"]
) -> Float[np.ndarray, "n m"]:
    return (a**2).sum(axis=1)[:, None] - 2 * a @ b.T + (b**2).sum(axis=1)
