"""Seed 000: one layer of weights, softmax and cross-entropy, and what its author printed."""

from __future__ import annotations

import math

import jax.numpy as jnp
import numpy as np
import pytest

import koubai as kb
from koubai.engine import float64
from koubai.networks.network import Layer

X, T = np.array([0.6, 0.9]), [0, 0, 1]
OUTPUT = [0.12712285, 0.83205393, 0.04082322]
LOSS = 3.19850
GRADIENT = [[0.07627371, 0.49923236, -0.57550607], [0.11441057, 0.74884853, -0.8632591]]

# The seed drew its weights at random and does not print them. Any with x · w = log y will do: here
# x · w = (x · x) log y / (x · x), moved along a direction that x does not see.
W = np.outer(X, np.log(OUTPUT)) / (X @ X) + np.outer([0.9, -0.6], [1.5, -0.4, 0.7])


def f(w):
    return kb.losses.cross_entropy(kb.activations.softmax(X @ w), T)


def params() -> tuple[Layer]:
    return (Layer(w=jnp.asarray(W), b=jnp.zeros(3)),)


NETWORK = kb.Network([2, 3], output="softmax")


def of_the_network(derive) -> np.ndarray:
    with float64():
        return np.asarray(derive(params())[0].w)


WAYS = {
    "numerical_gradient": lambda: kb.numerical_gradient(f, W),
    "gradient": lambda: kb.gradient(f, W),
    "backprop": lambda: of_the_network(lambda p: kb.backprop(NETWORK, p, X, T).gradients),
    "backprop, t as a label": lambda: of_the_network(
        lambda p: kb.backprop(NETWORK, p, X[None], [2]).gradients
    ),
    "finite_differences": lambda: of_the_network(lambda p: kb.finite_differences(NETWORK, p, X, T)),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_six_numbers(way: str) -> None:
    np.testing.assert_allclose(WAYS[way](), GRADIENT, rtol=0, atol=1e-8)


def test_the_output_and_the_loss() -> None:
    with float64():
        np.testing.assert_allclose(NETWORK.forward(params(), X).output, OUTPUT, rtol=0, atol=1e-8)
        for loss in (f(W), kb.network_loss(NETWORK, params(), X, T)):
            assert math.isclose(loss, LOSS, abs_tol=5e-6)
        assert math.isclose(kb.backprop(NETWORK, params(), X, T).loss, LOSS, abs_tol=5e-6)


def test_an_entry_says_how_much_the_loss_moves_when_its_weight_moves_a_little() -> None:
    with float64():
        for place in np.ndindex(W.shape):
            moved = W.copy()
            moved[place] += 1e-4
            assert math.isclose(f(moved) - f(W), 1e-4 * GRADIENT[place[0]][place[1]], rel_tol=1e-3)


def test_the_bias_moves_the_loss_by_the_delta() -> None:
    with float64():
        found = kb.backprop(NETWORK, params(), X, T)
        np.testing.assert_allclose(found.gradients[0].b, np.subtract(OUTPUT, T), atol=1e-8)
        np.testing.assert_array_equal(found.deltas[0][0], found.gradients[0].b)
