"""Schedules: what becomes of the learning rate η while training goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from koubai.functions.catalogue import Catalogue

Progress = Float[np.ndarray, " iterations"]


@dataclass(frozen=True, repr=False)
class Schedule:
    """A schedule: the factor on the learning rate, as a function of the progress s.

    s is the share of all planned iterations that is done, 0 at the first and below 1 at the last.
    """

    name: str
    factor: Callable[[Progress], Progress]
    formula: str

    def __repr__(self) -> str:
        return f"<schedule {self.name}>"


schedules: Catalogue[Schedule] = Catalogue(
    "schedule",
    [
        Schedule("constant", np.ones_like, r"\eta"),
        Schedule("linear", lambda s: 1 - s, r"\eta (1 - s)"),
        Schedule("cosine", lambda s: (1 + np.cos(np.pi * s)) / 2, r"\eta \frac{1 + \cos \pi s}{2}"),
        Schedule("exponential", lambda s: 0.01**s, r"\eta \cdot 0.01^{s}"),
    ],
)
