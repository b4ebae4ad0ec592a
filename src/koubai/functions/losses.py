"""Loss functions: how far outputs y are from targets t, one record each, derivative beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jax.scipy.special import xlog1py, xlogy
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from koubai.errors import ShapeError
from koubai.functions.arguments import as_float
from koubai.functions.catalogue import Catalogue
from koubai.functions.targets import as_targets

Outputs = Float[Array, "*batch outputs"]
PerExample = Float[Array, "*batch"]


@dataclass(frozen=True)
class Loss:
    """A loss function L(y, t) and its derivative by the outputs.

    `each` gives the loss of every example by itself, `each_slope` its derivative by that
    example's outputs. Calling the record gives the mean over the examples of a batch, so that a
    learning rate means the same for every batch size; a sum over examples, such as the cost
    C_T = Σ_k C_k, is `each(y, t).sum()`.

    One's own needs a name and `each`: a slope that is not given is found by automatic
    differentiation.
    """

    name: str
    each: Callable[[Outputs, Outputs], PerExample]
    each_slope: Callable[[Outputs, Outputs], Outputs] = None  # pyright: ignore[reportAssignmentType]
    formula: str = ""
    derivative_formula: str = ""
    reference: str = ""

    def __post_init__(self) -> None:
        if self.each_slope is None:  # pyright: ignore[reportUnnecessaryComparison]
            object.__setattr__(self, "each_slope", _EachSlope(self.each))

    def __call__(self, y: ArrayLike, t: ArrayLike) -> Float[Array, ""]:
        """The loss of outputs y against targets t, averaged over the examples.

        Shapes: y (outputs,) or (batch, outputs); t labels, one-hot rows or values, see
        `as_targets`, which raises ShapeError and DataError.
        """
        y = _with_outputs(y)
        return self.each(y, as_targets(t, y)).mean()

    def derivative(self, y: ArrayLike, t: ArrayLike) -> Outputs:
        """∂L/∂y, of the shape of y: the derivative of the mean, hence divided by the batch."""
        y = _with_outputs(y)
        examples = y.size // y.shape[-1]
        return self.each_slope(y, as_targets(t, y)) / examples

    def __repr__(self) -> str:
        return f"<loss {self.name}>"


@dataclass(frozen=True)
class _EachSlope:
    """The derivative of a loss by automatic differentiation."""

    each: Callable[[Outputs, Outputs], PerExample]

    def __call__(self, y: Outputs, t: Outputs) -> Outputs:
        return jax.grad(lambda y: self.each(y, t).sum())(y)


def _with_outputs(y: ArrayLike) -> Outputs:
    y = as_float(y, "y")
    if y.ndim == 0:
        raise ShapeError("y is a single number: give the outputs as a list, such as [0.7]")
    return y


def _squared_error(y: Outputs, t: Outputs) -> PerExample:
    return 0.5 * ((y - t) ** 2).sum(axis=-1)


def _squared_error_slope(y: Outputs, t: Outputs) -> Outputs:
    return y - t


squared_error = Loss(
    name="squared_error",
    each=_squared_error,
    each_slope=_squared_error_slope,
    formula=r"E = \frac{1}{2} \sum_k (y_k - t_k)^2",
    derivative_formula=r"\frac{\partial E}{\partial y_k} = y_k - t_k",
    reference="斎藤『ゼロから作るDeep Learning』4.2; 岡谷『深層学習』2.4",
)


def _mean_squared_error(y: Outputs, t: Outputs) -> PerExample:
    return ((y - t) ** 2).mean(axis=-1)


def _mean_squared_error_slope(y: Outputs, t: Outputs) -> Outputs:
    return 2 * (y - t) / y.shape[-1]


mean_squared_error = Loss(
    name="mean_squared_error",
    each=_mean_squared_error,
    each_slope=_mean_squared_error_slope,
    formula=r"E = \frac{1}{K} \sum_k (y_k - t_k)^2",
    derivative_formula=r"\frac{\partial E}{\partial y_k} = \frac{2}{K} (y_k - t_k)",
    reference="Bishop (2006), Pattern Recognition and Machine Learning, 3.1",
)


def _binary_cross_entropy(y: Outputs, t: Outputs) -> PerExample:
    return -(xlogy(t, y) + xlog1py(1 - t, -y)).sum(axis=-1)


def _binary_cross_entropy_slope(y: Outputs, t: Outputs) -> Outputs:
    # A target of exactly 0 or 1 has one term only; the other would be 0 / 0 at a saturated y.
    one = jnp.where(t == 0, 0, t / jnp.where(t == 0, 1, y))
    zero = jnp.where(t == 1, 0, (1 - t) / jnp.where(t == 1, 1, 1 - y))
    return zero - one


binary_cross_entropy = Loss(
    name="binary_cross_entropy",
    each=_binary_cross_entropy,
    each_slope=_binary_cross_entropy_slope,
    formula=r"E = -\sum_k \left( t_k \log y_k + (1 - t_k) \log (1 - y_k) \right)",
    derivative_formula=(
        r"\frac{\partial E}{\partial y_k} = -\frac{t_k}{y_k} + \frac{1 - t_k}{1 - y_k}"
    ),
    reference="岡谷『深層学習』2.4.3",
)


def _cross_entropy(y: Outputs, t: Outputs) -> PerExample:
    return -xlogy(t, y).sum(axis=-1)


def _cross_entropy_slope(y: Outputs, t: Outputs) -> Outputs:
    return -jnp.where(t == 0, 0, t / jnp.where(t == 0, 1, y))


cross_entropy = Loss(
    name="cross_entropy",
    each=_cross_entropy,
    each_slope=_cross_entropy_slope,
    formula=r"E = -\sum_k t_k \log y_k",
    derivative_formula=r"\frac{\partial E}{\partial y_k} = -\frac{t_k}{y_k}",
    reference="斎藤『ゼロから作るDeep Learning』4.2; 岡谷『深層学習』2.4.4",
)

HUBER_THRESHOLD = 1.0


def _huber(y: Outputs, t: Outputs) -> PerExample:
    distance = jnp.abs(y - t)
    near = jnp.minimum(distance, HUBER_THRESHOLD)
    return (0.5 * near**2 + HUBER_THRESHOLD * (distance - near)).sum(axis=-1)


def _huber_slope(y: Outputs, t: Outputs) -> Outputs:
    return jnp.clip(y - t, -HUBER_THRESHOLD, HUBER_THRESHOLD)


huber = Loss(
    name="huber",
    each=_huber,
    each_slope=_huber_slope,
    formula=(
        r"E = \sum_k \begin{cases} \frac{1}{2} r_k^2 & |r_k| \le 1 \\ "
        r"|r_k| - \frac{1}{2} & |r_k| > 1 \end{cases}, \quad r_k = y_k - t_k"
    ),
    derivative_formula=r"\frac{\partial E}{\partial y_k} = \max(-1, \min(1, y_k - t_k))",
    reference="Huber (1964), Robust Estimation of a Location Parameter",
)

losses: Catalogue[Loss] = Catalogue(
    "loss",
    [squared_error, mean_squared_error, binary_cross_entropy, cross_entropy, huber],
    own="a record of your own: kb.Loss('mine', each), where each(y, t) has a loss for each example",
)
