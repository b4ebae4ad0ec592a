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
# Activations beyond this come from no weights that suit inputs of about 1.
_HUGE = 1e4
# Beyond so many times, one learning rate cannot serve both ends of the network.
_EXPLODED = 30.0


def zero_gradients(evidence: Evidence) -> Finding | None:
    """An activation whose derivative is 0 everywhere, as that of a step, lets no gradient pass."""
    level = [layer for layer in range(len(evidence.activations)) if evidence.level(layer)]
    if not level:
        return None
    layer, name = level[-1], evidence.activations[level[-1]].name
    return Finding(
        "zero gradients",
        number_of(layer),
        f"the derivative of {name} in layer {number_of(layer)} is 0 everywhere, so the gradients "
        f"of all weights into that layer or below it are 0: they learn nothing",
        "Try hidden='sigmoid' or hidden='relu', whose derivatives are not 0"
        if layer in evidence.hidden()
        else "Try output='softmax' or output='sigmoid' for classes, output='identity' for values",
        "layer_curves",
        (evidence.history, "gradient_norm"),
    )


def initial_weights_too_large(evidence: Evidence) -> Finding | None:
    """Weights through which activations overflow, so that there is no loss to descend."""
    if not len(evidence.layers) or np.isfinite(evidence.first_loss):
        return None
    beyond = ~(evidence.layers.activation_std[0] < _HUGE)  # NaN is beyond as well
    if not beyond.any():
        return None
    layer = int(beyond.argmax())
    return Finding(
        "initial weights too large",
        number_of(layer),
        f"the loss is not finite before the first update: the weights into layer "
        f"{number_of(layer)} have a norm of {evidence.layers.weight_norm[0, layer]:.2g}",
        "Try smaller initial weights: initialiser='he' for relu, 'xavier' for the others",
        "layer_curves",
        (evidence.history, "weight_norm"),
    )


def vanishing_gradients(evidence: Evidence) -> Finding | None:
    """The error signal is lost on its way down, from first to last, and little is learnt."""
    signal = _relative(evidence)
    if not len(signal) or not evidence.unlearnt(0.5):
        return None
    layer = int(signal[0].argmin())
    start, end = float(signal[0, layer]), float(signal[-1, layer])
    if not (start < _VANISHED and end < _VANISHED):
        return None
    return Finding(
        "vanishing gradients",
        number_of(layer),
        f"the error signal in layer {number_of(layer)} is {_share(start)} of the output layer's at "
        f"the start and {_share(end)} at the end, and the loss has only gone "
        f"{evidence.fall}",
        _way_out(evidence, layer),
        "layer_curves",
        (evidence.history, "error_signal"),
    )


def _share(share: float) -> str:
    """A share in figures; the square of what is smaller than 1e-22 is 0 in float32."""
    return f"{share:.1e}" if share else "less than 1e-20"


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
