"""What a network puts out for a whole split, and how right it is."""

from __future__ import annotations

import math
from collections.abc import Iterator

import jax.numpy as jnp
import msgspec
import numpy as np
from jaxtyping import Array, Float, Int, Num

from koubai.data.dataset import Split
from koubai.engine import compiled
from koubai.functions.losses import Loss
from koubai.functions.outputs import output_losses
from koubai.functions.targets import as_targets
from koubai.networks.network import Network, Params
from koubai.training.loop import Method

Indices = Int[np.ndarray, " examples"]

# Examples that go through the network at a time. Every block has this size, the last one padded,
# so that a single compilation serves all splits.
_BLOCK = 512


class Measure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The loss over a whole split, and the accuracy where there are classes.

    A loss that is not a finite number is None, for JSON has no word for it.
    """

    loss: float | None
    accuracy: float | None


class Measures(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The measures of a network on all the data there is."""

    train: Measure
    test: Measure
    validation: Measure | None = None


def _block_outputs(
    network: Network, params: Params, stored: Num[Array, "block inputs"], scale: float
) -> tuple[Float[Array, "block outputs"], Float[Array, "block outputs"]]:
    trace = network.forward(params, stored.astype(jnp.float32) * scale)
    return trace.weighted_inputs[-1], trace.output


_block_outputs_compiled = compiled(_block_outputs, static=("network",))


def _block_losses(
    network: Network,
    loss: Loss,
    params: Params,
    stored: Num[Array, "block inputs"],
    t: Num[Array, "block ..."],
    scale: float,
) -> tuple[Float[Array, " block"], Float[Array, "block outputs"]]:
    z, y = _block_outputs(network, params, stored, scale)
    return output_losses(network.output, loss, z, as_targets(t, z)), y


_block_losses_compiled = compiled(_block_losses, static=("network", "loss"))


def outputs(
    network: Network, params: Params, stored: Num[np.ndarray, "examples inputs"], scale: float
) -> Float[np.ndarray, "examples outputs"]:
    """The network's output for every example, in blocks, in float32."""
    blocks = [
        np.asarray(_block_outputs_compiled(network, params, jnp.asarray(stored[block]), scale)[1])
        for block, _ in _blocks(np.arange(len(stored)))
    ]
    return np.concatenate(blocks)[: len(stored)]


def measure(
    method: Method, params: Params, split: Split, members: Indices, classes: bool
) -> Measure:
    """How good the network is on those members of a split; losses are summed in float64."""
    total, right = 0.0, 0
    for block, count in _blocks(members):
        t = split.t[block]
        losses, y = _block_losses_compiled(
            method.network,
            method.loss,
            params,
            jnp.asarray(split.stored[block]),
            jnp.asarray(t),
            split.scale,
        )
        total += float(np.asarray(losses)[:count].sum(dtype=np.float64))
        if classes:
            right += int((predicted_classes(np.asarray(y)) == t)[:count].sum())
    loss = total / len(members) if math.isfinite(total) else None
    return Measure(loss, right / len(members) if classes else None)


def predicted_classes(y: Float[np.ndarray, "examples outputs"]) -> Indices:
    """The class of each example: the largest output, or for a single output whether it is > ½."""
    if y.shape[1] == 1:
        return (y[:, 0] > 0.5).astype(np.int64)
    return y.argmax(axis=1)


def _blocks(members: Indices) -> Iterator[tuple[Indices, int]]:
    """The members block by block, the last one filled up by repetition, and how many count."""
    for start in range(0, len(members), _BLOCK):
        block = members[start : start + _BLOCK]
        yield np.pad(block, (0, _BLOCK - len(block)), mode="edge"), len(block)
