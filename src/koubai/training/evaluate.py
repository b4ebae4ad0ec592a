"""What a network puts out for many examples, and how right it is."""

from __future__ import annotations

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import msgspec
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Num

from koubai.engine import compiled
from koubai.functions.outputs import output_losses
from koubai.functions.targets import as_targets
from koubai.networks.network import Network, Params
from koubai.training.loop import Examples, Method

Indices = Int[np.ndarray, " members"]

# Examples that go through the network at a time, which bounds the memory that this takes.
_BLOCK = 512
# Blocks that go into one call.
_MOST_BLOCKS = 16


class Measure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The loss over a whole split, and the accuracy where there are classes.

    r_squared: of values, at the end of training, the mean over the outputs; None where it is not
    known or not a finite number.
    A loss that is not a finite number is None, for JSON has no word for it.
    """

    loss: float | None
    accuracy: float | None
    r_squared: float | None = None


class Members(NamedTuple):
    """The examples of a split as `measure` takes them: on the device, in parts of equal shape."""

    parts: tuple[Int[Array, "blocks block"], ...]
    examples: int


class Measures(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The measures of a network on all the data there is."""

    train: Measure
    test: Measure
    validation: Measure | None = None


def members_of(indices: Indices, examples: Examples) -> Members:
    """The examples with those indices, ready to be measured again and again."""
    at_once = min(_MOST_BLOCKS, -(-len(examples.stored) // _BLOCK))  # the same for every split
    parts = _in_parts(_in_blocks(indices), at_once)
    return Members(tuple(jax.device_put(part) for part in parts), len(indices))


def measure(
    method: Method, params: Params, examples: Examples, members: Members, classes: bool
) -> Measure:
    """How good the network is on those members of the examples; losses are summed in float64."""
    found = [_losses_and_hits(method, params, examples, part) for part in members.parts]
    losses, hits = (
        np.concatenate([np.asarray(part).ravel() for part in parts])[: members.examples]
        for parts in zip(*found, strict=True)
    )
    loss = float(losses.mean(dtype=np.float64))
    return Measure(loss if math.isfinite(loss) else None, float(hits.mean()) if classes else None)


def outputs(
    network: Network, params: Params, stored: Num[np.ndarray, "members inputs"], scale: float
) -> Float[np.ndarray, "members outputs"]:
    """The network's output for every example, in float32."""
    blocks = jnp.asarray(stored[_in_blocks(np.arange(len(stored)))])
    y = np.asarray(_outputs(network, params, blocks, scale))
    return y.reshape(-1, y.shape[-1])[: len(stored)]


def predicted_classes(y: Float[np.ndarray, "members outputs"]) -> Indices:
    """The class of each example: the largest output, or for a single output whether it is > ½."""
    return np.asarray(_predicted_classes(jnp.asarray(y)))


def class_scores(y: Float[np.ndarray, "members outputs"]) -> Float[np.ndarray, "members classes"]:
    """A column for each class: a single output y, which is the second's, becomes (1 − y, y)."""
    return np.hstack([1 - y, y]) if y.shape[1] == 1 else y


def _in_blocks(members: Indices) -> Int[np.ndarray, "blocks block"]:
    """The members in rows of equal length, the last one filled up by repetition."""
    missing = -len(members) % _BLOCK
    return np.pad(members, (0, missing), mode="edge").reshape(-1, _BLOCK)


def _in_parts(
    blocks: Int[np.ndarray, "blocks block"], at_once: int
) -> list[Int[np.ndarray, "at_once block"]]:
    """The blocks in parts of equal length, the last one filled up by repetition."""
    missing = -len(blocks) % at_once
    padded = np.pad(blocks, ((0, missing), (0, 0)), mode="edge")
    return np.split(padded, len(padded) // at_once)


def _predicted_classes(y: Float[Array, "members outputs"]) -> Int[Array, " members"]:
    return (y[:, 0] > 0.5).astype(jnp.int32) if y.shape[1] == 1 else y.argmax(axis=1)


def _losses_and_hits_of_blocks(
    method: Method, params: Params, examples: Examples, blocks: Int[Array, "blocks block"]
) -> tuple[Float[Array, "blocks block"], Bool[Array, "blocks block"]]:
    def of_block(block: Int[Array, " block"]) -> tuple[Array, Array]:
        t = examples.t[block]
        trace = method.network.forward(params, examples.inputs(block))
        z = trace.weighted_inputs[-1]
        hits = _predicted_classes(trace.output) == (t if t.ndim == 1 else 0)
        return output_losses(method.network.output, method.loss, z, as_targets(t, z)), hits

    return jax.lax.map(of_block, blocks)


_losses_and_hits = compiled(_losses_and_hits_of_blocks, static=("method",))


def _outputs_of_blocks(
    network: Network, params: Params, blocks: Num[Array, "blocks block inputs"], scale: float
) -> Float[Array, "blocks block outputs"]:
    return jax.lax.map(
        lambda stored: network.forward(params, stored.astype(jnp.float32) * scale).output, blocks
    )


_outputs = compiled(_outputs_of_blocks, static=("network",))
