"""A network that learns by hand: the same bits as `train`, back and forth."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import koubai as kb
from koubai.errors import RunError, SettingError, ShapeError
from koubai.report.reproduce import reproduce_run
from koubai.training.acts import Change, Edit, Step, joined, without_last
from koubai.training.thinned import Thinned

# 64 bitmaps in mini-batches of 7: the last of an epoch has a single one.
NETWORK = kb.Network([12, 3, 2])


@pytest.fixture(scope="module")
def data():
    return kb.data.bitmaps()


def learner(data, **options):
    return kb.Learner(NETWORK, data, **{"batch_size": 7, "seed": 3, "learning_rate": 0.4} | options)


def bits(params):
    return [np.asarray(array).tobytes() for array in jax.tree.leaves(params)]


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_as_many_steps_lead_to_the_bits_of_train(data, optimizer):
    options = {"optimizer": optimizer, "learning_rate": 0.03, "weight_decay": 1e-3}
    run = kb.train(NETWORK, data, batch_size=7, seed=3, epochs=4, **options)
    mine = learner(data, **options)
    mine.step(run.outcome.iterations)
    assert bits(mine.params) == bits(run.params)
    np.testing.assert_array_equal(np.float32(mine.losses.values), run.history.batch_losses)
    assert mine.measure().test == run.outcome.test
    assert mine.place == (4, 0)


def test_back_is_where_it_was(data):
    mine = learner(data, optimizer="momentum")
    states = [mine.state]
    for _ in range(9):
        mine.step()
        states.append(mine.state)
    for iteration in (8, 5, 4, 0):
        mine.back(mine.iteration - iteration)
        assert (mine.iteration, len(mine.losses.values)) == (iteration, iteration)
        assert bits(mine.state) == bits(states[iteration])
    mine.back()
    assert (mine.iteration, mine.acts) == (0, ())


def test_changes_are_undone_one_by_one(data):
    mine = learner(data)
    mine.step(5)
    before = mine.state
    mine.change("learning_rate", 2.5)
    mine.edit(2, 12, 2, -0.75)
    mine.edit(3, None, 1, 1.5)
    assert float(mine.params[0].w[11, 1]) == -0.75
    assert float(mine.params[1].b[0]) == 1.5
    mine.step(3)
    assert mine.acts == (
        Step(5), Change("learning_rate", 2.5), Edit(2, 12, 2, -0.75), Edit(3, None, 1, 1.5), Step(3)
    )  # fmt: skip
    mine.back(3)
    assert mine.learning_rate == 2.5
    mine.back()
    assert float(mine.params[1].b[0]) == float(before.params[1].b[0])
    mine.back()
    mine.back()
    assert (mine.learning_rate, mine.iteration) == (0.4, 5)
    assert bits(mine.state) == bits(before)


_ACTS = st.lists(
    st.one_of(
        st.integers(1, 9).map(Step),
        st.sampled_from([Change("learning_rate", 0.1), Change("weight_decay", 0.01)]),
        st.sampled_from([Edit(2, 5, 3, 0.5), Edit(3, None, 2, -0.25)]),
    ),
    max_size=8,
)


@settings(max_examples=25, deadline=None)
@given(acts=_ACTS, back=st.integers(1, 30))
def test_the_acts_lead_to_the_same_state_again(data, acts, back):
    mine = learner(data)
    for act in acts:
        mine.do(act)
    mine.back(back)
    again = learner(data, acts=mine.acts)
    assert bits(again.state) == bits(mine.state)
    assert (again.iteration, again.acts) == (mine.iteration, mine.acts)
    assert again.losses.values == mine.losses.values


@pytest.mark.parametrize(("done", "size"), [(8, 7), (9, 1)])
def test_a_look_is_what_backprop_and_the_next_step_say(data, done, size):
    mine = learner(data, weight_decay=0.02)
    mine.step(done)
    look = mine.look()
    x, t = data.train.x[look.examples], data.train.t[look.examples]
    assert len(x) == size
    back = kb.backprop(NETWORK, mine.params, x, t)
    for delta, own in zip(look.deltas, back.deltas, strict=True):
        np.testing.assert_allclose(delta, np.asarray(own) * len(x), rtol=1e-5, atol=1e-7)
    for gradient, own, layer in zip(look.gradients, back.gradients, mine.params, strict=True):
        np.testing.assert_allclose(gradient.w, own.w + 0.02 * layer.w, rtol=1e-5, atol=1e-7)
        np.testing.assert_allclose(gradient.b, own.b, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(np.mean(look.losses), look.loss, rtol=1e-6)
    before = mine.params
    mine.step()
    for step, now, then in zip(look.steps, mine.params, before, strict=True):
        np.testing.assert_allclose(step.w, np.asarray(now.w) - then.w, rtol=1e-4, atol=1e-7)
    assert mine.losses.values[-1] == pytest.approx(float(look.loss), rel=1e-6)


def test_a_lost_loss_names_the_first_bad_step_and_stays_before_it():
    digits = kb.data.digits()
    network = kb.Network([64, 9, 10], hidden="relu")
    mine = kb.Learner(network, digits, learning_rate=1e37, seed=1)
    mine.step(500)
    assert mine.diverged is not None
    run = kb.train(network, digits, learning_rate=1e37, seed=1)
    assert f"{mine.diverged.message}: see the diagnosis" == run.outcome.message
    assert f"{mine.diverged.message.ja}。診断を参照" == run.outcome.message_ja
    assert (mine.iteration, mine.diverged.step) == (run.outcome.iterations, mine.iteration + 1)
    assert bits(mine.params) == bits(run.params)
    stays = mine.iteration
    mine.step(3)
    assert mine.iteration == stays
    mine.change("learning_rate", 0.01)
    mine.step(3)
    assert (mine.iteration, mine.diverged) == (stays + 3, None)


def test_what_was_set_by_hand_is_to_blame(data):
    mine = learner(data)
    mine.step(2)
    mine.edit(3, None, 1, 3e38)
    mine.edit(3, None, 2, -3e38)
    mine.step()
    assert mine.diverged.step == 0
    assert "set by hand" in mine.diverged.message
    mine.back()
    mine.back()
    mine.step()
    assert mine.diverged is None


def test_a_loss_that_rises_beyond_learning_is_told_when_measured():
    mine = kb.Learner(kb.Network([64, 6, 10]), kb.data.digits(), learning_rate=50)
    mine.step(60)
    assert mine.diverged is None
    mine.measure()
    first = mine.measured.values[0].train.loss
    assert f"rose from {first:.4g} to" in mine.diverged.message
    assert 0 < mine.diverged.step <= 60


def test_measures_follow_what_is_undone(data):
    mine = learner(data)
    mine.step(5)
    mine.measure()
    mine.step(2)
    found = mine.measure()
    assert mine.measured.iterations == [0, 5, 7]
    mine.edit(3, None, 1, 4.0)
    assert mine.measure() != found
    assert mine.measured.iterations == [0, 5, 7]
    mine.back(4)  # the edit alone
    mine.back(4)
    assert mine.measured.iterations == [0]
    mine.rewind()
    assert bits(mine.params) == bits(NETWORK.init(3))


def test_back_over_thinned_out_states(data, monkeypatch):
    monkeypatch.setattr("koubai.training.learner._BUDGET", 2000)
    mine, states = learner(data), {}
    for _ in range(120):
        mine.step()
        states[mine.iteration] = mine.state
    for iteration in (117, 60, 11):
        mine.back(mine.iteration - iteration)
        assert bits(mine.state) == bits(states[iteration])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda mine: mine.edit(1, 1, 1, 1.0), SettingError, "layer is 1"),
        (lambda mine: mine.edit(4, 1, 1, 1.0), SettingError, "layer is 4"),
        (lambda mine: mine.edit(2, 1, 4, 1.0), SettingError, "j is 4"),
        (lambda mine: mine.edit(2, 13, 1, 1.0), SettingError, "i is 13"),
        (lambda mine: mine.edit(2, 1, 1, float("nan")), SettingError, "value is nan"),
        (lambda mine: mine.change("learning_rate", 0), SettingError, "learning_rate"),
        (lambda mine: mine.change("weight_decay", -1), SettingError, "weight_decay"),
        (lambda mine: mine.change("seed", 1), SettingError, "name is 'seed'"),
        (lambda mine: mine.step(0), SettingError, "iterations is 0"),
        (lambda mine: mine.back(-1), SettingError, "iterations is -1"),
    ],
)
def test_what_does_not_fit(data, call, error, message):
    mine = learner(data)
    with pytest.raises(error, match=message):
        call(mine)
    assert mine.acts == ()


def test_a_network_that_does_not_suit_the_data(data):
    with pytest.raises(ShapeError, match="takes 5 inputs"):
        kb.Learner(kb.Network([5, 2]), data)


def test_acts_are_joined_and_taken_apart():
    acts = joined(joined((), Step(2)), Step(3))
    assert acts == (Step(5),)
    acts = joined(joined(acts, Change("learning_rate", 1.0)), Change("learning_rate", 2.0))
    assert acts == (Step(5), Change("learning_rate", 2.0))
    assert joined(acts, Change("weight_decay", 2.0)) == (*acts, Change("weight_decay", 2.0))
    acts = joined(acts, Step(4))
    assert without_last(acts, 3) == (*acts[:2], Step(1))
    assert without_last(acts, 4) == acts[:2]
    assert without_last(acts, 6) == (Step(3),)
    assert without_last(acts[:2], 6) == (Step(5),)
    assert without_last(acts, 99) == ()


@given(count=st.integers(0, 200), most=st.integers(2, 20), cut=st.integers(0, 200))
def test_thinned_values_lie_evenly(count, most, cut):
    kept = Thinned(most)
    for iteration in range(count):
        kept.add(iteration, -iteration)
    assert len(kept.values) <= most
    assert kept.iterations == list(range(0, count, kept.stride))
    assert kept.values == [-iteration for iteration in kept.iterations]
    kept.cut(cut)
    assert kept.iterations == list(range(0, min(cut, count), kept.stride))


def test_as_a_run_it_is_the_run_of_train(data, tmp_path):
    options = {"learning_rate": 0.4, "batch_size": 7, "seed": 3}
    run = kb.train(NETWORK, data, epochs=3, record_every=1, **options)
    mine = learner(data)
    mine.step(30)
    mine.measure()
    found = mine.as_run()
    assert bits(found.params) == bits(run.params)
    np.testing.assert_array_equal(found.path.points, run.path.points)
    np.testing.assert_array_equal(found.history.batch_losses, run.history.batch_losses)
    np.testing.assert_array_equal(found.history.test_loss, run.history.test_loss)
    assert found.outcome.test == run.outcome.test
    found.save(tmp_path / "run")
    again = kb.load_run(tmp_path / "run")
    assert again.settings.acts == (Step(30),)
    assert again.accuracy() == run.accuracy()
    with pytest.raises(RunError, match="trained by hand and cannot be resumed"):
        kb.resume(tmp_path / "run", epochs=9)


def test_a_run_by_hand_says_how_it_is_repeated(data):
    mine = learner(data, optimizer="adam", weight_decay=0.01)
    mine.step(13)
    mine.change("learning_rate", 0.05)
    mine.edit(2, None, 3, 0.75)
    mine.step(8)
    run = mine.as_run()
    assert bits(run.params) == bits(mine.params)
    scope = {}
    exec(reproduce_run(run).python, scope)  # noqa: S102
    assert bits(scope["run"].params) == bits(mine.params)
    assert scope["learner"].acts == mine.acts


def test_a_diverged_learner_is_a_diverged_run():
    mine = kb.Learner(kb.Network([64, 9, 10], hidden="relu"), kb.data.digits(), learning_rate=1e37)
    mine.step(50)
    run = mine.as_run()
    assert run.stopped == "diverged"
    assert run.outcome.message_ja == mine.diverged.message.ja


def test_what_was_set_by_hand_is_no_divergence_of_the_steps(data):
    mine = learner(data)
    mine.step(400)
    mine.measure()
    mine.change("learning_rate", 1e-4)
    mine.edit(3, 1, 1, 300.0)
    mine.step(1)
    risen = mine.measure().train.loss
    assert risen > 10 * mine.measured.values[0].train.loss
    assert mine.diverged is None
    mine.step(40)
    mine.measure()
    assert mine.diverged is None


@pytest.mark.parametrize(("rate", "stays"), [(1e10, 1), (1e37, 0)])
def test_a_rate_that_was_changed_afterwards_is_not_blamed(rate, stays):
    network = kb.Network([64, 9, 10], hidden="relu")
    mine = kb.Learner(network, kb.data.digits(), learning_rate=rate, seed=1)
    mine.step(1)
    mine.change("learning_rate", 0.01)
    mine.measure()
    assert mine.diverged.step == 1
    assert f"at the learning rate {rate:g}" in mine.diverged.message
    assert (mine.iteration, mine.learning_rate) == (stays, 0.01)


def test_going_back_over_an_edit_measures_what_is_there(data):
    mine = learner(data)
    mine.step(5)
    before = mine.measure()
    mine.edit(3, 1, 1, 30.0)
    assert mine.measure().train.loss != before.train.loss
    mine.back()
    assert mine.measured.values[-1] == before


def test_a_value_beyond_float32_is_refused(data):
    with pytest.raises(SettingError, match="finite in float32"):
        learner(data).edit(2, 1, 1, 1e39)


def test_a_run_is_made_of_what_diverged_and_went_on(data):
    mine = learner(data)
    mine.edit(3, 1, 1, 3000.0)
    mine.step(20)
    run = mine.as_run()
    assert run.outcome.iterations == 20
    np.testing.assert_array_equal(run.params[1].w, mine.params[1].w)
