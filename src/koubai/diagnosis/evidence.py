"""What a diagnosis looks at: it may come from a run, or from a module that was watched."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float, Int

from koubai.functions.activations import Activation
from koubai.told import Told
from koubai.training.history import History
from koubai.training.layers import Layers

# Far out, where an activation that has bounds is at them.
_FAR = 1e4


@dataclass(frozen=True, eq=False)
class DataFacts:
    """What is known of the data, and of what the network makes of it.

    means, stds: of each input over the training data, (inputs,). one_unit: whether all inputs are
    measured in the same unit, as pixels are. counts: examples of each class, (classes,); recall:
    the share of each class that the network recognises among the training data; both empty for
    values. score: accuracy on the test data, or R² for values; chance: what always answering the
    largest class (for values: the mean) scores; neighbours: what the nearest training example's
    target scores; test_examples: how many there are.
    """

    means: Float[np.ndarray, " inputs"]
    stds: Float[np.ndarray, " inputs"]
    one_unit: bool
    counts: Int[np.ndarray, " classes"]
    classes: tuple[str, ...]
    recall: Float[np.ndarray, " classes"]
    score: float
    chance: float
    neighbours: float
    test_examples: int


@dataclass(frozen=True, eq=False)
class Evidence:
    """All that the rules look at.

    history, and in it `layers`: as of a run. activations: of each layer above the input.
    baseline: the loss of a network that answers every x with the mean target. optimizer:
    its name; adaptive: whether it divides by the size of past gradients; learning_rate: the first;
    usual_rate: one that the optimiser mostly does well with. stopped, kept_best: why training
    stopped, and whether the best parameters on validation data were kept. `data` and
    `stable_rate`, which is 2/λ_max at the start, are computed when a rule asks for them; they
    are None where they cannot be known. held_back: how many examples the losses on validation, else
    on test data, are means over; infinite where it is not known. weight_decay:
    0 where it is not known; pace: the factor on the learning rate after so many epochs.
    """

    history: History
    activations: tuple[Activation, ...]
    baseline: float
    optimizer: str
    adaptive: bool
    learning_rate: float
    usual_rate: float
    stopped: str
    kept_best: bool
    data: Callable[[], DataFacts | None]
    stable_rate: Callable[[], float | None]
    held_back: float = math.inf
    weight_decay: float = 0.0
    pace: Callable[[Float[np.ndarray, " epochs"]], Float[np.ndarray, " epochs"]] = np.ones_like

    @property
    def layers(self) -> Layers:
        """What was seen of each layer at some moments."""
        return self.history.layers

    @property
    def first_loss(self) -> float:
        """The loss over the training data before the first update."""
        return float(self.history.train_loss[0])

    @property
    def last_loss(self) -> float:
        """The loss over the training data at the end; infinite where it was lost."""
        last = float(self.history.train_loss[-1])
        return last if np.isfinite(last) else np.inf

    @property
    def fall(self) -> Told:
        """What the loss did, in words: "from 2.3 to 0.21", "2.3 から 0.21 に"."""
        batches = self.history.batch_losses
        lost = len(batches) > 0 and not np.isfinite(batches[-1])
        start, end = f"{self.first_loss:.4g}", f"{self.last_loss:.4g}"
        if lost:
            return Told(
                f"from {start} to a number that is not finite", f"{start} から有限でない値に"
            )
        return Told(f"from {start} to {end}", f"{start} から {end} に")

    def unlearnt(self, share: float) -> bool:
        """Whether more than that share of the loss of knowing nothing is left."""
        return self.last_loss > share * self.baseline

    def bounded(self, layer: int) -> bool:
        """Whether the activation of that layer, by index, has bounds on both sides."""
        value = self.activations[layer].value
        return bool(jnp.abs(value(jnp.array([-_FAR, _FAR]))).max() < _FAR / 100)

    def level(self, layer: int) -> bool:
        """Whether the derivative of that layer's activation, by index, is 0 everywhere."""
        activation = self.activations[layer]
        return activation.elementwise and not activation.slope(jnp.linspace(-10, 10, 2001)).any()

    def hidden(self) -> range:
        """The hidden layers, by index into what is recorded of layers."""
        return range(len(self.activations) - 1)

    def since(self, there: Bool[np.ndarray, " moments"]) -> Told:
        """When something that is there at the end began: "from the start", "from epoch 3 on"."""
        if there.all():
            return Told("from the start", "最初から")
        epoch = int(self.history.epochs[self._row_of(there)])
        return Told(f"from epoch {epoch} on", f"エポック {epoch} から")

    def learnt_before(self, there: Bool[np.ndarray, " moments"]) -> float:
        """The share of the loss's fall that was done when something began; 0 without a fall."""
        if there.all() or not self.last_loss < self.first_loss:
            return 0.0
        before = float(self.history.train_loss[self._row_of(there)])
        return (self.first_loss - before) / (self.first_loss - self.last_loss)

    def _row_of(self, there: Bool[np.ndarray, " moments"]) -> int:
        """The row of the epochs at which something began that is there at the end."""
        first = min(int(np.flatnonzero(~there)[-1]) + 1, len(there) - 1)
        row = int(np.searchsorted(self.history.iterations, self.layers.iterations[first]))
        return min(row, len(self.history.epochs) - 1)


def number_of(layer: int) -> int:
    """The books' number of a layer, where the input is layer 1, from its index above the input."""
    return layer + 2
