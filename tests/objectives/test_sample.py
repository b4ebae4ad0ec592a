"""Mini-batches as samples: against sampling theory, and against losses computed one by one."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

import koubai as kb
from koubai.errors import SettingError, ShapeError, UnknownNameError
from koubai.objectives.sample import BatchLosses

DIGITS = kb.data.digits()
NETWORK = kb.Network([64, 12, 10], hidden="tanh")
PARAMS = NETWORK.init(seed=4)


def test_the_full_loss_is_that_of_the_network() -> None:
    found = kb.batch_losses(NETWORK, PARAMS, DIGITS, 30, batches=2)
    whole = kb.network_loss(NETWORK, PARAMS, DIGITS.train.x, DIGITS.train.t)
    assert found.full == pytest.approx(float(whole), rel=1e-5)
    assert len(found.examples) == len(DIGITS.train)
    one = kb.network_loss(NETWORK, PARAMS, DIGITS.train.x[7], DIGITS.train.t[7])
    assert found.examples[7] == pytest.approx(float(one), rel=1e-5)


@pytest.mark.parametrize("size", [3, 40, 700])
def test_mini_batches_estimate_it_with_the_spread_of_theory(size: int) -> None:
    count = 2000
    found = kb.batch_losses(NETWORK, PARAMS, DIGITS, size, count, seed=9)
    assert found.losses.shape == (count,)
    # The mean of 2000 within four standard errors; their spread, whose own is 1 / √(2·2000).
    assert abs(found.losses.mean() - found.full) < 4 * found.expected_spread / np.sqrt(count)
    assert found.spread == pytest.approx(found.expected_spread, rel=4 / np.sqrt(2 * count))


def test_the_expected_spread_is_that_of_every_possible_mini_batch() -> None:
    examples = np.array([0.3, 1.7, 2.0, -4.5, 0.3, 9.1, 2.2])
    for size in range(1, 8):
        every = np.array([examples[list(c)].mean() for c in combinations(range(7), size)])
        found = BatchLosses(size, every, examples)
        assert found.expected_spread == pytest.approx(every.std(), abs=1e-12)
        assert found.spread == pytest.approx(every.std(), abs=1e-12)


def test_a_mini_batch_of_all_is_the_full_loss() -> None:
    found = kb.batch_losses(NETWORK, PARAMS, DIGITS.test, len(DIGITS.test), batches=3)
    np.testing.assert_array_equal(found.losses, found.full)
    assert found.spread == found.expected_spread == 0


def test_one_example_alone_has_no_spread() -> None:
    assert BatchLosses(1, np.array([2.5]), np.array([2.5])).expected_spread == 0


def test_curves_are_the_losses_at_the_stepped_parameters() -> None:
    split, rates = DIGITS.test, np.array([-0.7, 0.0, 0.4, 2.5])
    found = kb.batch_curves(NETWORK, PARAMS, split, rates, batch_size=5, batches=4)
    gradients = kb.backprop(NETWORK, PARAMS, split.x, split.t).gradients
    for rate, loss in zip(rates, found.full, strict=True):
        moved = tuple(
            kb.Layer(layer.w - rate * step.w, layer.b - rate * step.b)
            for layer, step in zip(PARAMS, gradients, strict=True)
        )
        assert loss == pytest.approx(
            float(kb.network_loss(NETWORK, moved, split.x, split.t)), rel=1e-5
        )
    assert found.batches.shape == (4, 4)
    np.testing.assert_array_equal(found.learning_rates, rates)


def test_curves_pass_through_the_losses_of_the_same_mini_batches() -> None:
    curves = kb.batch_curves(NETWORK, PARAMS, DIGITS, [0.0, 1.0], 20, batches=6, seed=3)
    losses = kb.batch_losses(NETWORK, PARAMS, DIGITS, 20, batches=6, seed=3)
    np.testing.assert_allclose(curves.batches[:, 0], losses.losses, rtol=1e-6)
    other = kb.batch_losses(NETWORK, PARAMS, DIGITS, 20, batches=6, seed=4)
    assert not np.isclose(other.losses, losses.losses).any()


def test_a_loss_of_choice() -> None:
    found = kb.batch_losses(NETWORK, PARAMS, DIGITS.test, 9, 2, loss="squared_error")
    y = NETWORK.forward(PARAMS, DIGITS.test.x).output
    assert found.full == pytest.approx(float(kb.losses.squared_error(y, DIGITS.test.t)), rel=1e-5)


def test_bad_input() -> None:
    few = DIGITS.test
    for size in (0, -3, 361, 2.5):
        with pytest.raises(SettingError, match="batch_size is"):
            kb.batch_losses(NETWORK, PARAMS, few, size)  # pyright: ignore[reportArgumentType]
    with pytest.raises(SettingError, match="batches is 0"):
        kb.batch_losses(NETWORK, PARAMS, few, 10, batches=0)
    with pytest.raises(SettingError, match="seed is -1"):
        kb.batch_losses(NETWORK, PARAMS, few, 10, seed=-1)
    for rates in ([0.1], [0.0, 0.0], [1.0, 0.5], [[0.0, 1.0]], [0.0, np.nan], 3.0):
        with pytest.raises(SettingError, match="learning_rates is"):
            kb.batch_curves(NETWORK, PARAMS, few, rates)
    with pytest.raises(ShapeError):
        kb.batch_losses(NETWORK, kb.Network([64, 10]).init(0), few, 10)
    with pytest.raises(UnknownNameError):
        kb.batch_losses(NETWORK, PARAMS, few, 10, loss="squared")
    with pytest.raises(SettingError, match="data is"):
        kb.batch_losses(NETWORK, PARAMS, "digits")  # pyright: ignore[reportArgumentType]
