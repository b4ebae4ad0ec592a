"""What a planted gradient is: the arguments of a check, and the verdict that they deserve."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import koubai as kb
from koubai.networks.network import Params

# Whoever writes verdicts looks at TUNE alone; the tests judge them on HELD_OUT.
TUNE = (1, 2, 3)
HELD_OUT = (11, 12, 13, 14)

Point = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class FunctionCase:
    """The arguments of `kb.check_gradient`.

    `facts` says what was planted where: "factor" (the gradient given over the right one), "batch",
    "layer" (index into the parameters), "unit", "z", "index" (of a coordinate), "constant".
    """

    f: Callable[[Any], Any]
    grad_f: Callable[[Any], Any]
    x: Point
    step: float | None = None
    facts: Mapping[str, float] = field(default_factory=dict[str, float])

    def check(self) -> Any:
        return kb.check_gradient(self.f, self.grad_f, self.x, step=self.step)


@dataclass(frozen=True)
class NetworkCase:
    """The arguments of `kb.check_gradients`, and `facts` as in FunctionCase."""

    network: kb.Network
    params: Params
    x: Point
    t: Any
    gradients: Params
    loss: str | kb.Loss | None = None
    step: float | None = None
    facts: Mapping[str, float] = field(default_factory=dict[str, float])

    def check(self) -> Any:
        check: Any = kb.check_gradients
        return check(
            self.network,
            self.params,
            self.x,
            self.t,
            loss=self.loss,
            step=self.step,
            gradients=self.gradients,
        )


Case = FunctionCase | NetworkCase


@dataclass(frozen=True)
class WrongGradient:
    """A gradient check with a known answer: `check.kind` is `kind`, or one of `also`.

    `also` holds the verdicts that are true as well, where there are such: a right gradient beside
    a kink, for instance, may be found to agree with a smaller step.
    """

    name: str
    kind: str
    case: Callable[[int], Case]
    also: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<{self.kind}: {self.name}>"


Make = Callable[[np.random.Generator], Case]


class Collection(list[WrongGradient]):
    """Records, each added by decorating the function that makes its case from a generator."""

    def add(self, kind: str, *also: str) -> Callable[[Make], Make]:
        def keep(make: Make) -> Make:
            name = make.__name__.replace("_", " ")
            self.append(
                WrongGradient(name, kind, lambda seed: make(np.random.default_rng(seed)), also)
            )
            return make

        return keep
