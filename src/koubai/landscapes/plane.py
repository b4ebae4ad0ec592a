"""Planes and lines through the space of parameters: an origin and one or two directions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from koubai.descent.path import Path
from koubai.errors import SettingError, ShapeError, counted
from koubai.functions.arguments import as_point, expect, shown, whole_number
from koubai.landscapes.normalise import normalised
from koubai.objectives.eigenpairs import outermost_eigenpairs
from koubai.objectives.hessian import (
    hessian_product,
    outer_curvatures,
    reachable,
    working_precision,
)
from koubai.objectives.objective import Objective

Vector = Float[np.ndarray, " parameters"]
Points = Float[np.ndarray, "points parameters"]
Coordinates = Float[np.ndarray, "points dimensions"]

# Directions whose cosine is nearer to ±1 span no plane to speak of.
_PARALLEL = 1e-6
# How near principal components come to what they are, as a share of the largest square.
_PRINCIPAL = 1e-12


@dataclass(frozen=True, eq=False)
class Plane:
    """The points θ₀ + α d₁ + β d₂; with a single direction, a line.

    origin: θ₀; directions: d₁ and d₂, in the unit that α and β count in; kind: what it goes
    through, and labels: the same for each axis; shares: of a path's movement, along each
    direction, where it was made from one; seed, normalise: of random directions. Everything is a
    flat vector in float64.

    The directions need not be orthogonal: points are projected with the metric of the plane, so
    that nothing is skewed. Raises ShapeError for an origin and directions of different sizes,
    SettingError for directions that are zero or parallel, and for other numbers or labels.
    """

    origin: Vector
    directions: Float[np.ndarray, "dimensions parameters"]
    kind: str
    labels: tuple[str, ...]
    shares: tuple[float, ...] = ()
    seed: int | None = None
    normalise: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "origin", _numbers(self.origin, "origin"))
        object.__setattr__(self, "directions", _numbers(self.directions, "directions"))
        shape = self.directions.shape
        if self.origin.ndim != 1 or shape not in ((1, self.origin.size), (2, self.origin.size)):
            raise ShapeError(
                f"origin has shape {self.origin.shape} and directions {shape}: give a flat vector, "
                f"and one or two directions of its size, (2, {self.origin.size})"
            )
        if not np.isfinite(self.origin).all():
            raise SettingError("origin holds NaN or Inf: give finite numbers")
        one_each = f"one for each direction, {len(self.directions)} in all"
        expect(self.labels, (tuple, list), "labels", one_each)
        if len(self.labels) != len(self.directions):
            raise SettingError(f"labels is {shown(self.labels)}: give {one_each}")
        lengths = np.linalg.norm(self.directions, axis=1)
        if not (np.isfinite(lengths).all() and (lengths > 0).all()):
            raise SettingError(
                f"the directions of the plane have lengths {lengths.tolist()}: give directions "
                f"that are finite and not zero"
            )
        if abs(self.cosine) > 1 - _PARALLEL:
            raise SettingError(
                f"the directions of the plane are parallel (cosine {self.cosine:.6f}): give two "
                f"that differ, or one for a line"
            )

    def __repr__(self) -> str:
        what = "line" if self.dimensions == 1 else "plane"
        labels = ", ".join(map(str, self.labels))
        return f"Plane({what} through {counted(self.origin.size, 'parameter')}: {labels})"

    @property
    def dimensions(self) -> int:
        """2 for a plane, 1 for a line."""
        return len(self.directions)

    @property
    def cosine(self) -> float:
        """The cosine of the angle between the two directions; 0 for a line."""
        if self.dimensions == 1:
            return 0.0
        d1, d2 = self.directions / np.linalg.norm(self.directions, axis=1, keepdims=True)
        return float(d1 @ d2)

    def at(self, coordinates: ArrayLike) -> Points:
        """The parameters θ₀ + α d₁ + β d₂ at each (α, β), computed afresh from the origin."""
        return self.origin + np.atleast_2d(np.asarray(coordinates, np.float64)) @ self.directions

    def project(self, points: Points) -> Coordinates:
        """The (α, β) of the point of the plane that is nearest to each point."""
        moved = np.asarray(points, np.float64) - self.origin
        gram = self.directions @ self.directions.T
        return np.linalg.solve(gram, self.directions @ moved.T).T

    def distances(self, points: Points) -> Float[np.ndarray, " points"]:
        """How far each point is off the plane."""
        return np.linalg.norm(points - self.at(self.project(points)), axis=1)

    @staticmethod
    def of_path(*paths: Path, dimensions: int = 2) -> Plane:
        """The plane that holds most of a path: its principal components, from its end.

            M = (θ_k − θ_end)_k = U Σ Vᵀ,      d₁, d₂ = the first rows of Vᵀ

        The path and the plane share one origin, the end of the path. The directions are
        orthonormal, so α and β are distances; the start has α > 0. Of several paths, the points of
        all of them, from the end of the first.

        Raises SettingError for fewer than three different points, ShapeError for paths of
        different sizes.
        Reference: Li, Xu, Taylor, Studer & Goldstein (2018), 7.1.
        """
        whole_number("dimensions", dimensions, 1, 2)
        for path in paths:
            expect(path, Path, "path", "a Path, as kb.descend and run.path are")
        points = _all_points(paths)
        origin = points[len(paths[0]) - 1]
        moved = points - origin
        wanted = min(dimensions, points.shape[1])
        # Neither matrix, of points or of parameters, is written out: both may be large.
        found, _ = outermost_eigenpairs(
            lambda v: (moved @ v) @ moved, points.shape[1], wanted, 0, _PRINCIPAL
        )
        squares, directions = found.values, found.vectors
        total = float(np.square(moved).sum())
        if len(points) < 3 or wanted < dimensions or not squares[-1] > 1e-12 * total:
            raise SettingError(
                f"the path has {len(points)} points, which lie on a line or are one: a plane needs "
                f"three that do not. Record more of them, or give another plane"
            )
        directions *= np.where(directions @ moved[0] < 0, -1, 1)[:, None]
        shares = tuple(float(square / total) for square in squares)
        labels = tuple(
            f"principal component {number} ({share:.1%})"
            for number, share in enumerate(shares, start=1)
        )
        return Plane(origin, directions, "path", labels, shares)

    @staticmethod
    def random(
        objective: Objective,
        seed: int = 0,
        normalise: str = "filter",
        biases: bool = False,
        dimensions: int = 2,
    ) -> Plane:
        """A plane through the objective's start in random directions, drawn from a Gaussian.

        normalise: "filter" gives each filter (the weights that lead to one unit) of a direction
        the length of the filter in the parameters, "layer" each array that of the array, "none"
        leaves them as drawn. biases: whether biases and other parameters with one axis move; where
        no parameter has more axes they always do, for nothing else could.

        Raises UnknownNameError for another normalisation; SettingError for one of a plain function,
        which has no layers, or where it leaves nothing, for the parameters are zero.
        Reference: Li, Xu, Taylor, Studer & Goldstein (2018), 4.
        """
        _check_objective(objective)
        rng = np.random.default_rng(whole_number("seed", seed, 0))
        origin = objective.start.ravel().astype(np.float64)
        whole_number("dimensions", dimensions, 1, 2)
        directions = np.stack(
            [
                normalised(rng.normal(size=origin.size), origin, objective, normalise, biases)
                for _ in range(dimensions)
            ]
        )
        if not directions.any(axis=1).all():
            raise SettingError(
                f"normalise is {normalise!r}, but the parameters that would move are all zero, and "
                f"so have no length to take: give kb.Plane.random(objective, normalise='none')"
            )
        labels = tuple(f"random direction {number + 1}" for number in range(dimensions))
        return Plane(origin, directions, "random", labels, seed=seed, normalise=normalise)

    @staticmethod
    def between(a: ArrayLike, b: ArrayLike, c: ArrayLike | None = None) -> Plane:
        """The line from a to b, or the plane through a, b and c: a at (0, 0), b at (1, 0), c at
        (0, 1). Raises ShapeError for points of different sizes.
        """
        points = [as_point(p, name).ravel().astype(np.float64)
                  for p, name in ((a, "a"), (b, "b"), (c, "c")) if p is not None]  # fmt: skip
        if len({point.size for point in points}) > 1:
            raise ShapeError(
                f"the points have {', '.join(str(point.size) for point in points)} parameters: "
                f"give points of one size"
            )
        directions = np.stack([point - points[0] for point in points[1:]])
        labels = ("from a to b", "from a to c")[: len(directions)]
        return Plane(points[0], directions, "points", labels)

    @staticmethod
    def of_curvature(objective: Objective, dimensions: int = 2) -> Plane:
        """The plane through the objective's start in which it bends upwards most.

            H d = λ d,    d₁ and d₂ the eigenvectors of the two largest λ

        The directions are orthonormal, so α and β are distances. Raises SettingError for an
        objective of fewer parameters than that. Reference: Ghorbani, Krishnan & Xiao (2019).
        """
        _check_objective(objective)
        whole_number("dimensions", dimensions, 1, 2)
        if objective.start.size < dimensions:
            raise SettingError(
                f"the objective has {objective.start.size} parameter, too few for a plane: take "
                f"dimensions=1"
            )
        precision = working_precision(objective)
        product = hessian_product(objective, objective.start, precision)
        tolerance = reachable(objective, precision)
        top, _ = outer_curvatures(product, objective.start.size, dimensions, 0, tolerance)
        labels = tuple(f"eigenvector, λ = {value:.4g}" for value in top.values)
        return Plane(objective.start.ravel().astype(np.float64), top.vectors, "curvature", labels)

    @staticmethod
    def of_parameters(objective: Objective, i: int, j: int | None = None) -> Plane:
        """The plane in which two chosen parameters move, by their place in the flat vector; the
        line of a single one.
        """
        _check_objective(objective)
        origin = objective.start.ravel().astype(np.float64)
        chosen: list[int] = [i] if j is None else [i, j]
        for index in chosen:
            whole_number("parameter", index, 0, origin.size - 1)
        directions = np.zeros((len(chosen), origin.size))
        directions[np.arange(len(chosen)), chosen] = 1
        names = objective.names or tuple(f"θ{index}" for index in range(origin.size))
        return Plane(origin, directions, "parameters", tuple(names[index] for index in chosen))


def _numbers(x: ArrayLike, name: str) -> Float[np.ndarray, "*shape"]:
    """An array in float64: itself, where it is one."""
    if isinstance(x, np.ndarray) and x.dtype == np.float64:
        return x
    return as_point(x, name).astype(np.float64)


def _check_objective(objective: object) -> None:
    expect(objective, Objective, "objective", "run.objective() of a run, or kb.objective(f, start)")


def _all_points(paths: tuple[Path, ...]) -> Points:
    sizes = {path.points[0].size for path in paths}
    if len(sizes) != 1:
        raise ShapeError(
            f"the paths have {', '.join(map(str, sorted(sizes))) or 'no'} parameters: give one "
            f"path or more, of one size"
        )
    return np.concatenate([path.points.reshape(len(path), -1) for path in paths]).astype(np.float64)


def movement_share(plane: Plane, points: Points) -> float:
    """1 − Σ_k ‖θ_k − Pθ_k‖² / Σ_k ‖θ_k − θ₀‖²: the share of a path's movement in the plane.

    1 where there is none.
    """
    moved, off = points - plane.origin, plane.distances(points)
    scale = float(np.abs(moved).max(initial=0)) or 1.0  # a path that diverged squares to infinity
    whole = float(np.square(moved / scale).sum())
    return 1 - float(np.square(off / scale).sum()) / whole if whole else 1.0
