"""A run that ends far above its start says that it diverged; a run that learns never does."""

from __future__ import annotations

import jax
import numpy as np
import optax
import pytest

import koubai as kb
from koubai.training.divergence import has_risen

BITMAPS = kb.data.bitmaps()


@pytest.mark.parametrize("output", ["softmax", "sigmoid"])
def test_a_loss_hugely_above_its_start_is_no_success(output, tmp_path):
    network = kb.Network([12, 3, 2], output=output)
    run = kb.train(network, BITMAPS, "sgd", 1e30, epochs=30, out=tmp_path)
    first, last = run.history.train_loss[[0, -1]]
    assert last > 1e20  # finite, and absurd
    assert run.stopped == "diverged"
    assert f"rose from {first:.4g} to {last:.4g} in 30 iterations" in run.outcome.message
    assert "at the learning rate 1e+30, are probably too large" in run.outcome.message
    loaded = kb.load_run(tmp_path)
    assert loaded.outcome == run.outcome
    loss = kb.network_loss(network, loaded.params, BITMAPS.train.x, BITMAPS.train.t)
    assert float(loss) == pytest.approx(last, rel=1e-5)  # the parameters were left as they are


def test_a_divergence_cut_short_by_the_last_epoch_is_told():
    x = np.random.default_rng(6).normal(5.0, 2.0, (40, 1))
    data = kb.data.arrays(x, 3 * x - 100)
    network = kb.Network([1, 1], output="identity")
    # Of a linear fit it is known when: η times the largest eigenvalue of mean([x 1]ᵀ[x 1]) > 2.
    rows = np.hstack([data.train.x, np.ones((len(data.train), 1))])
    bound = 2 / np.linalg.eigvalsh(rows.T @ rows / len(rows))[-1]
    runs = [kb.train(network, data, "sgd", s * bound, epochs=6) for s in (0.9, 1.5)]
    assert [run.stopped for run in runs] == ["epochs", "diverged"]
    assert np.isfinite(runs[1].history.train_loss).all()


def test_the_step_of_an_optax_transformation_is_named_for_what_it_is():
    run = kb.train(kb.Network([12, 3, 2]), BITMAPS, optax.sgd(1e20), epochs=5)
    assert run.stopped == "diverged"
    assert "The optimiser's own steps are probably too large" in run.outcome.message
    (found,) = run.diagnose()
    assert found.advice == "Give the optimiser a tenth of its rate"


def test_what_to_try_is_said_by_the_diagnosis_alone():
    """Two sources would name two rates."""
    run = kb.train(kb.Network([12, 3, 2]), BITMAPS, "sgd", 1e3, epochs=30, schedule="linear")
    assert run.stopped == "diverged"
    assert " try " not in run.outcome.message
    assert sum("learning_rate=" in str(finding) for finding in run.diagnose()) == 1


def test_leaving_a_perfect_start_through_noise_is_no_divergence():
    data = kb.data.line(n=80, noise=0.5, seed=2)
    network = kb.Network([1, 1], output="identity")
    design = np.hstack([data.train.x, np.ones((len(data.train), 1))]).astype(np.float64)
    w, b = np.linalg.lstsq(design, data.train.t[:, 0], rcond=None)[0]
    flat = kb.data.arrays(data.train.x, (design @ [w, b])[:, None], test_fraction=0.1)
    start = (kb.Layer(np.array([[w]], np.float32), np.array([b], np.float32)),)
    run = kb.train(network, flat, "adam", 0.1, batch_size=7, epochs=4, params=start)
    first, last = run.history.train_loss[[0, -1]]
    assert first < 1e-12 < 1e-8 < last  # a million times worse, and still a good fit
    assert run.stopped == "epochs"


def test_what_is_lost_on_test_data_does_not_count():
    rng = np.random.default_rng(7)
    x, t = rng.normal(size=(60, 20)), rng.integers(0, 2, 60)
    data = kb.data.arrays(x, t, test=(x, 1 - t))  # the better it is learnt, the worse the test
    run = kb.train(kb.Network([20, 40, 2], hidden="relu"), data, "adam", 0.3, epochs=400)
    assert run.outcome.test.loss > 12 * run.history.test_loss[0]
    assert run.stopped == "epochs"


DEFAULTS = [
    (kb.data.spirals(n=90), "softmax"),
    (kb.data.moons(n=90), "sigmoid"),
    (kb.data.sine(n=90), "identity"),
    (BITMAPS, "softmax"),
]


# Each optimiser on two of them, so that each of them is learnt by several.
LEARNT = [
    pytest.param(data, output, optimizer, id=f"{data.name}-{optimizer}")
    for number, optimizer in enumerate(kb.optimisers)
    for data, output in (DEFAULTS[number % 4], DEFAULTS[(number + 1) % 4])
]


@pytest.mark.parametrize(("data", "output", "optimizer"), LEARNT)
def test_no_optimiser_at_its_usual_rate_gives_a_false_alarm(data, output, optimizer):
    network = kb.Network([data.inputs, 8, data.outputs], hidden="relu", output=output)
    for epochs in (0, 1, 12):
        assert kb.train(network, data, optimizer, batch_size=9, epochs=epochs).stopped == "epochs"


@pytest.mark.parametrize(
    ("first", "last", "risen"),
    [
        (0.125, 12.6, True),  # ten times ½ · Var(t) = 1.25, and of the start
        (0.125, 12.4, False),
        (2.0, 19.9, False),  # ten times the start alone
        (2.0, 20.1, True),
        (1e-9, 1e-3, False),
        (-3.0, -1.0, False),  # a loss of the user's own may be negative
        (-3.0, 29.0, False),
    ],
)
def test_the_rule(first, last, risen):
    t = np.array([[3.0 - 1.5], [3.0 + 1.5], [3.0 - 1.658312], [3.0 + 1.658312]], np.float32)
    assert t.var() == pytest.approx(2.5)
    assert has_risen(kb.losses.squared_error, first, last, t, outputs=1) is risen


def test_an_interrupted_run_is_not_judged(tmp_path):
    settings = {"epochs": 3, "learning_rate": 1e30, "out": tmp_path}
    with pytest.MonkeyPatch.context() as patch:
        from koubai.training import session

        class Pressed(session.Interrupt):
            def __enter__(self):
                self.heard = "Ctrl-C"
                return self

        patch.setattr(session, "Interrupt", Pressed)
        run = kb.train(kb.Network([12, 3, 2]), BITMAPS, "sgd", **settings)
    assert (run.stopped, run.outcome.iterations) == ("interrupted", 1)
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(run.params))
    assert kb.resume(tmp_path).stopped == "diverged"
