"""The outermost eigenvalues of a symmetric matrix that is only multiplied with."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from koubai.engine import one_blas_thread

Vector = Float[np.ndarray, " size"]
Values = Float[np.ndarray, " pairs"]
Rows = Float[np.ndarray, "pairs size"]
Product = Callable[[Vector], Vector]

# Memory for the basis and its products, and the most vectors in it.
_BUDGET, _MOST = 256 * 2**20, 100
# Products after which a search is given up, for each pair that is wanted.
_PATIENCE = 100
# Steps from a fresh vector in which a second copy of an eigenvalue would show itself.
_CHECKS = 8
# A remainder so small beside the largest eigenvalue is rounding.
_NOTHING = 1e-13


class Eigenpairs(NamedTuple):
    """Eigenvalues λ, largest first, their unit vectors as rows, and what is left, ‖Hv − λv‖.

    The error of an eigenvalue is at most its residual, and mostly far smaller.
    """

    values: Values
    vectors: Rows
    residuals: Values


def dense_eigenpairs(product: Product, size: int) -> Eigenpairs:
    """All pairs of a small matrix, which is written out: one product for each column."""
    matrix = np.stack([product(e) for e in np.eye(size)])
    if not np.isfinite(matrix).all():
        return _not_finite(size, size)
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    return _pairs(values[::-1], vectors.T[::-1], vectors.T[::-1] @ matrix.T)


def outermost_eigenpairs(
    product: Product, size: int, top: int, bottom: int, tolerance: float, seed: int = 0
) -> tuple[Eigenpairs, Eigenpairs]:
    """The `top` largest and `bottom` smallest eigenvalues, algebraically, of one Krylov space.

        Q = (q, Hq, H²q, …) orthonormal,    Qᵀ H Q s = λ s,    v = Q s

    Thick-restarted Lanczos with full orthogonalisation; the products HQ are kept, so that the
    residuals are those of the pairs themselves and no estimates. It ends when every residual is
    at most tolerance · max|λ|, or after so many products that it will not be reached: look at the
    residuals. A Krylov space holds one vector of a repeated eigenvalue, so a fresh one is drawn at
    the end, until nothing further appears. NaN where a product is not finite.

    Reference: Wu & Simon (2000), SIAM J. Matrix Anal. Appl. 22; Parlett (1998), ch. 13.
    """
    wanted = top + bottom
    space = _Space(size, wanted, np.random.default_rng(seed))
    settled, since = None, 0
    for _ in range(_PATIENCE * wanted):
        image = product(space.next)
        if not np.isfinite(image).all():
            return _not_finite(top, size), _not_finite(bottom, size)
        with one_blas_thread():
            space.grow(image)
            since += 1
            values, s = np.linalg.eigh(space.matrix)
            count = len(values)
            if count == size:
                break
            scale = float(np.abs(values).max())
            chosen = [*range(bottom), *range(count - top, count)]
            if count >= wanted and space.left * np.abs(s[-1, chosen]).max() <= tolerance * scale:
                same = settled is not None and np.allclose(
                    values[chosen], settled, rtol=0, atol=tolerance * scale
                )
                if wanted == 1 or (same and since >= _CHECKS):
                    break
                if not same:
                    settled, since = values[chosen], 0
                    space.turn()
            if count == space.most:
                space.shrink(s, top, bottom)
    return space.ends(top, bottom)


class _Space:
    """An orthonormal basis Q that grows towards the ends of the spectrum, HQ, and Qᵀ H Q."""

    def __init__(self, size: int, wanted: int, rng: np.random.Generator) -> None:
        self.most = min(size, max(2 * wanted + 10, min(_MOST, _BUDGET // (16 * size))))
        self._rng, self._count = rng, 0
        self._basis, self._products = np.empty((2, self.most, size))
        self._matrix = np.zeros((self.most, self.most))
        self.left = 0.0
        self.turn()

    @property
    def matrix(self) -> Float[np.ndarray, "count count"]:
        return self._matrix[: self._count, : self._count]

    def turn(self) -> None:
        """Goes on from a fresh vector."""
        self.next = self._outside(self._rng.normal(size=self._basis.shape[1]))[0]

    def grow(self, product: Vector) -> None:
        """Takes in the next vector, whose product is given."""
        n = self._count
        self._basis[n], self._products[n] = self.next, product
        self._count = n + 1
        column = self._basis[: n + 1] @ product
        self._matrix[n, : n + 1] = self._matrix[: n + 1, n] = column
        self.next, self.left = self._outside(product)
        if self.left <= _NOTHING * np.linalg.norm(self.matrix):
            self.left = 0.0
            if self._count < len(self.next):
                self.turn()

    def shrink(self, s: Float[np.ndarray, "count count"], top: int, bottom: int) -> None:
        """Keeps half of the room: the vectors at the ends that are wanted."""
        half = self.most // 2
        low = half * bottom // (top + bottom)
        kept = [*range(low), *range(self._count - (half - low), self._count)]
        values = np.einsum("ij,ik,kj->j", s, self.matrix, s)[kept]
        for rows in (self._basis, self._products):
            rows[:half] = s[:, kept].T @ rows[: self._count]
        self._matrix[:half, :half] = np.diag(values)
        self._count = half

    def ends(self, top: int, bottom: int) -> tuple[Eigenpairs, Eigenpairs]:
        values, s = np.linalg.eigh(self.matrix)
        values, s = values[::-1], s.T[::-1]
        basis, products = self._basis[: self._count], self._products[: self._count]

        def pairs(rows: slice) -> Eigenpairs:
            return _pairs(values[rows], s[rows] @ basis, s[rows] @ products)

        return pairs(slice(top)), pairs(slice(self._count - bottom, None))

    def _outside(self, v: Vector) -> tuple[Vector, float]:
        """The unit vector of what of v lies outside the space, and how much that was."""
        basis = self._basis[: self._count]
        for _ in range(2):  # once is not enough in floating point
            v = v - (basis @ v) @ basis
        left = float(np.linalg.norm(v))
        return (v / left if left else v), left


def _pairs(values: Values, vectors: Rows, products: Rows) -> Eigenpairs:
    """With a sign for each vector: its largest component is positive."""
    largest = np.abs(vectors).argmax(axis=1)[:, None]
    signs = np.sign(np.take_along_axis(vectors, largest, axis=1))
    residuals = np.linalg.norm(products - values[:, None] * vectors, axis=1)
    return Eigenpairs(values, vectors * signs, residuals)


def _not_finite(count: int, size: int) -> Eigenpairs:
    nothing = np.full(count, np.nan)
    return Eigenpairs(nothing, np.full((count, size), np.nan), nothing)
