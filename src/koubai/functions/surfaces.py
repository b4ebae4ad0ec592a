"""Functions of two variables to descend: each with its formula, its minima and a good window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import jax.numpy as jnp
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from koubai.errors import ShapeError
from koubai.functions.arguments import as_float
from koubai.functions.catalogue import Catalogue

Point = Float[Array, "2 *shape"]
Height = Float[Array, "*shape"]


@dataclass(frozen=True)
class Surface:
    """A function f(x₀, x₁) with what is known about it.

    `minima` lists its minima, the lowest first (of rastrigin's, about one for each unit square,
    only the lowest), and `minimum` is the lowest value, or None where it goes down for ever.
    `window` is ((lowest x₀, highest x₀), (lowest x₁, highest x₁)), a part worth looking at, and
    `start` a point in it from which a descent is worth watching, for about so many `steps`.
    """

    name: str
    value: Callable[[Point], Height]
    formula: str
    minima: tuple[tuple[float, float], ...]
    minimum: float | None
    window: tuple[tuple[float, float], tuple[float, float]]
    start: tuple[float, float]
    reference: str
    steps: int = 100

    def __call__(self, x: ArrayLike) -> Height:
        """F at x; a further axis of x, (2, …), gives a value for each of many points.

        Raises ShapeError when x has not two numbers, one for x₀ and one for x₁.
        """
        x = as_float(x, "x")
        if x.shape[:1] != (2,):
            raise ShapeError(
                f"x has shape {x.shape}, but {self.name} is a function of two numbers: give x0 and "
                f"x1, such as {list(self.start)}"
            )
        return self.value(x)

    def __repr__(self) -> str:
        return f"<surface {self.name}>"


def _bowl(x: Point) -> Height:
    return x[0] ** 2 + x[1] ** 2


def _ellipse(x: Point) -> Height:
    return x[0] ** 2 / 20 + x[1] ** 2


def _rosenbrock(x: Point) -> Height:
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


def _himmelblau(x: Point) -> Height:
    return (x[0] ** 2 + x[1] - 11) ** 2 + (x[0] + x[1] ** 2 - 7) ** 2


def _beale(x: Point) -> Height:
    return (
        (1.5 - x[0] + x[0] * x[1]) ** 2
        + (2.25 - x[0] + x[0] * x[1] ** 2) ** 2
        + (2.625 - x[0] + x[0] * x[1] ** 3) ** 2
    )


def _saddle(x: Point) -> Height:
    return x[0] ** 2 - x[1] ** 2


def _six_hump_camel(x: Point) -> Height:
    return (
        (4 - 2.1 * x[0] ** 2 + x[0] ** 4 / 3) * x[0] ** 2
        + x[0] * x[1]
        + (4 * x[1] ** 2 - 4) * x[1] ** 2
    )


def _rastrigin(x: Point) -> Height:
    return (
        20
        + (x[0] ** 2 - 10 * jnp.cos(2 * jnp.pi * x[0]))
        + (x[1] ** 2 - 10 * jnp.cos(2 * jnp.pi * x[1]))
    )


def _booth(x: Point) -> Height:
    return (x[0] + 2 * x[1] - 7) ** 2 + (2 * x[0] + x[1] - 5) ** 2


def _monkey_saddle(x: Point) -> Height:
    return x[0] ** 3 - 3 * x[0] * x[1] ** 2


def _plateau_with_cliff(x: Point) -> Height:
    # The sigmoid written as tanh: exp() would overflow far out on the plateau.
    return 2 * jnp.tanh(3 * x[0]) + x[0] ** 2 / 20 + x[1] ** 2 / 10


surfaces: Catalogue[Surface] = Catalogue(
    "surface",
    [
        Surface(
            name="bowl",
            value=_bowl,
            formula=r"x_0^2 + x_1^2",
            minima=((0.0, 0.0),),
            minimum=0.0,
            window=((-4.5, 4.5), (-4.5, 4.5)),
            start=(3.0, 4.0),
            reference="斎藤『ゼロから作るDeep Learning』4.4",
        ),
        Surface(
            name="ellipse",
            value=_ellipse,
            formula=r"\frac{x_0^2}{20} + x_1^2",
            minima=((0.0, 0.0),),
            minimum=0.0,
            window=((-10.0, 10.0), (-5.0, 5.0)),
            start=(-7.0, 2.0),
            reference="斎藤『ゼロから作るDeep Learning』6.1",
            steps=500,
        ),
        Surface(
            name="rosenbrock",
            value=_rosenbrock,
            formula=r"(1 - x_0)^2 + 100 (x_1 - x_0^2)^2",
            minima=((1.0, 1.0),),
            minimum=0.0,
            window=((-2.0, 2.0), (-1.0, 3.0)),
            start=(-1.5, 2.0),
            reference="Rosenbrock (1960)",
            steps=20_000,
        ),
        Surface(
            name="himmelblau",
            value=_himmelblau,
            formula=r"(x_0^2 + x_1 - 11)^2 + (x_0 + x_1^2 - 7)^2",
            minima=(
                (3.0, 2.0),
                (-2.805118086952745, 3.131312518250573),
                (-3.779310253377747, -3.283185991286170),
                (3.584428340330492, -1.848126526964404),
            ),
            minimum=0.0,
            window=((-5.0, 5.0), (-5.0, 5.0)),
            start=(-0.5, -1.0),
            reference="Himmelblau (1972)",
        ),
        Surface(
            name="beale",
            value=_beale,
            formula=(
                r"(1.5 - x_0 + x_0 x_1)^2 + (2.25 - x_0 + x_0 x_1^2)^2"
                r" + (2.625 - x_0 + x_0 x_1^3)^2"
            ),
            minima=((3.0, 0.5),),
            minimum=0.0,
            window=((-4.5, 4.5), (-4.5, 4.5)),
            start=(1.0, 1.5),
            reference="Beale (1958)",
            steps=3_000,
        ),
        Surface(
            name="saddle",
            value=_saddle,
            formula=r"x_0^2 - x_1^2",
            minima=(),
            minimum=None,
            window=((-2.0, 2.0), (-2.0, 2.0)),
            start=(-1.5, 0.001),
            reference="the simplest point that is flat and no minimum",
        ),
        Surface(
            name="six_hump_camel",
            value=_six_hump_camel,
            formula=(
                r"\left(4 - 2.1 x_0^2 + \frac{x_0^4}{3}\right) x_0^2"
                r" + x_0 x_1 + (4 x_1^2 - 4) x_1^2"
            ),
            minima=(
                (0.08984201310031806, -0.7126564030207396),
                (-0.08984201310031806, 0.7126564030207396),
                (1.703606714969981, -0.7960835686726251),
                (-1.703606714969981, 0.7960835686726251),
                (1.6071047529201972, 0.5686514548841314),
                (-1.6071047529201972, -0.5686514548841314),
            ),
            minimum=-1.0316284534898774,
            window=((-2.0, 2.0), (-1.1, 1.1)),
            start=(1.0, 1.0),
            reference="Dixon & Szegő (1978)",
        ),
        Surface(
            name="rastrigin",
            value=_rastrigin,
            formula=r"20 + \sum_i \left( x_i^2 - 10 \cos 2 \pi x_i \right)",
            minima=((0.0, 0.0),),
            minimum=0.0,
            window=((-5.12, 5.12), (-5.12, 5.12)),
            start=(3.3, -2.6),
            reference="Rastrigin (1974)",
        ),
        Surface(
            name="booth",
            value=_booth,
            formula=r"(x_0 + 2 x_1 - 7)^2 + (2 x_0 + x_1 - 5)^2",
            minima=((1.0, 3.0),),
            minimum=0.0,
            window=((-10.0, 10.0), (-10.0, 10.0)),
            start=(-8.0, -4.0),
            reference="Jamil & Yang (2013), no. 17",
        ),
        Surface(
            name="monkey_saddle",
            value=_monkey_saddle,
            formula=r"x_0^3 - 3 x_0 x_1^2",
            minima=(),
            minimum=None,
            window=((-1.5, 1.5), (-1.5, 1.5)),
            start=(1.0, 0.01),
            reference="Hilbert & Cohn-Vossen (1932)",
        ),
        Surface(
            name="plateau_with_cliff",
            value=_plateau_with_cliff,
            formula=r"2 \tanh 3 x_0 + \frac{x_0^2}{20} + \frac{x_1^2}{10}",
            minima=((-0.9251194991180193, 0.0),),
            minimum=-1.941729140884794,
            window=((-5.0, 5.0), (-4.0, 4.0)),
            start=(4.0, 3.0),
            reference="the cliff of Pascanu, Mikolov & Bengio (2013), fig. 6, in two variables",
            steps=300,
        ),
    ],
)
