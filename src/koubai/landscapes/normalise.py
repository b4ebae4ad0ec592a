"""Random directions made comparable with the parameters: filter by filter, or layer by layer."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from koubai.errors import SettingError, unknown_name
from koubai.objectives.blocks import Block, split_blocks
from koubai.objectives.objective import Objective

Vector = Float[np.ndarray, " parameters"]
_Array = Float[np.ndarray, "..."]

NORMALISATIONS = ("filter", "layer", "none")


def normalised(
    drawn: Vector, theta: Vector, objective: Objective, normalise: str, biases: bool
) -> Vector:
    """A direction scaled to the parameters θ.

        filter: d_f ← d_f · ‖θ_f‖ / ‖d_f‖ for every filter f        layer: the same for every array

    Arrays with one axis are zero in the direction, unless `biases`, or there are no others; then
    each is scaled as a whole. Raises SettingError where the objective does not know its arrays,
    UnknownNameError for another normalisation.
    """
    if normalise not in NORMALISATIONS:
        raise unknown_name("normalisation", normalise, NORMALISATIONS)
    if normalise != "none" and not objective.blocks:
        raise SettingError(
            f"normalise is {normalise!r}, but the objective is a plain function, without layers: "
            f"give normalise='none'"
        )
    direction = drawn.copy()
    biases = biases or all(block.filters is None for block in objective.blocks)
    parts = zip(
        objective.blocks,
        split_blocks(direction, objective.blocks) if objective.blocks else (),
        split_blocks(theta, objective.blocks) if objective.blocks else (),
        strict=True,
    )
    for block, d, w in parts:
        if block.filters is None and not biases:
            d[...] = 0
        elif normalise != "none":
            axes = _all_but(block, normalise)
            d *= _length(w, axes) / _length(d, axes)
    return direction


def _all_but(block: Block, normalise: str) -> tuple[int, ...]:
    """The axes that one length is taken over."""
    axes = range(len(block.shape))
    if normalise == "layer" or block.filters is None:
        return tuple(axes)
    return tuple(axis for axis in axes if axis != block.filters)


def _length(array: _Array, axes: tuple[int, ...]) -> _Array:
    return np.sqrt(np.square(array).sum(axis=axes, keepdims=True))
