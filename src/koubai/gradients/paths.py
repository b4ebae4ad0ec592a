"""The chain rule written out: a derivative as the sum over every path from a weight to the cost."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from koubai.engine import float64
from koubai.errors import DataError, SettingError, ShapeError
from koubai.functions.arguments import as_float, expect, shown, whole_number
from koubai.functions.losses import Loss
from koubai.gradients.backprop import as_batch, backprop, check_kinds, loss_for
from koubai.gradients.chains import Link, chain_count, largest_products, links
from koubai.gradients.notation import derivative, derivative_latex, quantity, quantity_latex
from koubai.networks.network import Network, Params

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Factor:
    """One factor of a path: the derivative of one quantity by the one below it."""

    name: str
    latex: str
    value: float


@dataclass(frozen=True)
class ChainPath:
    """One path from a weight to the cost: the units it passes and the product it gives.

    units: (layer, unit), counted from 1, from the weight's own unit up to the output.
    factors: from the cost down to the weight, as the chain rule is written.
    """

    units: tuple[tuple[int, int], ...]
    factors: tuple[Factor, ...]

    @property
    def value(self) -> float:
        """The product of the factors."""
        return math.prod(factor.value for factor in self.factors) + 0.0  # −0 is written 0


@dataclass(frozen=True)
class Explanation:
    """∂C/∂w of one weight, or ∂C/∂b of one bias (i is None), written out.

    derivative: by backpropagation; count: how many paths there are; paths: the largest first,
    all of them where `complete`, else those that contribute most.
    """

    network: Network
    layer: int
    i: int | None
    j: int
    derivative: float
    count: int
    paths: tuple[ChainPath, ...]

    @property
    def complete(self) -> bool:
        """Whether every path is listed."""
        return len(self.paths) == self.count

    @property
    def listed(self) -> float:
        """The sum over the paths that are listed."""
        return math.fsum(path.value for path in self.paths)

    @property
    def name(self) -> str:
        """∂C/∂w²₁₁ or ∂C/∂b²₁."""
        return derivative("C", quantity(*_parameter(self.layer, self.i, self.j)))

    @property
    def latex(self) -> str:
        """The sum in LaTeX: with its names, with its values, and what it comes to.

        Each path has a line.
        """
        name = derivative_latex("C", quantity_latex(*_parameter(self.layer, self.i, self.j)))
        plus = r" \\ &\quad + "
        names = [" ".join(factor.latex for factor in path.factors) for path in self.paths]
        values = [_values(path, r" \cdot ") for path in self.paths]
        rest = "" if self.complete else r" + \cdots"
        return (
            rf"\begin{{aligned}} {name} &= {plus.join(names)}{rest} \\ "
            rf"&= {plus.join(values)}{rest} \\ &= {self.derivative:.6g} \end{{aligned}}"
        )

    def plot(self, **options: Any) -> Axes:
        """Draws the paths: see `koubai.figures.chain_paths`, which takes the options."""
        from koubai.figures.chain import chain_paths

        return chain_paths(self, **options)

    def __repr__(self) -> str:
        return f"Explanation({self.name} = {self.derivative:.6g}, {_counted(self.count)})"

    def __str__(self) -> str:
        """The sum as text: each path with its factors and their values, and what it comes to."""
        which = "" if self.complete else f", of which {len(self.paths)} that contribute most"
        lines = [f"{self.name} = the sum over {_counted(self.count)}{which}:"]
        for path in self.paths:
            lines.append("  " + " · ".join(factor.name for factor in path.factors))
            lines.append(f"    = {_values(path, ' · ')} = {path.value:.6g}")
        those = "their sum" if self.complete else "the sum of these"
        lines += [f"{those}: {self.listed:.8g}", f"by backpropagation: {self.derivative:.8g}"]
        return "\n".join(lines)


def explain(
    network: Network,
    params: Params,
    x: ArrayLike,
    t: ArrayLike,
    layer: int,
    i: int | None,
    j: int,
    loss: str | Loss | None = None,
    most: int = 12,
) -> Explanation:
    """The derivative of the cost by one weight, as the sum over every path from it to the cost.

    Print it, write it with `.latex`, or draw it with `.plot()`; what this way costs beside
    backpropagation count `kb.multiplications` and `kb.figures.cost_of_the_chain_rule`.

        ∂C/∂wˡ_ji = Σ_paths ∂C/∂aᴸ · ∂aᴸ/∂zᴸ · ∂zᴸ/∂aᴸ⁻¹ · … · ∂aˡ_j/∂zˡ_j · ∂zˡ_j/∂wˡ_ji

    layer, i, j: counted as in the books, where the input is layer 1 and the first unit 1; wˡ_ji
    goes from unit i of layer l − 1 to unit j of layer l. i is None for the bias bˡ_j.
    x, t: one example. Where output and loss are one function of z (softmax with cross-entropy, …)
    their factors are one: ∂C/∂zᴸ = y − t.
    most: how many paths are listed, those with the largest products; they are found without going
    through all. Computed in float64.

    Raises SettingError for a layer or unit that is not there, ShapeError for several examples,
    DataError where a factor is not finite; else as `backprop`.
    Reference: 涌井『ディープラーニングがわかる数学入門』3-1.
    """
    check_kinds(network, params)
    _check(network, layer, i, j, most)
    with float64():
        params = jax.tree.map(lambda array: jnp.asarray(np.asarray(array), jnp.float64), params)
        examples, targets = as_batch(network, params, as_float(x, "x").astype(jnp.float64), t)
        if len(examples) != 1:
            raise ShapeError(
                f"x has {len(examples)} examples, each of which has products of its own: give one "
                f"(a batch's derivative is the mean of theirs)"
            )
        chosen = loss_for(network, loss)
        trace = network.forward(params, examples)
        chain = links(network, params, trace, targets, chosen, layer)
        gradient = backprop(network, params, examples, targets, chosen).gradients[layer - 2]
        below = trace.activations[layer - 2][0]
    _check_finite(chain, below)
    foot = Factor(
        derivative(quantity("z", layer, (j,)), quantity(*_parameter(layer, i, j))),
        derivative_latex(
            quantity_latex("z", layer, (j,)), quantity_latex(*_parameter(layer, i, j))
        ),
        1.0 if i is None else float(below[i - 1]),
    )
    return Explanation(
        network=network,
        layer=layer,
        i=i,
        j=j,
        derivative=float(gradient.b[j - 1] if i is None else gradient.w[i - 1, j - 1]) + 0.0,
        count=chain_count(chain),
        paths=tuple(
            _chain_path(chain, passed, foot) for passed in largest_products(chain, j - 1, most)
        ),
    )


def _check(network: Network, layer: int, i: int | None, j: int, most: int) -> None:
    layers = len(network.sizes)
    whole_number("most", most, 1)
    if not _is_place(layer, 2, layers):
        raise SettingError(
            f"layer is {shown(layer)}: give a whole number from 2 to {layers}, the layers with "
            f"weights; the input is layer 1"
        )
    for name, unit, at in [("i", i, layer - 1), ("j", j, layer)]:
        if (name, unit) == ("i", None):
            continue
        if not _is_place(unit, 1, network.sizes[at - 1]):
            raise SettingError(
                f"{name} is {shown(unit)}: give a whole number from 1 to {network.sizes[at - 1]}, "
                f"the units of layer {at}" + (", or None for the bias" if name == "i" else "")
            )


def _is_place(number: object, first: int, last: int) -> bool:
    if isinstance(number, bool) or not isinstance(number, int | np.integer):
        return False
    return first <= int(number) <= last


def _check_finite(chain: Sequence[Link], below: Float[Array, " units"]) -> None:
    """Of what is not finite no path is the strongest."""
    if not all(np.isfinite(values).all() for values in [below, *(link.values for link in chain)]):
        raise DataError(
            "params is not finite, or too large: a factor is NaN or Inf, so that no path is "
            "the strongest; give finite numbers, such as network.init(seed)"
        )


def _chain_path(chain: Sequence[Link], passed: tuple[int, ...], foot: Factor) -> ChainPath:
    factors = [_factor(link, p, q) for link, (p, q) in zip(chain, pairwise(passed), strict=True)]
    units = [
        (link.below[1], p + 1)
        for link, p in zip(chain, passed, strict=False)
        if link.below[0] == "z"
    ]
    return ChainPath(tuple(units), (*reversed(factors), foot))


def _factor(link: Link, p: int, q: int) -> Factor:
    (above, upper), (below, lower) = link.above, link.below
    numerator, latex = ("C", "C")
    if above != "C":
        numerator, latex = quantity(above, upper, (q + 1,)), quantity_latex(above, upper, (q + 1,))
    return Factor(
        derivative(numerator, quantity(below, lower, (p + 1,))),
        derivative_latex(latex, quantity_latex(below, lower, (p + 1,))),
        float(link.values[p, q]),
    )


def _parameter(layer: int, i: int | None, j: int) -> tuple[str, int, tuple[int, ...]]:
    return ("b", layer, (j,)) if i is None else ("w", layer, (j, i))


def _values(path: ChainPath, times: str) -> str:
    return times.join(
        f"({factor.value:.4g})" if factor.value < 0 else f"{factor.value:.4g}"
        for factor in path.factors
    )


def _counted(count: int) -> str:
    if count == 1:
        return "1 path"
    # A float ends at 10³⁰⁸.
    return f"{count:,} paths" if count < 10**7 else f"{Decimal(count):.3g} paths"


class Multiplications(NamedTuple):
    """What the gradient of a whole network costs for one example, in multiplications."""

    paths: int
    by_paths: int
    by_backpropagation: int


def multiplications(network: Network) -> Multiplications:
    """What the gradient of every weight and bias costs, path by path and by backpropagation.

    A path from layer l to the cost has two factors for each layer above l (a'(z) and w), one for
    the cost and one for the weight itself. Backpropagation multiplies by each weight once for the
    deltas below, by each a'(z) once, and makes one product for each weight. Both for activations
    that act on each unit by itself.

    Raises SettingError for what is no network.
    """
    expect(network, Network, "network", "one, such as kb.Network([12, 3, 2])")
    paths = by_paths = by_backpropagation = 0
    ways = 1  # from one unit of the layer to the cost
    for above, (below, units) in enumerate(reversed(list(pairwise(network.sizes)))):
        parameters = (below + 1) * units
        paths += parameters * ways
        by_paths += parameters * ways * (2 * above + 1)
        by_backpropagation += below * units
        if above < len(network.sizes) - 2:  # the input has no delta
            by_backpropagation += below * units + below
        ways *= units
    return Multiplications(paths, by_paths, by_backpropagation)
