"""Initial weights: how each layer's are drawn. Biases start at 0."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from jaxtyping import Float

from koubai.errors import SettingError
from koubai.functions.catalogue import Catalogue

# Weights of a larger scale would leave float32, which ends at 3.4e38.
_LARGEST = 1e30


@dataclass(frozen=True)
class Initialiser:
    """A distribution for the weights of a layer: mean 0, and a variance from the layer's size.

    `variance(inputs, units, scale)` is Var(w). `scale` is the number in "normal(0.01)": the
    standard deviation of `normal`, the limit of `uniform`; the other initialisers ignore it.
    """

    name: str
    variance: Callable[[int, int, float], float]
    distribution: Literal["normal", "uniform"]
    formula: str
    reference: str
    scale: float = 0.0

    def draw(
        self, rng: np.random.Generator, inputs: int, units: int
    ) -> Float[np.ndarray, "inputs units"]:
        """Weights of shape (inputs, units) in float32."""
        std = self.variance(inputs, units, self.scale) ** 0.5
        if self.distribution == "normal":
            weights = std * rng.standard_normal((inputs, units))
        else:
            limit = 3**0.5 * std  # the variance of U(−limit, limit) is limit² / 3
            weights = rng.uniform(-limit, limit, (inputs, units))
        return weights.astype(np.float32)

    def __str__(self) -> str:
        return f"{self.name}({self.scale:g})" if self.scale else self.name

    def __repr__(self) -> str:
        return f"<initialiser {self}>"


class Initialisers(Catalogue[Initialiser]):
    """The catalogue, in which "normal(0.05)" and "uniform(0.1)" name one with that scale."""

    def __getitem__(self, name: str) -> Initialiser:
        scaled = re.fullmatch(r"(normal|uniform)\([^()]+\)?", str(name).replace(" ", ""))
        if scaled is None:
            return super().__getitem__(name)
        return replace(super().__getitem__(scaled[1]), scale=_scale(name))


def _scale(name: str) -> float:
    """The number in "normal(0.01)"."""
    try:
        scale = float(name.partition("(")[2].strip().removesuffix(")"))
    except ValueError:
        scale = float("nan")
    if not name.strip().endswith(")"):
        raise SettingError(f"initialiser {name!r} lacks its closing bracket, as in 'normal(0.01)'")
    if not 0 < scale <= _LARGEST:
        raise SettingError(
            f"initialiser {name!r} needs a number above 0 and up to {_LARGEST:g}, as in "
            f"'normal(0.01)'"
        )
    return scale


def _of_scale(inputs: int, units: int, scale: float) -> float:
    return scale**2


def _of_limit(inputs: int, units: int, scale: float) -> float:
    return scale**2 / 3


def _xavier(inputs: int, units: int, scale: float) -> float:
    return 2 / (inputs + units)


def _he(inputs: int, units: int, scale: float) -> float:
    return 2 / inputs


def _lecun(inputs: int, units: int, scale: float) -> float:
    return 1 / inputs


def _zero(inputs: int, units: int, scale: float) -> float:
    return 0.0


initialisers = Initialisers(
    "initialiser",
    [
        Initialiser(
            name="normal",
            variance=_of_scale,
            distribution="normal",
            formula=r"w \sim N(0, s^2)",
            reference="斎藤『ゼロから作るDeep Learning』4.5 (s = 0.01)",
            scale=0.01,
        ),
        Initialiser(
            name="uniform",
            variance=_of_limit,
            distribution="uniform",
            formula=r"w \sim U(-s, s)",
            reference="LeCun, Bottou, Orr & Müller (1998), Efficient BackProp",
            scale=0.1,
        ),
        Initialiser(
            name="xavier",
            variance=_xavier,
            distribution="normal",
            formula=r"w \sim N\left(0, \frac{2}{n_{in} + n_{out}}\right)",
            reference="Glorot & Bengio (2010)",
        ),
        Initialiser(
            name="xavier_uniform",
            variance=_xavier,
            distribution="uniform",
            formula=r"w \sim U(-s, s), \quad s = \sqrt{\frac{6}{n_{in} + n_{out}}}",
            reference="Glorot & Bengio (2010)",
        ),
        Initialiser(
            name="he",
            variance=_he,
            distribution="normal",
            formula=r"w \sim N\left(0, \frac{2}{n_{in}}\right)",
            reference="He, Zhang, Ren & Sun (2015)",
        ),
        Initialiser(
            name="he_uniform",
            variance=_he,
            distribution="uniform",
            formula=r"w \sim U(-s, s), \quad s = \sqrt{\frac{6}{n_{in}}}",
            reference="He, Zhang, Ren & Sun (2015)",
        ),
        Initialiser(
            name="lecun",
            variance=_lecun,
            distribution="normal",
            formula=r"w \sim N\left(0, \frac{1}{n_{in}}\right)",
            reference="LeCun, Bottou, Orr & Müller (1998), Efficient BackProp",
        ),
        Initialiser(
            name="lecun_uniform",
            variance=_lecun,
            distribution="uniform",
            formula=r"w \sim U(-s, s), \quad s = \sqrt{\frac{3}{n_{in}}}",
            reference="LeCun, Bottou, Orr & Müller (1998), Efficient BackProp",
        ),
        Initialiser(
            name="zeros",
            variance=_zero,
            distribution="normal",
            formula=r"w = 0",
            reference="斎藤『ゼロから作るDeep Learning』6.2.1: why not",
        ),
    ],
)
