"""Rules about single units: saturated, dead, or all the same."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from koubai.diagnosis.evidence import Evidence, number_of
from koubai.diagnosis.finding import Finding
from koubai.told import Told

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
    since = evidence.since(share > _HALF)
    return Finding(
        "symmetric units",
        number_of(layer),
        Told(
            f"{share[-1]:.0%} of the units of layer {number_of(layer)} have the weights of another "
            f"unit, {since}: they compute the same and learn the same",
            f"{since.ja}、第 {number_of(layer)} 層のユニットの {share[-1]:.0%} がほかのユニットと"
            f"同じ重みをもち、同じ計算をして同じことを学習している",
        ),
        Told(
            "Draw the initial weights at random: initialiser='xavier' or 'he'",
            "重みの初期値を乱数で決める：initialiser='xavier' または 'he'",
        ),
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
    name, since = evidence.activations[layer].name, evidence.since(share > _HALF)
    return Finding(
        "saturated units",
        number_of(layer),
        Told(
            f"the slope of {name} in layer {number_of(layer)} is below 1/50 of its largest for "
            f"{share[-1]:.0%} of units and examples, {since}: next to no gradient passes",
            f"{since.ja}、第 {number_of(layer)} 層ではユニット × 例の {share[-1]:.0%} で {name} の"
            f"傾きが最大値の 1/50 を下回り、勾配がほとんど伝わらない",
        ),
        Told(
            "Try initialiser='xavier', and inputs of mean 0 and standard deviation 1",
            "initialiser='xavier' と、平均 0、標準偏差 1 の入力を試す",
        ),
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
    since = evidence.since(share >= _HALF)
    return Finding(
        "dead units",
        number_of(layer),
        Told(
            f"{share[-1]:.0%} of the units of layer {number_of(layer)} put out nothing for any "
            f"example, {since}, and get no gradient any more",
            f"{since.ja}、第 {number_of(layer)} 層のユニットの {share[-1]:.0%} はどの例に対しても"
            f"何も出力せず、もう勾配を受け取らない",
        ),
        _revive(evidence, share),
        "layer_curves",
        (evidence.history, "dead"),
        late=bool(share[0] < _HALF),
    )


def _revive(evidence: Evidence, share: Float[np.ndarray, " moments"]) -> Told:
    if share[0] >= _HALF:
        return Told(
            "Start with biases of 0 and initialiser='he', or try hidden='leaky_relu'",
            "バイアス 0 と initialiser='he' から始めるか、hidden='leaky_relu' を試す",
        )
    rate = f"{evidence.learning_rate:g}"
    return Told(
        f"Try hidden='leaky_relu', or a smaller first learning rate than {rate}",
        f"hidden='leaky_relu' を試すか、最初の学習率を {rate} より小さくする",
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
