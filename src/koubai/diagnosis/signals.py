"""Rules about how far the error signal reaches: vanishing and exploding gradients."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from koubai.diagnosis.evidence import Evidence, number_of
from koubai.diagnosis.finding import Finding
from koubai.told import Told

# A layer whose error signal is this share of the output layer's hardly learns beside it.
_VANISHED = 1e-3
# A slope at 0 that lets most of the signal through; a sigmoid's is 1/4.
_STEEP = 0.5
# Activations beyond this come from no weights that suit inputs of about 1.
_HUGE = 1e4
# Beyond so many times, one learning rate cannot serve both ends of the network.
_EXPLODED = 30.0

_SMALLER = Told(
    "Try smaller initial weights: initialiser='he' for relu, 'xavier' for the others",
    "重みの初期値をもっと小さくする：relu なら initialiser='he'、ほかは 'xavier'",
)


def zero_gradients(evidence: Evidence) -> Finding | None:
    """An activation whose derivative is 0 everywhere, as that of a step, lets no gradient pass."""
    level = [layer for layer in range(len(evidence.activations)) if evidence.level(layer)]
    if not level:
        return None
    layer, name = level[-1], evidence.activations[level[-1]].name
    return Finding(
        "zero gradients",
        number_of(layer),
        Told(
            f"the derivative of {name} in layer {number_of(layer)} is 0 everywhere, so the "
            f"gradients of all weights into that layer or below it are 0: they learn nothing",
            f"第 {number_of(layer)} 層の {name} の導関数はいたるところ 0 である。この層とその下の層"
            f"に入る重みの勾配はすべて 0 になり、何も学習しない",
        ),
        Told(
            "Try hidden='sigmoid' or hidden='relu', whose derivatives are not 0",
            "導関数が 0 でない hidden='sigmoid' か hidden='relu' を試す",
        )
        if layer in evidence.hidden()
        else Told(
            "Try output='softmax' or output='sigmoid' for classes, output='identity' for values",
            "分類なら output='softmax' か output='sigmoid'、回帰なら output='identity' を試す",
        ),
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
    norm = evidence.layers.weight_norm[0, layer]
    return Finding(
        "initial weights too large",
        number_of(layer),
        Told(
            f"the loss is not finite before the first update: the weights into layer "
            f"{number_of(layer)} have a norm of {norm:.2g}",
            f"損失が最初の更新の前から有限でない。第 {number_of(layer)} 層に入る重みのノルムが "
            f"{norm:.2g} もある",
        ),
        _SMALLER,
        "layer_curves",
        (evidence.history, "weight_norm"),
    )


def vanishing_gradients(evidence: Evidence) -> Finding | None:
    """The error signal is lost on its way down, from first to last, and little is learnt."""
    signal = _relative(evidence)
    if not len(signal) or not evidence.unlearnt(0.5):
        return None
    layer = int(signal[0].argmin())
    if not (signal[0, layer] < _VANISHED and signal[-1, layer] < _VANISHED):
        return None
    start, end = _share(signal[0, layer]), _share(signal[-1, layer])
    return Finding(
        "vanishing gradients",
        number_of(layer),
        Told(
            f"the error signal in layer {number_of(layer)} is {start} of the output layer's at "
            f"the start and {end} at the end, and the loss has only gone {evidence.fall}",
            f"第 {number_of(layer)} 層の誤差信号は出力層と比べて、最初は {start.ja}、"
            f"最後は {end.ja}で、損失は {evidence.fall.ja}なっただけである",
        ),
        _way_out(evidence, layer),
        "layer_curves",
        (evidence.history, "error_signal"),
    )


def _share(share: float) -> Told:
    """A share in figures; the square of what is smaller than 1e-22 is 0 in float32."""
    if not share:
        return Told("less than 1e-20", "1e-20 倍未満")
    return Told(f"{share:.1e}", f"{share:.1e} 倍")


def _way_out(evidence: Evidence, layer: int) -> Told:
    """Where the slope at 0 lets the signal through, it is the weights that do not."""
    slope = float(evidence.activations[layer].slope(jnp.full(1, 1e-3))[0])
    if slope > _STEEP:
        return Told(
            "Try larger initial weights: initialiser='xavier' for tanh, 'he' for relu",
            "重みの初期値をもっと大きくする：tanh なら initialiser='xavier'、relu なら 'he'",
        )
    return Told(
        "Try hidden='relu' with initialiser='he', or fewer layers",
        "hidden='relu' と initialiser='he' の組み合わせを試すか、層を減らす",
    )


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
        Told(
            f"at the start the error signal in layer {number_of(layer)} is {times:.2g} times the "
            f"output layer's, and the loss went {evidence.fall}",
            f"最初の時点で第 {number_of(layer)} 層の誤差信号は出力層の {times:.2g} 倍あり、"
            f"損失は {evidence.fall.ja}なった",
        ),
        _SMALLER,
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
