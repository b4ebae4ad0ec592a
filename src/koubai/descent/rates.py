"""The same descent with several learning rates: too small, right, too large, beyond all bounds."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path as File
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import ArrayLike

from koubai.descent.descend import descend
from koubai.descent.path import Path
from koubai.descent.stability import stable_learning_rate
from koubai.errors import SettingError
from koubai.objectives.objective import Objective

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Shares of the stable bound: too small, well chosen, too large, beyond.
# No two of them are as far from ½: on a bowl, where f falls by (1 − 2 · share)², they would be one.
_SHARES = (0.02, 0.4, 0.95, 1.03)
# What does not swing, or stays beyond the bound, is raised by so much, at most so often.
_RAISE, _RAISES = 1.25, 20
# From a plateau the bound is looked for along so many steps.
_FAR = 500
# The bound is looked for at so many points of a path.
_POINTS = 8
# With more than this share of the way down left, or so many times slower than the fastest, a
# descent is slow.
_LEFT, _SLOWER = 0.1, 4


@dataclass(frozen=True, eq=False)
class LearningRates:
    """Gradient descents of one function from the same start, one for each learning rate.

    stable_learning_rate: the bound 2/λ_max along a descent that settles; None where f bends
    upwards nowhere there.
    """

    objective: Objective
    paths: tuple[Path, ...]
    stable_learning_rate: float | None

    @property
    def verdicts(self) -> tuple[str, ...]:
        """What became of each: "diverges", "swings", "slow" or "good".

        "swings": at most steps the new gradient points against the one before. "slow": more than
        a tenth of the way down to the lowest value of all is left, or it takes more than four times
        as many steps as the fastest to get there.
        """
        values = np.concatenate([path.values for path in self.paths])
        lowest = float(values[np.isfinite(values)].min())
        needed = [_steps_needed(path, lowest) for path in self.paths]
        return tuple(
            _verdict(path, steps, min(needed))
            for path, steps in zip(self.paths, needed, strict=True)
        )

    def plot(self, **options: Any) -> tuple[Axes, ...]:
        """Draws the descents: see `koubai.figures.learning_rates`, which takes the options."""
        from koubai.figures.rates import learning_rates

        return learning_rates(self, **options)

    def save(self, file: str | os.PathLike[str], **options: Any) -> File:
        """Writes the descents to a file, as `Path.save` does one."""
        from koubai.report.save import save_shown

        return save_shown(self, file, **options)

    def _repr_mimebundle_(self, **_: Any) -> Any:
        from koubai.report.notebook import mimebundle

        return mimebundle(self)


def compare_learning_rates(
    f: Callable[[Any], Any] | Objective,
    start: ArrayLike | None = None,
    learning_rates: Sequence[float] | None = None,
    steps: int = 30,
) -> LearningRates:
    """Descends one function with several learning rates from the same start.

        stable: η < 2 / λ_max

    λ_max is the largest eigenvalue of the Hessian along a descent without a given learning rate,
    see `descend`, or where nothing bends upwards there along 500 steps of Adam. Without
    learning_rates there are four: 0.02, 0.4, 0.95 and 1.03 times that bound. The third is raised
    until it swings, if any does before it diverges, and the last until it diverges.

    Raises SettingError for no learning rate, and without learning_rates where f has no such bound;
    otherwise as `descend`. Reference: LeCun, Simard & Pearlmutter (1993).
    """
    first = descend(f, start, steps=steps)
    objective = cast(Objective, first.objective)
    bound = stable_learning_rate(objective, _some_points(first))
    if bound is None:  # a start on a plateau: beyond it there may be a valley that bends
        far = descend(objective, steps=_FAR, optimizer="adam")
        bound = stable_learning_rate(objective, _some_points(far))
    if learning_rates is not None:
        if not len(learning_rates):
            raise SettingError("learning_rates is empty: give one or more")
        given = [descend(objective, learning_rate=rate, steps=steps) for rate in learning_rates]
        return LearningRates(objective, tuple(given), bound)
    if bound is None:
        raise SettingError(
            "learning_rates is missing, and f bends upwards nowhere on the way, so that no "
            "bound suggests any: give some, such as [0.01, 0.1, 1.0]"
        )
    small, right, large, beyond = (
        descend(objective, learning_rate=share * bound, steps=steps) for share in _SHARES
    )
    swinging = next((path for path in _raised(large, steps) if _swings(path)), large)
    *_, diverging = _raised(beyond, steps)
    return LearningRates(objective, (small, right, swinging, diverging), bound)


def _some_points(path: Path) -> list[Any]:
    """Points of a path, the first and the last among them, up to where it gets out of hand."""
    points = path.points[: path.first_bad_step]
    return [
        np.asarray(points[k])
        for k in np.unique(np.linspace(0, len(points) - 1, _POINTS).astype(int))
    ]


def _raised(path: Path, steps: int) -> Iterator[Path]:
    """A descent, and the same with higher and higher rates, up to the first that diverges."""
    yield path
    for _ in range(_RAISES):
        if path.first_bad_step is not None:
            return
        rate = _RAISE * cast(float, path.learning_rate)
        path = descend(cast(Objective, path.objective), learning_rate=rate, steps=steps)
        yield path


def _steps_needed(path: Path, lowest: float) -> float:
    """After how many steps a descent has no more than a tenth of the way down left for good."""
    left = path.values - lowest > _LEFT * (path.values[0] - lowest)
    left |= ~np.isfinite(path.values)
    return math.inf if left[-1] else float(np.flatnonzero(left).max(initial=-1) + 1)


def _swings(path: Path) -> bool:
    """Whether a descent that stays has, at most steps, a gradient against the one before."""
    gradients = cast(Any, path.gradients).reshape(len(path), -1)
    against = (gradients[1:] * gradients[:-1]).sum(axis=1) < 0
    return path.first_bad_step is None and bool(against.sum() > 0.5 * len(against))


def _verdict(path: Path, needed: float, fewest: float) -> str:
    if path.first_bad_step is not None:
        return "diverges"
    if _swings(path):
        return "swings"
    return "slow" if needed > _SLOWER * fewest or math.isinf(needed) else "good"
