from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import koubai as kb
from koubai.errors import FunctionError, SettingError


def ellipse(x: Any) -> Any:
    return x[0] ** 2 / 20 + x[1] ** 2  # curvatures 1/10 and 2


def test_the_bound_is_two_over_the_largest_curvature() -> None:
    rates = kb.compare_learning_rates(ellipse, [-7.0, 2.0])
    assert rates.stable_learning_rate == pytest.approx(1)
    steep = kb.compare_learning_rates(lambda x: 8 * ellipse(x), [-7.0, 2.0])
    assert steep.stable_learning_rate == pytest.approx(1 / 8)


def test_too_small_right_too_large_and_beyond() -> None:
    rates = kb.compare_learning_rates(ellipse, [-7.0, 2.0])
    assert rates.verdicts == ("slow", "good", "swings", "diverges")
    found = [path.learning_rate for path in rates.paths]
    np.testing.assert_allclose(np.array(found, float), [0.02, 0.4, 0.95, 1.03])


def test_each_path_is_the_closed_form() -> None:
    rates = kb.compare_learning_rates(ellipse, [-7.0, 2.0], [0.3, 0.99, 1.01], steps=12)
    k = np.arange(13)[:, None]
    for path, rate in zip(rates.paths, [0.3, 0.99, 1.01], strict=True):
        expected = np.array([-7.0, 2.0]) * (1 - rate * np.array([0.1, 2.0])) ** k
        np.testing.assert_allclose(path.points, expected, rtol=1e-9)
    assert rates.verdicts[1:] == ("swings", "diverges")


def test_an_objective_brings_its_start() -> None:
    objective = kb.Objective(ellipse, np.array([5.0, -1.0]))
    rates = kb.compare_learning_rates(objective, learning_rates=[0.1])
    np.testing.assert_array_equal(rates.paths[0].points[0], [5, -1])
    assert len(rates.paths[0]) == 31


def test_without_a_bound_learning_rates_have_to_be_given() -> None:
    def dome(x: Any) -> Any:
        return -(x**2).sum()

    with pytest.raises(SettingError, match="learning_rates is missing"):
        kb.compare_learning_rates(dome, [0.5, 0.1])
    rates = kb.compare_learning_rates(dome, [0.5, 0.1], [0.1])
    assert rates.stable_learning_rate is None
    with pytest.raises(SettingError, match="learning_rates is empty"):
        kb.compare_learning_rates(dome, [0.5, 0.1], [])


def test_errors_of_a_descent() -> None:
    with pytest.raises(SettingError, match="start"):
        kb.compare_learning_rates(ellipse)
    with pytest.raises(SettingError, match="learning_rate"):
        kb.compare_learning_rates(ellipse, [1.0, 1.0], [-0.1])
    with pytest.raises(FunctionError):
        kb.compare_learning_rates(lambda x: x[0] / 0 * x[1], [1.0, 1.0])


def test_creeping_is_judged_beside_the_fastest() -> None:
    """0.96²ᵏ leaves a tenth after 29 steps; η = 0.4 leaves it after one, as 0.2² is below it."""
    rates = kb.compare_learning_rates(lambda x: x[0] ** 2 + x[1] ** 2, [3.0, 4.0])
    assert rates.verdicts == ("slow", "good", "swings", "diverges")
    factors = [abs(1 - 2 * (path.learning_rate or 0)) for path in rates.paths]
    np.testing.assert_allclose(factors, [0.96, 0.2, 0.9, 1.06])  # no two curves are the same
    alone = kb.compare_learning_rates(lambda x: x[0] ** 2 + x[1] ** 2, [3.0, 4.0], [0.03])
    assert alone.verdicts == ("good",)


@pytest.mark.parametrize("name", ["rosenbrock", "himmelblau", "beale", "booth", "rastrigin"])
def test_something_diverges_and_something_is_good(name: str) -> None:
    rates = kb.compare_learning_rates(kb.surfaces[name])
    assert rates.verdicts[0] == "slow"
    assert rates.verdicts[1] == "good"
    assert rates.verdicts[3] == "diverges"
    np.testing.assert_array_equal(rates.paths[0].points[0], kb.surfaces[name].start)


@pytest.mark.parametrize("name", ["rosenbrock", "himmelblau", "booth", "six_hump_camel"])
def test_a_rate_that_does_not_swing_is_raised_until_it_does(name: str) -> None:
    """Also where the bound holds at the start, and the valley beyond bends less."""
    rates = kb.compare_learning_rates(kb.surfaces[name])
    found = [path.learning_rate or 0.0 for path in rates.paths]
    assert rates.verdicts == ("slow", "good", "swings", "diverges")
    assert found == sorted(found)


def test_a_start_in_the_minimum_has_no_way_down() -> None:
    rates = kb.compare_learning_rates(ellipse, [0.0, 0.0], [0.1, 0.2])
    assert rates.verdicts == ("good", "good")


@pytest.mark.parametrize("start", [[-3.0, 3.0], [0.0, 0.0]])
def test_from_a_plateau_the_bound_is_that_of_the_valley_beyond(start: list[float]) -> None:
    """Where a sigmoid's loss bends down or hardly at all, no bound could be found on the way."""
    neuron = kb.neuron([-2, -1, 0, 1, 2], [0, 0, 0, 1, 1], activation="sigmoid")
    rates = kb.compare_learning_rates(neuron, start, steps=20)
    assert rates.stable_learning_rate is not None
    assert rates.stable_learning_rate > 1
    assert len(rates.paths) == 4
