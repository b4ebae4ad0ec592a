"""A constant inside a logarithm, log(y + 1e-7), that the gradient does not know of.

    d/dx log(y + c) = y' / (y + c), where the gradient has y' / y:    g/n − 1 = c / y

So the relative error times y is the same number everywhere.
Reference: 斎藤『ゼロから作るDeep Learning』4.2.2.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from koubai.engine import RARELY, compiled
from koubai.functions.losses import Loss
from koubai.functions.outputs import canonical_loss, is_canonical
from koubai.gradients.comparison import Difference
from koubai.gradients.findings import Finding
from koubai.gradients.mistakes import Batch, mistaken_backprop
from koubai.gradients.whole import arrays_of
from koubai.networks.network import Params

_LARGEST = 1e-3  # as a rule 1e-7; beyond this it is no guard against log(0)

Values = Float[np.ndarray, "..."]


def constant_in_log(x: Values, difference: Difference) -> Finding | None:
    """The constant by which f and its gradient differ, if they do so in this way."""
    n, off, looked = difference.numerical, difference.uncertainty, difference.looked
    used = looked & (np.abs(n) > 0) & (np.abs(n) > 10 * off)
    if not used.any() or not (np.abs(difference.gradient - n) > 5 * off)[used].any():
        return None
    ratio = difference.gradient[used] / n[used]
    for where, y in _arguments(x, difference.gradient):
        if not (y[used] > 0).all() or not _telling(y[used]):
            continue
        constant = _common(
            (ratio - 1) * y[used], 2 * np.abs(ratio) * y[used] * off[used] / np.abs(n[used])
        )
        if constant is not None:
            return _finding(constant, where)
    return None


def _telling(y: Values) -> bool:
    """Whether c/y is told from a factor: y varies, or is so small that c is no part of it."""
    return bool(y.max() > 1.5 * y.min() or y.max() < _LARGEST)


def _common(each: Values, off: Values) -> float | None:
    """The one constant above 0 that all of these are within their uncertainty, if there is one."""
    weights = 1 / np.maximum(off, 1e-30) ** 2
    constant = float((each * weights).sum() / weights.sum())
    fits = np.abs(each - constant) <= 2 * off + 0.02 * constant
    if not 0 < constant < _LARGEST or not fits.all():
        return None
    clear = int((off < constant / 10).sum())
    power = math.log10(constant)
    is_round = abs(power - round(power)) < 0.02
    return constant if clear > 2 or (clear and is_round) else None


def _arguments(x: Values, gradient: Values) -> Iterator[tuple[str, Values]]:
    """What may be inside the logarithm, for each element of x."""
    yield "x", x
    rows = gradient.reshape(-1, gradient.shape[-1]) if gradient.ndim else gradient.reshape(1, 1)
    for count in {len(rows), 1}:
        summed = np.abs(rows.sum(axis=1)) <= 1e-9 * np.abs(rows).max(axis=1)
        if summed.all():  # of softmax: y − t, which is 0 in sum and y − 1 at the right class
            y = np.repeat(1 + count * rows.min(axis=1), rows.shape[1])
            yield "the output of softmax", y.reshape(gradient.shape)
    for count in {len(rows), gradient.size, 1}:  # of sigmoid: |y − t| is 1 − y, or y at t = 0
        yield "the output", 1 - count * np.abs(gradient)


def constant_in_loss(batch: Batch, gradients: Params) -> Finding | None:
    """The constant in a loss of the user's own, where the gradient is that of the loss without."""
    output, loss = batch.network.output, batch.loss
    plain = canonical_loss(output)
    if is_canonical(output, loss):
        return None
    constant = float(_constant_of(loss, batch.network.sizes[-1]))
    if not 0 < constant < _LARGEST:
        return None
    with_it = mistaken_backprop(batch)
    without = mistaken_backprop(batch._replace(loss=plain))
    apart = _distance(gradients, with_it)
    if apart < 1e-12 or _distance(gradients, without) > 0.01 * apart:
        return None
    return _finding(constant, f"{loss.name}, while the gradient is that of {plain.name}")


def _constant_in(loss: Loss, outputs: int) -> Float[Array, ""]:
    """C, from the loss of an output of 0 where 1 is the target: −log(0 + c)."""
    t = jnp.eye(max(outputs, 1))[:1]
    return jnp.exp(-loss.each(jnp.zeros_like(t), t)[0])


_constant_of = compiled(_constant_in, static=("loss", "outputs"), options=RARELY)


def _distance(one: Params, other: Params) -> float:
    pairs = zip(arrays_of(one), arrays_of(other), strict=True)
    return max(float(np.abs(a - b).max() / (np.abs(b).max() or 1.0)) for a, b in pairs)


def _finding(constant: float, where: str) -> Finding:
    return Finding(
        "constant in log",
        f"the differences are those of log(y + {constant:.1e}) for log(y), in {where}; compute "
        f"log(softmax(z)) and log(sigmoid(z)) from z and leave the constant out",
    )
