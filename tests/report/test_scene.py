"""The scene: one form, in Python and in the viewer."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import msgspec
import numpy as np
import pytest

import koubai as kb
from koubai.diagnosis.finding import KINDS
from koubai.errors import SettingError
from koubai.report import scene_of
from koubai.report.findings import SHOWN
from koubai.report.scene import Scene

SCHEMA = Path(__file__).parents[2] / "web" / "src" / "scene.schema.json"


def test_the_viewer_has_the_same_schema():
    """To bring it up to date: scripts/scene-types."""
    assert json.loads(SCHEMA.read_text()) == json.loads(json.dumps(msgspec.json.schema(Scene)))


def numbers(packed):
    data = np.frombuffer(base64.b64decode(packed.data), f"<{packed.type}")
    return (packed.offset + packed.scale * data.astype(float)).reshape(packed.shape)


@pytest.fixture(scope="module")
def run():
    return kb.train(
        kb.Network([64, 6, 10], hidden="tanh"), kb.data.digits(), "adam", 0.01, epochs=3, seed=5
    )


@pytest.fixture(scope="module")
def scene(run):
    return scene_of(run, size=9)


def test_a_scene_survives_its_journey(scene):
    assert msgspec.json.decode(msgspec.json.encode(scene), type=Scene) == scene


def test_the_valley_is_the_landscapes(run, scene):
    land = kb.landscape(run, size=9)
    valley = scene.valley
    np.testing.assert_array_equal(numbers(valley.values), land.values)
    for axis, values in zip(valley.axes, land.axes, strict=True):
        np.testing.assert_array_equal(numbers(axis.values), values)
    [trail] = valley.trails
    np.testing.assert_array_equal(numbers(trail.coordinates), land.path.coordinates)
    np.testing.assert_array_equal(numbers(trail.values), land.path.values)
    assert trail.share == land.path.share
    assert "SHA-256" in " ".join(text.ja for text in valley.about)


def test_curves_and_summary_say_what_the_run_says(run, scene):
    facts = {fact.key: fact.value for fact in scene.summary}
    assert facts["test_accuracy"] == run.accuracy("test")
    assert facts["digest"] == run.data.digest
    assert facts["parameters"] == 64 * 6 + 6 + 6 * 10 + 10
    test = {series.split: series for series in scene.curves.series}["test"]
    np.testing.assert_array_equal(numbers(test.loss), run.history.test_loss)
    assert numbers(scene.curves.iterations).tolist() == run.history.iterations.tolist()


def test_the_network_at_its_moments(run, scene):
    view = scene.network
    moments = numbers(view.moments)
    assert moments[0] == 0
    assert moments[-1] == run.outcome.iterations
    for layer, own in zip(view.layers, run.params, strict=True):
        np.testing.assert_array_equal(numbers(layer.w), np.float64(own.w))
        np.testing.assert_array_equal(numbers(layer.b), np.float64(own.b))
        steps = layer.w_moments.scale
        assert np.abs(numbers(layer.w_moments)[-1] - np.asarray(own.w)).max() <= steps / 2 * 1.01
        np.testing.assert_allclose(numbers(layer.histograms.shares).sum(axis=1), 1, rtol=1e-6)
    first = numbers(view.layers[0].w_moments)[0]
    start = run.path.points[0][: 64 * 6].reshape(64, 6)
    assert np.abs(first - start).max() <= view.layers[0].w_moments.scale / 2 * 1.01


def test_mistakes_are_the_confusions(run, scene):
    found = scene.mistakes
    np.testing.assert_array_equal(numbers(found.confusion), run.confusion())
    labels, truth = run.predicted_labels(), run.split("test").t
    for example, image in zip(found.examples, numbers(found.images), strict=True):
        assert labels[example.index] == example.taken_for
        assert truth[example.index] == example.truth
        x = run.split("test").x[example.index].reshape(8, 8)
        assert np.abs(image - x).max() <= found.images.scale / 2 * 1.01
    kinds = {(example.truth, example.taken_for) for example in found.examples}
    assert kinds == {*zip(*np.nonzero(run.confusion()), strict=True)}


def test_a_function_of_two_variables_is_drawn_over_them():
    path = kb.descend(kb.surfaces["rosenbrock"], start=[-1.2, 1.0], learning_rate=0.001, steps=50)
    scene = scene_of(path, size=11)
    assert [axis.label.en for axis in scene.valley.axes] == ["x0", "x1"]
    x0, x1 = (numbers(axis.values) for axis in scene.valley.axes)
    expected = (1 - x0[:, None]) ** 2 + 100 * (x1[None, :] - x0[:, None] ** 2) ** 2
    np.testing.assert_allclose(numbers(scene.valley.values), expected, rtol=1e-9)
    np.testing.assert_allclose(
        numbers(scene.valley.trails[0].coordinates), path.points, rtol=1e-9, atol=1e-12
    )
    slopes = numbers(scene.valley.slopes)
    assert slopes.shape == (11, 11, 2)


def test_a_path_that_diverges_ends_where_it_leaves_the_picture():
    """Its points lie on the line through the start and 0, each twice as far off as the last."""
    path = kb.descend(lambda x: x @ x, [3.0, 4.0], learning_rate=1.5, steps=60)
    scene = scene_of(path, size=5)
    points = numbers(scene.valley.trails[0].coordinates)
    np.testing.assert_allclose(points, [[3, 4], [-6, -8], [12, 16], [-24, -32]])
    assert scene.subtitle.en.endswith("diverged, leaves the picture at step 3")


def test_a_path_on_a_line_in_space_is_drawn_along_it():
    path = kb.descend(lambda x: x @ x, [1.5, 2.0, 3.0], learning_rate=0.1, steps=5)
    valley = scene_of(path, size=5).valley
    assert len(valley.axes) == 1
    assert valley.trails[0].share == pytest.approx(1)


def test_the_gap_is_named_only_where_the_diagnosis_names_it(run, scene):
    kinds = {finding.kind for finding in scene.findings}
    assert (scene.curves.gap is not None) == ("over-fitting" in kinds)
    lost = kb.train(kb.Network([64, 6, 10]), kb.data.digits(), learning_rate=50, epochs=4)
    assert lost.history.overfitting() is not None
    assert scene_of(lost, size=3).curves.gap is None


def test_several_optimisers_and_one_variable():
    both = kb.compare(lambda x: (x[0] - 1) ** 2, ["sgd", "adam"], [3.0], steps=20)
    scene = scene_of(both, size=7)
    assert [trail.name for trail in scene.valley.trails] == ["sgd", "adam"]
    assert len(scene.valley.axes) == 1


def test_without_the_data_there_is_what_the_folder_holds(tmp_path):
    x, t = np.random.default_rng(5).normal(size=(70, 3)), np.arange(70) % 2
    data = kb.data.arrays(x, t)
    kb.train(kb.Network([3, 5, 2]), data, epochs=2, validation=0.2, out=tmp_path / "run")
    scene = scene_of(kb.load_run(tmp_path / "run"))
    assert (scene.findings, scene.valley, scene.mistakes) == (None, None, None)
    assert {part.part for part in scene.missing} == {"findings", "valley", "mistakes"}
    assert all("load_run(folder, data=…)" in part.why.ja for part in scene.missing)
    assert [layer.histograms for layer in scene.network.layers] == [None, None]
    assert numbers(scene.curves.series[0].loss).size == 3
    facts = {fact.key: fact.value for fact in scene.summary}
    # 70 rows, 14 of them for the test and 11 for validation.
    assert facts["batch_size"] == 45
    again = scene_of(kb.load_run(tmp_path / "run", data=data), size=3)
    assert again.missing == ()
    assert again.valley is not None


def test_a_path_of_one_point_says_why_there_is_no_valley():
    lost = kb.train(kb.Network([64, 6, 10]), kb.data.digits(), learning_rate=1e38, epochs=2)
    assert lost.stopped == "diverged"
    scene = scene_of(lost)
    [missing] = scene.missing
    assert missing.part == "valley"
    assert scene.valley is None
    assert f"it has {len(lost.path)} recorded point" in missing.why.en
    [message] = [fact.value for fact in scene.summary if fact.key == "message"]
    assert message.en == lost.outcome.message
    assert "損失が inf になった" in message.ja


def test_learning_rates_side_by_side():
    rates = kb.compare_learning_rates(lambda x: x[0] ** 2 + 10 * x[1] ** 2, [3.0, 4.0])
    scene = scene_of(rates, size=5)
    names = [f"η = {path.learning_rate:.4g}" for path in rates.paths]
    assert [trail.name for trail in scene.valley.trails] == names
    # λ_max = 20: the bound is 2/20.
    assert scene.subtitle.en.startswith("stable below η = 0.1;")
    assert "発散" in scene.subtitle.ja


def test_every_kind_of_finding_has_its_place():
    assert {*SHOWN} == {*KINDS}


def test_what_cannot_be_shown():
    with pytest.raises(SettingError, match="subject is 3: give a run"):
        scene_of(3)
    bare = kb.Path(np.zeros((3, 2)), np.zeros(3), np.arange(3), "steps")
    with pytest.raises(SettingError, match="does not know its function"):
        scene_of(bare)
