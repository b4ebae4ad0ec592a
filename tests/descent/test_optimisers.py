"""Optimisers: the recurrences written out in plain Python, Optax and PyTorch go the same way."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import torch

import koubai as kb
from koubai.descent.optimisers import Optimiser, find_optimiser
from koubai.engine import float64
from koubai.errors import KoubaiError, UnknownNameError

STEPS = 30
START = (-7.0, 2.0)
ETA = {"sgd": 0.3, "momentum": 0.05, "nesterov": 0.05}  # 0.1 for the others
Point = tuple[float, float]


def gradient(x: float, y: float) -> Point:
    """Of f = x²/20 + y², the long valley of the textbook."""
    return x / 10, 2 * y


def ours(optimiser: Optimiser, learning_rate: float) -> np.ndarray:
    """The path of koubai's optimiser, in float64."""
    with float64():
        theta = jnp.array(START)
        memory = optimiser.init(theta)
        points = [theta]
        step = jax.jit(optimiser.step)
        for _ in range(STEPS):
            g = jnp.stack(gradient(*theta))
            theta, memory = step(theta, g, memory, learning_rate)
            points.append(theta)
        assert theta.dtype == jnp.float64
        return np.array(points)


# The recurrence of every optimiser for one number: from g (and θ), the k-th step's direction d.


def sgd() -> Callable[[float, float], float]:
    return lambda g, theta: g


def momentum() -> Callable[[float, float], float]:
    v = 0.0

    def direction(g: float, theta: float) -> float:
        nonlocal v
        v = 0.9 * v + g
        return v

    return direction


def nesterov() -> Callable[[float, float], float]:
    v = 0.0

    def direction(g: float, theta: float) -> float:
        nonlocal v
        v = 0.9 * v + g
        return 0.9 * v + g

    return direction


def adagrad() -> Callable[[float, float], float]:
    h = 0.0

    def direction(g: float, theta: float) -> float:
        nonlocal h
        h = h + g * g
        return g / math.sqrt(h + 1e-7)

    return direction


def rmsprop() -> Callable[[float, float], float]:
    h = 0.0

    def direction(g: float, theta: float) -> float:
        nonlocal h
        h = 0.9 * h + 0.1 * g * g
        return g / math.sqrt(h + 1e-8)

    return direction


def adam() -> Callable[[float, float], float]:
    m, v, k = 0.0, 0.0, 0

    def direction(g: float, theta: float) -> float:
        nonlocal m, v, k
        k += 1
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g * g
        return (m / (1 - 0.9**k)) / (math.sqrt(v / (1 - 0.999**k)) + 1e-8)

    return direction


def adamw() -> Callable[[float, float], float]:
    inner = adam()
    return lambda g, theta: inner(g, theta) + 0.01 * theta


RECURRENCES = {
    "sgd": sgd,
    "momentum": momentum,
    "nesterov": nesterov,
    "adagrad": adagrad,
    "rmsprop": rmsprop,
    "adam": adam,
    "adamw": adamw,
}
every_name = pytest.mark.parametrize("name", list(kb.optimisers))


def test_every_recurrence_is_written_out() -> None:
    assert set(RECURRENCES) == set(kb.optimisers)


@every_name
def test_the_recurrence(name: str) -> None:
    eta = ETA.get(name, 0.1)
    x, y = START
    along_x, along_y = RECURRENCES[name](), RECURRENCES[name]()
    expected = [START]
    for _ in range(STEPS):
        gx, gy = gradient(x, y)
        x, y = x - eta * along_x(gx, x), y - eta * along_y(gy, y)
        expected.append((x, y))
    path = ours(kb.optimisers[name], eta)
    np.testing.assert_allclose(path, expected, rtol=0, atol=1e-10)
    assert np.abs(path[1] - path[0]).min() > 1e-3  # it went somewhere


OPTAX = {
    "sgd": optax.sgd,
    "momentum": lambda eta: optax.sgd(eta, momentum=0.9),
    "nesterov": lambda eta: optax.sgd(eta, momentum=0.9, nesterov=True),
    "adagrad": lambda eta: optax.adagrad(eta, initial_accumulator_value=0.0, eps=1e-7),
    "rmsprop": lambda eta: optax.rmsprop(eta, decay=0.9, eps=1e-8),
    "adam": lambda eta: optax.adam(eta, b1=0.9, b2=0.999, eps=1e-8),
    "adamw": lambda eta: optax.adamw(eta, b1=0.9, b2=0.999, eps=1e-8, weight_decay=0.01),
}


def by_optax(transformation: optax.GradientTransformation) -> np.ndarray:
    with float64():
        theta: Any = jnp.array(START)
        state = transformation.init(theta)
        points = [theta]
        update = jax.jit(transformation.update)
        for _ in range(STEPS):
            u, state = update(jnp.stack(gradient(*theta)), state, theta)
            theta = optax.apply_updates(theta, u)
            points.append(theta)
        return np.array(points)


@every_name
def test_optax_goes_the_same_way(name: str) -> None:
    eta = ETA.get(name, 0.1)
    np.testing.assert_allclose(
        ours(kb.optimisers[name], eta), by_optax(OPTAX[name](eta)), rtol=0, atol=1e-12
    )


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("sgd", lambda p: torch.optim.SGD(p, 0.3)),
        ("momentum", lambda p: torch.optim.SGD(p, 0.05, momentum=0.9)),
        ("nesterov", lambda p: torch.optim.SGD(p, 0.05, momentum=0.9, nesterov=True)),
        ("adam", lambda p: torch.optim.Adam(p, 0.1)),
        ("adamw", lambda p: torch.optim.AdamW(p, 0.1, weight_decay=0.01)),
    ],
)
def test_pytorch_goes_the_same_way(name: str, make: Any) -> None:
    """Where PyTorch has the same constants; its AdaGrad and RMSprop add ε outside the root."""
    theta = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    optimiser = make([theta])
    points = [theta.detach().numpy().copy()]
    for _ in range(STEPS):
        optimiser.zero_grad()
        (theta[0] ** 2 / 20 + theta[1] ** 2).backward()
        optimiser.step()
        points.append(theta.detach().numpy().copy())
    path = ours(kb.optimisers[name], ETA.get(name, 0.1))
    np.testing.assert_allclose(path, points, rtol=0, atol=1e-10)


@pytest.mark.parametrize(
    "transformation",
    [
        optax.adam(0.05),
        optax.chain(optax.clip_by_global_norm(0.5), optax.sgd(0.2, momentum=0.8)),
        optax.sgd(optax.cosine_decay_schedule(0.3, STEPS)),
        optax.lion(0.01),
    ],
    ids=["adam", "clipped", "scheduled", "lion"],
)
def test_a_users_own_transformation_is_followed_step_by_step(transformation) -> None:
    optimiser = find_optimiser(transformation)
    assert optimiser.learning_rate == 1
    np.testing.assert_allclose(ours(optimiser, 1.0), by_optax(transformation), rtol=0, atol=1e-14)


def test_plain_descent_of_the_bowl_shrinks_by_a_fifth_each_step() -> None:
    """x₀² + x₁² from (3, 4), η = 0.1: (1 − 2η)ᵏ of the start; seed 000 ends at (0, 0)."""
    with float64():
        theta = jnp.array([3.0, 4.0])
        memory = kb.optimisers.sgd.init(theta)
        for k in range(1, 101):
            theta, memory = kb.optimisers.sgd.step(theta, 2 * theta, memory, 0.1)
            np.testing.assert_allclose(theta, np.array([3, 4]) * 0.8**k, rtol=1e-12)
    np.testing.assert_allclose(theta, [6.1111e-10, 8.1481e-10], rtol=1e-4)


@every_name
def test_params_of_a_network_keep_their_form_and_precision(name: str) -> None:
    network = kb.Network([2, 3, 2])
    params = network.init()
    gradients = kb.backprop(network, params, [[1, 2], [3, 4]], [0, 1]).gradients
    optimiser = kb.optimisers[name]
    memory = optimiser.init(params)
    stepped, after = optimiser.step(params, gradients, memory, 0.1)
    assert jax.tree.structure(stepped) == jax.tree.structure(params)
    assert jax.tree.structure(after) == jax.tree.structure(memory)
    for new, old in zip(jax.tree.leaves(stepped), jax.tree.leaves(params), strict=True):
        assert new.shape == old.shape
        assert new.dtype == jnp.float32
        assert (new != old).any()


@every_name
def test_the_memory_is_what_is_said_to_be_kept(name: str) -> None:
    """One array of the parameters' shape for each name, and at most a counter of steps."""
    state = jax.tree.leaves(kb.optimisers[name].init(jnp.zeros((4, 5))))
    assert sum(array.shape == (4, 5) for array in state) == len(kb.optimisers[name].memory)
    assert all(array.shape == () for array in state if array.shape != (4, 5))


@every_name
def test_adaptive_ones_do_not_see_the_size_of_the_gradient(name: str) -> None:
    optimiser, theta = kb.optimisers[name], jnp.zeros(2)
    g = jnp.array([3.0, -0.5])
    steps = [
        optimiser.step(theta, scale * g, optimiser.init(theta), 0.1)[0] for scale in (1.0, 1000.0)
    ]
    ratio = 1.0 if optimiser.adaptive else 1000.0
    np.testing.assert_allclose(steps[1], ratio * steps[0], rtol=1e-4)


@every_name
def test_it_is_found_by_name_and_as_itself(name: str) -> None:
    optimiser = kb.optimisers[name]
    assert find_optimiser(name) is find_optimiser(optimiser) is optimiser
    assert optimiser.learning_rate > 0


def test_what_is_no_optimiser() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown optimizer 'adm'\. Did you mean 'adam'"):
        find_optimiser("adm")
    with pytest.raises(KoubaiError):
        find_optimiser(0.1)  # type: ignore[arg-type]
