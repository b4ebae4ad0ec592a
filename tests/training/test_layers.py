"""What is recorded of each layer: held to JAX's own gradient and to the definitions."""

from __future__ import annotations

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import koubai as kb
from koubai.functions.losses import cross_entropy
from koubai.training.layers import QUANTITIES, Layers, look, moments_apart, sample
from koubai.training.loop import Method, fresh_state, on_device

NETWORK = kb.Network([2, 7, 5, 3], hidden=["tanh", "relu"])
BATCHES = jnp.array([[0, 9, 4, 31, 22], [50, 3, 17, 8, 40]])


@pytest.fixture(scope="module")
def spirals():
    return kb.data.spirals(n=83, seed=4)


def params():
    drawn = NETWORK.init(3)
    return tuple(kb.Layer(5 * w, b + 0.3) for w, b in drawn)


def looked(data, optimizer="sgd", rate=0.2, decay=0.0, start=None, batches=BATCHES):
    method = Method(NETWORK, cross_entropy, kb.optimisers[optimizer])
    state = fresh_state(method, params() if start is None else start)
    found = look(method, state, on_device(data), batches, rate, decay)
    return dict(zip(QUANTITIES, found, strict=True))


def gradient(data, batch):
    x, t = data.train.x[batch], data.train.t[batch]
    return jax.jit(jax.grad(lambda p: kb.network_loss(NETWORK, p, x, t)))(params())


def norm(array):
    return np.linalg.norm(np.asarray(array, np.float64))


def test_gradients_and_steps_are_those_of_the_sample(spirals):
    found = looked(spirals, rate=0.2, decay=0.7)
    one, two = (gradient(spirals, np.asarray(batch)) for batch in BATCHES)
    for k, (layer, g, h) in enumerate(zip(params(), one, two, strict=True)):
        mean = (np.asarray(g.w) + np.asarray(h.w)) / 2
        step = 0.2 * (mean + 0.7 * np.asarray(layer.w))
        assert found["gradient_norm"][k] == pytest.approx(norm(mean), rel=1e-4)
        assert found["weight_norm"][k] == pytest.approx(norm(layer.w), rel=1e-5)
        assert found["update_ratio"][k] == pytest.approx(norm(step) / norm(layer.w), rel=1e-4)
        noise = norm(g.w - h.w) / norm(g.w + h.w)
        assert found["gradient_noise"][k] == pytest.approx(noise, rel=1e-3)


def test_the_first_step_of_adam_moves_every_weight_by_the_learning_rate(spirals):
    found = looked(spirals, "adam", rate=0.01)
    moved = [0.01 * np.sqrt(np.count_nonzero(g.w)) for g in gradient(spirals, BATCHES.ravel())]
    np.testing.assert_allclose(found["update_ratio"] * found["weight_norm"], moved, rtol=1e-3)


def test_batches_that_agree_have_no_noise(spirals):
    same = jnp.stack([BATCHES[0], BATCHES[0]])
    np.testing.assert_allclose(looked(spirals, batches=same)["gradient_noise"], 0, atol=1e-6)


def test_activations_and_slopes_are_those_of_the_sample(spirals):
    found = looked(spirals)
    chosen = np.asarray(BATCHES.ravel())
    trace = NETWORK.forward(params(), spirals.train.x[chosen])
    for k, a in enumerate(trace.activations[1:]):
        assert found["activation_mean"][k] == pytest.approx(float(a.mean()), rel=1e-4)
        assert found["activation_std"][k] == pytest.approx(float(a.std()), rel=1e-3)
    tanh, relu = (np.asarray(z) for z in trace.weighted_inputs[:2])
    flat = [1 / np.cosh(tanh.astype(np.float64)) ** 2 < 1 / 50, relu <= 0]
    assert 0 < flat[0].mean() < 1
    assert 0 < flat[1].mean() < 1
    np.testing.assert_allclose(found["flat"], [*(f.mean() for f in flat), 0], atol=1e-6)
    np.testing.assert_allclose(found["dead"], [*(f.all(0).mean() for f in flat), 0], atol=1e-6)


def test_the_error_signal_of_softmax_and_cross_entropy_is_y_minus_t(spirals):
    chosen = np.asarray(BATCHES.ravel())
    y = np.asarray(NETWORK.forward(params(), spirals.train.x[chosen]).output, np.float64)
    delta = y - np.eye(3)[spirals.train.t[chosen]]
    expected = np.sqrt((delta**2).sum(axis=1).mean())
    assert looked(spirals)["error_signal"][-1] == pytest.approx(expected, rel=1e-5)


def test_units_with_the_same_weights_are_seen(spirals):
    assert looked(spirals)["alike"].tolist() == [0, 0, 0]
    first, second, third = params()
    w = first.w.at[:, 4].set(first.w[:, 1]).at[:, 6].set(first.w[:, 1])
    third = kb.Layer(jnp.zeros_like(third.w), jnp.zeros_like(third.b))
    found = looked(spirals, start=(kb.Layer(w, first.b), second, third))
    np.testing.assert_allclose(found["alike"], [3 / 7, 0, 1], rtol=1e-6)
    apart = kb.Layer(w, first.b.at[4].add(0.5).at[6].add(-0.5))  # only their biases differ
    assert looked(spirals, start=(apart, second, third))["alike"][0] == 0


@pytest.mark.parametrize("size", [1e30, np.inf])
def test_weights_too_large_to_be_squared_are_not_taken_for_equal_ones(spirals, size):
    start = tuple(kb.Layer(layer.w * size, layer.b) for layer in params())
    assert looked(spirals, start=start)["alike"].tolist() == [0, 0, 0]


def test_the_sample_is_two_different_batches_of_the_training_data():
    members = np.arange(7, 700, 3)
    one, two = np.asarray(sample(members, seed=5))
    assert {*one} | {*two} <= {*members}
    assert not {*one} & {*two}
    assert len(one) == len(members) // 2  # both batches together are all there is
    assert sample(np.arange(5000), seed=5).shape == (2, 128)
    np.testing.assert_array_equal(sample(members, 5), sample(members, 5))
    np.testing.assert_array_equal(sample(np.array([3]), 0), [[3], [3]])


@pytest.mark.parametrize("batch_size", [1, 20, 100, 5000])
@pytest.mark.parametrize("iterations", [0, 1, 37, 600, 60_000])
def test_there_are_enough_moments_and_not_too_many(iterations, batch_size):
    apart = moments_apart(iterations, batch_size, record_every=1)
    moments = len(range(0, iterations, apart))
    assert min(6, iterations) <= moments <= 2 * 64
    examples = 2 * 128 * moments
    # Beyond the fewest, looking costs at most 3 % of the examples that are learnt from.
    assert moments <= 12 or examples <= 0.06 * iterations * batch_size


def test_a_run_records_its_layers(spirals, tmp_path):
    run = kb.train(NETWORK, spirals, batch_size=9, epochs=6, record_every=2, out=tmp_path)
    layers = run.history.layers
    stride = run.records.layers.stride
    done = run.outcome.iterations
    assert layers.iterations.tolist() == [*range(0, done, stride), done]
    assert layers.flat.shape == (len(layers), 3)
    batches = sample(np.arange(len(spirals.train)), run.settings.seed)
    start = NETWORK.init(run.settings.seed)
    for moment, p in ((0, start), (-1, run.params)):
        expected = looked(spirals, rate=0.1, start=p, batches=batches)
        for name in QUANTITIES:
            np.testing.assert_allclose(getattr(layers, name)[moment], expected[name], rtol=1e-4)
    again = kb.load_run(tmp_path).history.layers
    for name in ("iterations", *QUANTITIES):
        np.testing.assert_array_equal(getattr(again, name), getattr(layers, name))
    run.save(tmp_path / "copy")
    np.testing.assert_array_equal(
        kb.load_run(tmp_path / "copy").history.layers.error_signal, layers.error_signal
    )


def test_looking_changes_nothing(spirals, monkeypatch):
    from koubai.training import observer

    looked_at = kb.train(NETWORK, spirals, "adam", batch_size=9, epochs=3)
    blind = np.zeros((len(QUANTITIES), 3), np.float32)
    monkeypatch.setattr(observer, "look", lambda *given: blind)
    not_looked_at = kb.train(NETWORK, spirals, "adam", batch_size=9, epochs=3)
    assert not not_looked_at.history.layers.weight_norm.any()
    for a, b in zip(looked_at.params, not_looked_at.params, strict=True):
        assert np.asarray(a.w).tobytes() == np.asarray(b.w).tobytes()


def test_a_run_of_an_older_koubai_loads_and_goes_on(spirals, tmp_path):
    """Format 1: no record of the layers, no gradient among the settings."""
    whole = kb.train(NETWORK, spirals, batch_size=9, epochs=4)
    kb.train(NETWORK, spirals, batch_size=9, epochs=2, record_every=1, out=tmp_path)
    file = tmp_path / "run.json"
    description = json.loads(file.read_text())
    description["format"] = 1
    del description["marks"]["layers"], description["settings"]["gradient"]
    file.write_text(json.dumps(description))
    old = kb.load_run(tmp_path)
    assert len(old.history.layers) == 0
    assert old.diagnose() is not None
    more = kb.resume(tmp_path, epochs=4)
    assert np.asarray(more.params[0].w).tobytes() == np.asarray(whole.params[0].w).tobytes()
    assert len(kb.load_run(tmp_path).history.layers) == 0
    assert repr(Layers.none()) == "Layers(0 moments of 0 layers)"
