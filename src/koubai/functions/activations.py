"""Activation functions: a = a(z), one record each, with its derivative beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jax.scipy.stats import norm
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from koubai.errors import ShapeError
from koubai.functions.arguments import as_float
from koubai.functions.catalogue import Catalogue

Values = Float[Array, "*shape"]
Jacobian = Float[Array, "*shape units"]


@dataclass(frozen=True)
class Activation:
    """An activation function a(z) and its derivative.

    Most act on each unit by itself, and `derivative(z)` has the shape of z. Softmax acts on all
    units of a layer together (`elementwise` is False), and `derivative(z)` is its Jacobian
    J_ij = ∂a_i/∂z_j, one axis longer than z.

    `kinks` are the places where the value or the derivative jumps; what is used there is the one
    from the left. `initialiser` names the initial weights that suit a layer of such units.

    One's own needs a name and a value, `kb.Activation("sine", jnp.sin)`: a slope that is not
    given is found by automatic differentiation.
    """

    name: str
    value: Callable[[Values], Values]
    slope: Callable[[Values], Values | Jacobian] = None  # pyright: ignore[reportAssignmentType]
    formula: str = ""
    derivative_formula: str = ""
    reference: str = ""
    elementwise: bool = True
    kinks: tuple[float, ...] = ()
    initialiser: str = "xavier"

    def __post_init__(self) -> None:
        if self.slope is None:  # pyright: ignore[reportUnnecessaryComparison]
            object.__setattr__(self, "slope", _Slope(self.value, self.elementwise))

    def __call__(self, z: ArrayLike) -> Values:
        """The activation a of the weighted inputs z, of any shape."""
        return self.value(self._weighted_inputs(z))

    def derivative(self, z: ArrayLike) -> Values | Jacobian:
        """da/dz at z: the shape of z, or for softmax the Jacobian (…, units, units)."""
        return self.slope(self._weighted_inputs(z))

    def pull_back(self, z: Values, upstream: Values) -> Values:
        """∂L/∂z from ∂L/∂a: upstream ⊙ a'(z), or Jᵀ · upstream for softmax. Shapes as z."""
        if self.elementwise:
            return upstream * self.slope(z)
        return jnp.einsum("...i,...ij->...j", upstream, self.slope(z))

    def _weighted_inputs(self, z: ArrayLike) -> Values:
        z = as_float(z, "z")
        if z.shape[-1:] in ((), (0,)) and not self.elementwise:
            what = "empty" if z.ndim else "a single number"
            raise ShapeError(
                f"z is {what}, but {self.name} takes those of a whole layer: give a list"
            )
        return z

    def __repr__(self) -> str:
        return f"<activation {self.name}>"


@dataclass(frozen=True)
class _Slope:
    """The derivative of an activation by automatic differentiation."""

    value: Callable[[Values], Values]
    elementwise: bool

    def __call__(self, z: Values) -> Values | Jacobian:
        if self.elementwise:
            return jax.jvp(self.value, (z,), (jnp.ones_like(z),))[1]
        layers = z.reshape(-1, z.shape[-1])
        return jax.vmap(jax.jacobian(self.value))(layers).reshape(*z.shape, z.shape[-1])


def _step(z: Values) -> Values:
    return jnp.where(z > 0, 1.0, 0.0).astype(z.dtype)


def _step_derivative(z: Values) -> Values:
    return jnp.zeros_like(z)


step = Activation(
    name="step",
    value=_step,
    slope=_step_derivative,
    formula=r"a = \begin{cases} 1 & z > 0 \\ 0 & z \le 0 \end{cases}",
    derivative_formula=r"a' = 0 \quad (z \ne 0)",
    reference="Rosenblatt (1958); 斎藤『ゼロから作るDeep Learning』3.2",
    kinks=(0.0,),
)


def _identity(z: Values) -> Values:
    return z


def _identity_derivative(z: Values) -> Values:
    return jnp.ones_like(z)


identity = Activation(
    name="identity",
    value=_identity,
    slope=_identity_derivative,
    formula=r"a = z",
    derivative_formula=r"a' = 1",
    reference="斎藤『ゼロから作るDeep Learning』3.5",
)


def _sigmoid(z: Values) -> Values:
    return jax.nn.sigmoid(z)  # 1 / (1 + exp(-z)) overflows below z = -88 in float32


def _sigmoid_derivative(z: Values) -> Values:
    a = _sigmoid(z)
    return a * (1 - a)


sigmoid = Activation(
    name="sigmoid",
    value=_sigmoid,
    slope=_sigmoid_derivative,
    formula=r"a = \frac{1}{1 + e^{-z}}",
    derivative_formula=r"a' = a (1 - a)",
    reference="Rumelhart, Hinton & Williams (1986)",
)


def _tanh(z: Values) -> Values:
    return jnp.tanh(z)


def _tanh_derivative(z: Values) -> Values:
    return 1 - jnp.tanh(z) ** 2


tanh = Activation(
    name="tanh",
    value=_tanh,
    slope=_tanh_derivative,
    formula=r"a = \tanh z",
    derivative_formula=r"a' = 1 - a^2",
    reference="LeCun, Bottou, Orr & Müller (1998), Efficient BackProp",
)


def _relu(z: Values) -> Values:
    return jnp.maximum(z, 0)


def _relu_derivative(z: Values) -> Values:
    return jnp.where(z > 0, 1.0, 0.0).astype(z.dtype)


relu = Activation(
    name="relu",
    value=_relu,
    slope=_relu_derivative,
    formula=r"a = \max(0, z)",
    derivative_formula=r"a' = \begin{cases} 1 & z > 0 \\ 0 & z \le 0 \end{cases}",
    reference="Nair & Hinton (2010)",
    kinks=(0.0,),
    initialiser="he",
)

LEAKY_RELU_SLOPE = 0.01


def _leaky_relu(z: Values) -> Values:
    return jnp.where(z > 0, z, LEAKY_RELU_SLOPE * z)


def _leaky_relu_derivative(z: Values) -> Values:
    return jnp.where(z > 0, 1.0, LEAKY_RELU_SLOPE).astype(z.dtype)


leaky_relu = Activation(
    name="leaky_relu",
    value=_leaky_relu,
    slope=_leaky_relu_derivative,
    formula=r"a = \begin{cases} z & z > 0 \\ 0.01\, z & z \le 0 \end{cases}",
    derivative_formula=r"a' = \begin{cases} 1 & z > 0 \\ 0.01 & z \le 0 \end{cases}",
    reference="Maas, Hannun & Ng (2013)",
    kinks=(0.0,),
    initialiser="he",
)


def _elu(z: Values) -> Values:
    # exp of the negative part only: where() computes both branches, and exp(z) overflows.
    return jnp.where(z > 0, z, jnp.expm1(jnp.minimum(z, 0)))


def _elu_derivative(z: Values) -> Values:
    return jnp.exp(jnp.minimum(z, 0))


elu = Activation(
    name="elu",
    value=_elu,
    slope=_elu_derivative,
    formula=r"a = \begin{cases} z & z > 0 \\ e^{z} - 1 & z \le 0 \end{cases}",
    derivative_formula=r"a' = \begin{cases} 1 & z > 0 \\ e^{z} & z \le 0 \end{cases}",
    reference="Clevert, Unterthiner & Hochreiter (2016)",
    initialiser="he",
)


def _softplus(z: Values) -> Values:
    return jax.nn.softplus(z)  # log(1 + exp(z)) overflows above z = 88 in float32


def _softplus_derivative(z: Values) -> Values:
    return jax.nn.sigmoid(z)


softplus = Activation(
    name="softplus",
    value=_softplus,
    slope=_softplus_derivative,
    formula=r"a = \log(1 + e^{z})",
    derivative_formula=r"a' = \frac{1}{1 + e^{-z}}",
    reference="Dugas, Bengio, Bélisle, Nadeau & Garcia (2001)",
    initialiser="he",
)


def _gelu(z: Values) -> Values:
    return z * norm.cdf(z)


def _gelu_derivative(z: Values) -> Values:
    return norm.cdf(z) + z * norm.pdf(z)


gelu = Activation(
    name="gelu",
    value=_gelu,
    slope=_gelu_derivative,
    formula=r"a = z\, \Phi(z)",
    derivative_formula=r"a' = \Phi(z) + z\, \varphi(z)",
    reference="Hendrycks & Gimpel (2016)",
    initialiser="he",
)


def _silu(z: Values) -> Values:
    return z * jax.nn.sigmoid(z)


def _silu_derivative(z: Values) -> Values:
    s = jax.nn.sigmoid(z)
    return s + z * s * (1 - s)


silu = Activation(
    name="silu",
    value=_silu,
    slope=_silu_derivative,
    formula=r"a = \frac{z}{1 + e^{-z}}",
    derivative_formula=r"a' = s + z s (1 - s), \quad s = \frac{1}{1 + e^{-z}}",
    reference="Elfwing, Uchibe & Doya (2018)",
    initialiser="he",
)


def _softmax(z: Values) -> Values:
    # Taking off the largest z changes nothing, for it cancels, and keeps exp() from overflowing.
    e = jnp.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def _softmax_jacobian(z: Values) -> Jacobian:
    return _jacobian_of_softmax_output(_softmax(z))


def _jacobian_of_softmax_output(a: Values) -> Jacobian:
    return a[..., :, None] * (jnp.eye(a.shape[-1], dtype=a.dtype) - a[..., None, :])


softmax = Activation(
    name="softmax",
    value=_softmax,
    slope=_softmax_jacobian,
    formula=r"a_k = \frac{e^{z_k}}{\sum_i e^{z_i}}",
    derivative_formula=r"\frac{\partial a_i}{\partial z_j} = a_i (\delta_{ij} - a_j)",
    reference="Bridle (1990); 斎藤『ゼロから作るDeep Learning』3.5",
    elementwise=False,
)


def _naive_softmax(z: Values) -> Values:
    e = jnp.exp(z)
    return e / e.sum(axis=-1, keepdims=True)


def _naive_softmax_jacobian(z: Values) -> Jacobian:
    return _jacobian_of_softmax_output(_naive_softmax(z))


# The formula as it is printed. exp(z) overflows above z = 88 in float32 (709 in float64), and
# inf / inf is NaN: naive_softmax([1010, 1000, 990]) is nan everywhere. Kept to be looked at.
naive_softmax = Activation(
    name="naive_softmax",
    value=_naive_softmax,
    slope=_naive_softmax_jacobian,
    formula=r"a_k = \frac{e^{z_k}}{\sum_i e^{z_i}}",
    derivative_formula=r"\frac{\partial a_i}{\partial z_j} = a_i (\delta_{ij} - a_j)",
    reference="斎藤『ゼロから作るDeep Learning』3.5.2",
    elementwise=False,
)

activations: Catalogue[Activation] = Catalogue(
    "activation",
    [
        step,
        identity,
        sigmoid,
        tanh,
        relu,
        leaky_relu,
        elu,
        softplus,
        gelu,
        silu,
        softmax,
        naive_softmax,
    ],
    own="a record of your own: kb.Activation('mine', f), where f is written with jax.numpy",
)
