"""The network bench: a learner as the page sees it."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from io import BytesIO

import jax
import numpy as np
import pytest
from msgspec.structs import replace

import koubai as kb
from koubai.errors import SettingError, UnknownNameError
from koubai.play import messages as m
from koubai.play.benches import Benches
from koubai.play.compiled import met
from koubai.play.datasets import Datasets
from koubai.play.limits import MOST_COMPILED
from koubai.play.wire import encoded
from koubai.training.acts import Change, Edit, Step

SETTING = m.Network(batch_size=9, learning_rate=0.4, seed=2)


@pytest.fixture(scope="module")
def datasets():
    return Datasets()


@pytest.fixture
def benches(datasets):
    found = Benches(datasets)
    found.answers(m.SetNetwork(number=1, network=SETTING))
    return found


def ask(benches, request):
    *_, answer = benches.answers(request)
    assert answer.number == request.number
    encoded(answer)  # all of it can travel
    return answer


def test_steps_forth_and_back_are_those_of_train(benches):
    frame = ask(benches, m.Advance(number=2, steps=11))
    run = kb.train(
        kb.Network([12, 3, 2]), kb.data.bitmaps(), batch_size=9, learning_rate=0.4, seed=2, epochs=3
    )
    assert frame.iteration == 11
    frame = ask(benches, m.Advance(number=3, steps=2, unit="epoch"))
    assert (frame.epoch, frame.batch) == (3, 0)
    for layer, own in zip(frame.layers, run.params, strict=True):
        np.testing.assert_array_equal(layer.w, own.w)
        np.testing.assert_array_equal(layer.b, own.b)
    assert frame.test_accuracy[-1] == run.outcome.test.accuracy
    np.testing.assert_array_equal(frame.confusion, run.confusion())
    np.testing.assert_array_equal(frame.batch_losses, run.history.batch_losses)
    frame = ask(benches, m.Back(number=4, steps=5))
    assert frame.iteration == run.outcome.iterations - 5
    assert len(frame.batch_losses) == frame.iteration
    frame = ask(benches, m.Rewind(number=5))
    assert (frame.iteration, frame.can_go_back) == (0, False)
    np.testing.assert_array_equal(frame.layers[0].w, kb.Network([12, 3, 2]).init(2)[0].w)


def test_a_look_has_every_number_of_an_example(benches):
    look = ask(benches, m.LookAt(number=2, example=4))
    data, network = kb.data.bitmaps(), kb.Network([12, 3, 2])
    x, t = data.train.x[look.examples[4]], data.train.t[look.examples[4]]
    back = kb.backprop(network, network.init(2), x, t)
    np.testing.assert_array_equal(look.x, x)
    for delta, own in zip(look.deltas, back.deltas, strict=True):
        np.testing.assert_allclose(delta, own[0], rtol=1e-5, atol=1e-8)
    assert look.loss == pytest.approx(float(back.loss), rel=1e-6)
    assert look.t.tolist() == [1.0, 0.0] if t == 0 else [0.0, 1.0]


def test_an_input_of_ones_own_goes_through(benches):
    own = tuple(float(k % 2) for k in range(12))
    look = ask(benches, m.LookAt(number=2, own=own))
    network = kb.Network([12, 3, 2])
    np.testing.assert_allclose(look.a[-1], network.forward(network.init(2), own).output, rtol=1e-6)
    assert (look.deltas, look.t) == (None, None)
    with pytest.raises(kb.errors.ShapeError, match="12"):
        ask(benches, m.LookAt(number=3, own=(1.0, 0.0)))


def test_a_parameter_is_checked_against_differences(benches):
    ask(benches, m.Advance(number=2, steps=3))
    found = ask(benches, m.ExplainParameter(number=3, layer=2, i=5, j=2))
    look = ask(benches, m.LookAt(number=4))
    assert found.backprop == pytest.approx(float(look.gradients[0].w[4, 1]), rel=1e-4)
    assert found.numerical == pytest.approx(found.backprop, rel=1e-5)
    assert found.agrees
    assert (
        found.numbers.endswith(f"= {found.backprop:.6g}")
        or f"{found.backprop:.4g}" in found.numbers
    )
    bias = ask(benches, m.ExplainParameter(number=5, layer=3, i=None, j=1))
    assert bias.backprop == pytest.approx(float(look.gradients[1].b[0]), rel=1e-4)
    assert "b^{3}_{1}" in bias.formula
    assert "w^{2}_{25}" in found.formula
    for layer, i, j in [(1, 1, 1), (2, 13, 1), (2, 1, 4), (3, None, 0)]:
        with pytest.raises(SettingError, match="no parameter of the network"):
            ask(benches, m.ExplainParameter(number=6, layer=layer, i=i, j=j))


def test_it_runs_until_it_is_told_to_stop(benches):
    assert ask(benches, m.Run(number=2, on=True)).running
    for _ in range(3):
        benches.go_on(0.02)
    frame = benches.frame()
    assert frame.running
    assert frame.rate > 0
    benches.answers(m.ChangeSetting(number=3, name="learning_rate", value=0.01))
    assert benches.at_work
    frame = ask(benches, m.Run(number=4, on=False))
    assert not frame.running
    assert frame.learning_rate == 0.01
    assert frame.measured_at[-1] == frame.iteration


def test_a_step_is_shown_before_so_much_data_are_measured():
    rng = np.random.default_rng(5)
    x, t = rng.random((50_001, 30)), rng.integers(0, 10, 50_001)
    names = tuple("0123456789")
    data = kb.data.arrays(x[:50_000], t[:50_000], (x[-9:], t[-9:]), names)
    benches = Benches(Datasets(data))
    setting = m.Network(data=data.name, hidden=(150,), batch_size=7)
    benches.answers(m.SetNetwork(number=1, network=setting))
    frame = ask(benches, m.Advance(number=2, steps=3))
    assert (frame.iteration, frame.measured_at[-1], frame.running) == (3, 0, False)
    assert benches.at_work
    benches.go_on(0.01)
    frame = benches.frame()
    assert (frame.measured_at[-1], frame.confusion.sum()) == (3, 9)
    assert not benches.at_work


@pytest.mark.parametrize(
    ("stops", "reason"),
    [
        (m.Stops(epochs=4), "epochs"),
        (m.Stops(train_loss=0.2), "train_loss"),
        (m.Stops(test_accuracy=0.9), "test_accuracy"),
    ],
)
def test_it_stops_where_it_was_asked_to(benches, stops, reason):
    ask(benches, m.SetStops(number=2, stops=stops))
    ask(benches, m.Run(number=3, on=True))
    for _ in range(4000):
        benches.go_on(0.01)
        if not benches.at_work:
            break
    frame = benches.frame()
    assert frame.stopped == reason
    if reason == "epochs":
        assert (frame.epoch, frame.batch) == (4, 0)
    if reason == "train_loss":
        assert frame.train_loss[-1] <= 0.2


def test_a_divergence_says_where_why_and_stays_before_it(benches):
    setting = m.Network(data="digits", hidden=(9,), activations=("relu",), learning_rate=1e37)
    benches.answers(m.SetNetwork(number=2, network=setting))
    ask(benches, m.Run(number=3, on=True))
    while benches.at_work:
        benches.go_on(0.05)
    frame = benches.frame()
    assert (frame.running, frame.stopped) == (False, "diverged")
    assert frame.first_bad_step == frame.iteration + 1
    assert "at the learning rate 1e+37" in frame.why.en
    assert "学習率 1e+37" in frame.why.ja
    assert all(np.isfinite(layer.w).all() for layer in frame.layers)
    ask(benches, m.ChangeSetting(number=4, name="learning_rate", value=0.01))
    assert ask(benches, m.Advance(number=5, steps=4)).iteration == frame.iteration + 4


def test_regions_are_what_the_network_answers_there(benches):
    setting = m.Network(data="moons", hidden=(5,), activations=("tanh",), seed=1)
    benches.answers(m.SetNetwork(number=2, network=setting))
    found = ask(benches, m.ShowRegions(number=3))
    network = kb.Network([2, 5, 2], hidden="tanh")
    point = [found.axes[0][7], found.axes[1][44]]
    np.testing.assert_allclose(
        found.outputs[7, 44], network.forward(network.init(1), point).output, rtol=1e-5
    )
    benches.answers(m.SetNetwork(number=4, network=SETTING))
    with pytest.raises(SettingError, match="has 12 inputs: regions are drawn for two"):
        ask(benches, m.ShowRegions(number=5))


@pytest.fixture
def edited(benches):
    """A network to which something was done that only its acts know."""
    for request in (
        m.Advance(number=2, steps=6),
        m.ChangeSetting(number=3, name="learning_rate", value=0.7),
        m.EditParameter(number=4, edit=Edit(2, 3, 1, -1.25)),
        m.Advance(number=5, steps=9),
    ):
        ask(benches, request)
    return benches


def content(benches, form):
    return ask(benches, m.TakeAway(number=9, form=form)).content.tobytes()


def test_a_state_that_was_taken_away_is_restored(edited, datasets):
    state = content(edited, "json").decode()
    assert json.loads(state)["network"]["seed"] == 2
    other = Benches(datasets)
    frame = ask(other, m.Restore(number=1, state=state))
    here = edited.frame()
    for layer, own in zip(frame.layers, here.layers, strict=True):
        np.testing.assert_array_equal(layer.w, own.w)
    assert (frame.iteration, frame.learning_rate) == (15, 0.7)
    assert other.network.learner.acts == (
        Step(6), Change("learning_rate", 0.7), Edit(2, 3, 1, -1.25), Step(9)
    )  # fmt: skip
    for broken in ("", "{}", state[:-2], state.replace("step", "leap")):
        with pytest.raises(SettingError, match="the state cannot be read"):
            ask(other, m.Restore(number=2, state=broken))


def test_the_script_comes_to_the_same_digits(edited, tmp_path):
    script = tmp_path / "script.py"
    script.write_bytes(content(edited, "script"))
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    frame, said = edited.frame(), done.stdout.splitlines()
    for number, layer in enumerate(frame.layers, start=2):
        for name, array in (("w", layer.w), ("b", layer.b)):
            [line] = [line for line in said if line.startswith(f"{number} {name} ")]
            found = np.array([float(word) for word in line.split()[2:]], np.float32)
            np.testing.assert_array_equal(found, np.ravel(array))
    assert (
        f"train loss {frame.train_loss[-1]!r}".replace("np.float64(", "").rstrip(")") in done.stdout
    )
    assert "iteration 15" in said


def test_the_run_is_a_run_and_the_report_a_page(edited, tmp_path):
    with zipfile.ZipFile(BytesIO(content(edited, "run"))) as archive:
        archive.extractall(tmp_path)
    run = kb.load_run(tmp_path / "run")
    here = edited.network.learner
    for ours, theirs in zip(jax.tree.leaves(run.params), jax.tree.leaves(here.params), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    page = content(edited, "report").decode()
    assert "learner.edit(2, 3, 1, -1.25)" in page
    scene = ask(edited, m.ShowLandscape(number=8)).scene
    assert scene.valley is not None
    assert scene.curves is None


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"data": "digit"}, UnknownNameError, "Did you mean 'digits'"),
        ({"activations": ()}, SettingError, "activations names 0 layers, hidden has 1"),
        ({"activations": ("sigmod",)}, UnknownNameError, "sigmoid"),
        ({"hidden": (2000, 2000), "activations": ("relu",) * 2}, SettingError, "parameters"),
        ({"learning_rate": -1.0}, SettingError, "learning_rate"),
        ({"data": "sine", "loss": "cross_entropy"}, SettingError, "needs classes"),
    ],
)
def test_what_does_not_fit_leaves_what_was_there(benches, changed, error, message):
    ask(benches, m.Advance(number=2, steps=3))
    values = {name: getattr(SETTING, name) for name in m.Network.__struct_fields__}
    with pytest.raises(error, match=message):
        benches.answers(m.SetNetwork(number=3, network=m.Network(**(values | changed))))
    assert benches.frame().iteration == 3


def test_before_there_is_a_network(datasets):
    with pytest.raises(SettingError, match="there is no network yet"):
        Benches(datasets).answers(m.Advance(number=1))


def test_two_classes_with_one_sigmoid_output(benches):
    setting = m.Network(data="moons", output="sigmoid", loss="binary_cross_entropy")
    made, frame = benches.answers(m.SetNetwork(number=2, network=setting))
    assert made.sizes == (2, 3, 1)
    assert frame.confusion.shape == (2, 2)


def test_more_iterations_than_are_done_at_a_time(benches):
    digits = m.Network(data="digits", hidden=(4,), batch_size=8)  # 180 iterations an epoch
    benches.answers(m.SetNetwork(number=2, network=digits))
    with pytest.raises(SettingError, match="these are 9,000,000 iterations, and 5,000,000 are"):
        ask(benches, m.Advance(number=3, steps=50_000, unit="epoch"))
    with pytest.raises(SettingError, match="these are 6,000,000 iterations"):
        benches.answers(m.SetNetwork(number=4, network=SETTING, acts=(Step(6_000_000),)))


@pytest.mark.parametrize("name", ["single", "circles"])
def test_a_script_leaves_nothing_to_fill_in(datasets, name):
    benches = Benches(datasets)
    benches.answers(m.SetNetwork(number=1, network=m.Network(data=name, hidden=(2,))))
    script = content(benches, "script").decode()
    assert f"data = kb.data.{name}(" in script
    assert "…" not in script


def test_data_of_one_s_own_stand_beside_koubai_s_of_that_name():
    own = kb.data.moons(n=20, seed=4)
    datasets = Datasets(own)
    assert datasets["moons′"] is own
    assert len(datasets["moons"].train) == 150


def test_damaged_mnist_is_not_offered(tmp_path, monkeypatch):
    for name in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"):
        (tmp_path / f"{name}-ubyte").write_bytes(b"damaged")
    monkeypatch.setenv("KOUBAI_MNIST", str(tmp_path))
    names = [choice.name for choice in Datasets().choices()]
    assert "digits" in names
    assert "mnist" not in names


def test_what_takes_too_many_differences_is_refused(datasets):
    benches = Benches(datasets)
    wide = m.Network(data="digits", hidden=(1400,), activations=("relu",))
    benches.answers(m.SetNetwork(number=1, network=wide))
    with pytest.raises(SettingError, match=r"105,010 parameters.*of 100,000"):
        ask(benches, m.ExplainParameter(number=2, layer=2, i=1, j=1))
    with pytest.raises(SettingError, match="numerical gradients"):
        benches.answers(m.SetNetwork(number=3, network=replace(wide, gradient="numerical")))
    assert benches.frame().number is None  # the network of before stands


def test_what_was_compiled_for_many_networks_is_given_back(datasets, monkeypatch):
    forgotten = []
    monkeypatch.setattr("koubai.play.compiled.forget_compiled", lambda: forgotten.append(1))
    monkeypatch.setattr("koubai.play.compiled._met", set())
    benches = Benches(datasets)
    for units in range(1, MOST_COMPILED + 1):
        for seed in (0, 1):
            network = m.Network(hidden=(units,), seed=seed)
            met(replace(network, seed=0))
    assert not forgotten
    benches.answers(m.SetNetwork(number=1, network=m.Network(hidden=(MOST_COMPILED + 1,))))
    assert forgotten == [1]


def test_the_paths_of_a_weight_are_written_out_where_they_are_few(datasets):
    benches = Benches(datasets)
    single = m.Network(batch_size=1, output="sigmoid", loss="squared_error")
    benches.answers(m.SetNetwork(number=1, network=single))
    found = ask(benches, m.ExplainParameter(number=2, layer=2, i=2, j=1))
    for unit in (1, 2):  # one path through each output
        assert rf"\frac{{\partial C}}{{\partial a^{{3}}_{{{unit}}}}}" in found.paths
    assert f"{found.backprop:.4g}" in found.paths
    deep = replace(single, hidden=(4, 4), activations=("sigmoid",) * 2)
    benches.answers(m.SetNetwork(number=3, network=deep))
    assert ask(benches, m.ExplainParameter(number=4, layer=2, i=2, j=1)).paths == ""
    assert ask(benches, m.ExplainParameter(number=5, layer=3, i=2, j=1)).paths != ""
    benches.answers(m.SetNetwork(number=6, network=replace(single, batch_size=2)))
    assert ask(benches, m.ExplainParameter(number=7, layer=2, i=2, j=1)).paths == ""
