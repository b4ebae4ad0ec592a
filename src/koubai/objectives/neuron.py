"""One neuron, y = φ(w x + b), as an objective over (w, b)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from koubai.engine import OnData, compiled, float64
from koubai.errors import SettingError, ShapeError
from koubai.functions.activations import Activation, activations
from koubai.functions.arguments import as_float, shown
from koubai.functions.losses import Loss, losses
from koubai.objectives.objective import Objective, as_start

Examples = Float[np.ndarray, " examples"]
PerExample = Float[np.ndarray, "*points examples"]


@dataclass(frozen=True)
class ChainRule:
    """The derivatives of a neuron's loss by w and b, factor by factor, for every example.

    ∂l/∂w = Σ_i ∂l/∂y_i · φ'(z_i) · x_i        ∂l/∂b = Σ_i ∂l/∂y_i · φ'(z_i)

    Shapes: (examples,) and numbers, or with one more axis in front for several (w, b).
    """

    z: PerExample
    y: PerExample
    dl_dy: PerExample
    dy_dz: PerExample
    dl_dw: Float[np.ndarray, "*points"]
    dl_db: Float[np.ndarray, "*points"]


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

    def output(self, w: ArrayLike, b: ArrayLike, x: ArrayLike) -> PerExample:
        """The neuron's output y = φ(w x + b) for each x; for several (w, b) a row for each."""
        _check_parameters(w, b)
        with float64():
            z = jnp.asarray(w)[..., None] * as_float(x, "x") + jnp.asarray(b)[..., None]
            return np.asarray(self.activation(z))

    def chain_rule(self, w: ArrayLike, b: ArrayLike) -> ChainRule:
        """∂l/∂w and ∂l/∂b with every factor of the chain rule.

        w, b: two numbers, or (points,) each for several at once.
        """
        _check_parameters(w, b)
        with float64():
            found = _factors(
                self.activation, self.loss, jnp.asarray(self.x), jnp.asarray(self.t),
                jnp.asarray(w, float), jnp.asarray(b, float),
            )  # fmt: skip
        return ChainRule(*map(np.asarray, found))


class _MeanLoss(NamedTuple):
    """l(w, b) of given data."""

    activation: Activation
    loss: Loss

    def __call__(self, data: tuple[Any, Any], theta: Any) -> Any:
        x, t = data
        y = self.activation.value(theta[0] * x + theta[1])
        return self.loss.each(y[:, None], jnp.asarray(t)[:, None]).mean()


def _factors_of(
    activation: Activation, loss: Loss, x: Array, t: Array, w: Array, b: Array
) -> tuple[Array, ...]:
    def at(w: Array, b: Array) -> tuple[Array, ...]:
        z = w * x + b
        y = activation(z)
        dl_dy = loss.derivative(y[:, None], t[:, None])[:, 0]
        dy_dz = activation.derivative(z)
        delta = dl_dy * dy_dz
        return z, y, dl_dy, dy_dz, (delta * x).sum(), delta.sum()

    return at(w, b) if w.ndim == 0 else jax.vmap(at)(w, b)


_factors = compiled(_factors_of, static=("activation", "loss"))


def _check_parameters(*parameters: ArrayLike) -> None:
    for name, value in zip(("w", "b"), parameters, strict=True):
        if not np.isfinite(as_float(value, name)).all():
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

    return Neuron(
        f=OnData(_MeanLoss(phi, measure), (inputs, targets)),
        start=first,
        names=("w", "b"),
        x=inputs,
        t=targets,
        activation=phi,
        loss=measure,
    )
