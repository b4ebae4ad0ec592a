"""How far predicted values are from the true ones: the measures of a regression."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

Values = Float[np.ndarray, "examples outputs"]
PerOutput = Float[np.ndarray, " outputs"]


def root_mean_squared_error(y: Values, t: Values) -> PerOutput:
    """The typical error of each output, in the unit of t.

        √( (1/N) Σ_n (y_n − t_n)² )

    Shapes: y, t (examples, outputs); the result (outputs,). Computed in float64.
    """
    return np.sqrt(np.square(_difference(y, t)).mean(axis=0))


def determination(y: Values, t: Values) -> PerOutput:
    """The coefficient of determination R² of each output: the share of t's variance explained.

        1 − Σ_n (t_n − y_n)² / Σ_n (t_n − t̄)²

    1 for perfect outputs, 0 for those no better than the mean t̄, below it for worse ones. NaN
    where t does not vary, for then there is nothing to explain.

    Shapes: y, t (examples, outputs); the result (outputs,). Computed in float64.
    """
    unexplained = np.square(_difference(y, t)).sum(axis=0)
    spread = np.square(_difference(t, t.mean(axis=0, dtype=np.float64))).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.ptp(t, axis=0) > 0, 1 - unexplained / spread, np.nan)


def _difference(a: Values, b: Float[np.ndarray, "..."]) -> Values:
    return a.astype(np.float64) - b
