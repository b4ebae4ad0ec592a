"""The first layer of a PyTorch module on a plane: affine in its parameters.

A linear or convolutional layer that is handed the data itself answers, on the whole plane,

    z(θ₀ + α d₁ + β d₂) = z(θ₀) + α z(d₁) + β z(d₂)

so three products for a tile of data serve all the points.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from koubai.adapters.torch_data import torch_package
from koubai.adapters.torch_function import TorchObjective

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

_Tensors = dict[str, "Tensor"]


class FirstLayer:
    """Stands in for the forward of a layer: answers for the coordinates set last.

    arrays: the layer's own parameters at the origin and of each direction.
    """

    def __init__(self, layer: Module, arrays: list[_Tensors]) -> None:
        self._forward, self._layer, self._arrays = layer.forward, layer, arrays
        self._products: list[Tensor] = []
        self.coordinates: Any = None

    def next_tile(self) -> None:
        """Forgets the products: other data comes."""
        self._products = []

    def __call__(self, x: Tensor) -> Tensor:
        if not self._products:
            self._products = [self._of(arrays, x) for arrays in self._arrays]
        z, *directions = self._products
        for coordinate, direction in zip(self.coordinates, directions, strict=True):
            z = self._moved(z, direction, coordinate)
        return z

    def _moved(self, z: Tensor, direction: Tensor, coordinate: Any) -> Tensor:
        if isinstance(coordinate, float):
            return torch_package().add(z, direction, alpha=coordinate)
        return z + coordinate * direction  # vmap's, of several points

    def _of(self, arrays: _Tensors, x: Tensor) -> Tensor:
        own = self._layer.__dict__.pop("forward")
        try:
            return torch_package().func.functional_call(self._layer, arrays, (x,))
        finally:
            self._layer.forward = own


def first_layer(objective: TorchObjective, module: Module) -> str | None:
    """The name of the layer that gets the data itself, once, where θ holds all its parameters."""
    torch = torch_package()
    kinds = {torch.nn.Linear, torch.nn.Conv1d, torch.nn.Conv2d, torch.nn.Conv3d}
    part = slice(0, 1 if objective.batch_norm != "batch" else objective.data.batch_size)
    places = {x[part].untyped_storage().data_ptr() for x in objective.data.inputs}
    calls: list[tuple[str, bool]] = []

    def look(name: str) -> Any:
        def hook(_: Module, args: tuple[Tensor, ...]) -> None:
            calls.append((name, args[0].untyped_storage().data_ptr() in places))

        return hook

    named = {block.name for block in objective.blocks}
    handles = [
        layer.register_forward_pre_hook(look(name))
        for name, layer in module.named_modules()
        if type(layer) in kinds and not _hooked(layer)
        and all(f"{name}.{p}".removeprefix(".") in named for p, _ in layer.named_parameters())
    ]  # fmt: skip
    try:
        with torch.no_grad():
            objective.batch_output(
                module, objective.fixed | objective.tensors(objective.start), part
            )
    finally:
        for handle in handles:
            handle.remove()
    names = [name for name, _ in calls]
    return next((name for name, raw in calls if raw and names.count(name) == 1), None)


def _hooked(layer: Module) -> bool:
    own = vars(layer)
    return bool(own["_forward_hooks"] or own["_forward_pre_hooks"] or "forward" in own)


def answered(objective: TorchObjective, module: Module, part: slice) -> int:
    """How many numbers all layers of a module answer for a part of the data."""
    torch = torch_package()
    sizes: list[int] = []

    def hook(_: Module, __: Any, output: Any) -> None:
        if isinstance(output, torch.Tensor):
            sizes.append(output.numel())

    handles = [layer.register_forward_hook(hook) for layer in module.modules()]
    try:
        with torch.no_grad():
            objective.batch_output(
                module, objective.fixed | objective.tensors(objective.start), part
            )
    finally:
        for handle in handles:
            handle.remove()
    return sum(sizes)
