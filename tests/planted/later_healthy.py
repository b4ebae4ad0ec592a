"""Right gradients that are easily accused, planted after the verdicts were written."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import torch
from planted.cases import Collection, FunctionCase, NetworkCase, Point
from planted.later_networks import lesson
from scipy import special

import koubai as kb
from koubai.networks.network import Layer

LATER_HEALTHY_GRADIENTS = Collection()
_add = LATER_HEALTHY_GRADIENTS.add
_Random = np.random.Generator


@_add("agrees")
def a_softplus_network_of_four_thousand_weights(rng: _Random) -> NetworkCase:
    me = lesson(rng, [70, 60, 5], "softplus", n=9)
    return me.case(me.gradients())


@_add("agrees")
def a_gelu_regression(rng: _Random) -> NetworkCase:
    me = lesson(rng, [5, 13, 11, 2], "gelu", n=6, output="identity")
    return me.case(me.gradients())


@_add("agrees")
def a_silu_network_with_large_weights(rng: _Random) -> NetworkCase:
    me = lesson(rng, [5, 13, 4], "silu", n=6)
    params = tuple(Layer(w=5 * layer.w, b=layer.b) for layer in me.params)
    me = replace(me, params=params, back=(np.asarray(params[1].w).T,))
    return me.case(me.gradients())


@_add("agrees")
def pixels_from_0_to_255(rng: _Random) -> NetworkCase:
    me = lesson(rng, [16, 9, 3], "tanh", n=6)
    first = Layer(w=np.asarray(me.params[0].w) / 255, b=me.params[0].b)
    x = rng.integers(256, size=(6, 16)).astype(float)
    me = replace(me, params=(first, me.params[1]), x=x)
    return me.case(me.gradients())


@_add("agrees")
def a_relu_network_of_four_thousand_weights(rng: _Random) -> NetworkCase:
    """With no weighted input within reach of a step."""
    me = lesson(rng, [70, 60, 5], "relu", n=9)
    z = np.asarray(me.x @ me.params[0].w + me.params[0].b)
    far = np.where(np.abs(z).min(axis=0) < 1e-3, 5.0, 0.0)
    me = replace(me, params=(Layer(w=me.params[0].w, b=me.params[0].b + far), me.params[1]))
    return me.case(me.gradients())


@_add("agrees")
def derivatives_of_a_millionth_of_a_millionth(rng: _Random) -> NetworkCase:
    me = lesson(rng, [6, 7, 4], "tanh", n=8, output="identity")
    top = Layer(w=1e-6 * np.asarray(me.params[1].w), b=np.zeros(4))
    me = replace(me, params=(me.params[0], top), t=1e-6 * me.t, back=(np.asarray(top.w).T,))
    return me.case(me.gradients())


@_add("agrees", "undecided")
def targets_of_a_million_millions(rng: _Random) -> NetworkCase:
    me = lesson(rng, [6, 7, 4], "softplus", n=8, output="identity")
    me = replace(me, t=1e12 * me.t)
    return me.case(me.gradients())


@_add("agrees")
def weights_from_a_float32_training(rng: _Random) -> NetworkCase:
    """koubai's own gradient of its own parameters, in float32 as a run leaves them."""
    network = kb.Network([9, 14, 3], hidden="gelu")
    params = network.init(seed=int(rng.integers(100)))
    x = rng.normal(size=(11, 9)).astype(np.float32)
    t = np.eye(3)[rng.integers(3, size=11)]
    given = kb.backprop(network, params, x, t)
    return NetworkCase(network, params, x, t, given.gradients)


@_add("agrees")
def leaky_relus_a_ten_thousandth_from_their_kink(rng: _Random) -> NetworkCase:
    me = lesson(rng, [6, 8, 3], "leaky_relu", n=1)
    z = me.x @ me.params[0].w + me.params[0].b
    b = me.params[0].b - z[0] + np.where(np.arange(8) % 2, 1e-4, -1e-4)
    me = replace(me, params=(Layer(w=me.params[0].w, b=b), me.params[1]))
    return me.case(me.gradients())


@_add("agrees")
def an_offset_of_a_million(rng: _Random) -> FunctionCase:
    a = rng.normal(size=22)
    return FunctionCase(
        lambda x: float((a * np.sin(x)).sum()) + 1e6, lambda x: a * np.cos(x), rng.normal(size=22)
    )


@_add("agrees", "undecided")
def an_offset_of_a_million_millions(rng: _Random) -> FunctionCase:
    a = rng.normal(size=22)
    return FunctionCase(
        lambda x: float((a * np.sin(x)).sum()) + 1e13, lambda x: a * np.cos(x), rng.normal(size=22)
    )


@_add("agrees")
def large_logits_in_jax(rng: _Random) -> FunctionCase:
    return FunctionCase(lambda x: jax.nn.logsumexp(x), jax.nn.softmax, 1e4 + rng.normal(size=18))


@_add("agrees")
def an_absolute_value_a_thousandth_from_zero(rng: _Random) -> FunctionCase:
    x = rng.choice([-1e-3, 1e-3], size=12)
    return FunctionCase(lambda x: float(np.abs(x).sum()), np.sign, x)


@_add("agrees")
def values_of_1e_minus_30(rng: _Random) -> FunctionCase:
    return FunctionCase(
        lambda x: 1e-30 * float(np.cos(x).sum()), lambda x: -1e-30 * np.sin(x), rng.normal(size=7)
    )


@_add("agrees")
def values_of_1e30(rng: _Random) -> FunctionCase:
    return FunctionCase(
        lambda x: 1e30 * jnp.cos(x).sum(), lambda x: -1e30 * jnp.sin(x), rng.normal(size=7)
    )


@_add("agrees")
def a_point_given_in_float32(rng: _Random) -> FunctionCase:
    a = rng.normal(size=16)
    x = rng.normal(size=16).astype(np.float32)
    return FunctionCase(
        lambda x: float((np.asarray(x, float) ** 4 * a).sum()),
        lambda x: 4 * a * np.asarray(x, float) ** 3,
        x,
    )


@_add("agrees")
def a_point_of_whole_numbers(rng: _Random) -> FunctionCase:
    return FunctionCase(
        lambda x: float((x**2).sum()),
        lambda x: 2 * x,
        rng.integers(1, 100, size=20),
    )


@_add("agrees")
def coefficients_over_eight_powers_of_ten(rng: _Random) -> FunctionCase:
    scale = np.geomspace(1e-4, 1e4, 17)
    return FunctionCase(
        lambda x: float((scale * np.tanh(x)).sum()),
        lambda x: scale / np.cosh(x) ** 2,
        rng.normal(size=17),
    )


@_add("agrees")
def logarithms_near_their_wall(rng: _Random) -> FunctionCase:
    return FunctionCase(
        lambda x: float(-np.log(x).sum()), lambda x: -1 / x, rng.uniform(1e-3, 1e-2, size=9)
    )


@_add("agrees")
def a_point_at_a_hundred_million(rng: _Random) -> FunctionCase:
    return FunctionCase(
        lambda x: float((x / 1e8) @ (x / 1e8)), lambda x: 2 * x / 1e16, 1e8 * rng.normal(size=9)
    )


@_add("agrees", "step")
def roots_of_a_millionth(rng: _Random) -> FunctionCase:
    """√x at 1e-6, nearer to the end of its domain than the usual step."""
    return FunctionCase(
        lambda x: float(np.sqrt(np.where(x >= 0, x, np.nan)).sum()),
        lambda x: 0.5 / np.sqrt(x),
        rng.uniform(1e-6, 3e-6, size=6),
    )


@_add("agrees")
def steep_exponentials(rng: _Random) -> FunctionCase:
    return FunctionCase(
        lambda x: jnp.exp(30 * x).sum(), lambda x: 30 * jnp.exp(30 * x), rng.normal(size=14)
    )


@_add("agrees", "kink")
def a_huber_loss_exactly_at_its_delta(rng: _Random) -> FunctionCase:
    """Its slope has no jump there, only its curvature."""
    x = rng.normal(size=15)
    x[[3, 8]] = 1.0, -1.0
    return FunctionCase(
        lambda x: float(special.huber(1.0, x).sum()), lambda x: np.clip(x, -1, 1), x
    )


@_add("agrees", "kink")
def squared_relus_on_their_kink(rng: _Random) -> FunctionCase:
    x = rng.normal(size=15)
    x[4] = 0.0
    return FunctionCase(
        lambda x: float((np.maximum(x, 0) ** 2).sum()), lambda x: 2 * np.maximum(x, 0), x
    )


@_add("agrees")
def a_recurrent_cell_in_torch(rng: _Random) -> FunctionCase:
    torch.manual_seed(int(rng.integers(1000)))
    cell = torch.nn.LSTM(3, 5).double()
    start = rng.normal(size=(7, 2, 3))

    def run(x: Any) -> Any:
        leaf = torch.tensor(np.asarray(x), requires_grad=True)
        out, _ = cell(leaf)
        return leaf, out.square().mean()

    def slope(x: Any) -> Point:
        leaf, value = run(x)
        value.backward()
        return leaf.grad.numpy()

    return FunctionCase(lambda x: run(x)[1].item(), slope, start)


@_add("agrees")
def four_and_a_half_thousand_coordinates_in_jax(rng: _Random) -> FunctionCase:
    a = rng.normal(size=4500)

    def f(x: Any) -> Any:
        return jnp.mean(jax.nn.silu(a * x))

    return FunctionCase(f, jax.grad(f), rng.normal(size=4500))


@_add("agrees")
def a_function_that_changes_its_argument(rng: _Random) -> FunctionCase:
    def f(x: Point) -> float:
        x *= 2
        return float((x**2).sum())

    return FunctionCase(f, lambda x: 8 * x, rng.normal(size=8))


@_add("agrees")
def a_kink_elsewhere_that_no_step_reaches(rng: _Random) -> FunctionCase:
    """max(x, 0) and max(x, 1): kinks a tenth away on either side."""
    x = rng.choice([0.1, 0.9, 1.1], size=10)
    return FunctionCase(
        lambda x: float((np.maximum(x, 0) + 3 * np.maximum(x, 1)).sum()),
        lambda x: (x > 0) + 3.0 * (x > 1),
        x,
    )


@_add("agrees")
def a_few_derivatives_exactly_zero(rng: _Random) -> FunctionCase:
    """Coordinates of which f takes no notice, as an embedding's unused rows."""
    used = np.arange(18) % 3 == 0
    return FunctionCase(
        lambda x: float((np.sin(x) * used).sum()), lambda x: np.cos(x) * used, rng.normal(size=18)
    )


@_add("agrees")
def a_kink_just_beyond_the_usual_step_under_a_million(rng: _Random) -> FunctionCase:
    """The largest steps settle too, on the mean of both slopes, and with less rounding."""
    kinks = rng.uniform(0.1, 0.9, size=7)
    off = rng.choice([-1e-5, 1e-5], size=7)
    return FunctionCase(
        lambda x: float(np.abs(x - kinks).sum()) + 1e6, lambda x: np.sign(x - kinks), kinks + off
    )
