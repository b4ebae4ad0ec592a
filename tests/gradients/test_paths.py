"""The chain rule written out: every path from a weight to the cost, their sum, their number."""

from __future__ import annotations

import math
import re
from itertools import pairwise, product
from typing import Any

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import koubai as kb
from koubai.errors import DataError, SettingError, ShapeError
from koubai.gradients.paths import explain, multiplications


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def test_the_derivative_of_the_slides_by_hand() -> None:
    """∂C/∂w²₁₁ of 12-3-2, sigmoid, C = ½Σ(t − a³)²: the two products of seed 003."""
    network = kb.Network([12, 3, 2], hidden="sigmoid", output="sigmoid", initialiser="normal(1)")
    params = network.init(5)
    (w2, b2), (w3, b3) = ((np.float64(w), np.float64(b)) for w, b in params)
    x, t = np.arange(12) % 3 - 0.5, np.array([1.0, 0.0])
    a2 = sigmoid(x @ w2 + b2)
    a3 = sigmoid(a2 @ w3 + b3)
    by_hand = sorted(
        (
            (a3[k] - t[k]) * a3[k] * (1 - a3[k]) * w3[0, k] * a2[0] * (1 - a2[0]) * x[0]
            for k in range(2)
        ),
        key=abs,
        reverse=True,
    )

    explanation = explain(network, params, x, t, layer=2, i=1, j=1, loss="squared_error")
    assert explanation.count == 2
    assert explanation.complete
    assert [path.value for path in explanation.paths] == pytest.approx(by_hand, rel=1e-12)
    assert [len(path.factors) for path in explanation.paths] == [5, 5]
    assert explanation.listed == pytest.approx(explanation.derivative, rel=1e-12)
    text = str(explanation)
    assert "∂C/∂w²₁₁ = the sum over 2 paths" in text
    assert "∂C/∂a³₁ · ∂a³₁/∂z³₁ · ∂z³₁/∂a²₁ · ∂a²₁/∂z²₁ · ∂z²₁/∂w²₁₁" in text
    assert r"\frac{\partial z^{3}_{1}}{\partial a^{2}_{1}}" in explanation.latex


@settings(max_examples=12)  # each compiles a network of its own
@given(
    sizes=st.lists(st.integers(1, 4), min_size=2, max_size=5),
    hidden=st.sampled_from(["sigmoid", "tanh", "softmax", "gelu"]),
    pair=st.sampled_from(
        [
            ("softmax", "cross_entropy"),
            ("sigmoid", "binary_cross_entropy"),
            ("sigmoid", "squared_error"),
            ("softmax", "squared_error"),
            ("identity", "huber"),
        ]
    ),
    seed=st.integers(0, 999),
    data=st.data(),
)
def test_the_sum_over_all_paths_is_the_derivative(
    sizes: list[int], hidden: str, pair: tuple[str, str], seed: int, data: st.DataObject
) -> None:
    output, loss = pair
    rng = np.random.default_rng(seed)
    network = kb.Network(sizes, hidden=hidden, output=output, initialiser="normal(0.8)")
    layer = data.draw(st.integers(2, len(sizes)))
    i = data.draw(st.none() | st.integers(1, sizes[layer - 2]))
    j = data.draw(st.integers(1, sizes[layer - 1]))
    x, t = rng.normal(0.5, 1, sizes[0]), rng.dirichlet(np.ones(sizes[-1]))
    params = network.init(seed)
    explanation = explain(network, params, x, t, layer, i, j, loss, most=100_000)
    assert explanation.complete

    with jax.enable_x64(True):  # by JAX's own automatic differentiation
        wide = jax.tree.map(lambda array: np.asarray(array, np.float64), params)
        derivative = jax.jit(jax.grad(lambda p: kb.network_loss(network, p, x, t, loss)))
        gradient = derivative(wide)[layer - 2]
    expected = gradient.b[j - 1] if i is None else gradient.w[i - 1, j - 1]
    assert explanation.listed == pytest.approx(float(expected), rel=1e-9, abs=1e-14)


def test_those_that_contribute_most_are_found_among_all() -> None:
    rng = np.random.default_rng(8)
    network = kb.Network([3, 4, 5, 6, 2], hidden=["tanh", "relu", "sigmoid"])
    params, x = network.init(4), rng.normal(size=3)
    few, every = (explain(network, params, x, 1, 2, 2, 3, most=most) for most in (7, 10_000))
    assert (few.count, every.count) == (60, 60)
    assert not few.complete
    largest = sorted((abs(path.value) for path in every.paths), reverse=True)[:7]
    assert [abs(path.value) for path in few.paths] == pytest.approx(largest)
    assert "60 paths, of which 7 that contribute most" in str(few)


def test_ten_hidden_layers_of_fifty_are_counted_and_not_walked() -> None:
    network = kb.Network([784, *[50] * 10, 10], hidden="tanh")
    x = np.random.default_rng(0).random(784)
    explanation = explain(network, network.init(0), x, 3, layer=2, i=400, j=1, most=5)
    assert explanation.count == 50**9 * 10
    values = [abs(path.value) for path in explanation.paths]
    assert values == sorted(values, reverse=True)
    assert len({path.units for path in explanation.paths}) == 5


def every_path(sizes: tuple[int, ...], layer: int, j: int) -> list[tuple[int, ...]]:
    return list(product([j], *(range(1, size + 1) for size in sizes[layer:])))


def test_each_path_goes_through_the_units_it_names() -> None:
    network = kb.Network([2, 3, 2, 3], hidden="sigmoid")
    explanation = explain(network, network.init(0), [0.3, -2.0], 0, 2, 1, 2)
    assert sorted(tuple(unit for _, unit in path.units) for path in explanation.paths) == (
        every_path(network.sizes, 2, 2)
    )
    assert {path.units[0] for path in explanation.paths} == {(2, 2)}
    assert {path.units[-1][0] for path in explanation.paths} == {4}


def test_multiplications_are_those_of_a_count_by_hand() -> None:
    # 12-3-2: 8 parameters with 1 path of 2 factors, 39 with 2 paths of 4.
    # Backpropagation: 36 + 6 products for the weights, 6 for the deltas below, 3 with a'.
    assert multiplications(kb.Network([12, 3, 2])) == (8 + 39 * 2, 8 + 39 * 2 * 3, 42 + 9)


def test_depth_multiplies_the_paths_and_adds_to_backpropagation() -> None:
    networks = [kb.Network([50] * depth) for depth in range(3, 9)]
    paths, _, back = zip(*map(multiplications, networks), strict=True)
    assert all(49 < deep / shallow < 51 for shallow, deep in pairwise(paths[1:]))
    assert len(set(np.diff(back))) == 1
    assert math.log10(paths[-1]) > 10


def test_what_is_not_there_is_refused() -> None:
    network = kb.Network([3, 4, 2])
    params, x = network.init(0), np.ones(3)
    for layer in (1, 4, 0):
        with pytest.raises(SettingError, match=f"layer is {layer}: .* 2 to 3"):
            explain(network, params, x, 0, layer, 1, 1)
    with pytest.raises(
        SettingError, match="i is 0: give a whole number from 1 to 3, the units of layer 1"
    ):
        explain(network, params, x, 0, 2, 0, 1)
    with pytest.raises(
        SettingError, match="j is 5: give a whole number from 1 to 4, the units of layer 2"
    ):
        explain(network, params, x, 0, 2, 1, 5)
    with pytest.raises(ShapeError, match="2 examples"):
        explain(network, params, np.ones((2, 3)), [0, 1], 2, 1, 1)
    with pytest.raises(SettingError, match="most is 0"):
        explain(network, params, x, 0, 2, 1, 1, most=0)


@pytest.mark.parametrize("name", ["layer", "i", "j", "most"])
@pytest.mark.parametrize("value", ["2", 1.5, 2.0, [1], True])
def test_a_place_is_a_whole_number(name: str, value: Any) -> None:
    network = kb.Network([3, 4, 2])
    place: dict[str, Any] = {"layer": 2, "i": 1, "j": 1} | {name: value}
    with pytest.raises(SettingError, match=f"^{name} is {re.escape(repr(value))}: give a whole"):
        explain(network, network.init(0), np.ones(3), 0, **place)


def test_no_path_is_the_strongest_of_what_is_not_finite() -> None:
    network = kb.Network([3, 4, 2])
    lost = (kb.Layer(np.full((3, 4), np.nan), np.zeros(4)), network.init(0)[1])
    with pytest.raises(DataError, match="params"):
        explain(network, lost, np.ones(3), 0, 2, 1, 1)
    with pytest.raises(DataError, match=r"t\[0\] is nan"):
        explain(network, network.init(0), np.ones(3), [np.nan, 1], 2, 1, 1)


def test_what_is_no_network_and_no_numbers_is_refused() -> None:
    network: Any = kb.Network([3, 4, 2])
    for wrong in (None, [3, 4, 2], "net"):
        with pytest.raises(SettingError, match="network is"):
            explain(wrong, network.init(0), np.ones(3), 0, 2, 1, 1)
        with pytest.raises(SettingError, match="network is"):
            multiplications(wrong)
    with pytest.raises(DataError, match="x is 'abc'"):
        explain(network, network.init(0), "abc", 0, 2, 1, 1)


def test_paths_beyond_the_largest_float_are_counted() -> None:
    network = kb.Network([2, *[50] * 200, 2], hidden="tanh")
    explanation = explain(network, network.init(0), np.ones(2), 0, 2, 1, 1, most=1)
    assert "2.49e+338 paths" in str(explanation)
    assert "2.49e+338 paths" in repr(explanation)
    assert len(repr(explanation)) < 80


def test_paths_have_a_line_of_latex_each() -> None:
    network = kb.Network([3, 4, 3])
    few, many = (
        explain(network, network.init(0), np.ones(3), 0, 2, 1, 1, most=most) for most in (2, 3)
    )
    assert few.latex.count(r"\\") == 2 + 2 * 1
    assert many.latex.count(r"\\") == 2 + 2 * 2
