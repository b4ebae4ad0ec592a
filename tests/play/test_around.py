"""All directions from the ball, and what the page would have to compute for its drawings."""

import numpy as np
import pytest

from koubai.errors import FunctionError, ShapeError
from koubai.play.messages import LookAround, Neuron, Slope
from koubai.play.neuron import neuron_view
from koubai.play.slope import around, slope_view


def test_f_falls_most_against_the_gradient() -> None:
    found = around(LookAround(number=7, formula="bowl", at=(3.0, 4.0), radius=0.1))
    assert found.number == 7
    assert found.steepest == pytest.approx(180)
    assert found.gradient == pytest.approx([6, 8])
    assert found.changes[0] == pytest.approx(10 * 0.1 + 0.1**2)
    assert found.predicted[0] == pytest.approx(10 * 0.1)


def test_a_formula_of_ones_own_can_be_looked_round() -> None:
    found = around(LookAround(number=1, formula="x + 2*y", at=(5.0, -3.0), radius=2.0))
    assert found.changes == pytest.approx(found.predicted, abs=1e-12)


@pytest.mark.parametrize(("formula", "error"), [("bowl", FunctionError), ("x^2", ShapeError)])
def test_no_direction_without_a_slope_or_in_one_variable(formula: str, error: type) -> None:
    with pytest.raises((error, FunctionError)):
        around(LookAround(number=1, formula=formula, at=(0.0, 0.0), radius=0.1))


def test_a_map_has_its_slopes_and_a_path_its_steps() -> None:
    view = slope_view(Slope(formula="ellipse", learning_rates=(0.5,), start=(-7.0, 2.0)))
    x, y = np.meshgrid(*view.axes, indexing="ij")
    assert view.slopes == pytest.approx(np.stack([x / 10, 2 * y], axis=-1))
    [path] = view.paths
    assert path.points[0] + path.downhill[0] == pytest.approx(path.points[1])
    assert "x_0" not in view.formula


def test_a_curve_has_room_on_both_sides_of_its_minimum() -> None:
    view = slope_view(Slope(formula="x^2", learning_rates=(0.1,), start=(1.5,)))
    assert view.axes[0][0] < -1
    assert view.axes[0][-1] > 1.5


def test_the_parts_of_each_example_add_up_to_the_gradient() -> None:
    view = neuron_view(Neuron(x=(-2.0, 0.0, 1.0), t=(0.0, 1.0, 1.0), start=(0.5, -1.0)))
    parts = np.stack([view.dl_dw.sum(axis=1), view.dl_db.sum(axis=1)], axis=-1)
    assert parts == pytest.approx(view.gradients)
    assert view.slopes.shape == (*view.losses.shape, 2)


def test_the_step_function_has_no_bound_and_does_not_move() -> None:
    view = neuron_view(Neuron(x=(-1.0, 1.0), t=(0.0, 1.0), activation="step", start=(-1.0, 0.5)))
    assert view.stable is None
    assert len(view.points) == 1
