"""Planes: their directions, lengths and angles, and what is projected on them."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest, ortho_group

import koubai as kb
from koubai.errors import SettingError, ShapeError, UnknownNameError

NETWORK = kb.Network([64, 7, 10])


@pytest.fixture(scope="module")
def objective():
    return kb.objective(NETWORK, NETWORK.init(3), kb.data.digits().train)


def layers(vector):
    """w and b of each layer: w[i, j] leads from unit i to unit j, so a filter is a column."""
    shapes = [(64, 7), (7,), (7, 10), (10,)]
    parts = np.split(vector, np.cumsum([np.prod(shape) for shape in shapes])[:-1])
    return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]


# --- random -------------------------------------------------------------------------------------


def test_each_filter_of_a_random_direction_is_as_long_as_the_networks(objective):
    plane = kb.Plane.random(objective, seed=1)
    theta = layers(objective.start)
    for direction in plane.directions:
        w1, b1, w2, b2 = layers(direction)
        for found, own in ((w1, theta[0]), (w2, theta[2])):
            np.testing.assert_allclose(
                np.linalg.norm(found, axis=0), np.linalg.norm(own, axis=0), rtol=1e-6
            )
            assert not np.allclose(np.linalg.norm(found, axis=1), np.linalg.norm(own, axis=1))
        assert not b1.any()
        assert not b2.any()


def test_each_layer_of_a_random_direction_is_as_long_as_the_networks(objective):
    plane = kb.Plane.random(objective, seed=1, normalise="layer", biases=True)
    for direction in plane.directions:
        for found, own in zip(layers(direction), layers(objective.start), strict=True):
            assert np.linalg.norm(found) == pytest.approx(np.linalg.norm(own), rel=1e-6)


def test_biases_that_move_keep_their_signs_apart(objective):
    """Another tool sets each bias to ±|b|, for it takes each for a filter of its own."""
    params = [kb.Layer(layer.w, layer.b + np.arange(1, 1 + len(layer.b)))
              for layer in NETWORK.init(3)]  # fmt: skip
    bent = kb.objective(NETWORK, params, kb.data.digits().train)
    plane = kb.Plane.random(bent, seed=4, biases=True)
    _, b1, _, _ = layers(plane.directions[0])
    own = layers(bent.start)[1]
    assert np.linalg.norm(b1) == pytest.approx(np.linalg.norm(own), rel=1e-6)
    assert len(np.unique(np.abs(b1 / own).round(6))) == len(b1)


def test_as_drawn_they_are_gaussian_and_all_but_orthogonal(objective):
    plane = kb.Plane.random(objective, seed=2, normalise="none", biases=True)
    for direction in plane.directions:
        assert kstest(direction, "norm").pvalue > 0.01
    assert abs(plane.cosine) < 4 / np.sqrt(objective.start.size)


@pytest.mark.parametrize("normalise", ["filter", "layer", "none"])
def test_random_directions_have_no_angle_in_common(objective, normalise):
    """Drawn from U[0, 1] two of them have cosine 0.75; and the one that is reported is theirs."""
    cosines = []
    for seed in range(20):
        plane = kb.Plane.random(objective, seed, normalise)
        d1, d2 = plane.directions
        assert plane.cosine == pytest.approx(d1 @ d2 / np.linalg.norm(d1) / np.linalg.norm(d2))
        assert (plane.seed, plane.normalise) == (seed, normalise)
        cosines.append(plane.cosine)
    assert abs(np.mean(cosines)) < 0.05
    assert np.abs(cosines).max() < 0.25


def test_a_seed_gives_one_plane(objective):
    once, again, other = (kb.Plane.random(objective, seed) for seed in (5, 5, 6))
    np.testing.assert_array_equal(once.directions, again.directions)
    assert not np.array_equal(once.directions, other.directions)


# --- through a path -----------------------------------------------------------------------------


def straight_path(points):
    points = np.asarray(points, np.float64)
    return kb.Path(points, np.zeros(len(points)), np.arange(len(points)), "steps")


def test_principal_components_of_a_path_from_its_end():
    """A flat path in seven dimensions: the plane holds all of it, and ends at the origin."""
    rng = np.random.default_rng(8)
    basis = ortho_group.rvs(7, random_state=9)[:2]
    inner = np.cumsum(rng.normal(size=(31, 2)) * [3.0, 0.5], axis=0)
    points = inner @ basis + rng.normal(size=7)
    plane = kb.Plane.of_path(straight_path(points))
    np.testing.assert_array_equal(plane.origin, points[-1])
    np.testing.assert_allclose(plane.directions @ plane.directions.T, np.eye(2), atol=1e-12)
    np.testing.assert_allclose(plane.distances(points), 0, atol=1e-10)
    squares = np.linalg.svd(points - points[-1], compute_uv=False)[:2] ** 2
    np.testing.assert_allclose(plane.shares, squares / squares.sum(), rtol=1e-10)
    assert plane.project(points)[0, 0] > 0
    np.testing.assert_allclose(plane.project(points)[-1], 0, atol=1e-12)


def test_of_a_path_with_more_dimensions_it_is_the_best_plane():
    """Eckart & Young: no plane through the end is nearer to the points."""
    rng = np.random.default_rng(3)
    points = np.cumsum(rng.normal(size=(20, 6)) * np.arange(1, 7), axis=0)
    plane = kb.Plane.of_path(straight_path(points))
    squares = np.linalg.svd(points - points[-1], compute_uv=False) ** 2
    left = np.square(plane.distances(points)).sum()
    assert left == pytest.approx(squares[2:].sum(), rel=1e-9)


# --- through points, and parameters ---------------------------------------------------------------


def test_through_three_points():
    a, b, c = np.random.default_rng(1).normal(size=(3, 5))
    plane = kb.Plane.between(a, b, c)
    np.testing.assert_allclose(plane.at([[0, 0], [1, 0], [0, 1]]), [a, b, c], atol=1e-15)
    np.testing.assert_allclose(plane.project(np.array([a, b, c])), [[0, 0], [1, 0], [0, 1]],
                               atol=1e-12)  # fmt: skip
    line = kb.Plane.between(a, b)
    np.testing.assert_allclose(line.at([[0.25]]), [0.75 * a + 0.25 * b])
    assert (line.dimensions, line.cosine) == (1, 0.0)


def test_two_chosen_parameters(objective):
    plane = kb.Plane.of_parameters(objective, 70, 3)
    moved = plane.at([[0.5, -2.0]])[0] - plane.origin
    expected = np.zeros(objective.start.size)
    expected[[70, 3]] = 0.5, -2.0
    np.testing.assert_allclose(moved, expected, atol=1e-7)
    # The 71st parameter is w[10, 0] of the first layer: seven units, row by row.
    layers_moved = layers(moved)
    assert layers_moved[0][10, 0] == pytest.approx(0.5)
    assert kb.Plane.of_parameters(objective, 2).dimensions == 1


# --- projection -----------------------------------------------------------------------------------

numbers = st.floats(-5, 5)


@given(
    angle=st.floats(0.05, np.pi - 0.05),
    lengths=st.tuples(st.floats(0.1, 10), st.floats(0.1, 10)),
    point=st.tuples(numbers, numbers),
    off=numbers,
)
def test_projection_knows_the_skew_of_its_plane(angle, lengths, point, off):
    """A point of the plane, moved off it at a right angle, comes back with its coordinates."""
    frame = ortho_group.rvs(4, random_state=2)
    d1 = lengths[0] * frame[0]
    d2 = lengths[1] * (np.cos(angle) * frame[0] + np.sin(angle) * frame[1])
    origin = np.array([1.0, -2.0, 0.5, 3.0])
    plane = kb.Plane.between(origin, origin + d1, origin + d2)
    assert plane.cosine == pytest.approx(np.cos(angle), abs=1e-9)
    moved = plane.at([point]) + off * frame[2]
    np.testing.assert_allclose(plane.project(moved), [point], atol=1e-9)
    np.testing.assert_allclose(plane.distances(moved), [abs(off)], atol=1e-9)


# --- what is refused ------------------------------------------------------------------------------


def test_what_spans_no_plane(objective):
    a = np.array([1.0, 2.0, 3.0])
    with pytest.raises(SettingError, match=r"parallel \(cosine -1.000000\)"):
        kb.Plane.between(a, a + 1, a - 2)
    with pytest.raises(SettingError, match="lengths"):
        kb.Plane.between(a, a)
    with pytest.raises(ShapeError, match="3, 3, 2 parameters"):
        kb.Plane.between(a, a + 1, a[:2])
    with pytest.raises(SettingError, match="parallel"):
        kb.Plane.of_parameters(objective, 3, 3)
    with pytest.raises(SettingError, match="parameter is 535"):
        kb.Plane.of_parameters(objective, 0, 64 * 7 + 7 + 7 * 10 + 10)


def test_a_plane_made_by_hand_is_looked_at():
    origin, d = np.zeros(3), np.eye(3)
    plane = kb.Plane([0, 0, 0], [[2, 0, 0], [0, 1, 0]], "own", ("a", "b"))
    np.testing.assert_array_equal(plane.at([[1, 3]]), [[2, 3, 0]])
    for arguments, message in [
        ((origin, d, "own", ("a", "b", "c")), r"directions \(3, 3\): give a flat vector"),
        ((origin, d[:2, :2], "own", ("a", "b")), r"origin has shape \(3,\)"),
        ((origin, d[0], "own", ("a",)), r"directions \(3,\)"),
        ((origin * np.nan, d[:2], "own", ("a", "b")), "origin holds NaN"),
        ((origin, "xyz", "own", ("a", "b")), "directions is 'xyz'"),
        ((origin, d[:2], "own", ("a",)), r"labels is \('a',\): give one for each direction, 2"),
        ((origin, d[:1], "own", "a"), "labels is 'a'"),
    ]:
        with pytest.raises((SettingError, ShapeError), match=message):
            kb.Plane(*arguments)


def test_in_one_line(objective):
    assert repr(kb.Plane.random(objective)) == (
        "Plane(plane through 535 parameters: random direction 1, random direction 2)"
    )
    assert repr(kb.Plane.between([0.0], [1.0])) == "Plane(line through 1 parameter: from a to b)"


def test_a_run_or_an_array_where_something_else_belongs():
    run = kb.train(kb.Network([2, 3, 2]), kb.data.xor(), epochs=1)
    for make in (kb.Plane.random, kb.Plane.of_curvature, lambda r: kb.Plane.of_parameters(r, 0)):
        with pytest.raises(SettingError, match=r"objective is Run.*: give run.objective\(\)"):
            make(run)
    for path in (run, np.ones((3, 2))):
        with pytest.raises(SettingError, match=r"path is .*: give a Path"):
            kb.Plane.of_path(path)


def test_a_path_that_lies_on_a_line():
    start, step = np.zeros(4), np.array([1.0, 0.0, 2.0, 0.0])
    for count in (1, 2, 5):
        path = straight_path([start + k * step for k in range(count)])
        with pytest.raises(SettingError, match=f"the path has {count} points"):
            kb.Plane.of_path(path)
    assert kb.Plane.of_path(path, dimensions=1).shares == (pytest.approx(1.0),)
    with pytest.raises(ShapeError, match="2, 4 parameters"):
        kb.Plane.of_path(path, straight_path(np.eye(2)))
    with pytest.raises(ShapeError, match="no parameters"):
        kb.Plane.of_path()


def test_normalisations_have_names_and_need_layers(objective):
    with pytest.raises(UnknownNameError, match="filter"):
        kb.Plane.random(objective, normalise="filtre")
    plain = kb.objective(lambda x: x @ x, [1.0, 2.0, 3.0])
    with pytest.raises(SettingError, match="normalise='none'"):
        kb.Plane.random(plain)
    assert kb.Plane.random(plain, normalise="none").directions.shape == (2, 3)


def test_parameters_of_one_axis_move_where_there_are_no_others():
    params = {"a": jnp.arange(1.0, 4.0), "b": jnp.ones(2)}
    vectors = kb.jax_objective(lambda p: (p["a"] ** 2).sum() + p["b"].sum(), params)
    for direction in kb.Plane.random(vectors).directions:
        lengths = np.linalg.norm(direction[:3]), np.linalg.norm(direction[3:])
        assert lengths == pytest.approx([np.sqrt(14), np.sqrt(2)])
    zero = kb.jax_objective(lambda p: (p**2).sum(), jnp.zeros(3))
    with pytest.raises(SettingError, match=r"all zero.*random\(objective, normalise='none'\)"):
        kb.Plane.random(zero)
