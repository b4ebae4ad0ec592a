"""The whole numerical gradient of a network as a list of arrays, at one step or on the ladder."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float, Int

from koubai.engine import RARELY, compiled
from koubai.functions.losses import Loss
from koubai.functions.outputs import output_losses
from koubai.gradients.backprop import backprop
from koubai.gradients.comparison import ROUNDINGS, Difference, blurred, compare
from koubai.gradients.differences import compiled_differences
from koubai.gradients.mistakes import Batch
from koubai.gradients.numerical import step_sizes
from koubai.gradients.v_curve import LADDER, Curve, best_of, curve_of
from koubai.networks.network import Network, Params

# `compiled_differences` takes seconds to compile, which fewer parameters do not repay.
_FEW = 4000
# Moves of one parameter that are evaluated at once; always as many, so that they compile once.
_AT_ONCE = 256
# As many coordinates of each array are looked at closely, and as many make the V.
_CLOSELY = 256
_CURVE = 48
# A step at which rounding hides a thousand times less than at the usual one.
_WIDE = 1e-2

Arrays = list[Float[np.ndarray, "..."]]


def arrays_of(params: Params) -> Arrays:
    """Every w and b, layer by layer, in float64."""
    return [np.asarray(array, np.float64) for array in jax.tree.leaves(params)]


def names_of(params: Params) -> list[str]:
    """The name of every array, such as layer 2 w."""
    return [f"layer {level + 2} {part}" for level in range(len(params)) for part in "wb"]


def _moved(
    params: Params,
    x: Float[Array, "batch inputs"],
    t: Float[Array, "batch outputs"],
    which: Int[Array, " moves"],
    steps: Float[Array, " moves"],
    network: Network,
    loss: Loss,
) -> Float[Array, " moves"]:
    """Central differences, each by one of all parameters in one row and with a step of its own."""
    theta, unravel = ravel_pytree(params)

    def losses_at(theta: Float[Array, " parameters"]) -> Float[Array, " batch"]:
        z = network.forward(unravel(theta), x).weighted_inputs[-1]
        return output_losses(network.output, loss, z, t)

    def difference(move: tuple[Int[Array, ""], Float[Array, ""]]) -> Float[Array, ""]:
        i, h = move
        ends = theta[i] + jnp.stack([h, -h])
        # Taken from each other example by example, what does not change cancels.
        high, low = jax.vmap(lambda end: losses_at(theta.at[i].set(end)))(ends)
        return (high - low).mean() / (ends[0] - ends[1])  # 2h as rounded, not as wished

    return jax.lax.map(difference, (which, steps), batch_size=32)


def _right(
    params: Params,
    x: Float[Array, "batch inputs"],
    t: Float[Array, "batch outputs"],
    network: Network,
    loss: Loss,
) -> tuple[Float[Array, ""], Params, Float[Array, ""]]:
    """The loss, its gradient by backpropagation, and what rounding in the loss is relative to.

    That is |L| + Σ |∂L/∂y| · |y|, for y is rounded too.
    """
    right = backprop(network, params, x, t, loss)
    trace = network.forward(params, x)
    z, y = trace.weighted_inputs[-1], trace.output
    each = jnp.abs(output_losses(network.output, loss, z, t))
    magnitude = each + jnp.nan_to_num(jnp.abs(loss.each_slope(y, t) * y)).sum(axis=-1)
    return right.loss, right.gradients, magnitude.mean()


_compiled_right = compiled(_right, static=("network", "loss"), options=RARELY)
_compiled_moves = compiled(_moved, static=("network", "loss"))


def differences_by(
    batch: Batch, which: Int[np.ndarray, " moves"], steps: Float[np.ndarray, " moves"]
) -> Float[np.ndarray, " moves"]:
    """Central differences by parameters, which are counted through all arrays, one for each h."""
    parts: list[Float[np.ndarray, " moves"]] = []
    for start in range(0, len(which), _AT_ONCE):
        some, h = which[start : start + _AT_ONCE], steps[start : start + _AT_ONCE]
        pad = (0, _AT_ONCE - len(some))
        i, step = jax.device_put((np.pad(some, pad), np.pad(h, pad, mode="edge")))
        found = _compiled_moves(batch.params, batch.x, batch.t, i, step, batch.network, batch.loss)
        parts.append(np.asarray(found)[: len(some)])
    return np.concatenate(parts)


def differences_of(batch: Batch, step: float | None) -> Arrays:
    """The whole gradient of a batch by central differences, see `finite_differences`."""
    arrays = arrays_of(batch.params)
    if batch.network.parameter_count > _FEW:
        network, params, x, t, loss = batch
        return arrays_of(compiled_differences(params, x, t, network, loss, step))
    steps = np.concatenate([step_sizes(array, step, array.dtype).ravel() for array in arrays])
    return _split(differences_by(batch, np.arange(len(steps)), steps), arrays)


def _split(flat: Float[np.ndarray, " parameters"], like: Arrays) -> Arrays:
    ends = np.cumsum([array.size for array in like])[:-1]
    return [
        part.reshape(array.shape) for part, array in zip(np.split(flat, ends), like, strict=True)
    ]


def loss_and_gradients(batch: Batch) -> tuple[float, Params]:
    """The loss, and its gradient by backpropagation as NumPy arrays."""
    network, params, x, t, loss = batch
    value, gradients, _ = _compiled_right(params, x, t, network, loss)
    return float(value), jax.tree.map(np.asarray, gradients)


def noise_of(batch: Batch) -> float:
    """How far rounding moves the loss."""
    network, params, x, t, loss = batch
    magnitude = float(_compiled_right(params, x, t, network, loss)[2])
    return ROUNDINGS * float(np.finfo(np.float64).eps) * magnitude


def compared(batch: Batch, gradients: Params, step: float | None) -> list[Difference]:
    """Gradients beside the differences at one step; rounding makes them uncertain by noise / h."""
    noise = noise_of(batch)
    found: list[Difference] = []
    for name, mine, numerical, array in zip(
        names_of(batch.params),
        map(np.asarray, jax.tree.leaves(gradients)),
        differences_of(batch, step),
        arrays_of(batch.params),
        strict=True,
    ):
        uncertain = np.asarray(noise / step_sizes(array, step, array.dtype))
        found.append(compare(name, mine, numerical, uncertain))
    return found


def compared_closely(batch: Batch, first: Sequence[Difference]) -> list[Difference]:
    """The differences again, where they are apart or uncertain at the step that suits each best.

    Of every array those furthest apart are looked at; where rounding hides which they are, those
    that are so at a wide step.
    """
    noise, start, found = noise_of(batch), 0, list[Difference]()
    hidden = any(blurred(d) and d.gradient.size > _CLOSELY for d in first)
    wide = differences_of(batch, _WIDE) if hidden else [None] * len(first)
    for difference, beyond in zip(first, wide, strict=True):
        g, n = difference.gradient.ravel(), difference.numerical.copy().ravel()
        off = difference.uncertainty.copy().ravel()
        suspects = np.argsort(-_suspicion(difference, beyond), kind="stable")[:_CLOSELY]
        best = best_of(_on_the_ladder(batch, start + suspects), _rungs(len(suspects)), noise)
        n[suspects], off[suspects] = best.values, 2 * best.uncertainty
        shape = difference.gradient.shape
        found.append(
            compare(difference.name, difference.gradient, n.reshape(shape), off.reshape(shape))
        )
        start += g.size
    return found


def _suspicion(
    difference: Difference, wide: Float[np.ndarray, "..."] | None
) -> Float[np.ndarray, " size"]:
    """How far apart g and n are, over their bound; with n at a wide step, g and that."""
    g, n = difference.gradient, difference.numerical
    apart = np.abs(g - n) / difference.bound if wide is None else np.abs(g - wide)
    without_question = ~np.isfinite(apart) | (wide is not None and difference.wrong)
    return np.where(without_question, np.inf, apart).ravel()


def _rungs(count: int) -> Float[np.ndarray, "steps parameters"]:
    return np.repeat(LADDER[:, None], count, axis=1)


def _on_the_ladder(
    batch: Batch, which: Int[np.ndarray, " parameters"]
) -> Float[np.ndarray, "steps parameters"]:
    moves = np.tile(which, len(LADDER))
    return differences_by(batch, moves, _rungs(len(which)).ravel()).reshape(len(LADDER), -1)


def network_curve(batch: Batch, gradients: Params) -> Curve:
    """The error against the step, of the parameters with the largest derivatives."""
    mine = np.concatenate([array.ravel() for array in arrays_of(gradients)])
    which = np.argsort(-np.abs(mine), kind="stable")[:_CURVE]
    return curve_of(mine[which], _on_the_ladder(batch, which), LADDER)
