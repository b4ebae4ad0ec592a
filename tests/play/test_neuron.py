"""The neuron bench: the numbers of the chain rule."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from koubai.errors import SettingError, ShapeError, UnknownNameError
from koubai.play.messages import Neuron
from koubai.play.neuron import neuron_view

DATA = {"x": (-1.0, 0.5, 2.0), "t": (0.0, 1.0, 0.25)}


def loss(theta):
    """½ (σ(w x + b) − t)², the mean over the examples, by JAX's own sigmoid."""
    y = jax.nn.sigmoid(theta[0] * jnp.array(DATA["x"]) + theta[1])
    return (0.5 * (y - jnp.array(DATA["t"])) ** 2).mean()


def test_every_factor_of_the_chain_rule():
    view = neuron_view(Neuron(**DATA, start=(0.7, -0.3), learning_rate=1.5))
    w, b = np.array(view.points).T
    z = w[:, None] * DATA["x"] + b[:, None]
    y = 1 / (1 + np.exp(-z))
    np.testing.assert_allclose(view.z, z, rtol=1e-12)
    np.testing.assert_allclose(view.y, y, rtol=1e-12)
    np.testing.assert_allclose(view.dl_dy, (y - DATA["t"]) / 3, rtol=1e-10)
    np.testing.assert_allclose(view.dy_dz, y * (1 - y), rtol=1e-10)
    by_jax = jax.vmap(jax.grad(loss))(jnp.asarray(view.points))
    np.testing.assert_allclose(view.gradients, by_jax, rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(np.diff(view.points, axis=0), -1.5 * view.gradients[:-1], atol=1e-14)


def test_the_valley_and_the_curve():
    view = neuron_view(Neuron(**DATA, start=(0.7, -0.3)))
    (w, b), i, j = view.axes, 11, 60
    assert view.losses[i, j] == pytest.approx(float(loss(jnp.array([w[i], b[j]]))), rel=1e-5)
    k, n = 17, 40
    z = view.points[k, 0] * view.curve_x[n] + view.points[k, 1]
    assert view.curve_y[k, n] == pytest.approx(1 / (1 + np.exp(-z)), rel=1e-6)
    assert view.curve_x[0] < -1
    assert view.curve_x[-1] > 2


def test_the_valley_holds_the_ball_wherever_it_is_put():
    for start in [(0.0, 0.0), (3.9, -1.0), (-7.0, 12.0)]:
        view = neuron_view(Neuron(**DATA, start=start))
        assert all(axis[0] < at < axis[-1] for axis, at in zip(view.axes, start, strict=True))


def test_neither_a_point_nor_the_ball_nor_a_rate_compiles_anything(caplog):
    neuron_view(Neuron(**DATA, learning_rate=0.5))
    with jax.log_compiles():
        moved = neuron_view(Neuron(x=(-1.0, 0.25, 2.5), t=DATA["t"], learning_rate=0.5))
        neuron_view(Neuron(x=(-1.0, 0.25, 2.5), t=DATA["t"], start=(1.0, 1.0), learning_rate=2.0))
        assert "Compiling" not in caplog.text
        neuron_view(Neuron(x=(0.0, 1.0, 2.0, 3.0), t=(0.0, 0.0, 1.0, 1.0)))
        assert "Compiling" in caplog.text
    np.testing.assert_allclose(moved.z[0], 0)
    np.testing.assert_allclose(moved.dl_dw[0], (0.5 - np.array(DATA["t"])) / 12 * [-1.0, 0.25, 2.5])


def test_a_divergence_is_followed_no_further_than_one_can_look():
    view = neuron_view(Neuron(**DATA, activation="identity", learning_rate=1e9))
    assert view.stopped == "diverged"
    assert np.isfinite(view.points).all()
    assert "ステップ 1 から" in view.message.ja


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"t": (0.0, 1.0)}, ShapeError, "x has 3 numbers and t 2"),
        ({"x": (0.0, float("inf"), 1.0)}, SettingError, "x"),
        ({"activation": "sigmod"}, UnknownNameError, "sigmoid"),
        ({"learning_rate": 0.0}, SettingError, "learning_rate is 0"),
        ({"start": (float("nan"), 0.0)}, SettingError, "start"),
    ],
)
def test_what_does_not_fit(changed, error, message):
    with pytest.raises(error, match=message):
        neuron_view(Neuron(**(DATA | changed)))
