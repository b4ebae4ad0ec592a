"""The path: what the parameters did on their way down."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float, Int

from koubai.objectives.objective import Objective

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Points = Float[np.ndarray, "points *shape"]
Values = Float[np.ndarray, " points"]


@dataclass(frozen=True, eq=False)
class Path:
    """Points that a descent went through, in order.

    points: (points, *shape of x), the first and the last always among them; values: the value of
    the function there (for training, the loss of the mini-batch that comes next); iterations: the
    number of steps taken before each.

    stopped: why it ended: "steps", "converged", "diverged", or for training one of the reasons of
    `Run.stopped`; message: the same in words, with what to do.

    A descent of a function also has: gradients, at each point, and gradient, how they were found,
    "exact" or "numerical"; learning_rate and optimizer;
    memory, the optimiser's inner quantities at each point by name, such as "velocity";
    first_bad_step and stable_learning_rate, where it diverged; and objective, what it descended.
    """

    points: Points
    values: Values
    iterations: Int[np.ndarray, " points"]
    stopped: str
    message: str = ""
    gradients: Points | None = None
    gradient: str = ""
    learning_rate: float | None = None
    optimizer: str = ""
    memory: Mapping[str, Points] = field(default_factory=dict[str, Points])
    first_bad_step: int | None = None
    stable_learning_rate: float | None = None
    objective: Objective | None = field(default=None, repr=False)

    @property
    def steps(self) -> Points:
        """The steps Δx = x_{k+1} − x_k: one fewer than points."""
        return np.diff(self.points, axis=0)

    @property
    def step_sizes(self) -> Values:
        """The length ‖Δx‖ of each step."""
        largest, units = _scaled(self.steps)
        return largest[:, 0] * np.linalg.norm(units, axis=1)

    @property
    def departure_angles(self) -> Values:
        """The angle, in degrees, of each step with the contour that it leaves.

            sin(angle) = |⟨∇f(x_k), Δx⟩| / (‖∇f(x_k)‖ ‖Δx‖)

        90° for plain gradient descent, whose steps go along −∇f; other optimisers turn away.
        NaN where the gradient or the step is zero.
        """
        return _angles(self._gradients[:-1], self.steps)

    @property
    def arrival_angles(self) -> Values:
        """The angle, in degrees, of each step with the contour that it arrives at.

        As `departure_angles`, with ∇f(x_{k+1}). It tends to 90° as the steps become small.
        """
        return _angles(self._gradients[1:], self.steps)

    def plot(self, **options: Any) -> Axes:
        """Draws the path: see `koubai.figures.path_figure`, which takes the options."""
        from koubai.figures.path import path_figure

        return path_figure(self, **options)

    def save(self, file: str | os.PathLike[str], **options: Any) -> File:
        """Writes the path, by its suffix: .png, .svg and .pdf draw it, with the options of `plot`;
        .html is a page in which it can be followed, with those of `koubai.report.save_page`.

        Returns the file. Raises SettingError for another suffix, and for a file that cannot be
        written.
        """
        from koubai.report.save import save_shown

        return save_shown(self, file, **options)

    def _repr_mimebundle_(self, **_: Any) -> Any:
        from koubai.report.notebook import mimebundle

        return mimebundle(self)

    @property
    def _gradients(self) -> Points:
        return np.full_like(self.points, np.nan) if self.gradients is None else self.gradients

    def __len__(self) -> int:
        return len(self.points)

    def __repr__(self) -> str:
        return (
            f"Path({len(self)} points of shape {self.points.shape[1:]}, iterations "
            f"{self.iterations[0]} to {self.iterations[-1]}, stopped: {self.stopped})"
        )


def _scaled(
    array: Points,
) -> tuple[Float[np.ndarray, "points 1"], Float[np.ndarray, "points elements"]]:
    """The largest element of each row, and the rows in units of it: their squares stay finite."""
    rows = array.reshape(len(array), -1).astype(np.float64)
    largest = np.abs(rows).max(axis=1, keepdims=True, initial=0)
    with np.errstate(invalid="ignore"):
        return largest, rows / np.where(largest > 0, largest, 1)


def _angles(gradients: Points, steps: Points) -> Values:
    (_, g), (_, d) = _scaled(gradients), _scaled(steps)
    with np.errstate(invalid="ignore"):
        g = g / np.linalg.norm(g, axis=1, keepdims=True)
        d = d / np.linalg.norm(d, axis=1, keepdims=True)
        across = (g * d).sum(axis=1)
        along = np.linalg.norm(d - across[:, None] * g, axis=1)
        return np.degrees(np.arctan2(np.abs(across), along))  # arcsin is coarse near 90°
