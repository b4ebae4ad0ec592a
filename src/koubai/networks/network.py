"""A network: layers of units, each with weighted inputs z = a · w + b and activations a(z)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, TypeVar, cast

import jax
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from koubai.errors import SettingError, ShapeError
from koubai.functions.activations import Activation, activations
from koubai.functions.arguments import as_float, outline, shown, whole_number
from koubai.networks.initialisers import Initialiser, initialisers

Batch = Float[Array, "*batch units"]

R = TypeVar("R", Activation, Initialiser)
_MOST_PARAMETERS = 2**31  # beyond it XLA's 32-bit indices end
Choice = str | R | Sequence[str | R]


class Layer(NamedTuple):
    """The parameters of one layer.

    w: (inputs, units), w[i, j] is the weight from unit i below to unit j of this layer, which
    the books write w_ji; b: (units,).
    """

    w: Float[Array, "inputs units"]
    b: Float[Array, " units"]

    def __repr__(self) -> str:
        return f"Layer(w {outline(self.w)}, b {outline(self.b)})"


Params = tuple[Layer, ...]


class Trace(NamedTuple):
    """All that a forward pass computed.

    `weighted_inputs` holds z of every layer above the input, `activations` holds the input x and
    then a of every layer above it: one entry more.
    """

    weighted_inputs: tuple[Batch, ...]
    activations: tuple[Batch, ...]

    @property
    def output(self) -> Batch:
        """What the network puts out: the activations of the last layer."""
        return self.activations[-1]

    def __repr__(self) -> str:
        z, a = (", ".join(map(outline, arrays)) for arrays in self)
        return f"Trace(weighted_inputs: {z}; activations: {a})"


@dataclass(frozen=True, repr=False)
class Network:
    """A fully connected network.

        z¹ = x · w¹ + b¹,  a¹ = h¹(z¹),  …,  zᴸ = aᴸ⁻¹ · wᴸ + bᴸ,  y = hᴸ(zᴸ)

    `sizes` counts the units of each layer, the input included: [784, 50, 10]. `hidden` is the
    activation of every hidden layer, or a list with one for each; `output` that of the last.
    `initialiser` is one for all layers, or a list with one for each; without it every layer
    gets the one that suits its activation. Names or records are accepted.

    A network holds no parameters: `init` draws them and `forward` takes them, so that both are
    pure functions. It is hashable, and equal to another with the same layers.

    >>> network = Network([12, 3, 2], hidden="sigmoid", output="sigmoid")
    >>> network.parameter_count
    47
    """

    sizes: tuple[int, ...]
    activations: tuple[Activation, ...]
    initialisers: tuple[Initialiser, ...]

    def __init__(
        self,
        sizes: Sequence[int],
        hidden: Choice[Activation] = "sigmoid",
        output: str | Activation = "softmax",
        initialiser: Choice[Initialiser] | None = None,
    ) -> None:
        widths = _widths(sizes)
        layers = len(widths) - 1
        hidden_activations = _one_each("hidden", hidden, layers - 1, activations.find)
        if isinstance(hidden, str):
            activations.find(hidden)  # misspelt where there is no hidden layer, it would go unseen
        chosen = (*hidden_activations, activations.find(output))
        drawn = [a.initialiser for a in chosen] if initialiser is None else initialiser
        object.__setattr__(self, "sizes", widths)
        object.__setattr__(self, "activations", chosen)
        object.__setattr__(
            self,
            "initialisers",
            _one_each("initialiser", drawn, layers, initialisers.find),
        )

    @property
    def output(self) -> Activation:
        """The activation of the last layer."""
        return self.activations[-1]

    @property
    def parameter_count(self) -> int:
        """Number of weights and biases."""
        return sum((inputs + 1) * units for inputs, units in pairwise(self.sizes))

    def init(self, seed: int = 0) -> Params:
        """Parameters drawn from the seed: weights as `initialisers` say, biases 0, float32.

        Drawn by NumPy, so that a seed means the same weights on every machine and device.
        Raises SettingError for a seed below 0, or for more than 2³¹ parameters.
        """
        seed = whole_number("seed", seed, 0)
        if self.parameter_count > _MOST_PARAMETERS:
            raise SettingError(
                f"the network {list(self.sizes)} has {self.parameter_count:,} parameters, "
                f"{self.parameter_count * 4 / 2**30:,.0f} GiB: take fewer units"
            )
        layers = zip(self.initialisers, pairwise(self.sizes), strict=True)
        return tuple(
            Layer(
                w=jax.device_put(initialiser.draw(np.random.default_rng([seed, i]), inputs, units)),
                b=jax.device_put(np.zeros(units, np.float32)),
            )
            for i, (initialiser, (inputs, units)) in enumerate(layers)
        )

    def forward(self, params: Params, x: ArrayLike) -> Trace:
        """The weighted inputs and activations of every layer.

        Shapes: x (inputs,) for one example or (batch, inputs); the trace has the same leading
        axis. Raises ShapeError when x or params do not fit the network.
        """
        a = as_float(x, "x")
        self.check(params, a.shape)
        weighted_inputs: list[Batch] = []
        activations_ = [a]
        for (w, b), activation in zip(params, self.activations, strict=True):
            z = a @ w + b
            a = activation.value(z)
            weighted_inputs.append(z)
            activations_.append(a)
        return Trace(tuple(weighted_inputs), tuple(activations_))

    def check(self, params: Params, x_shape: tuple[int, ...]) -> None:
        """Raises ShapeError when the parameters or an x of that shape do not fit the network."""
        self.check_params(params)
        if not x_shape or x_shape[-1] != self.sizes[0]:
            columns = x_shape[-1] if x_shape else "no"
            raise ShapeError(
                f"x has {columns} columns but the network takes {self.sizes[0]} inputs: give x "
                f"the shape ({self.sizes[0]},) or (batch, {self.sizes[0]})"
            )

    def check_params(self, params: Params) -> None:
        """Raises ShapeError when the parameters do not fit the network."""
        expected = [((i, u), (u,)) for i, u in pairwise(self.sizes)]
        try:
            received = [(tuple(layer.w.shape), tuple(layer.b.shape)) for layer in params]
        except (AttributeError, TypeError):
            raise ShapeError(
                f"params is {shown(params)}: give a kb.Layer(w, b) of arrays for each layer, such "
                f"as network.init(seed)"
            ) from None
        if received != expected:
            raise ShapeError(
                f"params have shapes {received} but the network {list(self.sizes)} takes "
                f"{expected}: use network.init(seed)"
            )

    def __repr__(self) -> str:
        hidden = [a.name for a in self.activations[:-1]]
        return f"Network({list(self.sizes)}, hidden={hidden}, output={self.output.name!r})"

    def __str__(self) -> str:
        """A table: layer, units, activation, number of parameters."""
        rows = [("layer", "units", "activation", "parameters"), ("1", str(self.sizes[0]), "", "0")]
        layers = zip(pairwise(self.sizes), self.activations, strict=True)
        for number, ((inputs, units), activation) in enumerate(layers, start=2):
            count = (inputs + 1) * units
            rows.append((str(number), str(units), activation.name, str(count)))
        rows.append(("total", "", "", str(self.parameter_count)))
        width = max(len(row[2]) for row in rows)
        return "\n".join(f"{a:>5}  {b:>6}  {c:<{width}}  {d:>10}" for a, b, c, d in rows)


def _widths(sizes: Sequence[int]) -> tuple[int, ...]:
    """The sizes as they came, once each of them is a whole number."""
    try:
        widths = tuple(whole_number("size", size, 1) for size in sizes)
    except (TypeError, SettingError):
        widths = ()
    if len(widths) < 2 or isinstance(sizes, bytes | set):
        raise SettingError(
            f"sizes is {shown(sizes)}: give a list of whole numbers above 0 for the inputs, any "
            f"hidden layers and the outputs, as in [784, 50, 10]"
        )
    return widths


def _one_each(
    argument: str, choice: Choice[R], layers: int, find: Callable[[str | R], R]
) -> tuple[R, ...]:
    """One record for each layer, from a single choice for all or a list with one for each."""
    alone = isinstance(choice, str) or not isinstance(choice, Sequence)
    choices = cast("Sequence[str | R]", [choice] * layers if alone else choice)
    if len(choices) != layers:
        raise SettingError(
            f"{argument} names {len(choices)} layers but the network has {layers}: give one for "
            f"all, or a list with one for each"
        )
    return tuple(find(choice) for choice in choices)
