"""The neuron bench: one unit, its data, and the loss over (w, b), as the page shows it."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from koubai.descent.descend import descend
from koubai.descent.stability import stable_learning_rate
from koubai.errors import ShapeError
from koubai.objectives.grid import gradient_grid, grid
from koubai.objectives.neuron import Neuron as NeuronObjective
from koubai.objectives.neuron import neuron
from koubai.play.messages import Neuron, NeuronView
from koubai.play.paths import diverged, followed

# Steps of a descent; points of the valley along each axis, and of the unit's curve.
_STEPS, _MAP, _CURVE = 300, 81, 121
# Of w and b the valley shows so much on either side of 0, or a multiple of it.
_REACH = 4.0
# Of x the curve shows so much beside the data, as a share of their extent.
_MARGIN = 0.15
_Numbers = tuple[float, ...]


class _Valley(NamedTuple):
    """The loss over (w, b), and its gradient."""

    axes: tuple[Float[np.ndarray, " w"], Float[np.ndarray, " b"]]
    losses: Float[np.ndarray, "w b"]
    slopes: Float[np.ndarray, "w b 2"]


def neuron_view(setting: Neuron, number: int | None = None) -> NeuronView:
    """The unit's valley and the descent in it, whole, with every factor of the chain rule.

    Raises ShapeError where x and t are not equally long, SettingError and UnknownNameError for
    settings out of range.
    """
    if len(setting.x) != len(setting.t):
        raise ShapeError(
            f"x has {len(setting.x)} numbers and t {len(setting.t)}: give one of each for every "
            f"point"
        )
    unit = _unit(setting.x, setting.t, setting.activation, setting.loss)
    path = descend(unit, setting.start, setting.learning_rate, _STEPS, optimizer=setting.optimizer)
    valley = _valley(unit, _reach(setting.start))
    kept = followed(path)
    w, b = path.points[:kept].T
    factors, x = unit.chain_rule(w, b), _inputs(setting.x)
    return NeuronView(
        number=number,
        neuron=setting,
        formulas=(unit.activation.formula, unit.loss.formula),
        points=path.points[:kept],
        values=path.values[:kept],
        gradients=np.column_stack([factors.dl_dw, factors.dl_db]),
        axes=valley.axes,
        losses=valley.losses,
        slopes=valley.slopes,
        curve_x=x,
        curve_y=unit.output(w, b, x).astype(np.float32),
        z=factors.z,
        y=factors.y,
        dl_dy=factors.dl_dy,
        dy_dz=factors.dy_dz,
        dl_dw=factors.dl_dy * factors.dy_dz * np.array(setting.x),
        dl_db=factors.dl_dy * factors.dy_dz,
        stopped=path.stopped,
        first_bad_step=path.first_bad_step,
        message=diverged(path),
        stable=_bound(unit),
    )


@lru_cache(maxsize=8)
def _unit(x: _Numbers, t: _Numbers, activation: str, loss: str) -> NeuronObjective:
    """One for the same data, so that neither the ball nor the learning rate compiles anything."""
    return neuron(x, t, activation, loss)


@lru_cache(maxsize=8)
def _valley(unit: NeuronObjective, reach: float) -> _Valley:
    window = ((-reach, reach), (-reach, reach))
    found = grid(unit, window, _MAP)
    return _Valley((found.x0, found.x1), found.values, gradient_grid(unit, window, _MAP).gradients)


@lru_cache(maxsize=8)
def _bound(unit: NeuronObjective) -> float | None:
    """The learning rate below which a descent from the middle is stable."""
    points = descend(unit, (0.0, 0.0), None, _STEPS).points
    return stable_learning_rate(unit, list(points[[0, len(points) // 2, -1]]))


def _reach(start: tuple[float, float]) -> float:
    """How far the valley is shown: in steps, so that it stays while the ball is moved."""
    farthest = max(abs(start[0]), abs(start[1]))
    return _REACH * max(1, math.ceil(1.2 * farthest / _REACH))


def _inputs(x: _Numbers) -> Float[np.ndarray, " inputs"]:
    low, high = min(x), max(x)
    room = _MARGIN * (high - low) or 1.0
    return np.linspace(low - room, high + room, _CURVE)
