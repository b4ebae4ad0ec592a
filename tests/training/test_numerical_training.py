"""Learning by finite differences alone."""

from __future__ import annotations

import jax
import numpy as np
import pytest

import koubai as kb

NETWORK = kb.Network([2, 6, 3], hidden="tanh")


@pytest.fixture(scope="module")
def spirals():
    return kb.data.spirals(n=83, seed=4)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_it_learns_what_backpropagation_learns(spirals, optimizer):
    settings = {"batch_size": 9, "epochs": 3, "seed": 2, "weight_decay": 0.01}
    exact = kb.train(NETWORK, spirals, optimizer, **settings)
    numerical = kb.train(NETWORK, spirals, optimizer, gradient="numerical", **settings)
    for a, b in zip(jax.tree.leaves(numerical.params), jax.tree.leaves(exact.params), strict=True):
        assert a.dtype == np.float32
        np.testing.assert_allclose(a, b, atol=2e-4)
    np.testing.assert_allclose(
        numerical.history.batch_losses, exact.history.batch_losses, rtol=1e-3
    )
    assert not np.array_equal(numerical.params[0].w, exact.params[0].w)  # it went its own way
    assert jax.numpy.zeros(1).dtype == np.float32  # and left the caller's precision alone


def test_it_is_stored_and_gone_on_with(spirals, tmp_path):
    settings = {"batch_size": 9, "gradient": "numerical", "record_every": 1}
    whole = kb.train(NETWORK, spirals, epochs=3, **settings)
    kb.train(NETWORK, spirals, epochs=1, out=tmp_path, **settings)
    assert kb.load_run(tmp_path).settings.gradient == "numerical"
    resumed = kb.resume(tmp_path, epochs=3)
    for a, b in zip(resumed.params, whole.params, strict=True):
        assert np.asarray(a.w).tobytes() == np.asarray(b.w).tobytes()


def test_another_gradient_is_refused(spirals):
    with pytest.raises(kb.errors.UnknownNameError, match="unknown gradient 'numeric'"):
        kb.train(NETWORK, spirals, gradient="numeric")
