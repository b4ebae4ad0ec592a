"""Descent: closed forms, the recurrences in plain Python, and what a path says of itself."""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
import optax
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import koubai as kb
from koubai.descent.descend import _loop
from koubai.descent.optimisers import optimisers
from koubai.descent.path import Path
from koubai.descent.stability import (
    first_learning_rate,
    largest_curvature,
    stable_learning_rate,
)
from koubai.errors import FunctionError, SettingError, UnknownNameError


def bowl(x):
    return x[0] ** 2 + x[1] ** 2


def numpy_bowl(x):
    return float(np.sum(np.asarray(x) ** 2))


def ellipse(x):
    return x[0] ** 2 / 20 + x[1] ** 2


def numpy_ellipse(x):
    return float(x[0]) ** 2 / 20 + float(x[1]) ** 2


# --- known-values.md ----------------------------------------------------------------------------


def test_the_textbooks_descent() -> None:
    path = kb.descend(bowl, [-3.0, 4.0], 0.1, 100)
    np.testing.assert_allclose(path.points[-1], [-6.1111e-10, 8.1481e-10], rtol=1e-4)
    shrunk = 0.8 ** np.arange(101)[:, None] * np.array([-3, 4])
    np.testing.assert_allclose(path.points, shrunk, rtol=1e-11)
    np.testing.assert_allclose(path.values, (shrunk**2).sum(axis=1), rtol=1e-11)
    np.testing.assert_allclose(path.gradients, 2 * shrunk, rtol=1e-11)
    assert (path.stopped, path.gradient, path.learning_rate) == ("steps", "exact", 0.1)
    assert len(path) == 101
    np.testing.assert_array_equal(path.iterations, np.arange(101))


@pytest.mark.parametrize("f", [bowl, numpy_bowl])
def test_the_textbooks_descent_with_the_numerical_gradient(f) -> None:
    path = kb.descend(f, [-3.0, 4.0], 0.1, 100, gradient="numerical", step=1e-4)
    np.testing.assert_allclose(path.points[-1], np.array([-3, 4]) * 0.8**100, rtol=0, atol=1e-11)
    assert path.gradient == "numerical"


@pytest.mark.parametrize("gradient", ["exact", "numerical"])
def test_too_small_a_learning_rate_of_the_textbook(gradient: str) -> None:
    path = kb.descend(bowl, [-3.0, 4.0], 1e-10, 100, gradient=gradient)
    np.testing.assert_allclose(path.points[-1], [-2.99999994, 3.99999992], rtol=0, atol=1e-12)
    assert path.stopped == "steps"


def test_too_large_a_learning_rate_of_the_textbook() -> None:
    path = kb.descend(bowl, [-3.0, 4.0], 10, 100)
    np.testing.assert_allclose(path.points[-1], [-2.2515e128, 3.0021e128], rtol=1e-4)
    np.testing.assert_allclose(path.points[-1], np.array([-3, 4]) * 19.0**100, rtol=1e-10)
    assert (path.stopped, path.first_bad_step) == ("diverged", 1)
    assert math.isclose(path.stable_learning_rate, 1, rel_tol=1e-12)
    assert "from step 1 on" in path.message
    assert "learning rate 10 is beyond the stable bound 2/λ_max = 1" in path.message


@pytest.mark.parametrize("f", [bowl, numpy_bowl])
@pytest.mark.parametrize("gradient", [None, "numerical"])
def test_divergence_is_reported_whatever_the_gradient(f, gradient) -> None:
    """With h = 1e-4 the textbook prints −2.6e13, which is cancellation; step 1 is bad anyhow."""
    path = kb.descend(f, [-3.0, 4.0], 10, 100, gradient=gradient)
    assert (path.stopped, path.first_bad_step) == ("diverged", 1)
    assert math.isclose(path.stable_learning_rate, 1, rel_tol=1e-6)


# --- the recurrences ----------------------------------------------------------------------------

Direction = Callable[[float], tuple[float, tuple[float, ...]]]


def recurrence(name: str) -> Direction:
    """From g the direction d, and what is remembered; one number at a time, as in the books.

    AdaGrad starts at h = 0 and adds ε = 1e-7 under the root; Adam adds ε = 1e-8 to the root.
    """
    m = v = 0.0
    k = 0

    def sgd(g: float) -> tuple[float, tuple[float, ...]]:
        return g, ()

    def momentum(g: float) -> tuple[float, tuple[float, ...]]:
        nonlocal v
        v = 0.9 * v + g
        return v, (v,)

    def adagrad(g: float) -> tuple[float, tuple[float, ...]]:
        nonlocal v
        v += g * g
        return g / math.sqrt(v + 1e-7), (v,)

    def adam(g: float) -> tuple[float, tuple[float, ...]]:
        nonlocal m, v, k
        k += 1
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g * g
        return (m / (1 - 0.9**k)) / (math.sqrt(v / (1 - 0.999**k)) + 1e-8), (m, v)

    return locals()[name]


NAMES = ("sgd", "momentum", "adagrad", "adam")
ETA = {"sgd": 0.95, "momentum": 0.1, "adagrad": 1.5, "adam": 0.3}  # the textbook's, section 6.1


def in_plain_python(name: str) -> tuple[np.ndarray, np.ndarray]:
    """30 steps on x²/20 + y² from (−7, 2): the points, and what is remembered at each."""
    x, y = -7.0, 2.0
    along_x, along_y = recurrence(name), recurrence(name)
    points, memory = [(x, y)], []
    for _ in range(30):
        (dx, kept_x), (dy, kept_y) = along_x(x / 10), along_y(2 * y)
        x, y = x - ETA[name] * dx, y - ETA[name] * dy
        points.append((x, y))
        memory.append(tuple(zip(kept_x, kept_y, strict=True)))
    return np.array(points), np.array(memory)


@pytest.mark.parametrize("f", [ellipse, numpy_ellipse], ids=["compiled", "plain"])
@pytest.mark.parametrize("name", NAMES)
def test_thirty_steps_are_the_recurrence_and_so_is_the_memory(name: str, f) -> None:
    points, memory = in_plain_python(name)
    path = kb.descend(f, [-7.0, 2.0], ETA[name], 30, optimizer=name)
    atol = 1e-10 if f is ellipse else 1e-8  # a numerical gradient is right to about 1e-10 itself
    np.testing.assert_allclose(path.points, points, rtol=0, atol=atol)
    assert tuple(path.memory) == optimisers[name].memory
    for column, kept in enumerate(path.memory.values()):
        assert not np.any(kept[0])
        np.testing.assert_allclose(kept[1:], memory[:, column], rtol=0, atol=atol)


@pytest.mark.parametrize("name", kb.optimisers)
def test_the_compiled_and_the_plain_loop_go_the_same_way(name: str) -> None:
    options = {"learning_rate": 0.05, "steps": 25, "optimizer": name, "gradient": "numerical"}
    compiled = kb.descend(ellipse, [-7.0, 2.0], **options)
    plain = kb.descend(numpy_ellipse, [-7.0, 2.0], **options)
    np.testing.assert_allclose(plain.points, compiled.points, rtol=0, atol=1e-9)
    np.testing.assert_allclose(plain.values, compiled.values, rtol=0, atol=1e-9)
    np.testing.assert_allclose(plain.gradients, compiled.gradients, rtol=0, atol=1e-9)
    assert list(plain.memory) == list(compiled.memory)
    for ours, theirs in zip(plain.memory.values(), compiled.memory.values(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-9)


@pytest.mark.parametrize("f", [ellipse, numpy_ellipse], ids=["compiled", "plain"])
def test_a_users_own_optax_transformation(f) -> None:
    own = optax.chain(optax.clip_by_global_norm(0.5), optax.sgd(0.2, momentum=0.8))
    x = np.array([-7.0, 2.0])
    v, points = np.zeros(2), [x]
    for _ in range(20):
        g = np.array([x[0] / 10, 2 * x[1]])
        v = 0.8 * v + g * min(1, 0.5 / np.linalg.norm(g))
        x = x - 0.2 * v
        points.append(x)
    path = kb.descend(f, [-7.0, 2.0], steps=20, optimizer=own)
    np.testing.assert_allclose(path.points, points, rtol=0, atol=1e-8)
    assert (path.optimizer, path.learning_rate) == ("custom", 1)
    np.testing.assert_allclose(path.memory["memory 1"][-1], v, atol=1e-8)


# --- shapes and precision -----------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 3), (2, 1, 3)])
@pytest.mark.parametrize("xp", [jnp, np])
def test_any_shape_of_x(shape: tuple[int, ...], xp: Any) -> None:
    generator = np.random.default_rng(5)
    centre, start = generator.normal(size=shape), generator.normal(size=shape) + 100
    before = start.copy()

    def f(x):
        return xp.sum((xp.asarray(x) - centre) ** 2)

    path = kb.descend(f, start, 0.1, 20)
    expected = centre + 0.8 ** np.arange(21).reshape(-1, *[1] * len(shape)) * (start - centre)
    assert path.points.shape == path.gradients.shape == (21, *shape)
    assert path.gradient == ("exact" if xp is jnp else "numerical")
    np.testing.assert_allclose(path.points, expected, rtol=1e-6 if xp is np else 1e-12)
    np.testing.assert_array_equal(start, before)
    assert path.step_sizes.shape == path.departure_angles.shape == (20,)
    np.testing.assert_allclose(path.departure_angles, 90, atol=1e-4)


@pytest.mark.parametrize("f", [bowl, numpy_bowl])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_precision_is_that_of_the_start(f, dtype) -> None:
    path = kb.descend(f, np.array([3, 4], dtype), 0.1, 10)
    assert {path.points.dtype, path.values.dtype, path.gradients.dtype} == {np.dtype(dtype)}
    np.testing.assert_allclose(path.points[-1], np.array([3, 4]) * 0.8**10, rtol=1e-6)


@pytest.mark.parametrize(
    ("f", "start", "minimum", "optimizer", "rate"),
    [
        (lambda x: jnp.sum((x - jnp.array([1.0, -1.0])) ** 2), [0.1, 0.1], [1, -1], "sgd", 1e-3),
        (kb.surfaces.rosenbrock, [-1.5, 2.0], [1, 1], "adam", 1e-2),
        (kb.surfaces.rosenbrock, [-1.5, 2.0], [1, 1], "momentum", 1e-4),
    ],
)
def test_ten_thousand_steps_in_float32_reach_the_minimum(
    f, start, minimum, optimizer, rate
) -> None:
    """Optax's own bar: within 3e-2 of it."""
    path = kb.descend(f, np.array(start, np.float32), rate, 10_000, optimizer=optimizer)
    assert path.points.dtype == np.float32
    np.testing.assert_allclose(path.points[-1], minimum, atol=3e-2)


# --- why it stopped -----------------------------------------------------------------------------


@pytest.mark.parametrize("f", [bowl, numpy_bowl])
def test_it_converges_once_the_gradient_is_within_the_tolerance(f) -> None:
    path = kb.descend(f, [3.0, 4.0], 0.1, 1000, tolerance=1e-3)
    steps = math.ceil(math.log(10 / 1e-3) / math.log(1 / 0.8))  # ‖∇f‖ = 10 · 0.8ᵏ
    assert (path.stopped, len(path) - 1) == ("converged", steps)
    lengths = np.linalg.norm(path.gradients, axis=1)
    assert lengths[-1] <= 1e-3 < lengths[-2]
    assert f"after {steps} steps" in path.message


def test_where_it_is_flat_it_has_converged_at_once() -> None:
    path = kb.descend(bowl, [0.0, 0.0], 0.1, 50)
    assert (path.stopped, len(path)) == ("converged", 1)


def test_a_rough_way_down_is_no_divergence() -> None:
    path = kb.descend(kb.surfaces.rosenbrock, [-1.5, 2.0], 1e-3, 400, optimizer="momentum")
    assert (np.diff(path.values) > 0).any()
    assert path.stopped == "steps"


@pytest.mark.parametrize("name", ["saddle", "monkey_saddle"])
def test_where_there_is_no_bottom_the_message_says_so(name: str) -> None:
    path = kb.descend(kb.surfaces[name], learning_rate=0.1, steps=4000, start=[1.0, 0.01])
    assert path.stopped == "diverged"
    assert "falls for ever" in path.message
    assert path.stable_learning_rate is None
    assert np.isfinite(path.values[: path.first_bad_step]).all()


@pytest.mark.parametrize(
    "f",
    [lambda x: -jnp.log(1 - x[0] ** 2) - 9 * x[0], lambda x: -np.log(1 - x[0] ** 2) - 9 * x[0]],
)
def test_out_of_the_functions_domain(f) -> None:
    path = kb.descend(f, [0.0], 1.0, 50)
    assert (path.stopped, path.first_bad_step, len(path)) == ("diverged", 1, 2)
    assert "is not a number from step 1 on" in path.message


def test_a_function_that_gives_up_midway_has_diverged() -> None:
    """Python's own floats raise where NumPy's become inf; 0.5² · 19ᵏ leaves them behind."""
    path = kb.descend(lambda x: float(x[0]) ** 2, [0.5], 10, 1000)
    assert (path.stopped, path.first_bad_step) == ("diverged", 1)
    assert np.isnan(path.values[-1])


def test_the_path_knows_what_it_descended() -> None:
    objective = kb.objective(bowl, [3.0, 4.0])
    path = kb.descend(objective)
    assert path.objective is objective
    other = kb.descend(objective, start=[1.0, 1.0])
    np.testing.assert_array_equal(other.points[0], [1, 1])
    np.testing.assert_array_equal(objective.start, [3, 4])


# --- angles -------------------------------------------------------------------------------------


def test_gradient_descent_leaves_every_contour_at_a_right_angle() -> None:
    path = kb.descend(kb.surfaces.himmelblau, [-0.5, -1.0], 0.005, 60)
    np.testing.assert_allclose(path.departure_angles, 90, atol=1e-5)


def test_other_optimisers_turn_away() -> None:
    path = kb.descend(ellipse, [-7.0, 2.0], 0.1, 30, optimizer="momentum")
    assert math.isclose(path.departure_angles[0], 90, abs_tol=1e-6)
    assert path.departure_angles[1:].min() < 80


@pytest.mark.parametrize("eta", [0.3, 0.1, 0.01, 1e-3, 1e-5])
def test_the_arrival_angle_on_a_quadratic(eta: float) -> None:
    """g' = (1 − ηλ)·g along every axis, so cos of the angle between g and g' is known."""
    curvatures, start = np.array([0.1, 2.0]), np.array([-7.0, 2.0])
    g = curvatures * start
    after = (1 - eta * curvatures) * g
    sine = abs(g @ after) / (np.linalg.norm(g) * np.linalg.norm(after))
    path = kb.descend(ellipse, start, eta, 1)
    assert math.isclose(math.sin(math.radians(path.arrival_angles[0])), sine, rel_tol=1e-12)


def test_the_arrival_angle_tends_to_a_right_one() -> None:
    etas = [0.1, 0.01, 0.001, 1e-4]
    short = [90 - kb.descend(ellipse, [-7.0, 2.0], eta, 1).arrival_angles[0] for eta in etas]
    assert short[0] > 2
    for larger, smaller in itertools.pairwise(short):
        assert 0 < smaller < larger / 8  # proportional to η


@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e160])
def test_angles_and_sizes_at_any_scale(scale: float) -> None:
    points = scale * np.array([[0.0, 0.0], [3.0, 4.0], [3.0, 4.0]])
    gradients = scale * np.array([[0.0, 2.0], [1.0, 0.0], [1.0, 1.0]])
    path = Path(points, np.zeros(3), np.arange(3), "steps", gradients=gradients)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_allclose(path.step_sizes, [5 * scale, 0])
        np.testing.assert_allclose(path.departure_angles, [math.degrees(math.asin(0.8)), np.nan])
        np.testing.assert_allclose(path.arrival_angles, [math.degrees(math.asin(0.6)), np.nan])


# --- how large a step it bears ------------------------------------------------------------------


def quadratic(seed: int, size: int) -> tuple[np.ndarray, float]:
    """A random symmetric matrix with eigenvalues of both signs, and its largest."""
    generator = np.random.default_rng(seed)
    q, _ = np.linalg.qr(generator.normal(size=(size, size)))
    eigenvalues = generator.uniform(-3, 10, size)
    eigenvalues[0] = 11.5
    return q @ np.diag(eigenvalues) @ q.T, 11.5


@settings(max_examples=8)
@given(seed=st.integers(0, 2**32 - 1), size=st.sampled_from([1, 2, 7, 64, 65, 100]))
def test_the_stable_learning_rate_of_a_quadratic(seed: int, size: int) -> None:
    a, largest = quadratic(seed, size)
    start = np.random.default_rng(seed).normal(size=size)
    objective = kb.objective(lambda x: 0.5 * x @ a @ x + x.sum(), start)
    assert math.isclose(stable_learning_rate(objective, [start]), 2 / largest, rel_tol=2e-3)


@pytest.mark.parametrize("size", [2, 5, 70])
def test_the_stable_learning_rate_of_a_numpy_function(size: int) -> None:
    a, largest = quadratic(7, size)
    start = np.random.default_rng(7).normal(size=size)
    objective = kb.objective(lambda x: float(0.5 * np.asarray(x) @ a @ np.asarray(x)), start)
    assert not objective.exact
    assert math.isclose(stable_learning_rate(objective, [start]), 2 / largest, rel_tol=2e-3)


def test_below_the_bound_it_converges_and_beyond_it_does_not() -> None:
    a, largest = np.diag([0.3, 1.7, 4.0]), 4.0
    start = np.array([1.0, -2.0, 0.5])
    for share, stopped in ((0.98, "steps"), (1.02, "diverged")):
        path = kb.descend(lambda x: 0.5 * x @ a @ x, start, share * 2 / largest, 600)
        assert path.stopped == stopped
    assert math.isclose(path.stable_learning_rate, 2 / largest, rel_tol=1e-12)


def test_a_function_that_bends_upwards_nowhere_bears_anything() -> None:
    objective = kb.objective(lambda x: -jnp.sum(x**2), [1.0, 2.0])
    assert largest_curvature(objective, objective.start) == -2
    assert stable_learning_rate(objective, [objective.start]) is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("sgd", 0.1),  # its usual one: 1/λ is 0.5
        ("momentum", 0.01),
        ("adam", 4 * 7 / 50),  # in a quarter of the steps from −7 to 0
        ("adagrad", 4 * 7 / 50),
    ],
)
def test_the_first_learning_rate(name: str, expected: float) -> None:
    objective = kb.objective(ellipse, [-7.0, 2.0])
    assert math.isclose(first_learning_rate(objective, kb.optimisers[name], 50), expected)
    path = kb.descend(objective, steps=50, optimizer=name)
    assert math.isclose(path.learning_rate, expected)
    assert path.values[-1] < path.values[0]


def test_the_first_learning_rate_beside_a_summit_is_no_larger() -> None:
    objective = kb.objective(lambda x: -500 * x[0] ** 2 + x[1] ** 2, [1.0, 1.0])
    assert math.isclose(first_learning_rate(objective, kb.optimisers.sgd, 50), 1e-3)


def test_many_variables_that_diverge_out_of_all_bounds() -> None:
    path = kb.descend(lambda x: jnp.sum(x**4), np.ones(100), 5.0, 50)
    assert (path.stopped, path.first_bad_step) == ("diverged", 1)
    assert math.isclose(path.stable_learning_rate, 2 / 12, rel_tol=1e-3)


def test_the_first_learning_rate_where_it_is_steep() -> None:
    objective = kb.objective(lambda x: 500 * x[0] ** 2, [1.0])
    assert math.isclose(first_learning_rate(objective, kb.optimisers.sgd, 50), 1e-3)
    assert kb.descend(objective).stopped == "converged"


@pytest.mark.parametrize("surface", kb.surfaces.values(), ids=lambda surface: surface.name)
@pytest.mark.parametrize("name", ["sgd", "adam"])
def test_every_surface_is_descended_without_a_learning_rate(surface, name: str) -> None:
    path = kb.descend(surface, surface.start, steps=60, optimizer=name)
    assert path.values[1:10].min() < path.values[0]
    assert path.stopped == "steps" or surface.minimum is None


@pytest.mark.parametrize(
    ("start", "steps", "arrived"), [([3.0, 4.0], 40, True), ([3.0, 4.0], 4, False)]
)
def test_a_descent_that_has_not_arrived_says_so(start, steps: int, arrived: bool) -> None:
    path = kb.descend(bowl, start, 0.1, steps)
    assert path.stopped == "steps"
    assert bool(path.message) is not arrived
    assert arrived or path.message.startswith("the value still falls after 4 steps: give more")


@pytest.mark.parametrize("name", ["momentum", "nesterov", "adam", "rmsprop"])
@pytest.mark.parametrize("surface", ["himmelblau", "rosenbrock", "rastrigin"])
def test_defaults_swing_no_further_up_than_they_come_down(name: str, surface: str) -> None:
    values = kb.descend(kb.surfaces[surface], optimizer=name).values
    assert np.maximum(np.diff(values), 0).sum() <= values[0] - values.min()


def test_the_default_is_halved_until_the_values_fall() -> None:
    """himmelblau bends more on the way than at its start: at its first rate it never settles."""
    surface = kb.surfaces.himmelblau
    first = first_learning_rate(kb.objective(surface, surface.start), kb.optimisers.sgd, 100)
    path = kb.descend(surface)
    assert path.learning_rate in [first / 2**k for k in range(1, 6)]
    assert (np.diff(path.values) <= 0.01 * path.values[0]).all()
    assert np.linalg.norm(path.points[-1] - np.array(surface.minima), axis=1).min() < 1e-6
    rough = kb.descend(surface, learning_rate=first)
    assert "the value swings" in rough.message
    assert f"{rough.stable_learning_rate:.3g}" in rough.message


@pytest.mark.parametrize("f", [bowl, numpy_bowl])
def test_a_default_that_settles_at_once_is_left_as_it_is(f) -> None:
    assert kb.descend(f, [3.0, -1.5], steps=20).learning_rate == 0.1


@pytest.mark.parametrize("name", list(kb.surfaces))
@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam", "rmsprop"])
def test_every_surface_descends_from_its_own_start(name: str, optimizer: str) -> None:
    surface = kb.surfaces[name]
    path = kb.descend(surface, optimizer=optimizer)
    np.testing.assert_array_equal(path.points[0], surface.start)
    assert path.values[-1] < path.values[0] or not np.isfinite(path.values[-1])
    if surface.minimum is not None:
        assert path.first_bad_step is None
        assert path.stopped == "converged" or len(path) == surface.steps + 1
        assert not path.message or path.message.startswith(("the value still", "the gradient van"))


@pytest.mark.parametrize("name", [name for name, each in kb.surfaces.items() if each.minima])
def test_gradient_descent_arrives_in_the_steps_that_a_surface_takes(name: str) -> None:
    """At a minimum as far as a picture of its window shows; rastrigin lists only its lowest."""
    surface = kb.surfaces[name]
    path = kb.descend(surface)
    sides = np.ptp(np.array(surface.window), axis=1)
    assert np.abs(path.steps[-1] / sides).max() < 1e-4
    if name != "rastrigin":
        apart = np.abs((np.array(surface.minima) - path.points[-1]) / sides)
        assert apart.max(axis=1).min() < 0.02
    assert len(kb.descend(surface, steps=7)) == 8
    assert len(kb.compare(surface, ["sgd"]).paths["sgd"]) == surface.steps + 1


@pytest.mark.parametrize("name", ["saddle", "monkey_saddle"])
def test_bottomless_surfaces_are_told_the_same_way(name: str) -> None:
    path = kb.descend(kb.surfaces[name])
    assert path.stopped == "diverged"
    assert path.message.startswith("the value falls for ever, out of all bounds at step")
    assert path.values[path.first_bad_step] < -1e6


def test_a_deep_pit_is_not_bottomless() -> None:
    path = kb.descend(lambda x: (x[0] - 1e5) ** 2 + x[1] ** 2, [0.0, 1.0], 0.01, 400)
    assert (path.stopped, path.message) == ("steps", "")
    below = kb.descend(lambda x: x[0] ** 2 - 1e9, [3.0], 0.1, 50)
    assert (below.stopped, below.message) == ("steps", "")


@pytest.mark.parametrize("start", [[3.0, 4.0], [-0.5, 7.0]])
def test_at_the_bound_the_value_swings_for_ever(start: list[float]) -> None:
    path = kb.descend(bowl, start, 1.0, 40)
    np.testing.assert_allclose(path.values, np.square(start).sum())
    assert path.stopped == "steps"
    assert "swings and gets no lower" in path.message
    assert "1 is at the stable bound 2/λ_max = 1;" in path.message
    assert math.isclose(path.stable_learning_rate, 1)
    assert "swings" not in kb.descend(bowl, start, 0.97, 40).message


def test_an_adaptive_default_is_no_smaller_for_more_steps() -> None:
    objective = kb.objective(ellipse, [-7.0, 2.0])
    rates = [first_learning_rate(objective, kb.optimisers.adam, steps) for steps in (100, 5000)]
    np.testing.assert_allclose(rates, 4 * 7 / 100)


def test_an_error_of_the_users_function_is_named() -> None:
    def broken(x):
        raise RuntimeError("boom")

    with pytest.raises(FunctionError, match=r"with RuntimeError \(boom\)") as caught:
        kb.descend(broken, [1.0])
    assert isinstance(caught.value.__cause__, RuntimeError)


# --- comparing, compiling, refusing -------------------------------------------------------------


def test_a_comparison_starts_from_one_place() -> None:
    names = ["sgd", "momentum", "adam"]
    comparison = kb.compare(kb.surfaces.rosenbrock, names, start=[-1.5, 2.0], steps=40)
    assert list(comparison.paths) == names
    for name, path in comparison.paths.items():
        assert path.optimizer == name
        assert path.objective is comparison.objective
        np.testing.assert_array_equal(path.points[0], [-1.5, 2])
        alone = kb.descend(kb.surfaces.rosenbrock, [-1.5, 2.0], steps=40, optimizer=name)
        np.testing.assert_array_equal(path.points, alone.points)
    rates = [0.1, 0.2]
    paths = kb.compare(bowl, names[:2], [3.0, 4.0], 5, rates, gradient="numerical").paths.values()
    assert [path.learning_rate for path in paths] == rates
    assert {path.gradient for path in paths} == {"numerical"}
    with pytest.raises(SettingError, match="one for each of 2 optimizers"):
        kb.compare(bowl, names[:2], [3.0, 4.0], 5, [0.1])


def test_another_rate_start_or_number_of_steps_compiles_nothing() -> None:
    traces = []

    def f(x):
        traces.append(x)
        return jnp.sum(x**4)

    objective = kb.objective(f, [1.0, 2.0])
    kb.descend(objective, learning_rate=1e-3, steps=100)
    before, misses = len(traces), _loop.cache_info().misses
    for rate, steps, start in ((1e-2, 100, [1, 2]), (1e-3, 127, [2, 1]), (1e-3, 64, [0.5, 0.5])):
        path = kb.descend(objective, learning_rate=rate, steps=steps, start=start)
        assert len(path) == steps + 1
    assert _loop.cache_info().misses == misses
    # What is left for each are the three looks at its start: a trace, a shape and a value.
    assert len(traces) - before <= 3 * 3


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"learning_rate": 0}, "learning_rate is 0"),
        ({"learning_rate": -0.1}, "learning_rate is -0.1"),
        ({"learning_rate": math.nan}, "learning_rate is nan"),
        ({"learning_rate": math.inf}, "learning_rate is inf"),
        ({"steps": 0}, "steps is 0"),
        ({"steps": 10.5}, "steps is 10.5"),
        ({"tolerance": -1}, "tolerance is -1"),
        ({"tolerance": math.nan}, "tolerance is nan"),
        ({"gradient": "analytic"}, "choose 'exact' or 'numerical'"),
        ({"gradient": "numerical", "step": 0}, "step is 0"),
        ({"gradient": "numerical", "step": 1e-30}, "lost in rounding"),
        ({"step": 1e-4}, "give gradient='numerical' as well"),
    ],
)
def test_settings_out_of_range(options: dict[str, Any], says: str) -> None:
    with pytest.raises(SettingError, match=says):
        kb.descend(bowl, [3.0, 4.0], **options)


def test_what_else_is_refused() -> None:
    with pytest.raises(SettingError, match="start is missing"):
        kb.descend(bowl)
    with pytest.raises(UnknownNameError, match="Did you mean 'adam'"):
        kb.descend(bowl, [3.0, 4.0], optimizer="adm")
    with pytest.raises(FunctionError, match=r"write it with jax\.numpy"):
        kb.descend(numpy_bowl, [3.0, 4.0], gradient="exact")
    with pytest.raises(FunctionError, match="kink or a pole"):
        kb.descend(lambda x: jnp.sqrt(jnp.abs(x[0])), [0.0])
    with pytest.raises(FunctionError, match="asks for more than the start"):
        kb.descend(bowl, [3.0])


def test_a_function_that_changed_meanwhile_is_descended_as_it_is_now() -> None:
    factor = 1.0

    def f(x: Any) -> Any:
        return factor * (x**2).sum()

    before = kb.descend(f, [1.0, 2.0], 0.1, 2)
    factor = 10.0
    after = kb.descend(f, [1.0, 2.0], 0.01, 2)
    assert (before.values[0], after.values[0]) == (5.0, 50.0)
    assert after.points[1] == pytest.approx([0.8, 1.6])
