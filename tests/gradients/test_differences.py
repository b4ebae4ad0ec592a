"""The whole numerical gradient of a network: the central difference of every weight and bias."""

from __future__ import annotations

from itertools import product
from typing import Any

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import koubai as kb
from koubai.errors import SettingError, ShapeError
from koubai.functions.losses import losses
from koubai.gradients.differences import finite_differences
from koubai.networks.network import Layer, Params

ELEMENTWISE = ["sigmoid", "tanh", "softplus", "gelu", "identity"]


def moved(params: Params, level: int, part: str, index: tuple[int, ...], by: float) -> Params:
    arrays = [{"w": np.array(w, np.float64), "b": np.array(b, np.float64)} for w, b in params]
    arrays[level][part][index] += by
    return tuple(Layer(**each) for each in arrays)


def by_definition(
    network: kb.Network, params: Params, x: Any, t: Any, loss: str | None, h: float
) -> list[np.ndarray]:
    """(L(w + h) − L(w − h)) / 2h of one parameter after the other, the whole network each time."""
    found = []

    @jax.jit
    def loss_of(params: Params) -> Any:
        return kb.backprop(network, params, x, t, loss).loss

    with jax.enable_x64(True):
        for level, layer in enumerate(params):
            for part in ("w", "b"):
                array = np.asarray(getattr(layer, part))
                gradient = np.empty(array.shape)
                for index in product(*map(range, array.shape)):
                    above, below = (
                        float(loss_of(moved(params, level, part, index, s))) for s in (h, -h)
                    )
                    gradient[index] = (above - below) / (2 * h)
                found.append(gradient)
    return found


@settings(max_examples=6)  # each compiles a network of its own
@given(
    sizes=st.lists(st.integers(1, 5), min_size=2, max_size=5),
    hidden=st.sampled_from([*ELEMENTWISE, "softmax"]),
    pair=st.sampled_from(
        [
            ("softmax", "cross_entropy"),
            ("sigmoid", "binary_cross_entropy"),
            ("identity", "squared_error"),
            ("softmax", "squared_error"),
            ("tanh", "huber"),
        ]
    ),
    batch=st.integers(1, 5),
    seed=st.integers(0, 999),
)
def test_it_is_the_central_difference_of_the_definition(
    sizes: list[int], hidden: str, pair: tuple[str, str], batch: int, seed: int
) -> None:
    output, loss = pair
    rng = np.random.default_rng(seed)
    network = kb.Network(sizes, hidden=hidden, output=output, initialiser="normal(0.7)")
    params, x = network.init(seed), rng.normal(size=(batch, sizes[0]))
    t = rng.dirichlet(np.ones(sizes[-1]), size=batch)  # in range for each of these losses
    h = 1e-3  # so large that another way to differentiate would give other numbers
    found = finite_differences(network, params, x, t, loss, step=h)
    for ours, expected in zip(
        jax.tree.leaves(found), by_definition(network, params, x, t, loss, h), strict=True
    ):
        np.testing.assert_allclose(ours, expected, rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize("loss", list(losses))
def test_with_its_own_step_it_equals_backpropagation(loss: str) -> None:
    rng = np.random.default_rng(3)
    network = kb.Network([7, 6, 5, 3], hidden=["tanh", "relu"], output="sigmoid")
    with jax.enable_x64(True):
        params = jax.tree.map(lambda array: np.asarray(array, np.float64), network.init(2))
        x, t = rng.normal(1.5, 2.0, size=(9, 7)), rng.dirichlet([1, 1, 1], size=9)
        back = jax.jit(lambda params: kb.backprop(network, params, x, t, loss).gradients)(params)
    found = finite_differences(network, params, x, t, loss)
    for ours, expected in zip(jax.tree.leaves(found), jax.tree.leaves(back), strict=True):
        np.testing.assert_allclose(ours, expected, atol=1e-8)


def test_inputs_that_are_zero_move_nothing() -> None:
    network = kb.Network([4, 3, 2])
    x = np.array([[0.0, 1.5, 0.0, -2.0], [0.0, 0.0, 0.5, 1.0]])
    gradient = finite_differences(network, network.init(0), x, [0, 1])
    assert not np.any(gradient[0].w[0])
    assert np.all(gradient[0].w[1:])


def test_real_digits_in_many_parts_of_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """What fits one batch of evaluations and what takes many are the same."""
    data = kb.data.digits()
    network = kb.Network([64, 20, 10], hidden="sigmoid")
    x, t = data.train.x[:30], data.train.t[:30]
    monkeypatch.setattr("koubai.gradients.differences._BATCH_ELEMENTS", 4321)
    jax.clear_caches()
    found = finite_differences(network, network.init(1), x, t)
    jax.clear_caches()
    with jax.enable_x64(True):
        params = jax.tree.map(lambda array: np.asarray(array, np.float64), network.init(1))
        wide = np.asarray(x, np.float64)
        back = jax.jit(lambda params: kb.backprop(network, params, wide, t).gradients)(params)
    for ours, expected in zip(jax.tree.leaves(found), jax.tree.leaves(back), strict=True):
        np.testing.assert_allclose(ours, expected, atol=1e-8)


def test_what_does_not_fit_is_refused() -> None:
    network = kb.Network([3, 2])
    params, x, t = network.init(0), np.ones((2, 3)), [0, 1]
    with pytest.raises(SettingError, match="step is -1"):
        finite_differences(network, params, x, t, step=-1)
    with pytest.raises(SettingError, match="lost in rounding"):
        finite_differences(network, params, x, t, step=1e-30)
    with pytest.raises(ShapeError, match="4 columns"):
        finite_differences(network, params, np.ones((2, 4)), t)
