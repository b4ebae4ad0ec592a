"""Vanishing gradients: norms layer by layer against automatic differentiation and closed forms."""

from __future__ import annotations

from itertools import pairwise

import jax
import numpy as np
import pytest

import koubai as kb
from koubai.data.dataset import Dataset, Source, Split
from koubai.errors import SettingError, UnknownNameError

DIGITS = kb.data.digits()


def values(x: np.ndarray, t: np.ndarray) -> Dataset:
    split = Split(x.astype(np.float32), t.astype(np.float32))
    return Dataset("values", split, split, None, Source("values"))


def one_example(seed: int, inputs: int = 7, outputs: int = 3) -> Dataset:
    rng = np.random.default_rng(seed)
    return values(rng.normal(0.4, 1, (1, inputs)), rng.normal(2, 1, (1, outputs)))


def by_automatic_differentiation(
    network: kb.Network, data: Dataset, steps: int, rate: float
) -> list[float]:
    """After steps of gradient descent over all examples, the norms over the first 1000."""
    x, t = data.train.x.astype(np.float64), data.train.t
    with jax.enable_x64(True):
        params = jax.tree.map(lambda array: np.asarray(array, np.float64), network.init(3))
        slope = jax.jit(jax.grad(lambda p, x, t: kb.network_loss(network, p, x, t)))
        for _ in range(steps):
            gradient = slope(params, x, t)
            params = jax.tree.map(lambda p, g: p - rate * g, params, gradient)
        return [float(np.linalg.norm(layer.w)) for layer in slope(params, x[:1000], t[:1000])]


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_norms_are_those_of_automatic_differentiation(activation: str) -> None:
    """Before learning and after it; with a batch of all, so that no order of examples matters."""
    rng = np.random.default_rng(9)
    x = rng.normal(0.5, 1, (1003, 4))
    x[1000:] *= 50  # beyond the first 1000, which alone the norms are taken over
    data = values(x, rng.normal(size=(1003, 2)))
    found = kb.vanishing_gradients(
        data, (1, 3), (activation,), ("he", "normal(0.3)"), units=5, seed=3, iterations=7,
        learning_rate=0.003, batch_size=1003,
    )  # fmt: skip
    assert len(found.networks) == 4
    for one in found.networks:
        sizes = [4, *[5] * one.depth, 2]
        network = kb.Network(sizes, activation, "identity", one.initialiser)
        before = by_automatic_differentiation(network, data, 0, 0.003)
        after = by_automatic_differentiation(network, data, 7, 0.003)
        assert one.start == pytest.approx(before, rel=1e-9)
        assert one.later == pytest.approx(after, rel=2e-3)
        assert one.later != pytest.approx(before, rel=2e-2)
        assert one.learnt == 7


def test_a_linear_network_in_closed_form() -> None:
    """‖∂L/∂wˡ‖ = ‖x w² … wˡ⁻¹‖ · ‖wˡ⁺¹ … wᴸ (y − t)‖, for one example and squared error."""
    data = one_example(1)
    found = kb.vanishing_gradients(data, [4], ["identity"], ["normal(0.6)"], 5, 2, 1)
    matrices = [
        np.asarray(layer.w, np.float64)
        for layer in kb.Network([7, 5, 5, 5, 5, 3], "identity", "identity", "normal(0.6)").init(2)
    ]
    x, t = (np.asarray(part, np.float64) for part in (data.train.x, data.train.t))
    delta = np.linalg.multi_dot([x, *matrices]) - t
    expected = []
    for place in range(len(matrices)):
        a, back = x, delta
        for w in matrices[:place]:
            a = a @ w
        for w in reversed(matrices[place + 1 :]):
            back = back @ w.T
        expected.append(np.linalg.norm(a) * np.linalg.norm(back))
    assert found.networks[0].start == pytest.approx(expected, rel=1e-9)


def test_of_one_unit_a_layer_the_gradient_falls_as_a_power_of_the_weight() -> None:
    """x·wˡ…: every layer of a chain of equal weights w has ∂L/∂wˡ = x·wᴸ⁻¹·(y − t)."""
    data = values(np.array([[1.5]]), np.array([[1.0]]))
    found = kb.vanishing_gradients(data, [1, 6], ["identity"], ["uniform(0.1)"], 1, 5, 1)
    for one in found.networks:
        w = [
            float(layer.w[0, 0])
            for layer in kb.Network([1] * (one.depth + 2), "identity", "identity", "uniform(0.1)")
            .init(5)
        ]  # fmt: skip
        error = abs(1.5 * np.prod(w) - 1)
        others = [np.prod(np.delete(w, place)) for place in range(len(w))]
        assert one.start == pytest.approx(1.5 * error * np.abs(others), rel=1e-6)


@pytest.mark.parametrize("initialiser", ["normal(0.2)", "xavier"])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_under_sigmoids_the_gradient_falls_at_least_by_a_quarter_of_the_weights_norm(
    initialiser: str, seed: int
) -> None:
    """‖∂L/∂w²‖ / ‖∂L/∂wᴸ‖ ≤ ‖x‖ / ‖aᴸ⁻¹‖ · Π ¼ ‖wˡ‖₂, l = 3 … L, for one example."""
    data = one_example(seed)
    depth = 8
    found = kb.vanishing_gradients(data, [depth], ["sigmoid"], [initialiser], 6, seed, 1)
    network = kb.Network([7, *[6] * depth, 3], "sigmoid", "identity", initialiser)
    params = network.init(seed)
    x = data.train.x[0]
    shrunk = np.prod([np.linalg.norm(layer.w, 2) / 4 for layer in params[1:]])
    bound = shrunk * np.linalg.norm(x) / np.linalg.norm(network.forward(params, x).activations[-2])
    assert 0 < found.networks[0].share <= bound
    assert found.networks[0].share > bound / 1e6  # the bound is one of this size


def test_ten_layers_of_sigmoids_against_relu_and_he() -> None:
    found = kb.vanishing_gradients(
        DIGITS, [10], ["sigmoid", "relu"], ["xavier", "he"], iterations=30
    )
    sigmoid, relu = found.of(10, "sigmoid", "xavier"), found.of(10, "relu", "he")
    assert sigmoid.share < 4.0**-9  # Xavier's weights keep a length about as it is
    assert sigmoid.later[0] / sigmoid.later[-1] < 4.0**-8
    assert all(below < above for below, above in pairwise(sigmoid.start))
    assert 0.2 < relu.share < 5
    assert 0.05 < relu.later[0] / relu.later[-1] < 20
    assert sigmoid.learnt == relu.learnt == 30


def test_norms_far_below_what_float32_can_square() -> None:
    found = kb.vanishing_gradients(DIGITS, [16], ["tanh"], ["normal(0.01)"], iterations=1)
    assert (found.networks[0].start < 1e-17).all()
    assert (found.networks[0].start > 0).all()


def test_where_nothing_comes_down_the_share_is_0_and_0_of_0_is_nan() -> None:
    found = kb.vanishing_gradients(
        one_example(2), [2], ["sigmoid", "relu"], ["zeros"], 4, iterations=2
    )
    sigmoid, relu = found.networks
    assert sigmoid.start[-1] > 0
    assert sigmoid.share == 0
    assert np.isnan(relu.share)


def test_what_diverges_says_after_how_many_iterations() -> None:
    found = kb.vanishing_gradients(
        one_example(3), [3], ["identity"], ["normal(1)"], 4, iterations=200, learning_rate=0.1
    )
    assert 0 < found.networks[0].learnt < 200


def test_combinations_come_in_order_and_by_name() -> None:
    found = kb.vanishing_gradients(
        one_example(4), [1, 2], [kb.activations.tanh, "relu"], ["xavier", "normal(0.5)"], 3,
        iterations=1,
    )  # fmt: skip
    assert [(one.depth, one.activation, one.initialiser) for one in found.networks] == [
        (depth, activation, initialiser)
        for depth in (1, 2)
        for activation in ("tanh", "relu")
        for initialiser in ("xavier", "normal(0.5)")
    ]
    one = found.of(2, "relu", "xavier")
    assert one is found.networks[6]
    assert len(one.start) == len(one.later) == 3
    table = str(found).splitlines()
    assert len(table) == 9
    assert table[7].split() == [
        "2", "relu", "xavier", f"{one.start[0]:.2e}", f"{one.start[-1]:.2e}", f"{one.share:.1e}",
    ]  # fmt: skip
    with pytest.raises(SettingError, match=r"3 layers of relu.*depths \[1, 2\]"):
        found.of(3, "relu", "xavier")


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"depths": [0]}, SettingError, "depth is 0"),
        ({"depths": []}, SettingError, r"depths is \[\]: give a list"),
        ({"depths": 3}, SettingError, "depths is 3: give a list"),
        ({"activations": "relu"}, SettingError, "activations is 'relu': give a list"),
        ({"seed": -1}, SettingError, "seed is -1"),
        ({"activations": []}, SettingError, r"activations is \[\]"),
        ({"initialisers": ()}, SettingError, r"initialisers is \(\)"),
        ({"units": 0}, SettingError, "units is 0"),
        ({"iterations": 0}, SettingError, "iterations is 0"),
        ({"learning_rate": 0.0}, SettingError, "learning_rate is 0.0"),
        ({"batch_size": 0}, SettingError, "batch_size"),
        ({"activations": ["sigmod"]}, UnknownNameError, "sigmoid"),
        ({"initialisers": ["xavire"]}, UnknownNameError, "xavier"),
    ],
)
def test_what_cannot_be_tried(
    arguments: dict[str, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        kb.vanishing_gradients(one_example(5), **arguments)  # pyright: ignore[reportArgumentType]


def test_data_that_is_no_dataset():
    with pytest.raises(kb.errors.SettingError, match="data is 'digits': give a Dataset"):
        kb.vanishing_gradients("digits")
