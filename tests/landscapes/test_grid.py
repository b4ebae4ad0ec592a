"""Every value, axis and projection of a grid, against what is known without it."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from scipy.stats import ortho_group

import koubai as kb
from koubai.errors import RunError, SettingError

CENTRE = np.array([1.7, -0.6, 0.9])
SCALES = np.array([4.0, 0.25, 1.5])
ROTATION = ortho_group.rvs(3, random_state=5)
START = np.array([0.4, 1.3, -2.0])


def quadratic(x):
    y = ROTATION.T @ (x - CENTRE)
    return 0.5 * (SCALES * y * y).sum()


def in_the_plane(plane, alpha, beta):
    """f(θ₀ + αd₁ + βd₂) by its Taylor polynomial, which a quadratic is."""
    hessian = ROTATION @ np.diag(SCALES) @ ROTATION.T
    slope = plane.directions @ hessian @ (plane.origin - CENTRE)
    bend = plane.directions @ hessian @ plane.directions.T
    point = np.array([alpha, beta])
    return quadratic(plane.origin) + slope @ point + 0.5 * point @ bend @ point


@pytest.fixture
def skewed():
    """A plane off the centre whose directions are neither orthogonal nor of one length."""
    first, second = np.array([[2.0, 0.3, 0.1], [1.1, 0.9, -0.4]])
    return kb.Plane.between(START, START + first, START + second)


@pytest.mark.parametrize("kind", ["numpy", "jax"])
def test_every_value_of_a_rotated_quadratic_off_its_centre(skewed, kind):
    f = quadratic if kind == "jax" else lambda x: float(quadratic(np.asarray(x)))
    objective = kb.objective(f, START)
    assert objective.exact is (kind == "jax")
    land = kb.landscape(objective, skewed, size=(23, 8), span=((-1.5, 0.5), (0.25, 3.0)))
    alpha, beta = np.linspace(-1.5, 0.5, 23), np.linspace(0.25, 3.0, 8)
    np.testing.assert_array_equal(land.axes[0], alpha)
    np.testing.assert_array_equal(land.axes[1], beta)
    expected = [[in_the_plane(skewed, a, b) for b in beta] for a in alpha]
    np.testing.assert_allclose(land.values, expected, rtol=1e-12)
    assert land.values.shape == (23, 8)
    assert land.errors is None


def test_no_row_is_shifted_and_no_axis_is_swapped(skewed):
    """A serpentine walk turns every other row; a swapped axis shows in α alone and in β alone."""
    for axis, direction in enumerate(skewed.directions):
        dual = np.linalg.pinv(skewed.directions)[:, axis]
        assert dual @ direction == pytest.approx(1)
        land = kb.landscape(kb.objective(lambda x, d=dual: x @ d, START), skewed, (6, 9), 2.0)
        offset = START @ dual
        along = np.expand_dims(land.axes[axis], 1 - axis) + offset
        np.testing.assert_allclose(land.values, np.broadcast_to(along, (6, 9)), atol=1e-12)


def test_nothing_is_gathered_by_walking():
    """A million steps of 0.1 added up end beside their sum; each point is found by itself."""
    line = kb.Plane.between([0.0], [0.1])
    land = kb.landscape(kb.objective(lambda x: x[0], [0.0]), line, 10_001, span=(0, 10_000))
    walked = np.cumsum(np.full(10_001, 0.1)) - 0.1
    np.testing.assert_array_equal(land.values, np.linspace(0, 10_000, 10_001) * 0.1)
    assert not np.array_equal(land.values, walked)


def test_gradient_and_its_norm(skewed):
    objective = kb.objective(quadratic, START)
    land = kb.landscape(objective, skewed, (5, 4), 1.0, metric="gradient")
    norm = kb.landscape(objective, skewed, (5, 4), 1.0, metric="gradient_norm")
    hessian = ROTATION @ np.diag(SCALES) @ ROTATION.T
    assert land.values.shape == (5, 4, 2)
    for i, a in enumerate(land.axes[0]):
        for j, b in enumerate(land.axes[1]):
            slope = hessian @ (skewed.at([[a, b]])[0] - CENTRE)
            np.testing.assert_allclose(land.values[i, j], skewed.directions @ slope, rtol=1e-11)
            assert norm.values[i, j] == pytest.approx(np.linalg.norm(slope), rel=1e-12)
            assert land.heights[i, j] == pytest.approx(in_the_plane(skewed, a, b), rel=1e-12)


def path_in(plane, coordinates):
    points = plane.at(coordinates)
    return kb.Path(points, np.zeros(len(points)), np.arange(len(points)), "steps")


def test_a_path_in_the_plane_lies_on_the_valley(skewed):
    """Path and grid share one origin: the plane beneath a point has the true loss."""
    coordinates = np.array([[0.9, 2.0], [0.1, 1.2], [-0.8, 0.3], [0.0, 0.0]])
    land = kb.landscape(
        kb.objective(quadratic, START), skewed, 7, path=path_in(skewed, coordinates)
    )
    np.testing.assert_allclose(land.path.coordinates, coordinates, atol=1e-12)
    true = [quadratic(point) for point in skewed.at(coordinates)]
    np.testing.assert_allclose(land.path.values, true, rtol=1e-12)
    np.testing.assert_allclose(land.path.beneath, true, rtol=1e-12)
    assert land.path.distances.max() < 1e-12
    assert land.path.share == pytest.approx(1)
    (low, high), (bottom, top) = ((axis[0], axis[-1]) for axis in land.axes)
    assert low < -0.8
    assert high > 0.9
    assert bottom < 0.0
    assert top > 2.0


def test_a_path_off_the_plane_says_how_far(skewed):
    normal = np.cross(*skewed.directions)
    normal /= np.linalg.norm(normal)
    points = skewed.at([[0.5, 0.2], [0.3, 0.1], [0.0, 0.0]]) + np.outer([0.7, -0.2, 0.0], normal)
    path = kb.Path(points, np.zeros(3), np.arange(3), "steps")
    land = kb.landscape(kb.objective(quadratic, START), skewed, 5, path=path)
    np.testing.assert_allclose(land.path.distances, [0.7, 0.2, 0.0], atol=1e-12)
    np.testing.assert_allclose(land.path.values, [quadratic(point) for point in points])
    assert land.path.values[0] != pytest.approx(land.path.beneath[0])


def test_the_plane_of_a_path_ends_at_its_origin():
    path = kb.descend(quadratic, START, learning_rate=0.05, steps=40)
    land = kb.landscape(path.objective, kb.Plane.of_path(path), 5, path=path)
    np.testing.assert_allclose(land.path.coordinates[-1], 0, atol=1e-12)
    np.testing.assert_allclose(land.path.values, path.values, rtol=1e-12)


def test_of_a_long_path_the_ends_and_the_farthest_point_are_kept(skewed):
    coordinates = np.linspace([1.0, 1.0], [0.0, 0.0], 1000)
    points = skewed.at(coordinates)
    points[333] += 0.5 * np.cross(*skewed.directions)
    path = kb.Path(points, np.zeros(1000), np.arange(1000), "steps")
    drawn = kb.landscape(kb.objective(quadratic, START), skewed, 3, path=path).path
    assert {0, 333, 999} <= set(drawn.iterations.tolist())
    assert len(drawn.iterations) <= 102


# --- networks


def float64_losses(network, objective, theta):
    """The loss by NumPy in float64, without koubai's functions: tanh, softmax, cross-entropy."""
    split = objective.split
    a, position = split.stored * np.float64(split.scale), 0
    for layer, (inputs, units) in enumerate(zip(network.sizes, network.sizes[1:], strict=False)):
        w = theta[position : position + inputs * units].reshape(inputs, units)
        position += inputs * units
        z = a @ w + theta[position : position + units]
        position += units
        a = np.tanh(z) if layer < len(network.sizes) - 2 else z
    shifted = a - a.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -logs[np.arange(len(a)), split.t], a.argmax(axis=1) == split.t


@pytest.mark.parametrize("hidden", [(20,), (12, 9)])
def test_a_networks_values_agree_with_float64(hidden):
    network = kb.Network([64, *hidden, 10], hidden="tanh")
    objective = kb.objective(network, network.init(3), kb.data.digits())
    # 1437 examples: the last tile holds 437, and counts for no more than they do.
    plane = kb.Plane.random(objective, seed=2, biases=True)
    land = kb.landscape(objective, plane, (4, 3), 1.0)
    accuracy = kb.landscape(objective, plane, (4, 3), 1.0, metric="accuracy")
    for i, alpha in enumerate(land.axes[0]):
        for j, beta in enumerate(land.axes[1]):
            losses, hits = float64_losses(network, objective, plane.at([[alpha, beta]])[0])
            assert land.values[i, j] == pytest.approx(losses.mean(), rel=1e-5)
            assert accuracy.values[i, j] == pytest.approx(hits.mean(), abs=1e-12)
    points = plane.at([[0.3, -0.4], [0.0, 0.0]])
    expected = [float64_losses(network, objective, point)[0].mean() for point in points]
    np.testing.assert_allclose(objective.values(points), expected, rtol=1e-5)
    np.testing.assert_allclose([objective.value(p) for p in points], expected, rtol=1e-5)


def test_with_little_memory_the_values_are_the_same(skewed):
    """One point at a time, and the first layer's products found anew, or as many as there are."""
    network = kb.Network([64, 5, 10])
    digits = kb.objective(network, network.init(2), kb.data.digits().train)
    for objective, plane in ((kb.objective(quadratic, START), skewed), (digits, None)):
        little, plenty = (
            kb.landscape(objective, plane, (5, 8), metric="gradient", memory=memory)
            for memory in (1, 2**30)
        )
        np.testing.assert_allclose(little.heights, plenty.heights, rtol=1e-6)
        np.testing.assert_allclose(little.values, plenty.values, rtol=1e-4, atol=1e-7)


def test_the_standard_error_of_a_sample_of_the_data():
    network = kb.Network([64, 6, 10], hidden="tanh")
    objective = kb.objective(network, network.init(1), kb.data.digits())
    line = kb.Plane.random(objective, seed=0, dimensions=1)
    full = kb.landscape(objective, line, 3, 1.0)
    samples = [kb.landscape(objective, line, 3, 1.0, examples=600, seed=s) for s in range(40)]
    each = np.stack([float64_losses(network, objective, p)[0] for p in line.at([[-1], [0], [1]])])
    known = each.std(axis=1, ddof=1) / np.sqrt(600) * np.sqrt(1 - 600 / 1437)
    found = np.mean([sample.errors for sample in samples], axis=0)
    np.testing.assert_allclose(found, known, rtol=0.05)
    off = np.stack([(sample.values - full.values) / sample.errors for sample in samples])
    assert np.sqrt(np.mean(off**2)) == pytest.approx(1, abs=0.3)
    assert samples[0].about["of"] == 1437
    whole = kb.landscape(objective, line, 3, 1.0, examples=1437)
    np.testing.assert_array_equal(whole.values, full.values)
    np.testing.assert_array_equal(whole.errors, 0)


# --- what is not finite, and what is noisy


@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")
def test_nan_and_infinity_stay_what_they_are():
    def f(x):
        return np.log(x[0]) if x[0] >= 0 else np.nan

    land = kb.landscape(kb.objective(f, [1.0, 1.0]), kb.Plane.between([0.0, 0], [1, 0], [0, 1]), 5)
    assert np.isnan(land.values[:2]).all()
    assert (land.values[2] == -np.inf).all()
    np.testing.assert_allclose(land.values[4], 0)


def noisy_objective():
    rng = np.random.default_rng(7)
    return kb.objective(lambda x: float(x[0] ** 2 + rng.normal(scale=0.1)), [1.0])


def test_noise_is_refused_unless_it_is_wanted():
    line = kb.Plane.between([0.0], [1.0])
    with pytest.raises(SettingError, match="noisy=True"):
        kb.landscape(noisy_objective(), line, 5)
    land = kb.landscape(noisy_objective(), line, 201, 2.0, noisy=True)
    off = (land.values - land.axes[0] ** 2) / (0.1 / np.sqrt(8))
    assert np.std(off) == pytest.approx(1, abs=0.2)
    assert np.sqrt(np.mean(land.errors**2)) == pytest.approx(0.1 / np.sqrt(8), rel=0.1)


# --- bad input


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"size": 1}, "size is 1: give a whole number, 2 or more"),
        ({"size": 2.5}, "size is 2.5"),
        ({"size": (3, 4, 5)}, "there are 2 directions"),
        ({"span": -1}, "span is -1"),
        ({"span": (2, 1)}, "span is"),
        ({"span": (1, 2, 3)}, "span is"),
        ({"span": "wide"}, "span is 'wide'"),
        ({"span": np.nan}, "span is nan"),
        ({"metric": "accuracy"}, "take loss"),
        ({"examples": 10}, "a plain function"),
        ({"examples": 10, "metric": "gradient"}, "no standard error"),
        ({"seed": -1}, "seed is -1"),
        ({"memory": 0}, "memory is 0"),
        ({"out": ""}, "out is empty"),
        ({"out": 3}, "out is 3"),
        ({"plane": "random"}, "plane is 'random': give a Plane"),
        ({"noisy": "yes"}, "noisy is 'yes'"),
        ({"data": "test"}, "data is 'test', but objective is no run"),
        ({"path": kb.Path(np.zeros((3, 2)), np.zeros(3), np.arange(3), "steps")}, "2 parameters"),
    ],
)
def test_bad_arguments_are_refused(skewed, arguments, message):
    with pytest.raises(SettingError, match=message):
        kb.landscape(kb.objective(quadratic, START), **{"plane": skewed} | arguments)


def test_other_bad_input(skewed):
    with pytest.raises(SettingError, match="plane has 3 parameters but the objective 2"):
        kb.landscape(kb.objective(lambda x: x @ x, [1.0, 2.0]), skewed)
    with pytest.raises(SettingError, match="parallel"):
        kb.Plane.between(START, START + 1, START - 2)
    with pytest.raises(SettingError, match="objective is 3"):
        kb.landscape(3)
    with pytest.raises(kb.errors.UnknownNameError, match="metric"):
        kb.landscape(kb.objective(quadratic, START), skewed, metric="los")
    network = kb.Network([64, 4, 10])
    run = kb.train(network, kb.data.digits(), epochs=1, record_every=10_000)
    with pytest.raises(SettingError, match="the path has 2 points"):
        kb.landscape(run)
    with pytest.raises(SettingError, match="examples is 5000"):
        kb.landscape(run, kb.Plane.random(run.objective()), examples=5000)
    short = kb.descend(lambda x: x @ x, [1.0, 2.0], learning_rate=0.1, steps=3)
    with pytest.raises(SettingError, match="path has 2 parameters but the objective 310"):
        kb.landscape(run, path=short)
    with pytest.raises(SettingError, match=r"data is 'validation': .* held nothing back"):
        kb.landscape(run, data="validation")
    with pytest.raises(SettingError, match="data is 'tests': give 'train' or 'test'"):
        kb.landscape(run, data="tests")
    with pytest.raises(SettingError, match=r"several by name as \{'sgd': run\}"):
        kb.landscape([run, run])


def test_the_usual_plane_of_a_function():
    """Of one or two parameters that of the parameters; of more a random one, as it is drawn."""
    for start in ([1.5], [1.5, -2.0]):
        land = kb.landscape(kb.objective(lambda x: x @ x, start), size=3)
        np.testing.assert_array_equal(land.plane.directions, np.eye(len(start)))
        assert land.values.flat[-1] == sum((np.array(start) + 1) ** 2)
    plane = kb.landscape(kb.objective(quadratic, START), size=3, seed=4).plane
    own = kb.Plane.random(kb.objective(quadratic, START), 4, "none")
    np.testing.assert_array_equal(plane.directions, own.directions)


def test_without_its_record_a_run_is_drawn_without_its_path(tmp_path, caplog):
    kb.train(kb.Network([2, 3, 2]), kb.data.xor(), epochs=1, out=tmp_path / "r")
    for record in (tmp_path / "r").glob("record-*"):
        shutil.rmtree(record)
    run = kb.load_run(tmp_path / "r")
    with pytest.raises(RunError, match=r"is missing\. Only a plane through the path needs it"):
        kb.landscape(run)
    land = kb.landscape(run, kb.Plane.random(run.objective()), size=3)
    assert not land.paths
    assert "drawn without the path" in caplog.text
