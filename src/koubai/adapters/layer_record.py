"""What is noted of the layers of a watched module: a row for each, at some steps of training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from koubai.adapters.torch_hooks import Seen, activation_of, activity
from koubai.errors import SettingError
from koubai.functions.activations import Activation
from koubai.training.layers import QUANTITIES, Layers, share_alike

if TYPE_CHECKING:
    from torch import Tensor

Row = dict[str, float]
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

    def layers(self, every: int) -> Layers:
        """All looks, with so many steps between them."""
        values = [[[row[name] for row in rows] for rows in self._looks] for name in QUANTITIES]
        iterations = np.arange(len(self._looks), dtype=np.int64) * every
        return Layers(iterations, *np.array(values, np.float32))

    def _look(self, seen: Mapping[Any, Seen]) -> None:
        if not seen:
            raise SettingError(
                "the module was not called: watch the one that is trained, and call "
                "watch.step(loss) after each pass through it and loss.backward()"
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
            [
                _row(layer, self._weights[layer], seen[layer]) if layer in seen else _UNSEEN.copy()
                for layer in order
            ]
        )
        self._moving, self._weights = self._weights, {}
        self._gradients = [slope.clone() for slope in self._slopes()]

    def _slopes(self) -> list[Tensor]:
        return [_slope(layer) for layer in self.order]


def _slope(layer: Any) -> Tensor:
    """∂L/∂w of a layer; 0 where no gradient has come."""
    grad = layer.weight.grad
    return layer.weight.detach() * 0 if grad is None else grad.detach()


def _row(layer: Any, weight: Tensor, seen: Seen) -> Row:
    mean, std, flat, dead = (float(value) for value in activity(seen))
    weight = weight.float()
    w = weight.reshape(len(weight), -1).cpu().numpy().T
    b = np.zeros(w.shape[1]) if layer.bias is None else layer.bias.detach().float().cpu().numpy()
    with np.errstate(all="ignore"):  # after a divergence there are infinite numbers
        alike = share_alike(w, b)
    return _UNSEEN | {
        "gradient_norm": float(_slope(layer).float().norm()),
        "weight_norm": float(weight.norm()),
        "error_signal": 0.0 if seen.signal is None else float(seen.signal) ** 0.5,
        "activation_mean": mean,
        "activation_std": std,
        "flat": flat,
        "dead": dead,
        "alike": alike,
    }


def _ratio(part: Tensor, whole: Tensor) -> float:
    """0 / 0 is 0."""
    part, whole = part.float().norm(), whole.float().norm()
    return 0.0 if part == 0 else float(part / whole)
