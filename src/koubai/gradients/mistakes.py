"""What backpropagation would give with a mistake in it, to be compared with a wrong gradient."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import combinations
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from koubai.engine import RARELY, compiled
from koubai.functions.losses import Loss
from koubai.functions.outputs import is_canonical, output_delta
from koubai.gradients.findings import Finding
from koubai.networks.network import Layer, Network, Params

# Every set of layers is tried where there are as few as that; else one at a time, and all.
_FEW = 5
# The user's formulas may round otherwise than ours.
_ROUNDING = 1e-9


class Batch(NamedTuple):
    """All that backpropagation starts from, looked at and in float64."""

    network: Network
    params: Params
    x: Float[Array, "batch inputs"]
    t: Float[Array, "batch outputs"]
    loss: Loss


def mistaken_backprop(
    batch: Batch, untransposed: Collection[int] = (), underived: Collection[int] = ()
) -> Params:
    """Backpropagation with mistakes, as NumPy arrays; layers are indices into the parameters.

    untransposed: δˡ = (δˡ⁺¹ · wˡ⁺¹) ⊙ a'(zˡ)

    underived:    δˡ = δˡ⁺¹ · wˡ⁺¹ᵀ
    """
    network, params, x, t, loss = batch
    turned, bare = (
        jax.device_put(np.isin(range(len(params)), list(levels)))
        for levels in (untransposed, underived)
    )
    found = _compiled_mistaken(params, x, t, turned, bare, network, loss)
    return jax.tree.map(np.asarray, found)


def _mistaken(
    params: Params,
    x: Float[Array, "batch inputs"],
    t: Float[Array, "batch outputs"],
    untransposed: Bool[Array, " layers"],
    underived: Bool[Array, " layers"],
    network: Network,
    loss: Loss,
) -> Params:
    """`mistaken_backprop`, which mistakes being told at run time: compiled once for all of them."""
    z, a = network.forward(params, x)
    last = len(params) - 1
    delta = output_delta(network.output, loss, z[-1], t)
    if not is_canonical(network.output, loss):
        delta = jnp.where(underived[last], loss.each_slope(a[-1], t), delta)
    delta = delta / len(x)
    gradients = [Layer(a[last].T @ delta, delta.sum(axis=0))]
    for level in reversed(range(last)):
        w = params[level + 1].w
        square = w.shape[0] == w.shape[1]
        delta = delta @ (jnp.where(untransposed[level + 1], w, w.T) if square else w.T)
        derived = network.activations[level].pull_back(z[level], delta)
        delta = jnp.where(underived[level], delta, derived)
        gradients.append(Layer(a[level].T @ delta, delta.sum(axis=0)))
    return tuple(reversed(gradients))


_compiled_mistaken = compiled(_mistaken, static=("network", "loss"), options=RARELY)


def mistake(batch: Batch, gradients: Params) -> Finding | None:
    """The mistake that gives these gradients to rounding, if it is one that has a name."""
    return (
        _missing_bias(batch, gradients)
        or _transposed(batch, gradients)
        or _missing_derivative(batch, gradients)
    )


def same(one: Params, other: Params) -> bool:
    """Whether two gradients are equal to rounding, array by array."""
    return all(
        _same(np.asarray(mine), np.asarray(theirs))
        for layers in zip(one, other, strict=True)
        for mine, theirs in zip(*layers, strict=True)
    )


def _same(mine: Float[np.ndarray, "*shape"], theirs: Float[np.ndarray, "*shape"]) -> bool:
    single = mine.dtype == np.float32
    tolerance = 1e-5 if single else _ROUNDING
    return bool(np.abs(mine - theirs).max() <= tolerance * np.abs(theirs).max())


def _missing_bias(batch: Batch, gradients: Params) -> Finding | None:
    right = mistaken_backprop(batch)
    absent = [
        level
        for level, (mine, ours) in enumerate(zip(gradients, right, strict=True))
        if not np.any(mine.b) and np.any(ours.b)
    ]
    repaired = tuple(
        Layer(mine.w, right[level].b) if level in absent else mine
        for level, mine in enumerate(gradients)
    )
    if not absent or not same(repaired, right):
        return None
    return Finding(
        "missing bias",
        f"the gradient of the biases is 0 in {layer_names(absent)}, while all else is right: sum "
        f"the deltas over the batch, ∂L/∂b = Σ δ",
    )


def _transposed(batch: Batch, gradients: Params) -> Finding | None:
    widths = batch.network.sizes
    square = [level for level in range(len(widths) - 1) if widths[level] == widths[level + 1]]
    right = mistaken_backprop(batch)
    turned = [
        level
        for level in square
        if not _same(np.asarray(gradients[level].w), np.asarray(right[level].w))
        and _same(np.asarray(gradients[level].w), np.asarray(right[level].w).T)
    ]
    repaired = tuple(
        Layer(mine.w.T, mine.b) if level in turned else mine for level, mine in enumerate(gradients)
    )
    if turned and same(repaired, right):
        return Finding(
            "transposed",
            f"the gradient of w in {layer_names(turned)} is the transpose of the right one: it is "
            f"aᵀ · δ, not δᵀ · a",
        )
    for levels in _sets([level for level in square if level > 0]):
        if same(gradients, mistaken_backprop(batch, untransposed=levels)):
            return Finding(
                "transposed",
                f"the deltas go back through w of {layer_names(levels)} without transposing it: "
                f"δ · wᵀ, not δ · w, gives those below",
            )
    return None


def _missing_derivative(batch: Batch, gradients: Params) -> Finding | None:
    network = batch.network
    candidates = list(range(len(batch.params)))
    if is_canonical(network.output, batch.loss):
        candidates.pop()  # there the derivative has cancelled: δ = y − t
    for levels in _sets(candidates):
        if same(gradients, mistaken_backprop(batch, underived=levels)):
            names = sorted({network.activations[level].name for level in levels})
            return Finding(
                "missing derivative",
                f"the deltas of {layer_names(levels)} lack the derivative of {' and '.join(names)}:"
                f" δ = (δ · wᵀ) ⊙ a'(z)" + _at_the_output(levels, len(batch.params)),
            )
    return None


def _at_the_output(levels: Collection[int], layers: int) -> str:
    return ", and at the output δ = ∂L/∂y ⊙ a'(z)" if layers - 1 in levels else ""


def _sets(levels: list[int]) -> Iterator[tuple[int, ...]]:
    sizes = range(1, len(levels) + 1) if len(levels) <= _FEW else (1, len(levels))
    for size in sizes:
        yield from combinations(levels, size)


def layer_names(levels: Collection[int]) -> str:
    """Layers, which are counted from the input, layer 1."""
    numbers = [str(level + 2) for level in levels]
    if len(numbers) == 1:
        return f"layer {numbers[0]}"
    return f"layers {', '.join(numbers[:-1])} and {numbers[-1]}"
