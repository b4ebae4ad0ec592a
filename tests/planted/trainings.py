"""What a planted training is, and data to plant it in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

import koubai as kb
from koubai.data import Dataset


@dataclass(frozen=True)
class Training:
    """A training with a known diagnosis.

    `train(seed)` gives the run. `kind` is the finding that it deserves, None for a healthy one;
    `also` are findings that are true as well. `shows(run)` says whether the fault (or the health)
    can be seen in losses and accuracies, so that a test can tell a planted fault that is gone from
    a verdict that is wrong.
    """

    name: str
    kind: str | None
    train: Callable[[int], kb.Run]
    shows: Callable[[kb.Run], bool]
    also: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<{self.kind or 'healthy'}: {self.name}>"


Train = Callable[[int], kb.Run]


class Trainings(list[Training]):
    """Records, each added by decorating the function that trains."""

    def add(
        self, kind: str | None, *also: str, shows: Callable[[kb.Run], bool]
    ) -> Callable[[Train], Train]:
        def keep(train: Train) -> Train:
            name = train.__name__.replace("_", " ")
            self.append(Training(name, kind, train, shows, also))
            return train

        return keep


def last(run: kb.Run, measure: str) -> float:
    """A measure after the last epoch, as "train_loss"."""
    return float(getattr(run.history, measure)[-1])


def first(run: kb.Run, measure: str) -> float:
    """A measure before the first epoch."""
    return float(getattr(run.history, measure)[0])


def few_digits(seed: int, n: int, shuffled: bool = False) -> Dataset:
    """So many of the 8×8 digits to learn from, their labels in any order if wanted."""
    digits = kb.data.digits(seed=seed)
    t = digits.train.t[:n]
    if shuffled:
        t = np.random.default_rng(seed).permutation(t)
    return kb.data.arrays(
        digits.train.x[:n], t, test=(digits.test.x, digits.test.t), classes=digits.classes
    )


def clouds(seed: int, n: int, rare: float, distance: float) -> Dataset:
    """Two round clouds of width 1 in the plane, that far apart; class "1" has the share `rare`."""
    rng = np.random.default_rng(seed)
    t = (np.arange(n) < round(rare * n)).astype(int)
    x = rng.normal(size=(n, 2))
    x[:, 0] += distance * t
    return kb.data.arrays(x, t, test_fraction=0.25, seed=seed)
