"""The learning-rate range test: where the loss falls, where it turns, and what is suggested."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree

import koubai as kb
from koubai.data.dataset import Dataset
from koubai.errors import SettingError, ShapeError
from koubai.training.rate_range import RateRange


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return kb.data.digits()


@pytest.fixture(scope="module")
def found(digits: Dataset) -> RateRange:
    return kb.learning_rate_range(kb.Network([64, 50, 10], hidden="relu"), digits)


def test_the_rates_grow_geometrically(found: RateRange) -> None:
    ratios = found.learning_rates[1:] / found.learning_rates[:-1]
    assert found.learning_rates[[0, -1]] == pytest.approx([1e-6, 100])
    assert ratios == pytest.approx(np.full(199, (1e8) ** (1 / 199)), rel=1e-5)


def test_what_is_found_stands_in_order(found: RateRange) -> None:
    assert 1e-3 < found.steepest <= found.suggestion <= found.lowest < 10
    at_lowest = found.losses[found.learning_rates == np.float32(found.lowest)]
    assert at_lowest == found.losses.min()
    assert found.losses[-1] > 1.5 * found.losses[0]  # η = 100 is past all bounds
    assert f"{found.suggestion:.2g}" in found.reason


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
def test_the_suggestion_learns_and_ten_times_it_does_worse(digits: Dataset, optimizer: str) -> None:
    network = kb.Network([64, 50, 10], hidden="relu")
    found = kb.learning_rate_range(network, digits, optimizer, seed=3)

    def loss(rate: float) -> float:
        run = kb.train(network, digits, optimizer, rate, epochs=5, seed=1)
        last = run.outcome.train.loss
        return np.inf if last is None else last

    suggested = loss(found.suggestion)
    assert suggested < 0.35  # of the 2.3 of chance
    assert suggested < loss(found.suggestion / 100)
    assert suggested < loss(found.suggestion * 30)


def test_the_edge_is_two_over_the_largest_eigenvalue() -> None:
    """Against the dense Hessian of the mean loss, by JAX."""
    data = kb.data.blobs()
    network = kb.Network([2, 4, len(data.classes or ())], hidden="tanh")
    params = network.init(7)
    theta, unravel = ravel_pytree(params)

    def f(theta: Any) -> Any:
        return kb.network_loss(network, unravel(theta), data.train.x, data.train.t)

    largest = np.linalg.eigvalsh(np.asarray(jax.jit(jax.hessian(f))(theta)))[-1]
    found = kb.learning_rate_range(network, data, batch_size=20, params=params)
    assert found.edge == pytest.approx(2 / largest, rel=1e-2)


def test_the_parameters_given_stay_as_they_are(digits: Dataset) -> None:
    network = kb.Network([64, 10])
    params = network.init(0)
    before = jax.tree.map(np.array, params)
    kb.learning_rate_range(network, digits, params=params, iterations=40)
    for now, then in zip(jax.tree.leaves(params), jax.tree.leaves(before), strict=True):
        np.testing.assert_array_equal(now, then)


def test_a_small_data_set_is_gone_through_again_and_again() -> None:
    data = kb.data.bitmaps()
    network = kb.Network([12, 3, 2], hidden="sigmoid")
    found = kb.learning_rate_range(network, data, batch_size=1000)
    assert 0.01 < found.suggestion < 100


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"smallest": 0}, "smallest is 0"),
        ({"smallest": 2, "largest": 1}, "smallest is 2 and largest 1"),
        ({"largest": np.inf}, "largest inf"),
        ({"iterations": 5}, "iterations is 5"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"batch_size": "a"}, "batch_size is 'a'"),
        ({"batch_size": 2.5}, "batch_size is 2.5"),
        ({"iterations": 30.5}, "iterations is 30.5"),
        ({"iterations": None}, "iterations is None"),
        ({"smallest": "a"}, "smallest is 'a'"),
        ({"largest": [1.0]}, "largest \\[1.0\\]"),
    ],
)
def test_a_range_that_shows_nothing_is_refused(
    digits: Dataset, options: dict[str, Any], says: str
) -> None:
    with pytest.raises(SettingError, match=says):
        kb.learning_rate_range(kb.Network([64, 10]), digits, **options)


def test_a_network_that_cannot_learn_is_said_to(digits: Dataset) -> None:
    stuck = kb.Network([64, 20, 10], hidden="relu", initialiser="zeros")
    with pytest.raises(SettingError, match="falls at no learning rate"):
        kb.learning_rate_range(
            stuck, digits, params=jax.tree.map(lambda a: jnp.full_like(a, -1e4), stuck.init(0))
        )
    with pytest.raises(ShapeError):
        kb.learning_rate_range(kb.Network([63, 10]), digits)


def test_other_kinds_of_things():
    with pytest.raises(SettingError, match="data is 'digits': give a Dataset"):
        kb.learning_rate_range(kb.Network([64, 10]), "digits")
    with pytest.raises(SettingError, match="network is 3: give one"):
        kb.learning_rate_range(3, kb.data.moons())
