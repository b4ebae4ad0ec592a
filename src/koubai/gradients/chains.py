"""The chain rule as a graph: from a unit's weighted input up to the cost, link by link."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from koubai.functions.losses import Loss
from koubai.functions.outputs import is_canonical, output_delta
from koubai.networks.network import Network, Params, Trace

# Of every unit below and each of its largest products: the unit above, and which of its products.
Ways = Int[np.ndarray, "_ _ 2"]


@dataclass(frozen=True, eq=False)
class Link:
    """Derivatives of quantities by those right below them: values[p, q] = ∂above_q/∂below_p.

    below, above: letter and layer, such as ("z", 2) and ("a", 2); the cost is ("C", 0). joined:
    which of them depend on each other at all.
    """

    below: tuple[str, int]
    above: tuple[str, int]
    values: Float[np.ndarray, "below above"]
    joined: Bool[np.ndarray, "below above"]


def links(
    network: Network,
    params: Params,
    trace: Trace,
    t: Float[Array, "one outputs"],
    loss: Loss,
    layer: int,
) -> list[Link]:
    """The links from z of a layer (the input is 1) up to the cost, for the one example of a trace.

    Where output and loss are one function of z, the last link leads from z straight to the cost.
    """
    found: list[Link] = []
    last = len(network.sizes)
    for level in range(layer, last):
        found.append(_activation_link(network, trace, level))
        w = np.asarray(params[level - 1].w)
        found.append(Link(("a", level), ("z", level + 1), w, np.ones(w.shape, bool)))
    if network.output.elementwise and not is_canonical(network.output, loss):
        found.append(_activation_link(network, trace, last))
        return [*found, _cost_link("a", last, loss.each_slope(trace.output, t))]
    delta = output_delta(network.output, loss, trace.weighted_inputs[-1], t)
    return [*found, _cost_link("z", last, delta)]


def _activation_link(network: Network, trace: Trace, layer: int) -> Link:
    activation = network.activations[layer - 2]
    slope = np.asarray(activation.slope(trace.weighted_inputs[layer - 2][0]))
    if activation.elementwise:
        return Link(("z", layer), ("a", layer), np.diag(slope), np.eye(len(slope), dtype=bool))
    return Link(("z", layer), ("a", layer), slope.T, np.ones(slope.shape, bool))


def _cost_link(letter: str, layer: int, slopes: Float[Array, "one outputs"]) -> Link:
    column = np.asarray(jnp.reshape(slopes, (-1, 1)))
    return Link((letter, layer), ("C", 0), column, np.ones(column.shape, bool))


def chain_count(chain: Sequence[Link]) -> int:
    """How many paths lead from one unit to the cost."""
    return math.prod(int(link.joined[0].sum()) for link in chain)


def largest_products(chain: Sequence[Link], start: int, most: int) -> list[tuple[int, ...]]:
    """The paths from a unit up to the cost with the largest products, the largest first.

    Each is given by the unit it passes at every link, from 0. Not every path is gone through: of
    all that go on from a unit only the `most` largest can be part of a largest one.
    """
    products = np.ones((1, 1))
    ways: list[Ways] = []
    for link in reversed(chain):
        products, way = _extended(link, products, most)
        ways.append(way)
    ways.reverse()
    return [_followed(ways, start, rank) for rank in range(products.shape[1])]


def _extended(
    link: Link, products: Float[np.ndarray, "above ranks"], most: int
) -> tuple[Float[np.ndarray, "below most"], Ways]:
    """The largest products from every unit below, and the unit and rank above that each takes."""
    ranks = products.shape[1]
    kept = min(most, int(link.joined[0].sum()) * ranks)
    best = np.empty((len(link.values), kept))
    way = np.empty((len(link.values), kept, 2), dtype=int)
    for unit, (values, joined) in enumerate(zip(link.values, link.joined, strict=True)):
        candidates = (values[:, None] * products).ravel()
        size = np.where(np.repeat(joined, ranks), np.abs(candidates), -1.0)
        order = np.argsort(-size, kind="stable")[:kept]
        best[unit] = candidates[order]
        way[unit] = np.stack(np.divmod(order, ranks), axis=1)
    return best, way


def _followed(ways: Sequence[Ways], unit: int, rank: int) -> tuple[int, ...]:
    passed = [unit]
    for way in ways:
        unit, rank = (int(number) for number in way[unit, rank])
        passed.append(unit)
    return tuple(passed)
