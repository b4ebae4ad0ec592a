"""The slope bench: the numbers of kb.descend, and of calculus."""

from __future__ import annotations

import jax
import numpy as np
import pytest

import koubai as kb
from koubai.errors import FunctionError, SettingError, UnknownNameError
from koubai.play.messages import Slope
from koubai.play.slope import slope_view


def test_a_bowl_is_descended_as_the_formula_says():
    view = slope_view(Slope(formula="x**2 + 4*y**2", learning_rates=(0.1,), start=(3.0, -1.0)))
    steps = np.arange(len(view.paths[0].points))
    # x ← x − η·2x and y ← y − η·8y
    by_hand = np.stack([3 * 0.8**steps, -1 * 0.2**steps], axis=1)
    np.testing.assert_allclose(view.paths[0].points, by_hand, rtol=1e-9, atol=1e-12)
    assert view.stable == pytest.approx(2 / 8, rel=1e-4)
    (x, y), values = view.axes, view.values
    np.testing.assert_allclose(values, x[:, None] ** 2 + 4 * y**2, rtol=1e-6)
    assert view.variables == ("x", "y")


def test_several_optimisers_walk_from_one_start():
    setting = Slope(
        formula="rosenbrock", optimizers=("sgd", "adam"), learning_rates=(5e-4, 0.05),
        start=(-1.0, 1.5),
    )  # fmt: skip
    view = slope_view(setting)
    for path, name, rate in zip(view.paths, ("sgd", "adam"), (5e-4, 0.05), strict=True):
        own = kb.descend(
            kb.surfaces.rosenbrock, [-1.0, 1.5], rate, len(path.points) - 1, optimizer=name
        )
        np.testing.assert_array_equal(path.points, own.points)
        np.testing.assert_array_equal(path.values, own.values)
    assert {*view.paths[1].memory} == {"velocity", "squared gradients"}
    np.testing.assert_array_equal(view.minima, [[1.0, 1.0]])


def test_a_rate_beyond_the_bound_diverges_and_says_where():
    view = slope_view(Slope(formula="3*x**2", learning_rates=(0.4,), start=(1.0,)))
    [path] = view.paths
    assert (path.stopped, path.first_bad_step) == ("diverged", 1)
    assert view.stable == pytest.approx(1 / 3, rel=1e-4)
    assert "0.333" in path.message.en
    assert "0.333" in path.message.ja
    assert np.isfinite(path.points).all()
    assert slope_view(Slope(formula="3*x**2", learning_rates=(0.3,))).paths[0].message.en == ""


def test_the_ground_stays_while_the_rate_is_moved():
    views = [slope_view(Slope(learning_rates=(rate,))) for rate in (0.05, 0.9, 1.4)]
    for view in views[1:]:
        np.testing.assert_array_equal(view.values, views[0].values)
        assert view.stable == views[0].stable


def test_neither_a_start_nor_a_rate_compiles_anything(caplog):
    formula = "x^2 + 9*y^2"
    slope_view(Slope(formula=formula, learning_rates=(0.3,), start=(1.0, 1.0)))  # 0.3 diverges
    with jax.log_compiles():
        view = slope_view(Slope(formula=formula, learning_rates=(0.25,), start=(2.0, -1.5)))
        assert "Compiling" not in caplog.text
        slope_view(Slope(formula="x^2 + 8*y^2"))
        assert "Compiling" in caplog.text
    np.testing.assert_allclose(view.paths[0].points[1], [2 - 0.25 * 4, -1.5 + 0.25 * 27])


def test_numerical_gradients_lead_the_same_way():
    exact, numerical = (
        slope_view(Slope(formula="himmelblau", learning_rates=(0.01,), gradient=way)).paths[0]
        for way in ("exact", "numerical")
    )
    assert not np.array_equal(exact.gradients, numerical.gradients)
    # Each has the other's at the same points beside its own; a central difference is off by h².
    np.testing.assert_allclose(exact.others[0], numerical.gradients[0], rtol=1e-12)
    np.testing.assert_allclose(numerical.others[0], exact.gradients[0], rtol=1e-12)
    np.testing.assert_array_equal(exact.apart, exact.others - exact.gradients)
    np.testing.assert_array_equal(numerical.apart, numerical.gradients - numerical.others)
    assert 0 < np.abs(exact.apart[0]).max() < 1e-7
    np.testing.assert_allclose(exact.points, numerical.points, atol=1e-6)


def test_what_suits_is_filled_in():
    view = slope_view(Slope(formula="x**4 - 3*x**2 + x"))
    assert view.slope.start == (1.5,)
    assert view.slope.learning_rates[0] > 0
    assert view.values.ndim == 1
    assert view.paths[0].stopped != "diverged"


@pytest.mark.parametrize(
    ("setting", "error", "message"),
    [
        (Slope(formula="import os"), FunctionError, "\\^"),
        (Slope(formula="x**2 + z"), FunctionError, "z"),
        (Slope(formula="1/x", start=(0.0,)), FunctionError, "start"),
        (Slope(start=(1.0,)), SettingError, "start has 1 numbers: give 2"),
        (Slope(learning_rates=(-1.0,)), SettingError, "learning_rate is -1.0"),
        (Slope(learning_rates=(0.1, 0.1)), SettingError, "learning_rates has 2 numbers"),
        (Slope(optimizers=("sdg",)), UnknownNameError, "Did you mean 'sgd'"),
    ],
)
def test_what_does_not_fit(setting, error, message):
    with pytest.raises(error, match=message):
        slope_view(setting)
