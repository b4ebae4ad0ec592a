"""Objectives: one interface for any function of an array, in the precision of its start."""

from __future__ import annotations

import math

import jax.numpy as jnp
import numpy as np
import pytest

import koubai as kb
from koubai.engine import float64
from koubai.errors import FunctionError, SettingError, ShapeError

BOWL = {
    "python": lambda x: x[0] ** 2 + x[1] ** 2,
    "jax": lambda x: jnp.sum(x**2),
    "numpy": lambda x: np.sum(np.asarray(x) ** 2),
    "math": lambda x: math.hypot(x[0], x[1]) ** 2,
    "at": lambda x: jnp.sum(x.at[0].add(0) ** 2),
}
EXACT = {"python", "jax", "at"}


@pytest.mark.parametrize("arithmetic", BOWL)
def test_value_gradient_and_start(arithmetic: str) -> None:
    objective = kb.objective(BOWL[arithmetic], [3, 4])
    assert isinstance(objective, kb.Objective)
    assert objective.exact is (arithmetic in EXACT)
    assert objective.start.dtype == np.float64
    assert math.isclose(objective.value([3, 4]), 25, rel_tol=1e-15)
    assert type(objective.value([0, 2])) is float
    for x, expected in (([3, 4], [6, 8]), ([0, 2], [0, 4]), ([3, 0], [6, 0])):
        found = objective.gradient(x)
        assert isinstance(found, np.ndarray)
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_everything_is_in_the_precision_of_the_start(dtype: type) -> None:
    seen = []

    def f(x):
        seen.append(x.dtype)
        return jnp.sum(x**2) / 3

    objective = kb.objective(f, np.array([1, 2, 3], dtype))
    assert objective.start.dtype == objective.gradient([1, 2, 3]).dtype == dtype
    assert set(seen) == {np.dtype(dtype)}
    third = 14 / 3
    assert objective.value([1, 2, 3]) == float(dtype(14) / dtype(3))
    assert (objective.value([1, 2, 3]) == third) is (dtype is np.float64)


def test_the_start_and_every_x_are_never_modified() -> None:
    def vandal(x):
        value = float(np.sum(x**2))
        x[...] = 99
        return value

    start = np.array([3.0, 4.0])
    objective = kb.objective(vandal, start)
    x = np.array([1.0, 2.0])
    objective.value(x)
    objective.gradient(x)
    kb.descend(vandal, start, 0.1, 5)
    np.testing.assert_array_equal(start, [3, 4])
    np.testing.assert_array_equal(objective.start, [3, 4])
    np.testing.assert_array_equal(x, [1, 2])
    start[0] = 7
    assert objective.start[0] == 3


@pytest.mark.parametrize("x", [[1.0], [1.0, 2.0, 3.0], 1.0, [[1.0, 2.0]]])
def test_an_x_of_another_shape(x) -> None:
    objective = kb.objective(BOWL["jax"], [3.0, 4.0])
    for ask in (objective.value, objective.gradient):
        with pytest.raises(ShapeError, match=r"the objective takes \(2,\)"):
            ask(x)


@pytest.mark.parametrize(
    ("f", "says"),
    [
        (lambda x: x**2, r"array of shape \(2,\)"),
        (lambda x: np.asarray(x) ** 2, r"array of shape \(2,\)"),
        (lambda x: [x[0], x[1]], r"array of shape \(2,\)"),
        (lambda x: jnp.log(-x[0]), "f is nan at the start"),
        (lambda x: 1 / (x[0] - 3), "f is inf at the start"),
        (lambda x: 1 / (float(x[0]) - 3), "fails at the start"),
        (lambda x: math.exp(1000 * float(x[0])), "fails at the start"),
        (lambda x: x[0] + x[5], "asks for more than the start"),
        (lambda x: float(x[0]) + float(x[5]), "asks for more than the start"),
        (lambda x: None, "single number"),
        (lambda x: "3", "single number"),
        (lambda x: x[0] * 1j, "real"),
        (lambda x: (x > 0).sum(), "moves in jumps"),
        (3.0, "give a function"),
    ],
)
def test_what_cannot_be_descended(f, says) -> None:
    with pytest.raises(FunctionError, match=says):
        kb.objective(f, [3.0, 4.0])
    with pytest.raises(FunctionError, match=says):
        kb.descend(f, [3.0, 4.0])


@pytest.mark.parametrize(
    "start", [["a"], ["1"], [[1], [1, 2]], [1j], [], [math.nan], [math.inf], None]
)
def test_what_is_no_start(start) -> None:
    with pytest.raises(SettingError, match="start is"):
        kb.objective(BOWL["jax"], start)


def test_a_function_of_any_shape() -> None:
    weights = np.arange(24.0).reshape(2, 3, 4)
    objective = kb.objective(lambda x: jnp.sum(weights * x**2), np.ones((2, 3, 4)))
    np.testing.assert_allclose(objective.gradient(np.ones((2, 3, 4))), 2 * weights)
    assert kb.objective(lambda x: x**2, 3.0).gradient(3.0) == 6


def test_the_loss_of_a_network_is_an_objective_over_all_its_parameters() -> None:
    data = kb.data.moons()
    network = kb.Network([2, 4, 2], hidden="tanh")
    params = network.init(seed=3)
    objective = kb.objective(network, params, data)
    theta = np.concatenate([a.ravel() for layer in params for a in (layer.w, layer.b)])
    np.testing.assert_array_equal(objective.start, theta)
    assert objective.exact
    assert objective.start.dtype == np.float32
    expected = kb.network_loss(network, params, data.train.x, data.train.t)
    np.testing.assert_allclose(objective.value(theta), expected, rtol=1e-6)
    gradients = kb.backprop(network, params, data.train.x, data.train.t).gradients
    expected = np.concatenate([a.ravel() for layer in gradients for a in (layer.w, layer.b)])
    np.testing.assert_allclose(objective.gradient(theta), expected, atol=1e-6)
    path = kb.descend(objective, learning_rate=0.5, steps=30)
    assert path.values[-1] < 0.8 * path.values[0]


def test_a_network_without_data() -> None:
    network = kb.Network([2, 4, 2])
    with pytest.raises(SettingError, match="data is missing"):
        kb.objective(network, network.init())  # type: ignore[call-overload]


def test_another_split_and_another_loss() -> None:
    data = kb.data.moons()
    network = kb.Network([2, 4, 2], output="sigmoid")
    params = network.init(seed=1)
    objective = kb.objective(network, params, data.test, "squared_error")
    expected = kb.network_loss(network, params, data.test.x, data.test.t, "squared_error")
    with float64():
        np.testing.assert_allclose(objective.value(objective.start), expected, rtol=1e-6)
