"""Units of a network whose weighted input lies so near a kink that a step of h crosses it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from koubai.engine import RARELY, compiled
from koubai.functions.activations import Activation
from koubai.gradients.comparison import Difference, compare
from koubai.gradients.findings import Finding
from koubai.gradients.mistakes import Batch, mistaken_backprop, same
from koubai.gradients.notation import quantity
from koubai.gradients.whole import compared
from koubai.networks.network import Network, Params
from koubai.told import Told

_DEFAULT = float(np.finfo(np.float64).eps) ** (1 / 3)
# A step at which truncation is small.
_SMALL = 1e-5
# Beside a kink, all but this of the error is gone with the examples that cross it.
_LEFT_OVER = 0.1


class AtKink(NamedTuple):
    """A unit near a kink of its activation, for one example; counted from 0."""

    level: int
    unit: int
    example: int
    z: float
    activation: str

    @property
    def told(self) -> Told:
        """Which unit, where it is, and for which example."""
        z = f"{quantity('z', self.level + 2, (self.unit + 1,))} = {self.z:.1e}"
        return Told(
            f"{z} of {self.activation} (example {self.example})",
            f"{self.activation} の {z}（例 {self.example}）",
        )


def units_at_kinks(batch: Batch, step: float | None) -> list[AtKink]:
    """The units that moving one weight or bias by h may take across a kink, the nearest first."""
    activations = batch.network.activations
    if not any(activation.kinks for activation in activations):
        return []
    largest = (max(1.0, float(np.abs(layer.w).max())) for layer in batch.params)
    steps = jax.device_put(np.array([step or _DEFAULT * size for size in largest]))
    reaches = _compiled_reaches(batch.params, batch.x, steps, batch.network)
    found: list[tuple[float, AtKink]] = []
    for level, (activation, arrays) in enumerate(zip(activations, reaches, strict=True)):
        z, reach = map(np.asarray, arrays)
        for kink in activation.kinks:
            off = np.abs(z - kink)
            for example, unit in np.argwhere(off <= reach[:, None]).tolist():
                near = AtKink(level, unit, example, float(z[example, unit]), activation.name)
                found.append((float(off[example, unit]), near))
    return [near for _, near in sorted(found)]


def _reaches(
    params: Params,
    x: Float[Array, "batch inputs"],
    steps: Float[Array, " layers"],
    network: Network,
) -> list[tuple[Float[Array, "batch units"], Float[Array, " batch"]]]:
    """Of every layer: z, and for each example how far one weight's step h can move it at most.

    own weights: h · max(1, |a|)        those below: their reach · max|a'| · the largest Σ|w|
    """
    trace = network.forward(params, x)
    below = jnp.zeros(len(x))
    found: list[tuple[Array, Array]] = []
    for level, (activation, layer) in enumerate(zip(network.activations, params, strict=True)):
        z, a = trace.weighted_inputs[level], trace.activations[level]
        own = steps[level] * jnp.maximum(1.0, jnp.abs(a).max(axis=1))
        reach = jnp.maximum(own, below * jnp.abs(layer.w).sum(axis=0).max())
        found.append((z, reach))
        slope = jnp.abs(activation.slope(z)).reshape(len(z), -1).max(axis=1)
        below = reach * jnp.maximum(1.0, slope)
    return found


_compiled_reaches = compiled(_reaches, static=("network",), options=RARELY)


def kink(
    batch: Batch, gradients: Params, before: list[Difference], step: float | None
) -> Finding | None:
    """A kink, if the differences lie in the examples whose units a step takes across one."""
    near = units_at_kinks(batch, step)
    crossed = sorted({unit.example for unit in near})
    rest = [n for n in range(len(batch.x)) if n not in crossed]
    if not crossed or not rest:
        return None
    # Another example in the place of those that cross leaves the shapes, and what is compiled.
    stand_in = batch._replace(**_replaced(batch, crossed, rest[0]))
    small = step if step is None else min(step, _SMALL)
    for side in (batch.network, _from_the_right(batch.network)):
        moved = _apart(mistaken_backprop(batch._replace(network=side)), mistaken_backprop(stand_in))
        mine = jax.tree.map(lambda g, change: (g - change).astype(g.dtype), gradients, moved)
        if _removed(stand_in, mine, before, step) and all(
            difference.agrees for difference in _compared(stand_in, mine, small)
        ):
            words = Told(
                "the differences are a mix of its two slopes; without those examples all agrees",
                "差分はその両側の傾きが混ざった値です。それらの例を除けばすべて一致します",
            )
            return Finding("kink", _within(near, words))
    return None


def only_kinks(batch: Batch, gradients: Params, step: float | None) -> Finding | None:
    """A kink in every example, which leaves nothing to compare with; no word against a gradient
    that is backpropagation's on either side of the kinks.
    """
    near = units_at_kinks(batch, step)
    if len({unit.example for unit in near}) < len(batch.x):
        return None
    sides = (batch.network, _from_the_right(batch.network))
    if not any(same(gradients, mistaken_backprop(batch._replace(network=n))) for n in sides):
        return None
    words = Told(
        "so is a unit of every example, and nothing is left to compare; take other x",
        "どの例にもそのようなユニットがあり、比べるものが残りません。別の x で試してください",
    )
    return Finding("kink", _within(near, words), passed=False)


def _within(near: list[AtKink], words: Told) -> Told:
    first, more = near[0].told, len(near) - 1
    others = f", and so are {more} others" if more else ""
    others_ja = f"（ほかに {more} 個）" if more else ""
    return Told(
        f"{first} is within the step of its kink{others}; {words}",
        f"{first.ja} は折れ点から差分の幅の内にあります{others_ja}。{words.ja}",
    )


def _removed(some: Batch, mine: Params, before: list[Difference], step: float | None) -> bool:
    """Whether the error goes with the examples: a step that is too large leaves it in all."""
    after = max(difference.error for difference in _compared(some, mine, step))
    return after <= _LEFT_OVER * max(difference.error for difference in before)


def _compared(batch: Batch, gradients: Params, step: float | None) -> list[Difference]:
    # Taking examples off the gradient leaves rounding of its own.
    return [
        compare(d.name, d.gradient, d.numerical, d.uncertainty + 1e-12 * np.abs(d.gradient).max())
        for d in compared(batch, gradients, step)
    ]


def _replaced(batch: Batch, crossed: list[int], by: int) -> dict[str, Any]:
    rows = np.arange(len(batch.x))
    rows[crossed] = by
    return {name: jax.device_put(np.asarray(getattr(batch, name))[rows]) for name in ("x", "t")}


def _apart(one: Params, other: Params) -> Params:
    return jax.tree.map(lambda a, b: a - b, one, other)


def _from_the_right(network: Network) -> Network:
    """The network with the slope at a kink taken from the right of it."""
    hidden = [_right(activation) for activation in network.activations]
    return Network(network.sizes, hidden[:-1], hidden[-1])


def _right(activation: Activation) -> Activation:
    return replace(activation, slope=_Right(activation)) if activation.kinks else activation


@dataclass(frozen=True)
class _Right:
    """The slope of an activation from the right of its kinks; equal to that of an equal one, so
    that what is compiled for it serves again.
    """

    activation: Activation

    def __call__(self, z: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
        on = jnp.isin(z, jnp.asarray(self.activation.kinks))
        return self.activation.slope(jnp.where(on, z + 1e-12, z))
