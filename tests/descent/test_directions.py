from __future__ import annotations

import numpy as np
import pytest

from koubai.descent.directions import directions
from koubai.errors import FunctionError, SettingError, ShapeError


def test_a_linear_function_does_as_foretold() -> None:
    circle = directions(lambda x: 3 * x[0] - 4 * x[1] + 7, [10.0, -2.0], radius=2.0)
    np.testing.assert_allclose(circle.gradient, [3, -4])
    np.testing.assert_allclose(circle.changes, circle.predicted, atol=1e-12)
    np.testing.assert_allclose(circle.predicted, 10 * np.cos(np.radians(circle.angles)), atol=1e-12)
    assert circle.steepest == 180
    assert circle.changes.min() == pytest.approx(-10)  # -‖∇f‖·r, the Cauchy–Schwarz bound


def test_on_a_bowl_every_direction_adds_the_same_curvature() -> None:
    circle = directions(lambda x: x[0] ** 2 + x[1] ** 2, (3, 4), radius=0.5)
    np.testing.assert_allclose(circle.changes, circle.predicted + 0.25, atol=1e-12)
    assert circle.steepest == 180


def test_the_steepest_angle_tends_to_180_with_the_radius() -> None:
    def narrow(x: np.ndarray) -> float:
        return float(x[0]) ** 2 / 20 + float(x[1]) ** 2

    errors = [
        abs(directions(narrow, [-7, 2], radius, 3600).steepest - 180)
        for radius in (4, 1, 0.25, 0.06)
    ]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 2


def test_bad_input() -> None:
    with pytest.raises(ShapeError, match="two numbers"):
        directions(lambda x: x.sum(), [1.0, 2.0, 3.0])
    with pytest.raises(SettingError, match="radius is 0"):
        directions(lambda x: x.sum(), [1.0, 2.0], radius=0)
    with pytest.raises(FunctionError, match="no direction"):
        directions(lambda x: x[0] ** 2 + x[1] ** 2, [0.0, 0.0])
