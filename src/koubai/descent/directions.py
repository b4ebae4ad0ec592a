"""Why −∇f is the steepest way down: the change of f in every direction of the same length."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from koubai.errors import FunctionError, SettingError, ShapeError
from koubai.functions.arguments import as_number, shown, whole_number
from koubai.objectives.grid import Function
from koubai.objectives.objective import Objective, as_start
from koubai.told import Told


@dataclass(frozen=True, eq=False)
class Directions:
    """How much f changes on a circle of radius r around x, by the angle θ from the gradient.

    angles: θ in degrees, from 0 to 360; changes: f(x + Δx) − f(x); predicted: ‖∇f‖·r·cos θ, what
    the gradient foretells.
    """

    x: Float[np.ndarray, "2"]
    radius: float
    gradient: Float[np.ndarray, "2"]
    angles: Float[np.ndarray, " directions"]
    changes: Float[np.ndarray, " directions"]
    predicted: Float[np.ndarray, " directions"]

    @property
    def steepest(self) -> float:
        """The angle in which f falls most; it tends to 180° as the radius becomes small."""
        return float(self.angles[int(np.nanargmin(self.changes))])


def directions(f: Function, x: ArrayLike, radius: float = 0.1, count: int = 180) -> Directions:
    """The change of f at every angle θ from the gradient, for steps of the same length r.

        Δf = f(x + Δx) − f(x) ≈ ⟨∇f, Δx⟩ = ‖∇f‖ · r · cos θ ≥ −‖∇f‖ · r

    By the Cauchy–Schwarz inequality nothing falls faster than θ = 180°, that is Δx ∝ −∇f.

    f: of two variables. count: how many directions. Raises ShapeError for an x of another size,
    SettingError for a radius or count out of range, FunctionError where the gradient vanishes.
    """
    point = as_start(x, "x").astype(np.float64)
    if point.size != 2:
        raise ShapeError(f"x has shape {point.shape}: give the two numbers of a point")
    if not 0 < as_number(radius) < np.inf:
        raise SettingError(f"radius is {shown(radius)}: give a number above 0")
    count = whole_number("count", count, 4, 10**7)
    objective = Objective(f.f if isinstance(f, Objective) else f, point)
    gradient = objective.gradient(point).ravel()
    norm = float(np.linalg.norm(gradient))
    if not (norm > 0 and np.isfinite(norm)):
        raise FunctionError(
            Told(
                f"the gradient of f at {point} is {gradient}, which has no direction: choose "
                f"another x",
                f"{point} での f の勾配は {gradient} で、向きがありません。別の点を選んでください",
            )
        )
    angles = np.linspace(0, 360, count + 1)
    theta = np.radians(angles)
    along, across = gradient / norm, np.array([-gradient[1], gradient[0]]) / norm
    steps = radius * (np.cos(theta)[:, None] * along + np.sin(theta)[:, None] * across)
    value = objective.value(point)
    changes = [objective.value(point + step.reshape(point.shape)) - value for step in steps]
    return Directions(
        x=point.ravel(),
        radius=float(radius),
        gradient=gradient,
        angles=angles,
        changes=np.array(changes),
        predicted=norm * radius * np.cos(theta),
    )
