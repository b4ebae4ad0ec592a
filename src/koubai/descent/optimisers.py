"""The rule of descent, θ ← θ − η·d, and the optimisers: how each makes d from the gradient g."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

import jax
import optax
from jaxtyping import Array, Float

from koubai.functions.catalogue import Catalogue

Tree = TypeVar("Tree")


@dataclass(frozen=True, repr=False)
class Optimiser:
    """An optimiser: from the gradient g it makes a direction d, and the parameters go −η·d.

    `direction` is an Optax gradient transformation without a learning rate, so that η stays an
    argument of compiled code. `formula` is its recurrence, with the constants in `constants`;
    `learning_rate` is an η to begin with; `memory` names the quantities it keeps, in the order
    of Optax's state; `adaptive` ones divide by the size of past gradients, so that every
    parameter moves by about η a step.
    """

    name: str
    direction: optax.GradientTransformation
    formula: str
    constants: str
    reference: str
    learning_rate: float
    memory: tuple[str, ...] = ()
    adaptive: bool = False

    def init(self, params: Any) -> Any:
        """The optimiser's memory before the first step."""
        return self.direction.init(params)

    def step(
        self, params: Tree, gradients: Tree, memory: Any, learning_rate: Float[Array, ""] | float
    ) -> tuple[Tree, Any]:
        """One step θ ← θ − η·d: the new parameters and the optimiser's new memory."""
        d, memory = self.direction.update(gradients, memory, params)  # pyright: ignore[reportArgumentType]
        return jax.tree.map(lambda theta, d: theta - learning_rate * d, params, d), memory

    def __repr__(self) -> str:
        return f"<optimiser {self.name}>"


optimisers: Catalogue[Optimiser] = Catalogue(
    "optimizer",
    [
        Optimiser(
            name="sgd",
            direction=optax.identity(),
            formula=r"d = g",
            constants="",
            reference="Robbins & Monro (1951)",
            learning_rate=0.1,
        ),
        Optimiser(
            name="momentum",
            direction=optax.trace(decay=0.9),
            formula=r"v \leftarrow \mu v + g, \quad d = v",
            constants="μ = 0.9",
            reference="Polyak (1964)",
            learning_rate=0.01,
            memory=("velocity",),
        ),
        Optimiser(
            name="nesterov",
            direction=optax.trace(decay=0.9, nesterov=True),
            formula=r"v \leftarrow \mu v + g, \quad d = \mu v + g",
            constants="μ = 0.9",
            reference="Nesterov (1983); Sutskever, Martens, Dahl & Hinton (2013)",
            learning_rate=0.01,
            memory=("velocity",),
        ),
        Optimiser(
            name="adagrad",
            direction=optax.scale_by_rss(initial_accumulator_value=0.0, eps=1e-7),
            formula=r"h \leftarrow h + g^2, \quad d = \frac{g}{\sqrt{h + \epsilon}}",
            constants="h = 0 at the start, ε = 1e-7",
            reference="Duchi, Hazan & Singer (2011)",
            learning_rate=0.01,
            adaptive=True,
            memory=("squared gradients",),
        ),
        Optimiser(
            name="rmsprop",
            direction=optax.scale_by_rms(decay=0.9, eps=1e-8),
            formula=(
                r"h \leftarrow \beta h + (1 - \beta) g^2, \quad d = \frac{g}{\sqrt{h + \epsilon}}"
            ),
            constants="β = 0.9, ε = 1e-8",
            reference="Tieleman & Hinton (2012)",
            learning_rate=0.001,
            adaptive=True,
            memory=("squared gradients",),
        ),
        Optimiser(
            name="adam",
            direction=optax.scale_by_adam(b1=0.9, b2=0.999, eps=1e-8),
            formula=(
                r"m \leftarrow \beta_1 m + (1 - \beta_1) g, \quad "
                r"v \leftarrow \beta_2 v + (1 - \beta_2) g^2, \quad "
                r"d = \frac{m / (1 - \beta_1^k)}{\sqrt{v / (1 - \beta_2^k)} + \epsilon}"
            ),
            constants="β₁ = 0.9, β₂ = 0.999, ε = 1e-8, k counts the steps from 1",
            reference="Kingma & Ba (2015)",
            learning_rate=0.001,
            adaptive=True,
            memory=("velocity", "squared gradients"),
        ),
        Optimiser(
            name="adamw",
            direction=optax.chain(
                optax.scale_by_adam(b1=0.9, b2=0.999, eps=1e-8), optax.add_decayed_weights(0.01)
            ),
            formula=r"d = d_{\mathrm{Adam}} + \lambda \theta",
            constants="as Adam, λ = 0.01",
            reference="Loshchilov & Hutter (2019)",
            learning_rate=0.001,
            adaptive=True,
            memory=("velocity", "squared gradients"),
        ),
    ],
    own="an Optax transformation",
)


def find_optimiser(choice: str | Optimiser | optax.GradientTransformation) -> Optimiser:
    """The optimiser of that name; or any Optax transformation, which brings its own step size.

    Optax's own optimisers give the whole step u and θ ← θ + u. Here they become d = −u, to be
    used with η = 1.
    """
    if not isinstance(choice, optax.GradientTransformation):
        return optimisers.find(choice)
    return Optimiser(
        name="custom",
        direction=optax.chain(choice, optax.scale(-1.0)),
        formula=r"d = -u",
        constants="",
        reference="an Optax transformation of the user's own",
        learning_rate=1.0,
    )
