"""Right gradients in places where a check is tempted to accuse them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jax.numpy as jnp
import numpy as np
import torch
from planted.cases import Case, Collection, FunctionCase, NetworkCase, Point
from planted.textbook import backpropagate, changed, layer_of, problem, unit_at

import koubai as kb

HEALTHY_GRADIENTS = Collection()
_healthy = HEALTHY_GRADIENTS.add
_Random = np.random.Generator


@_healthy("agrees")
def the_textbook_without_a_mistake(rng: _Random) -> NetworkCase:
    p = problem(rng)
    return p.case(backpropagate(p))


@_healthy("agrees")
def a_network_of_one_layer(rng: _Random) -> NetworkCase:
    p = problem(rng, sizes=[int(rng.integers(2, 9)), int(rng.integers(2, 5))])
    return p.case(backpropagate(p))


@_healthy("agrees")
def a_batch_of_one(rng: _Random) -> NetworkCase:
    p = problem(rng, "tanh", batch=1)  # N = 1: the sum is the mean
    return p.case(backpropagate(p), batch=1)


@_healthy("agrees")
def eight_hidden_layers_of_sigmoids(rng: _Random) -> NetworkCase:
    p = problem(rng, "sigmoid", "softmax", sizes=[5, *[4] * 8, 3])  # gradients of 1e-6 below
    return p.case(backpropagate(p))


@_healthy("agrees")
def symmetric_weights(rng: _Random) -> NetworkCase:
    p = problem(rng, "tanh", "identity", sizes=[6, 4, 4, 2])  # transposing changes nothing
    w = np.asarray(p.params[1].w)
    p = replace(p, params=changed(p.params, 1, w=w + w.T))
    return p.case(backpropagate(p))


@_healthy("agrees")
def bias_gradients_that_are_zero(rng: _Random) -> NetworkCase:
    p = problem(rng, [], "identity", "squared_error", sizes=[4, 3])  # y is t on average
    y = p.forward()[1][-1]
    p = replace(p, t=p.t - p.t.mean(axis=0) + y.mean(axis=0))
    return p.case(backpropagate(p))


@_healthy("agrees")
def inputs_that_are_always_zero(rng: _Random) -> NetworkCase:
    p = problem(rng, "relu", "softmax", sizes=[6, 5, 3])  # as the corners of MNIST's images
    x = p.x.copy()
    x[:, :3] = 0
    p = replace(p, x=x)
    return p.case(backpropagate(p))


@_healthy("agrees")
def a_few_dead_units(rng: _Random) -> NetworkCase:
    p = problem(rng, "relu", "softmax", sizes=[4, 7, 3])
    b = np.array(p.params[0].b)
    b[[1, 4]] = -60
    p = replace(p, params=changed(p.params, 0, b=b))
    return p.case(backpropagate(p))


@_healthy("agrees")
def a_relu_near_its_kink_but_not_on_it(rng: _Random) -> NetworkCase:
    p = problem(rng, ["tanh", "relu"], "identity", sizes=[4, 5, 3, 2])
    p = unit_at(p, 1, 1, 2, float(rng.choice([-1, 1]) * rng.uniform(1e-4, 1e-3)))
    return p.case(backpropagate(p), layer=1, unit=1)


@_healthy("agrees")
def badly_scaled_inputs(rng: _Random) -> NetworkCase:
    p = problem(rng, "tanh", "identity", sizes=[3, 4, 2])
    scale = np.array([1.0, 1e3, 1e-3])
    w = np.asarray(p.params[0].w) / scale[:, None]
    p = replace(p, x=p.x * scale, params=changed(p.params, 0, w=w))
    return p.case(backpropagate(p))


@_healthy("agrees")
def a_certain_and_right_network(rng: _Random) -> NetworkCase:
    p = problem(rng, "tanh", "softmax", sizes=[4, 5, 3])  # y − t of about 1e-4
    z = np.sort(p.forward()[0][-1], axis=1)
    surer = 9 / (z[:, -1] - z[:, -2]).min()
    params = (p.params[0], layer_of(*(surer * np.asarray(v) for v in p.params[1])))
    p = replace(p, params=params)
    p = replace(p, t=np.eye(3)[p.forward()[0][-1].argmax(axis=1)])
    return p.case(backpropagate(p))


@_healthy("agrees", "float32", "undecided")
def gradients_handed_over_in_float32(rng: _Random) -> NetworkCase:
    p = problem(rng, "tanh")
    mine = tuple(layer_of(w.astype(np.float32), b.astype(np.float32)) for w, b in backpropagate(p))
    return p.case(mine)


def _constant_and_its_slope(rng: _Random) -> NetworkCase:
    p = problem(rng, "tanh", "softmax", sizes=[4, 5, 3])

    def each(y: Any, t: Any) -> Any:
        return -(t * jnp.log(y + 1e-7)).sum(axis=-1)

    y = p.forward()[1][-1]
    right = p.t * y / (y + 1e-7)  # −∂L/∂z is right − y · Σ right: the constant is differentiated
    weight = right.sum(axis=1, keepdims=True)
    mine = backpropagate(replace(p, t=y + right - y * weight))
    return p.case(mine, loss=kb.Loss("textbook_cross_entropy", each))


@_healthy("agrees")
def a_constant_in_the_logarithm_and_in_its_gradient(rng: _Random) -> NetworkCase:
    return _constant_and_its_slope(rng)


# --- Functions


def _waves(rng: _Random, scale: float, constant: float = 0.0) -> FunctionCase:
    x = rng.normal(size=int(rng.integers(3, 9)))
    return FunctionCase(
        lambda x: scale * np.sum(np.sin(3 * np.asarray(x))) + constant,
        lambda x: 3 * scale * np.cos(3 * x),
        x,
    )


@_healthy("agrees")
def tiny_values(rng: _Random) -> Case:
    return _waves(rng, 1e-12)


@_healthy("agrees")
def huge_values(rng: _Random) -> Case:
    return _waves(rng, 1e12)


@_healthy("agrees", "undecided")
def a_large_constant_added(rng: _Random) -> Case:
    return _waves(rng, 1.0, 10.0 ** int(rng.integers(4, 7)))


@_healthy("undecided", "agrees")  # the constant leaves f two or three digits
def a_constant_that_hides_nearly_everything(rng: _Random) -> Case:
    return _waves(rng, 1.0, 1e13)


@_healthy("agrees", "undecided")
def the_last_bit_of_the_sum_is_random(rng: _Random) -> Case:
    order = np.random.default_rng(int(rng.integers(10**6)))  # as on a GPU: summed in any order
    x = rng.normal(size=60)

    def f(x: Any) -> float:
        return float(np.cumsum(order.permutation(np.asarray(x) ** 3))[-1])

    return FunctionCase(f, lambda x: 3 * x**2, x)


@_healthy("agrees")
def coordinates_of_very_different_size(rng: _Random) -> Case:
    scale = np.array([1e-3, 1e-2, 1.0, 1e3, 1e6])
    return FunctionCase(
        lambda x: jnp.sum((x / scale) ** 2 + jnp.sin(x / scale)),
        lambda x: (2 * x / scale + np.cos(x / scale)) / scale,
        rng.normal(1, 0.3, 5) * scale,
    )


@_healthy("agrees", "vacuous", "undecided")  # nothing but rounding is left to compare
def at_the_bottom_of_the_bowl(rng: _Random) -> Case:
    c = rng.normal(size=5)
    return FunctionCase(lambda x: jnp.sum((x - c) ** 2), lambda x: 2 * (x - c), c.copy())


@_healthy("agrees")
def rosenbrock_far_out(rng: _Random) -> Case:
    def grad(x: Point) -> Point:
        a, b = x
        return np.array([-400 * a * (b - a**2) - 2 * (1 - a), 200 * (b - a**2)])

    return FunctionCase(
        lambda x: 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2, grad, rng.normal(0, 300, 2)
    )


@_healthy("agrees")
def an_absolute_value_away_from_zero(rng: _Random) -> Case:
    x = rng.choice([-1, 1], 6) * rng.uniform(1e-3, 1, 6)
    return FunctionCase(lambda x: np.sum(np.abs(np.asarray(x))), lambda x: np.sign(x), x)


@_healthy("agrees")
def fast_waves(rng: _Random) -> Case:
    return FunctionCase(
        lambda x: jnp.sum(jnp.sin(50 * x)), lambda x: 50 * np.cos(50 * x), rng.normal(size=5)
    )


@_healthy("agrees")
def dropout_with_one_mask_for_all(rng: _Random) -> Case:
    kept = rng.random(8) > 0.4
    kept[0], kept[1] = True, False
    return FunctionCase(
        lambda x: np.sum(kept * np.asarray(x) ** 2) / 0.6,
        lambda x: 2 * kept * x / 0.6,
        rng.normal(size=8),
    )


@_healthy("agrees")
def a_torch_function_in_float64(rng: _Random) -> Case:
    def f(x: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.gelu(x).prod() + torch.logsumexp(x, 0)

    def grad(x: Point) -> Point:
        leaf = torch.tensor(x, requires_grad=True)
        f(leaf).backward()
        assert leaf.grad is not None
        return leaf.grad.numpy()

    return FunctionCase(
        lambda x: f(torch.tensor(np.asarray(x))).item(), grad, rng.normal(2, 0.5, 4)
    )


@_healthy("agrees")
def a_bias_before_batch_normalisation(rng: _Random) -> Case:
    z = rng.normal(size=(6, 3))  # it is subtracted again, so its gradient is 0; that of z is not
    slope = rng.normal(size=(6, 3))

    def f(x: Any) -> Any:
        moved = z + x[:3]
        centred = moved - moved.mean(axis=0)
        return jnp.sum(slope * centred / jnp.sqrt((centred**2).mean(axis=0))) + jnp.sum(x[3:] ** 2)

    return FunctionCase(f, lambda x: np.concatenate([np.zeros(3), 2 * x[3:]]), rng.normal(size=5))


@_healthy("agrees")
def equal_elements_whose_gradients_are_their_own_transpose(rng: _Random) -> Case:
    w = np.full((4, 4), float(rng.normal(1, 0.2)))
    return FunctionCase(lambda w: jnp.sum(w**3), lambda w: 3 * w**2, w)


@_healthy("agrees")
def a_single_number(rng: _Random) -> Case:
    x = np.array(rng.normal())
    return FunctionCase(lambda x: jnp.exp(-(x**2)), lambda x: -2 * x * np.exp(-(x**2)), x)
