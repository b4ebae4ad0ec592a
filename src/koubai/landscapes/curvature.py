"""The curvature of an objective: eigenvalues of its Hessian, their sum and their density."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from koubai.errors import FunctionError, ShapeError
from koubai.functions.arguments import as_point, whole_number
from koubai.landscapes.progress import follow
from koubai.landscapes.spectral import Density, Estimates, estimates
from koubai.objectives.eigenpairs import Eigenpairs, Product, dense_eigenpairs
from koubai.objectives.hessian import (
    DENSE,
    hessian_product,
    outer_curvatures,
    reachable,
    working_precision,
)
from koubai.objectives.objective import Objective
from koubai.training.run import Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Values = Float[np.ndarray, " pairs"]
Vectors = Float[np.ndarray, "pairs parameters"]


@dataclass(frozen=True, eq=False)
class Curvature:
    """How an objective bends at a point: the eigenvalues λ of its Hessian H, and all together.

    top: the k largest λ, algebraically, largest first; bottom: the k smallest, smallest last.
    Each with its unit vectors v, a row each, and residuals ‖Hv − λv‖, which bound the error of λ.
    trace: Σ λ, with its standard error, 0 where it is exact; density: of all the eigenvalues.
    precision: in which products with H were computed.
    """

    point: Float[np.ndarray, " parameters"]
    top: Values
    top_vectors: Vectors
    top_residuals: Values
    bottom: Values
    bottom_vectors: Vectors
    bottom_residuals: Values
    trace: float
    trace_error: float
    density: Density
    precision: str

    def plot(self, **options: Any) -> Axes:
        """Draws the density: see `koubai.figures.spectrum`, which takes the options."""
        from koubai.figures.spectrum import spectrum

        return spectrum(self, **options)

    def __repr__(self) -> str:
        ends = (", ".join(f"{value:.4g}" for value in end) for end in (self.top, self.bottom))
        top, bottom = ends
        worst = max(self.top_residuals.max(), self.bottom_residuals.max())
        return (
            f"Curvature(top {top}; bottom {bottom}; residuals up to {worst:.1e}; trace "
            f"{self.trace:.4g} ± {self.trace_error:.2g}; {self.precision})"
        )


def curvature(
    objective: Objective | Run,
    k: int = 5,
    at: ArrayLike | None = None,
    precision: str | None = None,
    probes: int = 8,
    steps: int = 50,
    seed: int = 0,
    data: str = "train",
    progress: bool | None = None,
) -> Curvature:
    """The k largest and k smallest eigenvalues of the Hessian, its trace and spectral density.

        H v = λ v,    H = ∇²f(θ)

    H is only multiplied with: exactly where JAX can trace f or PyTorch differentiates it, else by
    differences of the numerical gradient. Up to 64 parameters it is written out, and trace and
    density are exact.

    Arguments:
        objective: or a Run, for the loss over its "train", "test" or "validation" `data`.
        at: θ; without it the objective's start, that is where a run ended.
        precision: "float32" or "float64"; without it float64 up to 2 000 parameters, and beyond
            it that of the objective. In float32 residuals are about 10⁻⁵ of the largest |λ|.
        probes, steps: random vectors for trace and density, and Lanczos steps from each.
        progress: show a bar; None means where standard error is a terminal.

    Raises ShapeError for a θ that does not fit, FunctionError where H is not finite, SettingError
    for a number out of range.
    Reference: Ghorbani, Krishnan & Xiao (2019); Yao et al. (2020), PyHessian.
    """
    numbers = (("k", k, 1), ("probes", probes, 2), ("steps", steps, 1), ("seed", seed, 0))
    for name, value, least in numbers:
        whole_number(name, value, least)
    if isinstance(objective, Run):
        objective = objective.objective(data)
    point = _point(objective, at)
    precision = working_precision(objective, precision)
    tolerance = reachable(objective, precision)
    product, size = hessian_product(objective, point, precision), point.size
    with follow(progress, "products for eigenvalues", None) as report:
        top, bottom = outer_curvatures(_counted(product, report), size, k, k, tolerance)
    if np.isnan(top.values).any():
        raise FunctionError(
            "the Hessian is not finite here: look at a point around which f is a finite number"
        )
    with follow(progress, "products for the density", probes * steps) as report:
        every = _estimates(_counted(product, report), size, probes, steps, seed)
    return Curvature(
        point.ravel(), *_parts(top), *_parts(bottom), every.trace, every.error, every.density,
        precision,
    )  # fmt: skip


def _parts(pairs: Eigenpairs) -> tuple[Values, Vectors, Values]:
    return pairs.values, pairs.vectors, pairs.residuals


def _point(objective: Objective, at: ArrayLike | None) -> Float[np.ndarray, "*shape"]:
    if at is None:
        return objective.start
    point = as_point(at, "at")
    if point.shape != objective.start.shape:
        raise ShapeError(
            f"at has shape {point.shape} but the objective takes {objective.start.shape}, the "
            f"shape of its start"
        )
    return point


def _counted(product: Product, report: Callable[[int], None]) -> Product:
    def counted(v: Float[np.ndarray, " parameters"]) -> Float[np.ndarray, " parameters"]:
        report(1)
        return product(v)

    return counted


def _estimates(product: Product, size: int, probes: int, steps: int, seed: int) -> Estimates:
    if size > DENSE:
        return estimates(product, size, probes, steps, seed)
    values = dense_eigenpairs(product, size).values
    density = Density(values, np.full(size, 1 / size), probes=0)
    return Estimates(float(values.sum()), 0.0, density)
