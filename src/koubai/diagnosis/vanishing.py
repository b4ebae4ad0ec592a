"""Vanishing gradients as an experiment: depth × activation × initial weights, layer by layer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, cast

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from koubai.data.dataset import Dataset, Split
from koubai.descent.optimisers import Optimiser, find_optimiser
from koubai.engine import float64
from koubai.errors import SettingError
from koubai.functions.activations import Activation, activations
from koubai.functions.arguments import expect, shown, whole_number
from koubai.gradients.backprop import backprop, loss_for
from koubai.networks.initialisers import Initialiser, initialisers
from koubai.networks.network import Network, Params
from koubai.training.batches import whole_batches
from koubai.training.loop import Method, descend_epoch, fresh_state, on_device
from koubai.training.rates import checked_rate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Training examples that the gradients are taken over.
_EXAMPLES = 1000

Norms = Float[np.ndarray, " layers"]


@dataclass(frozen=True, eq=False)
class LayerGradients:
    """‖∂L/∂wˡ‖ of every layer of one network, before it learnt anything and afterwards.

    depth: its hidden layers; start, later: from layer 2, the first with weights, up to the output;
    learnt: the mini-batches learnt from before `later`, fewer than were asked for where learning
    diverged; then `later` need not be finite.
    """

    depth: int
    activation: str
    initialiser: str
    start: Norms
    later: Norms
    learnt: int

    @property
    def share(self) -> float:
        """The first layer's ‖∂L/∂w‖ beside the last one's, at the start; NaN where both are 0."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return float(self.start[0] / self.start[-1])


@dataclass(frozen=True, eq=False)
class VanishingGradients:
    """The gradients of every combination, in the order of depths, activations, initialisers."""

    depths: tuple[int, ...]
    activations: tuple[str, ...]
    initialisers: tuple[str, ...]
    iterations: int
    networks: tuple[LayerGradients, ...]

    def of(self, depth: int, activation: str, initialiser: str) -> LayerGradients:
        """Those of one combination. Raises SettingError for one that was not tried."""
        wanted = (depth, activation, initialiser)
        for found in self.networks:
            if (found.depth, found.activation, found.initialiser) == wanted:
                return found
        raise SettingError(
            f"{depth} layers of {activation} from {initialiser} were not tried: choose among "
            f"depths {list(self.depths)}, {list(self.activations)} and {list(self.initialisers)}"
        )

    def plot(self, **options: Any) -> tuple[Axes, ...]:
        """Draws the norms: see `koubai.figures.vanishing_gradients`, which takes the options."""
        from koubai.figures.vanishing import vanishing_gradients

        return vanishing_gradients(self, **options)

    def __str__(self) -> str:
        """A table: how much of the last layer's gradient the first one gets."""
        rows = [("layers", "activation", "initial weights", "first layer", "last layer", "share")]
        for found in self.networks:
            first, last = found.start[0], found.start[-1]
            rows.append((
                str(found.depth), found.activation, found.initialiser,
                f"{first:.2e}", f"{last:.2e}", f"{found.share:.1e}",
            ))  # fmt: skip
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        )


def vanishing_gradients(
    data: Dataset,
    depths: Sequence[int] = (2, 5, 10),
    activations: Sequence[str | Activation] = ("sigmoid", "tanh", "relu"),
    initialisers: Sequence[str | Initialiser] = ("normal(0.01)", "xavier", "he"),
    units: int = 50,
    seed: int = 0,
    iterations: int = 300,
    *,
    optimizer: str | Optimiser = "sgd",
    learning_rate: float = 0.1,
    batch_size: int = 100,
) -> VanishingGradients:
    """The gradient norm of every layer, for each depth, activation and kind of initial weights.

        δˡ = (δˡ⁺¹ · wˡ⁺¹ᵀ) ⊙ a'(zˡ)    so that    ‖δˡ‖ ≤ max|a'| · ‖wˡ⁺¹‖ · ‖δˡ⁺¹‖

    Each layer on the way down multiplies by a' and by w. A sigmoid's a' is ¼ at most, and where
    the weights do not make up for it the gradient dwindles by a factor in every layer; He's weights
    make up for what ReLU takes away.

    depths: numbers of hidden layers, each of so many units. The output is softmax for classes,
    else identity. Gradients are those of the loss over the first 1000 training examples, in
    float64: at the start, and after so many iterations of learning with the other arguments.

    Raises SettingError for data that is no Dataset, a depth, units, iterations or
    batch_size below 1, a learning rate that is no number above 0, and for nothing to try;
    UnknownNameError for an unknown name.
    Reference: Hochreiter (1991); Glorot & Bengio (2010), 4.2; He, Zhang, Ren & Sun (2015), 2.2.
    """
    expect(data, Dataset, "data", "a Dataset, such as kb.data.digits()")
    counts = [whole_number("depth", depth, 1) for depth in _listed("depths", depths)]
    whole_number("units", units, 1)
    whole_number("seed", seed, 0)
    whole_number("iterations", iterations, 1)
    batch = min(whole_number("batch_size", batch_size, 1), len(data.train))
    checked_rate(learning_rate)
    hidden, drawn = _records(
        _listed("activations", activations), _listed("initialisers", initialisers)
    )
    batches = jnp.asarray(whole_batches(len(data.train), batch, iterations, seed))
    rates = jnp.full(iterations, learning_rate, jnp.float32)
    examples = on_device(data)
    found: list[LayerGradients] = []
    for depth, activation, initialiser in product(counts, hidden, drawn):
        sizes = [data.inputs, *[units] * depth, data.outputs]
        output = "identity" if data.classes is None else "softmax"
        # The network that learns is the same for all initial weights, and compiled once.
        network = Network(sizes, activation, output)
        method = Method(network, loss_for(network, None), find_optimiser(optimizer))
        start = Network(sizes, activation, output, initialiser).init(seed)
        state, losses, reached = descend_epoch(
            method, fresh_state(method, start), examples, batches, rates, 0.0, 0, iterations
        )
        found.append(
            LayerGradients(
                depth=depth,
                activation=activation.name,
                initialiser=str(initialiser),
                start=_norms(network, start, data.train),
                later=_norms(network, state.params, data.train),
                learnt=int(np.isfinite(losses[: int(reached)]).sum()),
            )
        )
    return VanishingGradients(
        depths=tuple(counts),
        activations=tuple(record.name for record in hidden),
        initialisers=tuple(map(str, drawn)),
        iterations=iterations,
        networks=tuple(found),
    )


def _listed(name: str, tried: Any) -> list[Any]:
    """What is to be tried, each once. Raises SettingError for what is no list, or empty."""
    listed: list[Any] = []
    if isinstance(tried, Iterable) and not isinstance(tried, str):
        listed = list(dict.fromkeys(cast("Iterable[Any]", tried)))
    if not listed:
        raise SettingError(f"{name} is {shown(tried)}: give a list of one or more")
    return listed


def _records(
    names: Sequence[str | Activation], drawn: Sequence[str | Initialiser]
) -> tuple[list[Activation], list[Initialiser]]:
    return [activations.find(name) for name in names], [initialisers.find(name) for name in drawn]


def _norms(network: Network, params: Params, split: Split) -> Norms:
    """‖∂L/∂w‖ of every layer. In float64: squares of what has vanished are 0 in float32."""
    x = (split.stored[:_EXAMPLES] * split.scale).astype(np.float64)
    with float64():
        wide = jax.tree.map(lambda array: jnp.asarray(array, jnp.float64), params)
        gradients = backprop(network, wide, x, split.t[:_EXAMPLES]).gradients
        return np.array([np.linalg.norm(np.asarray(layer.w)) for layer in gradients])
