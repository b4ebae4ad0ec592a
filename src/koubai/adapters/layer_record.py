"""What is noted of the layers of a watched module: a row for each, at some steps of training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from koubai.adapters.torch_data import torch_package
from koubai.adapters.torch_hooks import Seen, activation_of, activity, steepest
from koubai.errors import SettingError
from koubai.functions.activations import Activation
from koubai.training.layers import QUANTITIES, Layers, share_alike

if TYPE_CHECKING:
    from torch import Tensor

Row = dict[str, float]
# Looks after which units are compared again that differed.
_ALIKE_EVERY = 10
# Of a layer that was not called.
_UNSEEN = dict.fromkeys(QUANTITIES, float("nan"))


class LayerRecord:
    """The quantities of `Layers` at each look. `order`: the layers as they are called.

    The update of a look is known at the next pass, and its gradient noise at the next step, whose
    gradients are compared with its own: until then they are NaN.
    """

    def __init__(self) -> None:
        self.order: list[Any] = []
        self.activations: tuple[Activation, ...] = ()
        self._looks: list[list[Row]] = []
        self._weights: dict[Any, Tensor] = {}  # before the step of this look
        self._moving: dict[Any, Tensor] = {}  # and of the last, until it is known how far they went
        self._gradients: list[Tensor] | None = None
        self._steepest: dict[Any, Tensor] = {}  # the largest slope of each activation
        self._alike: dict[Any, float] = {}  # as last compared

    def __repr__(self) -> str:
        return f"LayerRecord({len(self._looks)} looks at {len(self.order)} layers)"

    def forward(self, layer: Any, looking: bool) -> None:
        """Before a layer is called."""
        for moved, before in self._moving.items():
            if moved in self.order:
                row = self._looks[-1][self.order.index(moved)]
                row["update_ratio"] = _ratio(moved.weight.detach() - before, before)
        self._moving = {}
        if looking and layer not in self._weights:
            self._weights[layer] = layer.weight.detach().clone()

    def step(self, seen: Mapping[Any, Seen] | None) -> None:
        """Once the gradients of a step are there; seen: what was seen of it, where it is a look.

        Raises SettingError where no layer was called, or none has a gradient.
        """
        if self._gradients is not None:
            for row, g1, g2 in zip(self._looks[-1], self._gradients, self._slopes(), strict=True):
                row["gradient_noise"] = _ratio(g1 - g2, g1 + g2)
            self._gradients = None
        if seen is not None:
            self._look(seen)

    def layers(self, steps: Sequence[int]) -> Layers:
        """All looks; steps: how many were done before each."""
        values = [[[row[name] for row in rows] for rows in self._looks] for name in QUANTITIES]
        return Layers(np.array(steps, np.int64), *np.array(values, np.float32))

    def _look(self, seen: Mapping[Any, Seen]) -> None:
        if not seen:
            raise SettingError(
                "the module was not called, or its hooks were removed: watch the one that is "
                "trained, and call watch.step(loss) after each pass through it and loss.backward()"
            )
        order = self.order or list(seen)
        if all(layer.weight.grad is None for layer in order):
            raise SettingError(
                "no layer has a gradient: call watch.step(loss) after loss.backward() and before "
                "the next zero_grad()"
            )
        if not self.order:
            self.order = order
            self.activations = tuple(activation_of(layer) for layer in seen.values())
        self._looks.append(
            [self._row(layer, seen[layer]) if layer in seen else _UNSEEN.copy() for layer in order]
        )
        self._moving, self._weights = self._weights, {}
        self._gradients = [slope.clone() for slope in self._slopes()]

    def _slopes(self) -> list[Tensor]:
        return [_slope(layer) for layer in self.order]

    def _row(self, layer: Any, seen: Seen) -> Row:
        if seen.act is not None and seen.act not in self._steepest:
            self._steepest[seen.act] = steepest(seen.act, seen.z)
        row = _row(layer, self._weights[layer], seen, self._steepest.get(seen.act))
        # Units that differ hardly become alike: half of a look's time is saved by trusting that.
        if self._alike.get(layer) != 0 or len(self._looks) % _ALIKE_EVERY == 0:
            self._alike[layer] = _share_alike(layer, self._weights[layer])
        return row | {"alike": self._alike[layer]}


def _slope(layer: Any) -> Tensor:
    """∂L/∂w of a layer; 0 where no gradient has come."""
    grad = layer.weight.grad
    return layer.weight.detach() * 0 if grad is None else grad.detach()


def _row(layer: Any, weight: Tensor, seen: Seen, largest: Tensor | None) -> Row:
    weight = weight.float()
    signal = weight.new_zeros(()) if seen.signal is None else seen.signal
    norms = _norm(_slope(layer).float()), _norm(weight)
    # One after the other they would wait for the device as often.
    values = torch_package().stack([*activity(seen, largest), signal, *norms]).tolist()
    mean, std, flat, dead, signal, slope, length = values
    return _UNSEEN | {
        "gradient_norm": slope,
        "weight_norm": length,
        "error_signal": signal**0.5,
        "activation_mean": mean,
        "activation_std": std,
        "flat": flat,
        "dead": dead,
    }


def _share_alike(layer: Any, weight: Tensor) -> float:
    w = weight.float().reshape(len(weight), -1).cpu().numpy().T
    b = np.zeros(w.shape[1]) if layer.bias is None else layer.bias.detach().float().cpu().numpy()
    with np.errstate(all="ignore"):  # after a divergence there are infinite numbers
        return share_alike(w, b)


def _ratio(part: Tensor, whole: Tensor) -> float:
    """0 / 0 is 0."""
    size, of = torch_package().stack([_norm(part.float()), _norm(whole.float())]).tolist()
    return 0.0 if size == 0 else size / of if of else float("inf")


def _norm(array: Tensor) -> Tensor:
    return torch_package().linalg.vector_norm(array)
