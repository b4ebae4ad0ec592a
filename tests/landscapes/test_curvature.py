"""Eigenvalues, trace and spectral density of Hessians against what is known from outside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree

import koubai as kb
from koubai.engine import float64
from koubai.landscapes.plane import Plane
from koubai.landscapes.spectral import estimates, quadrature
from koubai.objectives.eigenpairs import outermost_eigenpairs
from koubai.objectives.hessian import hessian_product


def rotated(eigenvalues: Any, seed: int = 0) -> Any:
    """A symmetric matrix with these eigenvalues in a random basis."""
    values = np.asarray(eigenvalues, float)
    basis, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(len(values), len(values))))
    matrix = (basis * values) @ basis.T
    return (matrix + matrix.T) / 2


def quadratic(matrix: Any, centre: Any) -> Callable[[Any], Any]:
    return lambda x: 0.5 * (x - centre) @ matrix @ (x - centre) + 7.0


def spread(size: int, seed: int = 3) -> Any:
    """Eigenvalues of both signs: a few outliers at each end, and the rest round 0.2."""
    bulk = np.random.default_rng(seed).normal(0.2, 0.3, size=size - 5)
    return np.concatenate([[9.0, 7.5, 4.0], bulk, [-3.0, -12.0]])


# --- quadratics, whose eigenvalues are given


@pytest.mark.parametrize("size", [3, 64, 65, 230])
def test_a_rotated_quadratic_off_centre(size: int) -> None:
    eigenvalues = np.array([5.0, -11.0, 0.5]) if size == 3 else spread(size)
    matrix = rotated(eigenvalues)
    centre = np.linspace(-2, 5, size)
    objective = kb.objective(quadratic(matrix, centre), np.full(size, 1.5))
    found, known = kb.curvature(objective, k=3), np.sort(eigenvalues)[::-1]
    np.testing.assert_allclose(found.top, known[:3], rtol=1e-9)
    np.testing.assert_allclose(found.bottom, known[-3:], rtol=1e-6)
    ends = [(found.top, found.top_vectors, found.top_residuals)]
    ends += [(found.bottom, found.bottom_vectors, found.bottom_residuals)]
    for values, vectors, residuals in ends:
        left = np.linalg.norm(vectors @ matrix - values[:, None] * vectors, axis=1)
        np.testing.assert_allclose(residuals, left, atol=1e-12)
        assert left.max() < 2e-8
        np.testing.assert_allclose(vectors @ vectors.T, np.eye(3), atol=1e-9)


def test_the_largest_is_not_the_largest_by_magnitude() -> None:
    matrix = rotated(np.concatenate([[-100.0, -90.0, 2.0], np.linspace(-1, 1, 97)]))
    found = kb.curvature(kb.objective(quadratic(matrix, 3.0), np.ones(100)), k=2)
    np.testing.assert_allclose(found.top, [2.0, 1.0], rtol=1e-8)
    np.testing.assert_allclose(found.bottom, [-90.0, -100.0], rtol=1e-10)


@pytest.mark.parametrize(
    "eigenvalues",
    [
        np.full(100, 2.0),
        np.concatenate([[5.0, 5.0, 3.0], np.ones(97)]),
        np.concatenate([[5.0, 5.0, 5.0, 3.0], spread(200)[3:-2]]),
        np.zeros(90),
        np.concatenate([[8.0, 3.0, 2.0], np.zeros(120)]),
        -(np.arange(100.0) ** 2),
    ],
    ids=["one value", "two copies", "three copies", "nothing", "mostly flat", "concave"],
)
def test_repeated_eigenvalues_are_found_as_often_as_they_are_there(eigenvalues: Any) -> None:
    matrix, known = rotated(eigenvalues), np.sort(eigenvalues)[::-1]
    top, bottom = outermost_eigenpairs(lambda v: matrix @ v, len(known), 3, 2, 1e-9)
    np.testing.assert_allclose(top.values, known[:3], atol=1e-8 * max(1, abs(known).max()))
    np.testing.assert_allclose(bottom.values, known[-2:], atol=1e-8 * max(1, abs(known).max()))


def test_a_search_that_starts_again_in_less_room_finds_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("koubai.objectives.eigenpairs._MOST", 5)
    eigenvalues, products = np.linspace(-3, 10, 400) ** 3, []
    matrix = rotated(eigenvalues)

    def product(v: Any) -> Any:
        products.append(v)
        return matrix @ v

    top, bottom = outermost_eigenpairs(product, 400, 4, 1, 1e-9)
    assert len(products) > 40  # the room is 20
    np.testing.assert_allclose(top.values, eigenvalues[:-5:-1], rtol=1e-10)
    np.testing.assert_allclose(bottom.values, eigenvalues[:1], rtol=1e-6)


def test_more_pairs_than_parameters() -> None:
    found = kb.curvature(kb.objective(lambda x: x[0] ** 2 - 3 * x[1] ** 2, [2.0, 1.0]), k=9)
    np.testing.assert_allclose(found.top, [2, -6])
    np.testing.assert_allclose(found.bottom, [2, -6])
    assert (found.trace, found.trace_error, found.density.probes) == (-4, 0, 0)


def rosenbrock(x: Any) -> Any:
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


def test_elsewhere_than_at_the_start() -> None:
    objective = kb.objective(rosenbrock, [-1.5, 2.0])
    x, y = 0.5, -1.0
    known = np.linalg.eigvalsh([[1200 * x**2 - 400 * y + 2, -400 * x], [-400 * x, 200]])[::-1]
    np.testing.assert_allclose(kb.curvature(objective, at=[x, y]).top, known, rtol=1e-12)


# --- networks, against a dense Hessian by automatic differentiation in float64


def dense_hessian(network: kb.Network, params: Any, data: Any, loss: Any) -> Any:
    theta, unravel = ravel_pytree(params)
    layers = [np.asarray(leaf, np.float64) for leaf in jax.tree.leaves(unravel(theta))]
    with float64():
        theta, unravel = ravel_pytree(jax.tree.unflatten(jax.tree.structure(params), layers))
        x, t = jnp.asarray(data.x, jnp.float64), data.t

        def f(theta: Any) -> Any:
            return kb.network_loss(network, unravel(theta), x, t, loss)

        return np.asarray(jax.jit(jax.hessian(f))(theta))


def split(examples: int, inputs: int, classes: int, scale: float = 1 / 255) -> Any:
    rng = np.random.default_rng(5)
    stored = rng.integers(0, 256, size=(examples, inputs)).astype(np.uint8)
    return kb.data.arrays(stored, rng.integers(0, classes, size=examples), test_fraction=0.2).train


NETWORKS = [
    ([6, 5, 3], "sigmoid", "softmax", None),
    ([6, 9, 7, 3], ["tanh", "softplus"], "softmax", "squared_error"),
    ([6, 4, 3], "sigmoid", "sigmoid", "binary_cross_entropy"),
    ([6, 11, 3], "gelu", "identity", "huber"),
    ([6, 7, 3], "relu", "softmax", "cross_entropy"),
    ([6, 7, 4, 3], ["softmax", "silu"], "softmax", None),
    ([6, 3], "sigmoid", "softmax", None),
]


@pytest.mark.parametrize(("sizes", "hidden", "output", "loss"), NETWORKS)
def test_a_network_against_its_dense_hessian(
    sizes: Any, hidden: Any, output: Any, loss: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("koubai.objectives.hessian._TILE", 37)  # does not divide the examples
    monkeypatch.setattr("koubai.objectives.hessian._MOST_KEPT", 0 if loss is None else 2**20)
    hidden = hidden if len(sizes) > 2 else []
    network, data = kb.Network(sizes, hidden, output), split(201, 6, 3)
    params = tuple(
        kb.Layer(2 * w, b + 0.3 * (index + 1)) for index, (w, b) in enumerate(network.init(4))
    )
    dense = dense_hessian(network, params, data, loss)
    objective = kb.objective(network, params, data, loss)
    v = np.random.default_rng(2).normal(size=len(dense))
    exact, fast = (
        hessian_product(objective, objective.start, precision)(v)
        for precision in ("float64", "float32")
    )
    np.testing.assert_allclose(exact, dense @ v, rtol=0, atol=1e-12 * np.abs(dense @ v).max())
    np.testing.assert_allclose(fast, dense @ v, rtol=0, atol=2e-5 * np.abs(dense @ v).max())
    known, found = np.linalg.eigvalsh(dense)[::-1], kb.curvature(objective, k=4, steps=5)
    np.testing.assert_allclose(found.top, known[:4], rtol=1e-6)
    np.testing.assert_allclose(found.bottom, known[-4:], rtol=1e-6, atol=1e-9 * known[0])
    assert found.precision == "float64"


def some_digits() -> Any:
    """About a quarter of them, and an odd number: a dense Hessian of all takes its time."""
    digits = kb.data.digits().train
    return kb.data.arrays(digits.x[:447], digits.t[:447], test_fraction=0.2).train


def test_two_thousand_parameters_against_the_dense_hessian() -> None:
    data = some_digits()
    network = kb.Network([64, 25, 10], "tanh")
    params = network.init(1)
    assert 1_800 < network.parameter_count <= 2_000
    known = np.linalg.eigvalsh(dense_hessian(network, params, data, None))[::-1]
    found = kb.curvature(kb.objective(network, params, data), k=5, probes=12, steps=8)
    np.testing.assert_allclose(found.top, known[:5], rtol=1e-6)
    np.testing.assert_allclose(found.bottom, known[-5:], rtol=1e-6)
    assert max(found.top_residuals.max(), found.bottom_residuals.max()) < 1e-8 * known[0]
    assert 0 < found.trace_error < 0.2 * known.sum()
    assert abs(found.trace - known.sum()) < 4 * found.trace_error


def test_beyond_two_thousand_parameters_float32_unless_told_otherwise() -> None:
    network, data = kb.Network([64, 30, 10]), some_digits()
    objective = kb.objective(network, network.init(0), data)
    fast, exact = (
        kb.curvature(objective, k=2, probes=2, steps=3, precision=precision)
        for precision in (None, "float64")
    )
    assert (fast.precision, exact.precision) == ("float32", "float64")
    np.testing.assert_allclose(fast.top, exact.top, rtol=1e-4)
    assert 1e-9 < fast.top_residuals.max() / fast.top[0] < 2e-5
    assert exact.top_residuals.max() / exact.top[0] < 1e-8


# --- trace and density


def test_hutchinson_is_right_within_its_error_and_its_error_is_right() -> None:
    eigenvalues = spread(150)
    matrix = rotated(eigenvalues)
    found = [estimates(lambda v: matrix @ v, 150, 10, 1, seed) for seed in range(60)]
    off = np.array([(each.trace - eigenvalues.sum()) / each.error for each in found])
    assert 0.8 < off.std() < 1.4  # of Student's t with 9 degrees of freedom: 1.13
    # The variance of zᵀAz for z = ±1 is 2 Σ_{i≠j} A_ij².
    theory = np.sqrt(2 * np.square(matrix - np.diag(np.diag(matrix))).sum() / 10)
    assert np.isclose(np.mean([each.error for each in found]), theory, rtol=0.15)


@pytest.mark.parametrize("size", [20, 150])
def test_the_density_integrates_to_one_and_its_mean_is_the_trace(size: int) -> None:
    eigenvalues = spread(size)
    objective = kb.objective(quadratic(rotated(eigenvalues), 2.0), np.zeros(size))
    found = kb.curvature(objective, k=1, probes=40)
    density = found.density
    grid, values = density.grid, density.values
    assert values.min() >= 0
    assert np.isclose(np.trapezoid(values, grid), 1, atol=1e-5)
    assert np.isclose(np.trapezoid(values * grid, grid), found.trace / size, atol=1e-5)
    second = np.trapezoid(values * grid**2, grid) - density.width**2
    # The variance of zᵀH²z is at most 2 Σ λ⁴.
    error = np.sqrt(2 * np.sum(eigenvalues**4) / 40) / size if density.probes else 1e-4
    assert abs(second - np.square(eigenvalues).mean()) < 3 * error
    # Three eigenvalues lie above 3. Random vectors give each a weight of spread √2 / size.
    share = np.trapezoid(values[grid > 3], grid[grid > 3])
    error = np.sqrt(2 / 3 / 40) if density.probes else 1e-2
    assert abs(share * size / 3 - 1) < 3 * error


def test_quadrature_is_exact_for_polynomials() -> None:
    eigenvalues = spread(80)
    matrix = rotated(eigenvalues)
    start = np.random.default_rng(8).normal(size=80)
    q = start / np.linalg.norm(start)
    nodes, weights = quadrature(lambda v: matrix @ v, start, 4)
    assert len(nodes) == 4
    for power in range(8):
        known = q @ np.linalg.matrix_power(matrix, power) @ q
        assert np.isclose(weights @ nodes**power, known, rtol=1e-10)
    ninth = q @ np.linalg.matrix_power(matrix, 8) @ q
    assert not np.isclose(weights @ nodes**8, ninth, rtol=1e-6)


def test_quadrature_stops_where_there_is_nothing_further() -> None:
    nodes, weights = quadrature(lambda v: 3 * v, np.arange(1.0, 9.0), 5)
    np.testing.assert_allclose((nodes, weights), ([3], [1]))


# --- other objectives, the plane, and what is refused


def test_a_function_that_jax_cannot_trace() -> None:
    eigenvalues = np.concatenate([[9.0, 4.0], np.linspace(-1, 1, 68), [-6.0]])
    matrix, centre = rotated(eigenvalues), np.linspace(-1, 2, 71)

    def f(x: Any) -> float:
        return float(quadratic(matrix, centre)(np.asarray(x)))

    objective = kb.objective(f, np.ones(71))
    assert not objective.traceable
    found = kb.curvature(objective, k=1, probes=2, steps=2)
    np.testing.assert_allclose(found.top, [9], rtol=1e-5)
    np.testing.assert_allclose(found.bottom, [-6], rtol=1e-5)


def test_the_plane_of_the_steepest_bends() -> None:
    eigenvalues = np.concatenate([[-20.0, 6.0, 3.0], np.linspace(-1, 1, 80)])
    matrix = rotated(eigenvalues)
    objective = kb.objective(quadratic(matrix, 4.0), np.linspace(1, 3, 83))
    plane = Plane.of_curvature(objective)
    np.testing.assert_allclose(plane.origin, objective.start)
    np.testing.assert_allclose(plane.directions @ plane.directions.T, np.eye(2), atol=1e-9)
    np.testing.assert_allclose(matrix @ plane.directions[0], 6 * plane.directions[0], atol=1e-6)
    np.testing.assert_allclose(matrix @ plane.directions[1], 3 * plane.directions[1], atol=1e-6)
    assert Plane.of_curvature(objective, dimensions=1).dimensions == 1


def test_a_run_is_looked_at_where_it_ended() -> None:
    network, data = kb.Network([12, 3, 2]), kb.data.bitmaps()
    run = kb.train(network, data, epochs=2, batch_size=8)
    known = np.linalg.eigvalsh(dense_hessian(network, run.params, data.test, None))
    found = kb.curvature(run, k=1, data="test")
    np.testing.assert_allclose(found.top, known[-1:], rtol=1e-6)
    assert np.isclose(found.trace, known.sum(), rtol=1e-6)
    assert "top" in repr(found)


def bowl(x: Any) -> Any:
    return jnp.sum(x**2)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"k": 0}, kb.errors.SettingError, "k is 0: give a whole number, 1 or more"),
        ({"probes": 1}, kb.errors.SettingError, "probes is 1: give a whole number, 2 or more"),
        ({"steps": 0}, kb.errors.SettingError, "steps is 0"),
        ({"precision": "float16"}, kb.errors.UnknownNameError, "unknown precision 'float16'"),
        ({"at": [1.0, 2.0]}, kb.errors.ShapeError, r"at has shape \(2,\) but the objective takes"),
    ],
)
def test_what_does_not_fit_is_refused(arguments: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        kb.curvature(kb.objective(bowl, [1.0, 2.0, 3.0]), **arguments)


@pytest.mark.parametrize("size", [2, 70])
def test_a_hessian_that_is_not_finite(size: int) -> None:
    objective = kb.objective(lambda x: jnp.sum(jnp.sqrt(x)), np.ones(size))
    with pytest.raises(kb.errors.FunctionError, match="the Hessian is not finite here"):
        kb.curvature(objective, at=np.zeros(size))


def test_a_plane_needs_two_parameters() -> None:
    with pytest.raises(kb.errors.SettingError, match="too few for a plane: take dimensions=1"):
        Plane.of_curvature(kb.objective(bowl, [3.0]))


def test_a_bar_counts_the_products(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")  # for rich, which looks for a terminal of its own
    objective = kb.objective(quadratic(rotated(np.linspace(1, 4, 80)), np.zeros(80)), np.ones(80))
    quiet = kb.curvature(objective, k=1, probes=2, steps=5, progress=False)
    assert capsys.readouterr().err == ""
    shown = kb.curvature(objective, k=1, probes=2, steps=5, progress=True)
    bar = capsys.readouterr().err
    assert "products for eigenvalues" in bar
    assert "10/10" in bar
    assert "products for the density" in bar
    np.testing.assert_array_equal(shown.top, quiet.top)
