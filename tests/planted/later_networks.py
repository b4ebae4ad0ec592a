"""Networks whose gradients are wrong, planted after the verdicts were written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import jax.numpy as jnp
import numpy as np
from planted.cases import Collection, NetworkCase, Point
from scipy import special

import koubai as kb
from koubai.networks.network import Layer, Params

LATER_NETWORK_FAULTS = Collection()
_add = LATER_NETWORK_FAULTS.add
_Random = np.random.Generator


def _silu_slope(z: Point) -> Point:
    return special.expit(z) * (1 + z * (1 - special.expit(z)))


def _gelu_slope(z: Point) -> Point:
    return special.ndtr(z) + z * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)


_SLOPES: dict[str, Callable[[Point], Point]] = {
    "tanh": lambda z: 1 / np.cosh(z) ** 2,
    "sigmoid": lambda z: special.expit(z) * (1 - special.expit(z)),
    "softplus": special.expit,
    "silu": _silu_slope,
    "gelu": _gelu_slope,
    "relu": lambda z: (z > 0).astype(float),
    "leaky_relu": lambda z: np.where(z > 0, 1.0, 0.01),
    "elu": lambda z: np.where(z > 0, 1.0, np.exp(z)),
}


_VALUES: dict[str, Callable[[Point], Point]] = {
    "tanh": np.tanh,
    "sigmoid": special.expit,
    "softplus": lambda z: np.logaddexp(0, z),
    "silu": lambda z: z * special.expit(z),
    "gelu": lambda z: z * special.ndtr(z),
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "elu": lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
}


def _one(z: Point) -> Point:
    return np.ones_like(z)


@dataclass(frozen=True)
class Lesson:
    """A network with a batch, and what a backward pass written by hand uses of them.

    `slopes` has the derivative of each hidden activation and `back` the weights by which the
    deltas go down through each layer above the first: the places where a mistake is planted.
    """

    network: kb.Network
    params: Params
    x: Point
    t: Point
    slopes: tuple[Callable[[Point], Point], ...]
    back: tuple[Point, ...]
    value: Callable[[Point], Point]
    softmax: bool

    def gradients(self) -> list[Layer]:
        inputs, zs = [self.x], list[Point]()
        for layer in self.params:
            zs.append(inputs[-1] @ np.asarray(layer.w) + np.asarray(layer.b))
            inputs.append(self.value(zs[-1]))
        y = special.softmax(zs[-1], axis=1) if self.softmax else zs[-1]
        delta = (y - self.t) / len(self.x)
        layers: list[Layer] = []
        for i in reversed(range(len(self.params))):
            layers.insert(0, Layer(w=inputs[i].T @ delta, b=delta.sum(axis=0)))
            if i:
                delta = (delta @ self.back[i - 1]) * self.slopes[i - 1](zs[i - 1])
        return layers

    def case(self, gradients: Sequence[Layer], **more: Any) -> NetworkCase:
        return NetworkCase(self.network, self.params, self.x, self.t, tuple(gradients), **more)


def lesson(
    rng: _Random, sizes: list[int], hidden: str, n: int = 13, output: str = "softmax"
) -> Lesson:
    """Weights, biases, inputs and targets from the generator, in float64."""
    network = kb.Network(sizes, hidden=hidden, output=output)
    params = tuple(
        Layer(
            w=rng.normal(size=(below, here)) / np.sqrt(below),
            b=rng.normal(scale=0.3, size=here),
        )
        for below, here in pairwise(sizes)
    )
    x = rng.normal(size=(n, sizes[0]))
    if output == "softmax":
        t = np.eye(sizes[-1])[rng.integers(sizes[-1], size=n)]
    else:
        t = rng.normal(size=(n, sizes[-1]))
    return Lesson(
        network,
        params,
        x,
        t,
        slopes=(_SLOPES[hidden],) * (len(sizes) - 2),
        back=tuple(np.asarray(layer.w).T for layer in params[1:]),
        value=_VALUES[hidden],
        softmax=output == "softmax",
    )


def _times(layers: Sequence[Layer], factor: float) -> list[Layer]:
    return [Layer(w=factor * layer.w, b=factor * layer.b) for layer in layers]


@_add("factor")
def a_gelu_network_summed_over_its_batch(rng: _Random) -> NetworkCase:
    me = lesson(rng, [7, 5, 3], "gelu", n=13)
    return me.case(_times(me.gradients(), 13), facts={"factor": 13, "batch": 13})


@_add("factor")
def a_silu_regression_halved(rng: _Random) -> NetworkCase:
    me = lesson(rng, [3, 11, 2], "silu", n=9, output="identity")
    return me.case(_times(me.gradients(), 0.5), facts={"factor": 0.5})


@_add("factor")
def averaged_over_the_outputs_as_well(rng: _Random) -> NetworkCase:
    me = lesson(rng, [5, 9, 7], "softplus", n=4, output="identity")
    return me.case(_times(me.gradients(), 1 / 7), facts={"factor": 1 / 7})


@_add("factor")
def four_and_a_half_thousand_weights_with_the_wrong_sign(rng: _Random) -> NetworkCase:
    me = lesson(rng, [70, 60, 5], "tanh", n=9)
    return me.case(_times(me.gradients(), -1), facts={"factor": -1})


@_add("factor")
def four_thousand_weights_over_the_batch_twice(rng: _Random) -> NetworkCase:
    me = lesson(rng, [70, 60, 5], "tanh", n=9)
    return me.case(_times(me.gradients(), 1 / 9), facts={"factor": 1 / 9, "batch": 9})


@_add("factor")
def gradients_of_a_billionth_doubled(rng: _Random) -> NetworkCase:
    """A network of thousands of weights whose derivatives are about 1e-12."""
    me = lesson(rng, [70, 60, 5], "tanh", n=8, output="identity")
    top = Layer(w=1e-6 * np.asarray(me.params[1].w), b=np.zeros(5))
    me = replace(me, params=(me.params[0], top), t=1e-6 * me.t, back=(np.asarray(top.w).T,))
    return me.case(_times(me.gradients(), 2), facts={"factor": 2})


@_add("factor")
def gradients_of_a_million_millions_negated(rng: _Random) -> NetworkCase:
    me = lesson(rng, [6, 7, 4], "tanh", n=8, output="identity")
    me = replace(me, t=1e12 * me.t)
    return me.case(_times(me.gradients(), -1), facts={"factor": -1})


@_add("transposed")
def a_large_layer_on_its_side(rng: _Random) -> NetworkCase:
    me = lesson(rng, [64, 64, 10], "silu", n=9)
    first, second = me.gradients()
    return me.case([Layer(w=first.w.T, b=first.b), second], facts={"layer": 0})


@_add("transposed")
def deltas_through_weights_on_their_side_in_a_large_network(rng: _Random) -> NetworkCase:
    me = lesson(rng, [9, 63, 63, 3], "softplus", n=11)
    me = replace(me, back=(me.back[0].T, me.back[1]))
    return me.case(me.gradients(), facts={"layer": 1})


@_add("transposed")
def deltas_through_weights_on_their_side_under_an_elu(rng: _Random) -> NetworkCase:
    me = lesson(rng, [3, 5, 5, 5, 2], "elu", n=7)
    me = replace(me, back=(me.back[0], me.back[1].T, me.back[2]))
    return me.case(me.gradients(), facts={"layer": 2})


@_add("missing bias")
def the_output_biases_of_a_large_network(rng: _Random) -> NetworkCase:
    me = lesson(rng, [70, 60, 5], "tanh", n=9)
    first, second = me.gradients()
    return me.case([first, Layer(w=second.w, b=np.zeros(5))], facts={"layer": 1})


@_add("missing bias")
def the_lower_two_biases_of_four(rng: _Random) -> NetworkCase:
    me = lesson(rng, [4, 7, 5, 3, 2], "gelu", n=6)
    layers = me.gradients()
    without = [Layer(w=layer.w, b=np.zeros_like(layer.b)) for layer in layers[:2]]
    return me.case([*without, *layers[2:]])


@_add("missing derivative")
def the_tanh_of_a_large_network(rng: _Random) -> NetworkCase:
    me = lesson(rng, [70, 60, 5], "tanh", n=9)
    return me.case(replace(me, slopes=(_one,)).gradients(), facts={"layer": 0})


@_add("missing derivative")
def one_silu_of_three(rng: _Random) -> NetworkCase:
    me = lesson(rng, [5, 9, 6, 7, 3], "silu", n=12)
    slopes = (me.slopes[0], _one, me.slopes[2])
    return me.case(replace(me, slopes=slopes).gradients(), facts={"layer": 1})


@_add("missing derivative")
def every_softplus(rng: _Random) -> NetworkCase:
    me = lesson(rng, [5, 9, 6, 3], "softplus", n=12)
    return me.case(replace(me, slopes=(_one, _one)).gradients())


@_add("differs", "factor")
def one_weight_among_four_thousand(rng: _Random) -> NetworkCase:
    me = lesson(rng, [70, 60, 5], "tanh", n=9)
    first, second = me.gradients()
    w = np.array(first.w)
    w[41, 23] *= 1.5
    return me.case([Layer(w=w, b=first.b), second], facts={"layer": 0, "factor": 1.5})


@_add("differs", "factor")
def one_bias_among_four_thousand_slightly_wrong(rng: _Random) -> NetworkCase:
    me = lesson(rng, [70, 60, 5], "tanh", n=9)
    first, second = me.gradients()
    b = np.array(first.b)
    b[7] *= 1.001
    return me.case([Layer(w=first.w, b=b), second], facts={"layer": 0, "factor": 1.001})


@_add("differs")
def the_slope_of_a_leaky_relu_forgotten_below_zero(rng: _Random) -> NetworkCase:
    me = lesson(rng, [9, 7, 3], "leaky_relu", n=12)
    return me.case(replace(me, slopes=(_SLOPES["relu"],)).gradients())


@_add("differs")
def an_elu_differentiated_as_its_own_value(rng: _Random) -> NetworkCase:
    me = lesson(rng, [9, 7, 3], "elu", n=12)
    slope = lambda z: np.where(z > 0, 1.0, np.expm1(np.minimum(z, 0)))  # noqa: E731
    return me.case(replace(me, slopes=(slope,)).gradients())


@_add("differs")
def a_weight_decay_that_the_loss_has_not(rng: _Random) -> NetworkCase:
    me = lesson(rng, [6, 8, 4], "softplus", n=12)
    pairs = zip(me.gradients(), me.params, strict=True)
    decayed = [Layer(w=g.w + 1e-3 * np.asarray(p.w), b=g.b) for g, p in pairs]
    return me.case(decayed)


@_add("differs")
def the_last_example_left_out(rng: _Random) -> NetworkCase:
    me = lesson(rng, [6, 8, 4], "tanh", n=12)
    return me.case(replace(me, x=me.x[:-1], t=me.t[:-1]).gradients())


@_add("differs")
def the_gradient_of_the_step_before(rng: _Random) -> NetworkCase:
    me = lesson(rng, [70, 60, 5], "tanh", n=9)
    stale = me.gradients()
    pairs = zip(me.params, stale, strict=True)
    moved = tuple(Layer(w=p.w - 0.1 * g.w, b=p.b - 0.1 * g.b) for p, g in pairs)
    return NetworkCase(me.network, moved, me.x, me.t, tuple(stale))


@_add("differs")
def a_gradient_that_is_not_a_number(rng: _Random) -> NetworkCase:
    me = lesson(rng, [70, 60, 5], "relu", n=9)
    first, second = me.gradients()
    w = np.array(first.w)
    w[3, 3] = np.nan
    return me.case([Layer(w=w, b=first.b), second])


@_add("vacuous")
def four_thousand_weights_under_dead_relus(rng: _Random) -> NetworkCase:
    me = lesson(rng, [70, 60, 5], "relu", n=9, output="relu")
    dead = tuple(Layer(w=layer.w, b=layer.b - 100) for layer in me.params)
    zero = tuple(Layer(w=0 * layer.w, b=0 * layer.b) for layer in dead)
    return NetworkCase(me.network, dead, me.x, np.abs(me.t), zero)


@_add("kink", "agrees")
def one_relu_of_a_large_network_on_its_kink(rng: _Random) -> NetworkCase:
    """Unit 5 has z = 1e-9 for the first example: nearer than a step."""
    me = lesson(rng, [70, 60, 5], "relu", n=9)
    first, second = me.params
    b = np.array(first.b)
    b[5] = 1e-9 - (me.x[0] @ first.w)[5]
    me = replace(me, params=(Layer(w=first.w, b=b), second))
    return me.case(me.gradients(), facts={"layer": 0, "unit": 5, "z": 1e-9})


@_add("factor")
def a_kink_beside_a_wrong_factor(rng: _Random) -> NetworkCase:
    """A kink must not excuse the others, which are twice what they must be."""
    me = lesson(rng, [9, 8, 6], "leaky_relu", n=5)
    first, second = me.params
    b = np.array(first.b)
    b[5] = 1e-9 - (me.x[0] @ first.w)[5]
    me = replace(me, params=(Layer(w=first.w, b=b), second))
    return me.case(_times(me.gradients(), 2), facts={"factor": 2})


@_add("step", "agrees")
def a_step_of_two_in_a_large_network(rng: _Random) -> NetworkCase:
    me = lesson(rng, [70, 60, 5], "tanh", n=9)
    return me.case(me.gradients(), step=2.0)


@_add("step", "agrees")
def a_step_of_a_hundred_millionth_of_a_millionth(rng: _Random) -> NetworkCase:
    me = lesson(rng, [5, 6, 6], "softplus", n=5)
    return me.case(me.gradients(), step=1e-14)


@_add("constant in log")
def a_constant_in_the_loss_of_a_large_network(rng: _Random) -> NetworkCase:
    """Logits of some tens, so that the constant is as large as the smallest outputs."""
    me = lesson(rng, [70, 60, 5], "tanh", n=9)
    top = Layer(w=6 * np.asarray(me.params[1].w), b=me.params[1].b)
    me = replace(me, params=(me.params[0], top), back=(np.asarray(top.w).T,))
    loss = kb.Loss("careful cross-entropy", each=lambda y, t: -(t * jnp.log(y + 1e-7)).sum(-1))
    return me.case(me.gradients(), loss=loss, facts={"constant": 1e-7})
