"""Several paths on one surface: each where it went, with the losses it had."""

from __future__ import annotations

import numpy as np
import pytest

import koubai as kb
from koubai.errors import SettingError, ShapeError

CENTRE, SCALES = np.array([0.4, -1.3, 2.0]), np.array([3.0, 0.5, 1.2])


def bowl(x):
    return (SCALES * (x - CENTRE) ** 2).sum()


def path_of(points):
    points = np.asarray(points, np.float64)
    return kb.Path(points, np.zeros(len(points)), np.arange(len(points)), "steps")


@pytest.fixture(scope="module")
def comparison():
    start = [2.0, 1.5, -0.7]
    return kb.compare(bowl, ["sgd", "momentum", "adam"], start, 30, [0.1, 0.02, 0.2])


def test_one_call_after_a_comparison(comparison, tmp_path):
    land = kb.landscape(comparison, size=(6, 9), out=tmp_path / "valley.zarr")
    assert list(land.paths) == ["sgd", "momentum", "adam"]
    for name, path in comparison.paths.items():
        beside = land.paths[name]
        assert len(beside.values) == len(path)
        np.testing.assert_allclose(beside.values, path.values, rtol=1e-12)
        np.testing.assert_allclose(beside.coordinates[0], land.path.coordinates[0])  # one start
        moved = path.points - land.plane.origin
        on_plane = beside.coordinates @ land.plane.directions  # orthonormal
        off = np.linalg.norm(moved - on_plane, axis=1)
        np.testing.assert_allclose(beside.distances, off, atol=1e-12)
        share = 1 - np.square(off).sum() / np.square(moved).sum()
        assert beside.share == pytest.approx(share, rel=1e-12)
        np.testing.assert_allclose(
            beside.beneath, [bowl(p) for p in land.plane.origin + on_plane], rtol=1e-12
        )
    for axis, track in zip(land.axes, land.paths["adam"].coordinates.T, strict=True):
        assert axis[0] < track.min() < track.max() < axis[-1]
    again = kb.load_landscape(tmp_path / "valley.zarr")
    assert list(again.paths) == list(land.paths)
    np.testing.assert_array_equal(again.paths["adam"].beneath, land.paths["adam"].beneath)


@pytest.mark.parametrize(("points", "parameters"), [(7, 23), (40, 5), (400, 3)])
def test_the_plane_holds_most_of_all_of_them(points, parameters):
    """The principal components are the right singular vectors of all points from one end."""
    rng = np.random.default_rng(points)
    walks = [rng.normal(size=(points + k, parameters)).cumsum(axis=0) for k in (0, 3)]
    walks[1] += walks[0][0] - walks[1][0]
    plane = kb.Plane.of_path(*map(path_of, walks))
    np.testing.assert_array_equal(plane.origin, walks[0][-1])
    _, s, v = np.linalg.svd(np.concatenate(walks) - walks[0][-1])
    np.testing.assert_allclose(np.abs(np.sum(plane.directions * v[:2], axis=1)), 1, rtol=1e-10)
    np.testing.assert_allclose(plane.shares, (s**2 / (s**2).sum())[:2], rtol=1e-10)
    assert (plane.project(walks[0][:1]) > 0).all()


def test_runs_of_one_network_on_one_data_set():
    data = kb.data.spirals(n=90, seed=4)
    network = kb.Network([2, 7, 3], hidden="tanh")
    runs = {
        name: kb.train(network, data, name, rate, batch_size=11, epochs=6, seed=2)
        for name, rate in (("sgd", 0.3), ("adam", 0.02))
    }
    land = kb.landscape(runs, size=5)
    assert land.path is land.paths["sgd"]
    for name, run in runs.items():
        assert land.paths[name].values[-1] == pytest.approx(run.outcome.train.loss, rel=1e-5)
    np.testing.assert_allclose(land.paths["sgd"].coordinates[-1], 0, atol=1e-12)


def test_losses_that_differ_are_not_drawn_on_one_surface():
    data, other = kb.data.xor(seed=1), kb.data.xor(seed=2)
    run, elsewhere, wider = (
        kb.train(kb.Network([2, units, 2]), d, epochs=2)
        for units, d in ((3, data), (3, other), (4, data))
    )
    with pytest.raises(SettingError, match="'a' and 'b', whose data sets differ"):
        kb.landscape({"a": run, "b": elsewhere})
    with pytest.raises(SettingError, match="'a' and 'c', whose networks differ"):
        kb.landscape({"a": run, "c": wider})
    with pytest.raises(SettingError, match="give runs by name"):
        kb.landscape({})
    with pytest.raises(SettingError, match="give a Path"):
        kb.landscape(run, path="valley.png")
    with pytest.raises(ShapeError, match="the paths have 17, 22 parameters"):
        kb.Plane.of_path(run.path, wider.path)
    with pytest.raises(ShapeError, match="the paths have no parameters"):
        kb.Plane.of_path()


def test_the_picture_names_each_path(comparison):
    ax = kb.landscape(comparison, size=7).plot()
    texts = " ".join(text.get_text() for text in ax.texts)
    for name in comparison.paths:
        assert f"{name}\n" in texts
        assert f"{name}: 9" in texts  # the share of its movement, above 90 %
