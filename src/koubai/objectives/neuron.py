"""One neuron, y = φ(w x + b), as an objective over (w, b)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from koubai.engine import float64
from koubai.errors import SettingError, ShapeError
from koubai.functions.activations import Activation, activations
from koubai.functions.arguments import as_float, as_number, shown
from koubai.functions.losses import Loss, losses
from koubai.objectives.objective import Objective, as_start

Examples = Float[np.ndarray, " examples"]


@dataclass(frozen=True)
class ChainRule:
    """The derivatives of a neuron's loss by w and b, factor by factor, for every example.

    ∂l/∂w = Σ_i ∂l/∂y_i · φ'(z_i) · x_i        ∂l/∂b = Σ_i ∂l/∂y_i · φ'(z_i)
    """

    z: Examples
    y: Examples
    dl_dy: Examples
    dy_dz: Examples
    dl_dw: float
    dl_db: float


@dataclass(frozen=True, eq=False, kw_only=True)
class Neuron(Objective):
    """The loss of one neuron over its training data, as a function of θ = (w, b).

        l(w, b) = (1/N) Σ_i L(φ(w x_i + b), t_i)

    x and t: (examples,). Made by `neuron`.
    """

    x: Examples
    t: Examples
    activation: Activation
    loss: Loss

    def output(self, w: float, b: float, x: ArrayLike) -> Examples:
        """The neuron's output y = φ(w x + b) for each x."""
        _check_parameters(w, b)
        with float64():
            return np.asarray(self.activation(w * as_float(x, "x") + b))

    def chain_rule(self, w: float, b: float) -> ChainRule:
        """∂l/∂w and ∂l/∂b with every factor of the chain rule."""
        _check_parameters(w, b)
        with float64():
            x, t = jnp.asarray(self.x), jnp.asarray(self.t)
            z = w * x + b
            y = self.activation(z)
            dl_dy = self.loss.derivative(y[:, None], t[:, None])[:, 0]
            dy_dz = self.activation.derivative(z)
            delta = dl_dy * dy_dz
            return ChainRule(
                z=np.asarray(z),
                y=np.asarray(y),
                dl_dy=np.asarray(dl_dy),
                dy_dz=np.asarray(dy_dz),
                dl_dw=float((delta * x).sum()),
                dl_db=float(delta.sum()),
            )


def _check_parameters(*parameters: object) -> None:
    for name, value in zip(("w", "b"), parameters, strict=True):
        if not np.isfinite(as_number(value)):
            raise SettingError(f"{name} is {shown(value)}: give a finite number")


def neuron(
    x: ArrayLike,
    t: ArrayLike,
    activation: str | Activation = "sigmoid",
    loss: str | Loss = "squared_error",
    start: ArrayLike = (0.0, 0.0),
) -> Neuron:
    """One neuron, y = φ(w x + b), and its loss over the data, as an Objective over (w, b).

    x, t: (examples,), the inputs and what the neuron should answer. Raises ShapeError when they
    are not equally long, SettingError when they are not finite numbers, UnknownNameError for an
    unknown activation or loss.
    """
    inputs, targets = as_start(x, "x"), as_start(t, "t")
    if inputs.ndim != 1 or inputs.shape != targets.shape or not inputs.size:
        raise ShapeError(
            f"x has shape {inputs.shape} and t {targets.shape}: give one number of each for every "
            f"example, such as x=[0, 1, 2], t=[0, 0, 1]"
        )
    first = as_start(start)
    if first.shape != (2,):
        raise ShapeError(f"start has shape {first.shape}: give the two numbers w and b")
    phi, measure = activations.find(activation), losses.find(loss)

    def f(theta: Any) -> Any:
        z = theta[0] * inputs + theta[1]
        return measure.each(phi.value(z)[:, None], jnp.asarray(targets)[:, None]).mean()

    return Neuron(
        f=f,
        start=first,
        names=("w", "b"),
        x=inputs,
        t=targets,
        activation=phi,
        loss=measure,
    )
