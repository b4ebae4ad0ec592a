"""Rules about single units: saturated, dead, or all the same."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from koubai.diagnosis.evidence import Evidence, number_of
from koubai.diagnosis.finding import Finding

# More than half of a layer is not what chance does to it.
_HALF = 0.5


def symmetric_units(evidence: Evidence) -> Finding | None:
    """Units with equal weights get equal gradients, and stay equal for ever.

    Those that only become alike have met another fate, such as steps that drown their weights.
    """
    found = _worst(evidence, evidence.layers.alike, bounded=None)
    if found is None or min(found[1][0], found[1][-1]) <= _HALF:
        return None
    layer, share = found
    return Finding(
        "symmetric units",
        number_of(layer),
        f"{share[-1]:.0%} of the units of layer {number_of(layer)} have the weights of another "
        f"unit, {evidence.since(share > _HALF)}: they compute the same and learn the same",
        "Draw the initial weights at random: initialiser='xavier' or 'he'",
        "layer_curves",
        (evidence.history, "alike"),
    )


def saturated_units(evidence: Evidence) -> Finding | None:
    """Sigmoids or tanhs so far out that their slope is next to nothing."""
    found = _worst(evidence, evidence.layers.flat, bounded=True)
    if found is None or found[1][-1] <= _HALF or not evidence.unlearnt(0.1):
        return None
    layer, share = found
    if evidence.learnt_before(share > _HALF) > _HALF:  # what saturates then has done its learning
        return None
    name = evidence.activations[layer].name
    return Finding(
        "saturated units",
        number_of(layer),
        f"the slope of {name} in layer {number_of(layer)} is below 1/50 of its largest for "
        f"{share[-1]:.0%} of units and examples, {evidence.since(share > _HALF)}: next to no "
        f"gradient passes",
        "Try initialiser='xavier', and inputs of mean 0 and standard deviation 1",
        "layer_curves",
        (evidence.history, "flat"),
        late=bool(share[0] <= _HALF),
    )


def dead_units(evidence: Evidence) -> Finding | None:
    """Rectifiers that no example of the sample lights: they get no gradient any more."""
    found = _worst(evidence, evidence.layers.dead, bounded=False)
    if found is None or found[1][-1] < _HALF or not evidence.unlearnt(0.1):
        return None
    layer, share = found
    return Finding(
        "dead units",
        number_of(layer),
        f"{share[-1]:.0%} of the units of layer {number_of(layer)} put out nothing for any "
        f"example, {evidence.since(share >= _HALF)}, and get no gradient any more",
        _revive(evidence, share),
        "layer_curves",
        (evidence.history, "dead"),
        late=bool(share[0] < _HALF),
    )


def _revive(evidence: Evidence, share: Float[np.ndarray, " moments"]) -> str:
    if share[0] >= _HALF:
        return "Start with biases of 0 and initialiser='he', or try hidden='leaky_relu'"
    return (
        f"Try hidden='leaky_relu', or a smaller first learning rate than {evidence.learning_rate:g}"
    )


def _worst(
    evidence: Evidence, quantity: Float[np.ndarray, "moments layers"], bounded: bool | None
) -> tuple[int, Float[np.ndarray, " moments"]] | None:
    """The hidden layer with most of it at the end, and its shares; None where there is no such.

    bounded: only layers whose activation has bounds, or none; None means all.
    """
    layers = [
        layer
        for layer in evidence.hidden()
        if bounded is None or evidence.bounded(layer) == bounded
    ]
    if not layers or not len(quantity):
        return None
    worst = max(layers, key=lambda layer: quantity[-1, layer])
    return worst, quantity[:, worst]
