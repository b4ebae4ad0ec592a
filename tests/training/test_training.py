"""Training: what one run does, against an independent implementation and by law."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from types import SimpleNamespace

import jax
import numpy as np
import optax
import pytest
import torch

import koubai as kb
from koubai.training.batches import epoch_order, split_off

NETWORK = kb.Network([2, 7, 3], hidden="tanh")


@pytest.fixture(scope="module")
def spirals():
    return kb.data.spirals(n=83, seed=3)  # 62 training examples: no batch size here divides them


def same_bits(a, b):
    return all(
        np.asarray(x).tobytes() == np.asarray(y).tobytes()
        for x, y in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True)
    )


def torch_twin(network, params):
    layers = []
    for (w, b), activation in zip(params, network.activations, strict=True):
        linear = torch.nn.Linear(*w.shape)
        linear.weight.data = torch.tensor(np.asarray(w).T.copy())
        linear.bias.data = torch.tensor(np.asarray(b).copy())
        layers.append(linear)
        if activation.name == "tanh":
            layers.append(torch.nn.Tanh())
    return torch.nn.Sequential(*layers)


@pytest.mark.parametrize(
    ("optimizer", "twin"),
    [
        ("sgd", lambda p: torch.optim.SGD(p, 0.1)),
        ("momentum", lambda p: torch.optim.SGD(p, 0.1, momentum=0.9)),
        ("nesterov", lambda p: torch.optim.SGD(p, 0.1, momentum=0.9, nesterov=True)),
        ("adam", lambda p: torch.optim.Adam(p, 0.1)),
        ("adamw", lambda p: torch.optim.AdamW(p, 0.1, weight_decay=0.01)),
    ],
)
def test_it_goes_the_way_pytorch_goes_on_the_same_batches(spirals, optimizer, twin):
    run = kb.train(NETWORK, spirals, optimizer, 0.1, batch_size=9, epochs=3, seed=5)

    module = torch_twin(NETWORK, NETWORK.init(5))
    rule = twin(module.parameters())
    x, t = torch.tensor(spirals.train.x), torch.tensor(spirals.train.t).long()
    losses = []
    for epoch in range(3):
        order = epoch_order(np.arange(62), 5, epoch)
        for start in range(0, 62, 9):
            batch = order[start : start + 9]
            rule.zero_grad()
            loss = torch.nn.functional.cross_entropy(module(x[batch]), t[batch])
            loss.backward()
            rule.step()
            losses.append(loss.item())
    assert run.outcome.iterations == len(losses) == 21
    np.testing.assert_allclose(run.history.batch_losses, losses, rtol=2e-3)
    np.testing.assert_allclose(
        run.params[-1].w, module[-1].weight.detach().numpy().T, rtol=2e-3, atol=2e-4
    )


def test_weight_decay_pulls_at_the_weights_and_not_at_the_biases(spirals):
    run = kb.train(NETWORK, spirals, "sgd", 0.1, batch_size=62, epochs=1, seed=2, weight_decay=0.3)
    start = NETWORK.init(2)
    g = kb.backprop(NETWORK, start, spirals.train.x, spirals.train.t).gradients
    for after, before, gradient in zip(run.params, start, g, strict=True):
        np.testing.assert_allclose(
            after.w, before.w - 0.1 * (gradient.w + 0.3 * before.w), rtol=1e-5, atol=1e-7
        )
        np.testing.assert_allclose(after.b, before.b - 0.1 * gradient.b, rtol=1e-5, atol=1e-7)


def test_every_epoch_takes_each_example_once_in_another_order():
    members = np.array([3, 4, 8, 11, 12, 20, 21])
    orders = [epoch_order(members, 7, epoch) for epoch in range(4)]
    assert all(sorted(order) == members.tolist() for order in orders)
    assert len({tuple(order) for order in orders}) == 4


def test_a_validation_split_is_disjoint_and_of_the_size_asked_for():
    train, held_back = split_off(50, 0.3, seed=1)
    assert len(held_back) == 15
    assert sorted([*train, *held_back]) == list(range(50))


def test_held_back_examples_do_not_train(spirals):
    held_back = split_off(62, 0.25, seed=4)[1]
    spoilt = spirals.train.stored.copy()
    spoilt[held_back] = 1e3
    other = kb.data.arrays(
        spoilt, spirals.train.t, test=(spirals.test.x, spirals.test.t), classes=spirals.classes
    )
    runs = [kb.train(NETWORK, d, epochs=2, seed=4, validation=0.25) for d in (spirals, other)]
    assert same_bits(runs[0].params, runs[1].params)
    assert runs[0].outcome.validation != runs[1].outcome.validation


def test_the_same_seed_gives_the_same_bits_and_another_seed_others(spirals):
    runs = [kb.train(NETWORK, spirals, "adam", epochs=3, seed=seed) for seed in (1, 1, 2)]
    assert same_bits(runs[0].params, runs[1].params)
    assert not same_bits(runs[0].params, runs[2].params)


def test_looking_at_the_path_more_often_does_not_change_it(spirals):
    runs = [
        kb.train(NETWORK, spirals, "adam", batch_size=5, epochs=4, record_every=k) for k in (1, 7)
    ]
    assert same_bits(runs[0].params, runs[1].params)
    seldom, often = runs[1].path, runs[0].path
    np.testing.assert_array_equal(seldom.points, often.points[seldom.iterations])


def test_the_path_begins_at_the_start_and_ends_at_the_end(spirals):
    run = kb.train(NETWORK, spirals, batch_size=10, epochs=5, seed=9, record_every=4)
    start = np.concatenate([np.ravel(a) for layer in NETWORK.init(9) for a in layer])
    end = np.concatenate([np.ravel(a) for layer in run.params for a in layer])
    np.testing.assert_array_equal(run.path.points[0], start)
    np.testing.assert_array_equal(run.path.points[-1], end)
    assert run.path.iterations.tolist() == [0, 4, 8, 12, 16, 20, 24, 28, 32, 35]
    np.testing.assert_array_equal(run.path.values[:-1], run.history.batch_losses[::4])


def test_a_path_over_its_budget_is_thinned_and_the_run_says_so(spirals):
    points = 10
    run = kb.train(
        NETWORK,
        spirals,
        batch_size=10,
        epochs=8,
        record_every=1,
        path_budget=points * (4 * NETWORK.parameter_count + 12),
    )
    assert run.outcome.iterations == 56
    assert run.path.iterations.tolist() == [0, 8, 16, 24, 32, 40, 48, 56]
    assert "every 8 iterations" in run.outcome.message


def test_iterations_batches_and_epochs_are_counted_separately(spirals):
    run = kb.train(NETWORK, spirals, batch_size=20, epochs=3)
    assert (run.outcome.epochs, run.outcome.iterations) == (3, 12)  # 20 + 20 + 20 + 2
    assert run.history.epochs.tolist() == [0, 1, 2, 3]
    assert run.history.iterations.tolist() == [0, 4, 8, 12]
    assert run.history.batch_iterations.tolist() == list(range(12))


def test_measures_are_over_the_whole_split(spirals):
    run = kb.train(NETWORK, spirals, epochs=2)
    for which, measure in (("train", run.outcome.train), ("test", run.outcome.test)):
        split = spirals.split(which)
        y = np.asarray(NETWORK.forward(run.params, split.x).output, dtype=np.float64)
        loss = -np.log(y[np.arange(len(y)), split.t]).mean()
        assert measure.loss == pytest.approx(loss, rel=1e-5)
        assert measure.accuracy == pytest.approx((y.argmax(axis=1) == split.t).mean())
        assert run.accuracy(which) == measure.accuracy
    assert run.history.test_loss[-1] == run.outcome.test.loss


@pytest.mark.parametrize("share", [0.0, 0.3])
def test_what_a_run_calls_train_is_what_it_learnt_from(spirals, share):
    run = kb.train(NETWORK, spirals, epochs=2, validation=share)
    assert run.accuracy("train") == run.outcome.train.accuracy
    objective = run.objective()
    np.testing.assert_array_equal(objective.start, run.path.points[-1])
    assert objective.value(objective.start) == pytest.approx(run.outcome.train.loss, rel=1e-6)
    split = run.split("train")
    assert len(split) == 62 - round(share * 62)
    back = kb.backprop(NETWORK, run.params, split.x, split.t)
    g = np.concatenate([np.ravel(a) for layer in back.gradients for a in layer])
    np.testing.assert_allclose(objective.gradient(objective.start), g, rtol=1e-4, atol=1e-7)
    test = run.objective("test")
    assert test.value(test.start) == pytest.approx(run.outcome.test.loss, rel=1e-6)
    if share:
        held_back = run.objective("validation")
        loss = run.outcome.validation.loss
        assert held_back.value(held_back.start) == pytest.approx(loss, rel=1e-6)
        assert run.accuracy("validation") == run.outcome.validation.accuracy
        joined = np.concatenate([split.x, run.split("validation").x])
        assert sorted(joined.tolist()) == sorted(spirals.train.x.tolist())
    else:
        with pytest.raises(kb.errors.SettingError, match=r"no data was held back.*validation=0\.1"):
            run.objective("validation")


def test_an_objective_has_the_loss_that_was_trained(spirals):
    run = kb.train(NETWORK, spirals, epochs=2, loss="squared_error")
    objective = run.objective()
    assert objective.value(objective.start) == pytest.approx(run.outcome.train.loss, rel=1e-6)
    own = kb.Loss("own", kb.losses.huber.each, kb.losses.huber.each_slope, "", "", "")
    run = kb.train(NETWORK, spirals, epochs=2, loss=own)
    with pytest.raises(kb.errors.SettingError, match=r"run\.objective\(loss=…\)"):
        run.objective()
    objective = run.objective(loss=own)
    assert objective.value(objective.start) == pytest.approx(run.outcome.train.loss, rel=1e-6)


def test_a_run_prints_itself_in_a_line(spirals):
    run = kb.train(NETWORK, spirals, batch_size=20, epochs=3, record_every=2)
    train, test = run.outcome.train.loss, run.outcome.test.loss
    assert repr(run.history) == (
        f"History(3 epochs, 12 iterations: train loss {train:.4g}, test loss {test:.4g})"
    )
    assert repr(run.records) == (
        "Records(batches: 12 rows, every 1, epochs: 4 rows, every 1, path: 6 rows, every 2, "
        "layers: 6 rows, every 2)"
    )
    assert "\n" not in repr(run)


def test_progress_shows_no_negative_zero():
    from koubai.training.progress import _shown

    assert [_shown(loss) for loss in (-1e-9, 0.0, 0.12345, -0.12345)] == [
        "0.0000", "0.0000", "0.1235", "-0.1235",
    ]  # fmt: skip
    assert _shown(1.35e30) == "1.35e+30"


def test_measures_do_not_depend_on_how_the_data_falls_into_blocks():
    data = kb.data.digits(test_fraction=0.5)  # 899 examples: a whole block and a part of one
    network = kb.Network([64, 5, 10])
    run = kb.train(network, data, epochs=1)
    y = np.asarray(network.forward(run.params, data.test.x).output, dtype=np.float64)
    loss = -np.log(y[np.arange(len(y)), data.test.t]).mean()
    assert run.outcome.test.loss == pytest.approx(loss, rel=1e-5)


@pytest.mark.parametrize("schedule", ["linear", "cosine", "exponential"])
def test_a_schedule_by_name_is_the_same_as_an_optax_schedule(spirals, schedule):
    iterations = 2 * 7
    twin = {
        "linear": optax.linear_schedule(0.2, 0.0, iterations),
        "cosine": optax.cosine_decay_schedule(0.2, iterations),
        "exponential": optax.exponential_decay(0.2, iterations, 0.01),
    }[schedule]
    runs = [
        kb.train(NETWORK, spirals, "sgd", 0.2, batch_size=9, epochs=2, schedule=schedule),
        kb.train(NETWORK, spirals, "sgd", twin, batch_size=9, epochs=2),
    ]
    for ours, theirs in zip(*(jax.tree.leaves(run.params) for run in runs), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


def test_an_optax_transformation_of_the_users_own_is_followed(spirals):
    own = optax.chain(optax.clip_by_global_norm(0.1), optax.adam(0.01))
    run = kb.train(NETWORK, spirals, own, batch_size=62, epochs=2, seed=1)
    params = NETWORK.init(1)
    memory = own.init(params)
    for _ in range(2):
        g = kb.backprop(NETWORK, params, spirals.train.x, spirals.train.t).gradients
        updates, memory = own.update(g, memory, params)
        params = optax.apply_updates(params, updates)
    for ours, theirs in zip(jax.tree.leaves(run.params), jax.tree.leaves(params), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)


def test_changing_a_number_compiles_nothing(spirals):
    from koubai.training.loop import descend_epoch

    kb.train(NETWORK, spirals, "momentum", 0.05, epochs=1)
    compiled = descend_epoch._cache_size()
    kb.train(NETWORK, spirals, "momentum", 0.07, epochs=2, seed=6, weight_decay=0.1)
    assert descend_epoch._cache_size() == compiled


def test_early_stopping_keeps_the_best_parameters_on_the_validation_split(spirals):
    run = kb.train(
        kb.Network([2, 60, 3], hidden="relu"), spirals, "adam", 0.05, batch_size=8, epochs=300,
        validation=0.3, patience=6, seed=1,
    )  # fmt: skip
    assert run.stopped == "early"
    losses = run.history.validation_loss
    assert run.outcome.best_epoch == int(losses.argmin()) == run.outcome.epochs - 6
    assert run.outcome.validation.loss == pytest.approx(losses.min(), rel=1e-6)


def test_a_single_sigmoid_output_serves_two_classes():
    data = kb.data.moons(n=200, seed=1)
    network = kb.Network([2, 12, 1], hidden="tanh", output="sigmoid")
    run = kb.train(network, data, "adam", 0.05, batch_size=15, epochs=60)
    assert run.settings.loss == "binary_cross_entropy"
    assert run.accuracy("test") > 0.9
    y = run.predict(data.test.x)[:, 0]
    assert run.classify(data.test.x) == [data.classes[int(p > 0.5)] for p in y]


def test_regression_learns_a_line():
    data = kb.data.line(n=80, noise=0.0, seed=2)  # y = 2x + 1
    run = kb.train(kb.Network([1, 1], output="identity"), data, "sgd", 0.3, epochs=200)
    np.testing.assert_allclose(run.predict([[-0.4], [0.7]])[:, 0], [0.2, 2.4], atol=1e-3)
    assert run.outcome.test.accuracy is None
    with pytest.raises(kb.errors.SettingError, match="has values, not classes"):
        run.accuracy()


@pytest.mark.parametrize("batch_size", [5, 9])
def test_a_diverging_run_stops_at_once_and_keeps_the_last_finite_parameters(batch_size):
    data = kb.data.sine(n=83, seed=1)
    network = kb.Network([1, 5, 1], hidden="relu", output="identity")
    run = kb.train(network, data, "sgd", 30.0, batch_size=batch_size, epochs=50, record_every=1)
    losses = run.history.batch_losses
    assert run.stopped == "diverged"
    assert not np.isfinite(losses[-1])
    assert np.isfinite(losses[:-1]).all()
    # The parameters kept are those at which the last finite loss was computed.
    assert run.outcome.iterations == len(losses) - 2
    np.testing.assert_array_equal(run.path.points[-1], run.path.points[run.outcome.iterations])
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(run.params))
    per_epoch = -(-62 // batch_size)
    failed = len(losses) - 1
    place = f"mini-batch {failed % per_epoch + 1} of epoch {failed // per_epoch + 1}"
    after = run.history.batch_iterations[-1]  # where the curves have their ×
    assert f"after {after} iterations, on {place}" in run.outcome.message
    assert "at the learning rate 30, are probably too large" in run.outcome.message


def test_a_loss_lost_at_the_end_of_an_epoch_is_noticed_there():
    data = kb.data.sine(n=83, seed=1)
    network = kb.Network([1, 5, 1], hidden="relu", output="identity")
    run = kb.train(network, data, "sgd", 30.0, batch_size=100, epochs=50, record_every=1)
    losses = run.history.batch_losses
    assert run.stopped == "diverged"
    assert np.isfinite(losses).all()
    assert run.outcome.iterations == len(losses) - 1
    assert f"is not finite after {run.history.iterations[-1]} iterations" in run.outcome.message
    np.testing.assert_array_equal(run.path.points[-1], run.path.points[run.outcome.iterations])
    loss = kb.network_loss(network, run.params, data.train.x, data.train.t)
    assert float(loss) == pytest.approx(float(losses[-1]), rel=1e-5)


def test_a_start_without_a_finite_loss_is_told_apart():
    data = kb.data.sine(n=40)
    network = kb.Network([1, 3, 1], output="identity")
    start = jax.tree.map(lambda a: a + np.float32(1e30), network.init(0))
    run = kb.train(network, data, params=start)
    assert run.stopped == "diverged"
    assert run.outcome.iterations == 0
    assert "before the first update" in run.outcome.message


def test_signals_are_heard_once_and_then_left_as_they_were():
    from koubai.training.interrupt import Interrupt

    calls = []
    own = lambda number, frame: calls.append(number)  # noqa: E731
    before = {n: signal.signal(n, own) for n in (signal.SIGTERM, signal.SIGINT)}
    try:
        for number, name in ((signal.SIGTERM, "SIGTERM"), (signal.SIGINT, "Ctrl-C")):
            with Interrupt() as interrupt:
                assert interrupt.heard == ""
                signal.raise_signal(number)
                assert (interrupt.heard, calls) == (name, [])
                signal.raise_signal(number)  # the second time is the owner's
                assert calls == [number]
            assert signal.getsignal(number) is own
            calls.clear()
        with Interrupt():
            pass
        assert signal.getsignal(signal.SIGTERM) is signal.getsignal(signal.SIGINT) is own
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_a_thread_trains_without_touching_the_signals(spirals):
    runs = []
    handlers = [signal.getsignal(n) for n in (signal.SIGTERM, signal.SIGINT)]
    thread = threading.Thread(target=lambda: runs.append(kb.train(NETWORK, spirals, epochs=1)))
    thread.start()
    thread.join()
    assert runs[0].stopped == "epochs"
    assert handlers == [signal.getsignal(n) for n in (signal.SIGTERM, signal.SIGINT)]


def test_the_clock_starts_after_compiling(spirals, monkeypatch):
    from koubai.training import session

    loop, calls, clock = session.descend_epoch, [], [0]

    def slow_to_compile(*arguments):
        *_, batches, _, _, start, stop = arguments
        compiled = any(batches.shape == before for before, _ in calls)
        clock[0] += 1 if compiled else 100
        calls.append((batches.shape, stop - start))
        return loop(*arguments)

    monkeypatch.setattr(session, "descend_epoch", slow_to_compile)
    monkeypatch.setattr(session, "time", SimpleNamespace(perf_counter=lambda: clock[0]))
    run = kb.train(NETWORK, spirals, batch_size=20, epochs=2)  # 20 + 20 + 20 + 2
    assert [done for _, done in calls[:2]] == [0, 0]
    assert run.outcome.compile_seconds == 200
    assert run.outcome.seconds == len(calls) - 2
    assert run.outcome.iterations == sum(done for _, done in calls) == 8


def test_ctrl_c_keeps_what_was_learnt(spirals, tmp_path):
    def press_when_it_has_begun():
        while not (tmp_path / "run/run.json").exists():
            time.sleep(0.05)
        time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=press_when_it_has_begun).start()
    run = kb.train(NETWORK, spirals, epochs=10_000_000, record_every=100, out=tmp_path / "run")
    assert run.stopped == "interrupted"
    assert run.outcome.iterations > 0
    assert same_bits(kb.load_run(tmp_path / "run").params, run.params)
    assert "stopped by Ctrl-C after" in run.outcome.message
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"learning_rate": 0}, kb.errors.SettingError, "learning_rate is 0"),
        ({"learning_rate": -0.1}, kb.errors.SettingError, "learning_rate is -0.1"),
        ({"learning_rate": float("nan")}, kb.errors.SettingError, "learning_rate is nan"),
        ({"learning_rate": 1e39}, kb.errors.SettingError, "learning_rate is 1e+39: give"),
        ({"learning_rate": "0.1"}, kb.errors.SettingError, "learning_rate is '0.1': give a number"),
        ({"learning_rate": True}, kb.errors.SettingError, "learning_rate is True: give a number"),
        ({"learning_rate": [[1], [1, 2]]}, kb.errors.SettingError, "learning_rate is [["),
        ({"learning_rate": lambda k: "x"}, kb.errors.SettingError, "learning_rate(0) returned 'x'"),
        ({"learning_rate": lambda k: -1.0}, kb.errors.SettingError, "(0) returned -1.0"),
        ({"learning_rate": lambda: 0.1}, kb.errors.SettingError, "learning_rate(0) failed"),
        (
            {"learning_rate": lambda k: 0.1 if k < 3 else float("nan"), "batch_size": 9},
            kb.errors.SettingError,
            "learning_rate(3) returned nan",
        ),
        ({"progress": "x"}, kb.errors.SettingError, "progress is 'x': give True, False, or None"),
        ({"params": [1, 2]}, kb.errors.SettingError, "params is a list: give a tuple"),
        ({"weight_decay": "0"}, kb.errors.SettingError, "weight_decay is '0'"),
        ({"record_every": 0.5}, kb.errors.SettingError, "record_every is 0.5"),
        ({"patience": True, "validation": 0.2}, kb.errors.SettingError, "patience is True"),
        (
            {"optimizer": optax.adam(0.1), "schedule": "cosine"},
            kb.errors.SettingError,
            "optax.cosine_decay_schedule",
        ),
        ({"batch_size": 0}, kb.errors.SettingError, "batch_size is 0"),
        ({"epochs": -1}, kb.errors.SettingError, "epochs is -1"),
        ({"batch_size": 2.5}, kb.errors.SettingError, "batch_size is 2.5: give a whole number"),
        ({"epochs": "3"}, kb.errors.SettingError, "epochs is '3': give a whole number"),
        ({"seed": True}, kb.errors.SettingError, "seed is True: give a whole number"),
        ({"data": "bitmaps"}, kb.errors.SettingError, "data is 'bitmaps': give a Dataset"),
        ({"optimizer": "adm"}, kb.errors.UnknownNameError, "Did you mean 'adam'"),
        ({"loss": "crossentropy"}, kb.errors.UnknownNameError, "Did you mean 'cross_entropy'"),
        ({"schedule": "cosin"}, kb.errors.UnknownNameError, "Did you mean 'cosine'"),
        ({"validation": 1.0}, kb.errors.SettingError, "validation is 1.0"),
        ({"validation": 0.001}, kb.errors.SettingError, "is 0 of 62 examples"),
        ({"patience": 3}, kb.errors.SettingError, "validation=0.1"),
        ({"weight_decay": -1}, kb.errors.SettingError, "weight_decay is -1"),
        (
            {"optimizer": optax.adam(0.1), "learning_rate": 0.1},
            kb.errors.SettingError,
            "brings its own",
        ),
        (
            {"learning_rate": optax.constant_schedule(0.1), "schedule": "cosine"},
            kb.errors.SettingError,
            "give only one",
        ),
    ],
)
def test_a_wrong_setting_is_named(spirals, change, error, says):
    with pytest.raises(error, match=re.escape(says)):
        kb.train(NETWORK, **({"data": spirals} | change))


@pytest.mark.parametrize(
    ("network", "says"),
    [
        (kb.Network([3, 3]), r"takes 3 inputs but data 'spirals' has 2: use Network\(\[2, …, 3\]"),
        (kb.Network([2, 4]), "has 4 outputs but data 'spirals' has 3 classes"),
        (kb.Network([2, 1], output="sigmoid"), "has 1 outputs but data 'spirals' has 3 classes"),
    ],
)
def test_a_network_that_does_not_fit_the_data_is_refused(spirals, network, says):
    with pytest.raises(kb.errors.ShapeError, match=says):
        kb.train(network, spirals)


def test_a_loss_for_classes_is_refused_for_values():
    with pytest.raises(kb.errors.SettingError, match="needs classes"):
        kb.train(kb.Network([1, 1], output="sigmoid"), kb.data.line(n=20))


@pytest.mark.parametrize(
    ("x", "error", "says"),
    [
        ([[1, 2], [3, np.nan]], "DataError", r"x is nan in row 1, column 1 \(from 0\)"),
        ([[1, 2], [-np.inf, 0]], "DataError", r"x is -inf in row 1, column 0"),
        ([5.0, 1e300], "DataError", r"x is 1e\+300 in row 0, column 1.* not finite in float32"),
        ([[1, 2], [3, "x"]], "DataError", r"x is 'x' in row 1, column 1 .*give numbers"),
        ([["1", "2"]], "DataError", r"x is '1' in row 0, column 0"),
        ([[1, None]], "DataError", r"x is None in row 0, column 1"),
        ([[1, 2j]], "DataError", r"x is 2j in row 0, column 1|x is \(?1"),
        ("text", "ShapeError", r"x has 1 columns"),
        (None, "ShapeError", r"x has 1 columns"),
        (np.ones((4, 1, 2)), "ShapeError", r"x has shape \(4, 1, 2\).*reshape\(len\(x\), -1\)"),
        ([[1, 2], [3]], "ShapeError", r"rows of different lengths"),
        (np.ones((0, 2)), "ShapeError", r"x has no examples"),
        ([], "ShapeError", r"x has 0 columns"),
        (np.ones((3, 5)), "ShapeError", r"x has 5 columns but the network takes 2"),
    ],
)
def test_what_cannot_be_predicted_is_named(spirals, x, error, says):
    run = kb.train(NETWORK, spirals, epochs=0)
    for ask in (run.predict, run.classify):
        with pytest.raises(getattr(kb.errors, error), match=says):
            ask(x)


def test_numbers_of_any_kind_can_be_predicted(spirals):
    run = kb.train(NETWORK, spirals, epochs=0)
    expected = run.predict(np.array([[1.0, 2.0], [0.0, 3.0]], np.float32))
    for x in (
        [[1, 2], [False, 3]],
        np.array([[1, 2], [0, 3]], np.uint8),
        np.array([[1, 2.0], [0, np.int8(3)]], object),
    ):
        np.testing.assert_array_equal(run.predict(x), expected)
    np.testing.assert_array_equal(run.predict([1, 2]), run.predict([[1, 2]]))


def test_predict_names_what_does_not_fit(spirals):
    run = kb.train(NETWORK, spirals, epochs=1)
    with pytest.raises(kb.errors.ShapeError, match="x has 5 columns but the network takes 2"):
        run.predict(np.ones((3, 5)))
    with pytest.raises(kb.errors.DataError, match="'train' or 'test'"):
        run.accuracy("tset")


def test_learning_rates_seeds_and_data_leave_the_callers_jax_settings_alone(spirals):
    before = jax.config.jax_enable_x64
    kb.train(NETWORK, spirals, epochs=1)
    assert jax.config.jax_enable_x64 == before
