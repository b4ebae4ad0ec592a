"""Rules about how far the error signal reaches: vanishing and exploding gradients."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from koubai.diagnosis.evidence import Evidence, number_of
from koubai.diagnosis.finding import Finding

# A layer whose error signal is this share of the output layer's hardly learns beside it.
_VANISHED = 1e-3
# A slope at 0 that lets most of the signal through; a sigmoid's is 1/4.
_STEEP = 0.5
# Beyond so many times, one learning rate cannot serve both ends of the network.
_EXPLODED = 30.0


def vanishing_gradients(evidence: Evidence) -> Finding | None:
    """The error signal is lost on its way down, from first to last, and little is learnt."""
    signal = _relative(evidence)
    if not len(signal) or not evidence.unlearnt(0.5):
        return None
    layer = int(signal[0].argmin())
    start, end = float(signal[0, layer]), float(signal[-1, layer])
    if not (0 < start < _VANISHED and end < _VANISHED):
        return None
    return Finding(
        "vanishing gradients",
        number_of(layer),
        f"the error signal in layer {number_of(layer)} is {start:.1e} of the output layer's at "
        f"the start and {end:.1e} at the end, and the loss has only gone "
        f"{evidence.fall}",
        _way_out(evidence, layer),
        "layer_curves",
        (evidence.history, "error_signal"),
    )


def _way_out(evidence: Evidence, layer: int) -> str:
    """Where the slope at 0 lets the signal through, it is the weights that do not."""
    slope = float(evidence.activations[layer].slope(jnp.full(1, 1e-3))[0])
    if slope > _STEEP:
        return "Try larger initial weights: initialiser='xavier' for tanh, 'he' for relu"
    return "Try hidden='relu' with initialiser='he', or fewer layers"


def exploding_gradients(evidence: Evidence) -> Finding | None:
    """The error signal grows from layer to layer on its way down, and the loss does not bear it."""
    signal = _relative(evidence)
    if not len(signal) or not evidence.unlearnt(0.5):
        return None
    layer = int(signal[0].argmax())
    times = float(signal[0, layer])
    if not times > _EXPLODED:
        return None
    return Finding(
        "exploding gradients",
        number_of(layer),
        f"at the start the error signal in layer {number_of(layer)} is {times:.2g} times the "
        f"output layer's, and the loss went {evidence.fall}",
        "Try smaller initial weights: initialiser='he' for relu, 'xavier' for the others",
        "layer_curves",
        (evidence.history, "error_signal"),
    )


def _relative(evidence: Evidence) -> Float[np.ndarray, "moments layers"]:
    """The error signal of each layer over the output layer's, where that is a number above 0."""
    signal = evidence.layers.error_signal.astype(np.float64)
    if not len(signal):
        return signal
    told = signal[(signal[:, -1] > 0) & np.isfinite(signal[:, -1])]
    return told / told[:, -1:]
