"""The path: what the parameters did on their way down."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int


@dataclass(frozen=True, eq=False)
class Path:
    """Points that a descent went through, in order.

    points: (points, parameters), flat parameter vectors, the first and the last always among
    them; iterations: the number of steps taken before each; values: the value of the function
    there (for training, the loss of the mini-batch that comes next); stopped: why it ended.
    """

    points: Float[np.ndarray, "points parameters"]
    iterations: Int[np.ndarray, " points"]
    values: Float[np.ndarray, " points"]
    stopped: str

    def __len__(self) -> int:
        return len(self.points)

    def __repr__(self) -> str:
        return (
            f"Path({len(self)} points, {self.points.shape[1]} parameters, iterations "
            f"{self.iterations[0]} to {self.iterations[-1]}, stopped: {self.stopped})"
        )
