"""One neuron: the chain rule factor by factor, against differences and automatic gradients."""

from __future__ import annotations

import numpy as np
import pytest

import koubai as kb
from koubai.errors import SettingError, ShapeError, UnknownNameError

X = np.array([-1.3, -0.4, 0.35, 1.1, 2.6])
T = np.array([0.0, 1.0, 0.0, 1.0, 1.0])
W, B = 0.83, -0.21
# A neuron has one output, so activations of a whole layer and losses of classes have no place.
ACTIVATIONS = [name for name, a in kb.activations.items() if a.elementwise]
PAIRS = [
    (activation, loss)
    for activation in ACTIVATIONS
    for loss in kb.losses
    if "cross_entropy" not in loss or activation == "sigmoid"  # it takes probabilities alone
]


@pytest.mark.parametrize(("activation", "loss"), PAIRS)
def test_the_chain_rule_is_the_exact_and_the_numerical_gradient(activation: str, loss: str) -> None:
    neuron = kb.neuron(X, T, activation, loss)
    chain = neuron.chain_rule(W, B)
    found = [chain.dl_dw, chain.dl_db]
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found, neuron.gradient([W, B]), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(found, kb.numerical_gradient(neuron.f, [W, B]), rtol=1e-7, atol=1e-9)


def test_every_factor_of_the_seeds_neuron() -> None:
    """l = ½ Σ (y − t)² / N with a sigmoid, written out."""
    chain = kb.neuron(X, T, "sigmoid", "squared_error").chain_rule(W, B)
    z = W * X + B
    y = 1 / (1 + np.exp(-z))
    np.testing.assert_allclose(chain.z, z)
    np.testing.assert_allclose(chain.y, y)
    np.testing.assert_allclose(chain.dl_dy, (y - T) / len(X))
    np.testing.assert_allclose(chain.dy_dz, y * (1 - y))
    np.testing.assert_allclose(chain.dl_dw, np.sum((y - T) * y * (1 - y) * X) / len(X))
    np.testing.assert_allclose(chain.dl_db, np.sum((y - T) * y * (1 - y)) / len(X))


def test_the_value_and_the_output() -> None:
    neuron = kb.neuron(X, T, "identity", "squared_error")
    y = W * X + B
    np.testing.assert_allclose(neuron.value([W, B]), np.mean((y - T) ** 2) / 2)
    np.testing.assert_allclose(neuron.output(W, B, [0.0, 10.0]), [B, 10 * W + B])
    assert neuron.names == ("w", "b")


def test_a_linear_neuron_descends_to_least_squares() -> None:
    path = kb.descend(kb.neuron(X, T, "identity", "squared_error"), learning_rate=0.5, steps=400)
    np.testing.assert_allclose(path.points[-1], np.polyfit(X, T, 1), atol=1e-9)


@pytest.mark.parametrize(
    ("x", "t"), [([0, 1], [0, 1, 1]), ([[0], [1]], [[0], [1]]), (0.0, 1.0), ([[0, 1]], [0, 1])]
)
def test_data_that_do_not_belong_together(x, t) -> None:
    with pytest.raises(ShapeError, match="one number of each for every example"):
        kb.neuron(x, t)


@pytest.mark.parametrize(
    ("x", "t"), [([], []), (["a"], [1]), ([np.nan, 1], [0, 1]), ([0], [np.inf])]
)
def test_data_that_are_no_numbers(x, t) -> None:
    with pytest.raises(SettingError, match=r"^[xt] is"):
        kb.neuron(x, t)


def test_names_that_are_not_known() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'sigmoid'"):
        kb.neuron(X, T, "sigmoyd")
    with pytest.raises(UnknownNameError, match="Did you mean 'squared_error'"):
        kb.neuron(X, T, loss="square_error")
    with pytest.raises(UnknownNameError, match=r"activation|loss"):
        kb.neuron(X, T, "squared_error")
    with pytest.raises(ShapeError):
        kb.neuron(X, T).value([1.0])
