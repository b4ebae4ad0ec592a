"""Trace and spectral density of a matrix that is only multiplied with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike
from scipy.linalg import eigh_tridiagonal

from koubai.engine import one_blas_thread
from koubai.objectives.eigenpairs import Product

Nodes = Float[np.ndarray, " nodes"]
Grid = Float[np.ndarray, " grid"]

# The width of a Gaussian, as a share of the whole range, and how many widths the grid goes beyond.
_WIDTH, _BEYOND = 0.01, 5
_GRID = 1001
# A remainder so small beside the largest entry is rounding.
_NOTHING = 1e-12


@dataclass(frozen=True, eq=False)
class Density:
    """The density ρ of a matrix's eigenvalues: the share of them between a and b is ∫ₐᵇ ρ(λ) dλ.

        ρ(λ) = Σᵢ wᵢ N(λ; λᵢ, σ²),    Σᵢ wᵢ = 1

    nodes, weights: λᵢ and wᵢ. probes: random vectors that they rest on; 0 where the nodes are the
    eigenvalues themselves.
    """

    nodes: Nodes
    weights: Nodes
    probes: int

    @property
    def width(self) -> float:
        """σ, a hundredth of the range of the nodes."""
        low, high = float(self.nodes.min()), float(self.nodes.max())
        return _WIDTH * ((high - low) or abs(high) or 1.0)

    @property
    def grid(self) -> Grid:
        """1001 values of λ, from 5σ below the lowest node to 5σ above the highest."""
        room = _BEYOND * self.width
        return np.linspace(self.nodes.min() - room, self.nodes.max() + room, _GRID)

    @property
    def values(self) -> Grid:
        """ρ on the grid."""
        return self.at(self.grid)

    def at(self, curvatures: ArrayLike) -> Grid:
        """ρ at any λ."""
        distances = (np.asarray(curvatures, np.float64)[:, None] - self.nodes) / self.width
        peaks = np.exp(-0.5 * distances**2) / (self.width * np.sqrt(2 * np.pi))
        return peaks @ self.weights


class Estimates(NamedTuple):
    """What random probes tell: the trace, its standard error, and the density."""

    trace: float
    error: float
    density: Density


def estimates(product: Product, size: int, probes: int, steps: int, seed: int = 0) -> Estimates:
    """Trace (Hutchinson) and density (stochastic Lanczos quadrature) from the same probes.

        tr H ≈ mean of zᵀ H z,    z = ±1 at random          error: their spread / √probes
        T = Qᵀ H Q of `steps` Lanczos steps from z / ‖z‖     nodes: its eigenvalues λᵢ
                                                            weights: (first component of sᵢ)²

    Reference: Hutchinson (1990); Ubaru, Chen & Saad (2017), SIAM J. Matrix Anal. Appl. 38.
    """
    rng = np.random.default_rng(seed)
    found = [quadrature(product, rng.choice([-1.0, 1.0], size=size), steps) for _ in range(probes)]
    traces = size * np.array([weights @ nodes for nodes, weights in found])
    nodes, weights = (np.concatenate(part) for part in zip(*found, strict=True))
    error = float(traces.std(ddof=1) / np.sqrt(probes))
    return Estimates(float(traces.mean()), error, Density(nodes, weights / probes, probes))


def quadrature(
    product: Product, start: Float[np.ndarray, " size"], steps: int
) -> tuple[Nodes, Nodes]:
    """Nodes and weights with Σ w g(λ) ≈ qᵀ g(H) q, q = start / ‖start‖, for smooth g.

    Exact for polynomials up to degree 2 · steps − 1. Reference: Golub & Meurant (2010), ch. 6.
    """
    q = start / np.linalg.norm(start)
    basis = np.empty((min(steps, len(start)), len(start)))
    diagonal: list[float] = []
    beside: list[float] = []
    for step in range(len(basis)):
        basis[step] = q
        v = product(q)
        with one_blas_thread():
            diagonal.append(float(q @ v))
            for _ in range(2):  # once is not enough in floating point
                v = v - (basis[: step + 1] @ v) @ basis[: step + 1]
            beside.append(float(np.linalg.norm(v)))
        if beside[-1] <= _NOTHING * np.abs(diagonal).max():
            break
        q = v / beside[-1]
    nodes, s = eigh_tridiagonal(diagonal, beside[:-1])
    return nodes, s[0] ** 2
