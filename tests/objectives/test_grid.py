from __future__ import annotations

import math

import jax.numpy as jnp
import numpy as np
import pytest

from koubai.errors import FunctionError, SettingError, ShapeError
from koubai.functions.surfaces import surfaces
from koubai.objectives.grid import curve, gradient_grid, grid
from koubai.objectives.objective import Objective

WINDOW = ((-3.0, -1.0), (10.0, 50.0))  # off-centre, with unequal sides


def test_values_lie_at_the_points_of_the_axes() -> None:
    found = grid(lambda x: 100 * x[0] + x[1], WINDOW, (3, 5))
    np.testing.assert_array_equal(found.x0, [-3, -2, -1])
    np.testing.assert_array_equal(found.x1, [10, 20, 30, 40, 50])
    np.testing.assert_allclose(found.values, 100 * found.x0[:, None] + found.x1)
    assert found.values.dtype == np.float64
    assert found.window == WINDOW


@pytest.mark.parametrize("name", list(surfaces))
def test_a_surface_on_the_grid_is_the_surface(name: str) -> None:
    surface = surfaces[name]
    found = grid(surface, surface.window, (4, 3))
    for i, a in enumerate(found.x0):
        for j, b in enumerate(found.x1):
            expected = Objective(surface, np.array([a, b])).value([a, b])
            assert found.values[i, j] == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_a_numpy_function_gives_the_same_as_a_traced_one() -> None:
    traced = grid(lambda x: jnp.sin(x[0]) * x[1], WINDOW, 7)
    plain = grid(lambda x: math.sin(x[0]) * float(x[1]), WINDOW, 7)
    np.testing.assert_allclose(plain.values, traced.values, rtol=1e-14)


def test_what_is_not_finite_is_kept() -> None:
    window = ((-1.0, 1.0), (0.0, 1.0))
    traced = grid(lambda x: jnp.log(x[0]), window, 3)
    plain = grid(lambda x: np.log(x[0]), window, 3)
    raising = grid(lambda x: math.log(x[0]), window, 3)
    assert np.isnan(traced.values[0]).all()
    assert (traced.values[1] == -np.inf).all()
    np.testing.assert_array_equal(plain.values, traced.values)
    assert np.isnan(raising.values[:2]).all()
    assert (raising.values[2] == 0).all()


def test_an_objective_keeps_the_shape_it_takes() -> None:
    column = Objective(lambda x: x[0, 0] - 2 * x[1, 0], np.array([[1.0], [2.0]]))
    found = grid(column, WINDOW, 3)
    np.testing.assert_allclose(found.values, found.x0[:, None] - 2 * found.x1)


def test_the_users_array_is_not_theirs_to_keep() -> None:
    seen: list[np.ndarray] = []

    def modifies(x: np.ndarray) -> float:
        seen.append(x)
        value = float(x[0])
        x[:] = 99
        return value

    np.testing.assert_allclose(grid(modifies, WINDOW, 3).values, [[-3] * 3, [-2] * 3, [-1] * 3])


def test_gradients_are_exact_or_numerical() -> None:
    exact = gradient_grid(lambda x: x[0] ** 2 * x[1], WINDOW, (3, 4))
    plain = gradient_grid(lambda x: float(x[0]) ** 2 * float(x[1]), WINDOW, (3, 4))
    expected = np.stack(
        [2 * exact.x0[:, None] * exact.x1, np.broadcast_to(exact.x0[:, None] ** 2, (3, 4))], axis=-1
    )
    np.testing.assert_allclose(exact.gradients, expected, rtol=1e-12)
    np.testing.assert_allclose(plain.gradients, expected, rtol=1e-7)


def test_a_curve_takes_functions_of_a_number_and_of_an_array() -> None:
    np.testing.assert_allclose(curve(lambda x: x**2, (2.0, 4.0), 3).values, [4, 9, 16])
    inside = Objective(lambda x: x[0] ** 2, np.array([1.0]))
    np.testing.assert_allclose(curve(inside, (2.0, 4.0), 3).values, [4, 9, 16])


@pytest.mark.parametrize(
    ("window", "size", "message"),
    [
        (((1, 0), (0, 1)), 3, "goes from 1.0 to 0.0"),
        (((0, math.inf), (0, 1)), 3, "goes from 0.0 to inf"),
        (((0, math.nan), (0, 1)), 3, "window"),
        ((0, 1), 3, "window is"),
        (((0, 1), (0, 1)), 1, "size is 1"),
    ],
)
def test_windows_and_sizes_out_of_range(window: object, size: int, message: str) -> None:
    with pytest.raises(SettingError, match=message):
        grid(surfaces["bowl"], window, size)  # pyright: ignore[reportArgumentType]


def test_functions_that_cannot_be_drawn() -> None:
    with pytest.raises(FunctionError, match="single"):
        grid(lambda x: x, WINDOW, 3)
    with pytest.raises(FunctionError, match="single number"):
        grid(lambda x: np.array([float(x[0])]), WINDOW, 3)
    with pytest.raises(FunctionError, match="fails at every point"):
        grid(lambda x: math.log(-abs(float(x[0]))), WINDOW, 3)
    with pytest.raises(ShapeError, match="f takes 3 variables"):
        grid(Objective(lambda x: x.sum(), np.zeros(3)), WINDOW, 3)
