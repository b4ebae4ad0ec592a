"""Many values of a PyTorch objective on a plane, found together.

The data is cut into tiles that lie in the cache, and all points of the plane are asked of a tile
while it does; each thread has tiles of its own. Which way is quickest depends on the module, so
each is timed on one tile, and one that does not give the same values is not taken.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

from koubai.adapters.torch_data import torch_package
from koubai.adapters.torch_first import FirstLayer, answered, first_layer
from koubai.adapters.torch_function import TorchObjective, Way, called
from koubai.adapters.torch_pooling import max_pools_by_slices
from koubai.adapters.torch_threads import each_part, one_thread_each
from koubai.errors import SettingError
from koubai.landscapes.evaluate import Coordinates, Evaluate, Values, evaluator, mean_and_error
from koubai.landscapes.plane import Plane
from koubai.objectives.objective import Objective

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

# Examples in a tile on a CPU: the activations of a small convolutional network for them fit its
# cache, and PyTorch's overhead for an operation is small beside the operation.
_TILE = 100
# On a CPU: bytes for the parameters of several points and for what the layers answer at them.
_BUDGET = 128 * 2**20
# Of an accelerator's memory.
_SHARE = 0.25
# Points on which the ways are timed, and how far their values may differ by rounding.
_PROBES, _SAME = 8, 1e-4
_ROUNDS = 6

# Σ quantity over the examples, and for a sample Σ quantity².
Sums = Float[np.ndarray, "points moments"]
# The quantity of a part of the data, from the module's output and the targets: a mean, and for a
# sample of the data the mean of the squares too.
_Quantity = Callable[[Any, "Tensor"], "Tensor"]


def values_on(
    objective: TorchObjective, plane: Plane, metric: str = "loss", memory: int | None = None
) -> Evaluate:
    """`koubai.landscapes.evaluate.evaluator` for a PyTorch objective; errors as there."""
    if metric not in ("loss", "accuracy"):
        return evaluator.dispatch(Objective)(objective, plane, metric, memory)
    if objective.batch_norm == "re-estimated":
        return _one_by_one(objective, plane, _quantity(objective, metric))
    return TorchValues(objective, plane, metric, memory or _at_hand(objective.data.targets.device))


def _at_hand(device: Any) -> int:
    if device.type != "cuda":
        return _BUDGET
    return int(_SHARE * torch_package().cuda.get_device_properties(device).total_memory)


def _quantity(objective: TorchObjective, metric: str) -> _Quantity:
    """The loss, or the share classed right: SettingError where the targets are no classes."""
    targets = objective.data.targets
    if metric == "accuracy" and (targets.ndim != 1 or targets.is_floating_point()):
        raise SettingError("metric is 'accuracy', but the targets are values, not classes")
    if objective.population is not None:
        each = partial(_each_loss, objective.loss) if metric == "loss" else _hits
        return lambda output, t: _moments(each(output, t))
    return objective.loss if metric == "loss" else lambda output, t: _hits(output, t).mean()


def _hits(output: Any, t: Tensor) -> Tensor:
    return (output.argmax(-1) == t).float()


def _each_loss(loss: Callable[[Any, Any], Any], output: Tensor, t: Tensor) -> Tensor:
    """The loss of every example: a mean over one."""
    return torch_package().func.vmap(lambda o, t: loss(o[None], t[None]))(output, t)


def _moments(each: Tensor) -> Tensor:
    return torch_package().stack([each.mean(), each.square().mean()])


def _one_by_one(objective: TorchObjective, plane: Plane, quantity: _Quantity) -> Evaluate:
    def of_part(module: Module, tensors: dict[str, Tensor], part: slice) -> Tensor:
        output = objective.batch_output(module, tensors, part)
        return quantity(output, objective.data.targets[part])

    def evaluate(coordinates: Coordinates) -> Values:
        thetas = plane.at(coordinates).astype(objective.start.dtype)
        found = np.array([[objective.mean(theta, of_part)] for theta in thetas], np.float64)
        return Values(found, np.zeros_like(found))

    return evaluate


class TorchValues:
    """Values at points of a plane: tile after tile of the data, all points on each.

    Half of `memory`, in bytes, is for the parameters of several points, half for what the layers
    answer at them.
    """

    def __init__(self, objective: TorchObjective, plane: Plane, metric: str, memory: int) -> None:
        quantity = _quantity(objective, metric)
        self.objective, self.plane, self.quantity = objective, plane, quantity
        self._half = memory // 2
        torch = torch_package()
        self._on_cpu = objective.data.targets.device.type == "cpu"
        self._threads = torch.get_num_threads() if self._on_cpu else 1
        self._size = objective.data.batch_size
        if self._on_cpu and objective.batch_norm != "batch":
            self._size = min(self._size, _TILE)
        self._first = first_layer(objective, objective.module)
        basis = np.stack([plane.origin, *plane.directions]).astype(objective.start.dtype)
        self._basis = objective.tensors(basis)
        # Kept with the objective, wherever it is sent: each way rounds in its own manner.
        key = (metric, plane.dimensions)
        if key not in objective.ways:
            objective.ways[key] = self._quickest()
        self._way = objective.ways[key]

    def __call__(self, coordinates: Coordinates) -> Values:
        n, population = len(self.objective.data), self.objective.population
        parts = list(self.objective.data.parts(self._size))
        rows = max(1, self._half // max(1, self.objective.start.nbytes))
        found = np.concatenate(
            [
                self._sums(coordinates[start : start + rows], parts, self._way)
                for start in range(0, len(coordinates), rows)
            ]
        )
        return mean_and_error(found, n, population)

    def first_layer_of(self, module: Module) -> FirstLayer:
        """A stand-in for the first layer of a copy of the module, put in its place."""
        name = str(self._first)
        layer, stem = module.get_submodule(name), f"{name}." if name else ""
        own = [p for p, _ in layer.named_parameters()]
        rows = range(1 + self.plane.dimensions)
        first = FirstLayer(layer, [{p: self._basis[stem + p][i] for p in own} for i in rows])
        layer.forward = first
        return first

    def _sums(self, coordinates: Coordinates, parts: list[slice], way: Way) -> Sums:
        """Σ n_b · quantity of batch b, in float64 and always in the same order."""
        threads = min(self._threads, len(parts))
        thetas = self.plane.at(coordinates).astype(self.objective.start.dtype)
        stack = self.objective.tensors(thetas)
        workers = [
            _Worker(self, module, way, stack, coordinates)
            for module in self.objective.copies(threads)
        ]

        def of_part(worker: _Worker, part: slice) -> Sums:
            return (part.stop - part.start) * worker.values(part)

        with one_thread_each():
            return sum(each_part(parts, workers, of_part), np.zeros((len(coordinates), 1)))

    def _quickest(self) -> Way:
        """The way that takes least time for one tile, among those that give the plain values."""
        part = [next(self.objective.data.parts(self._size))]
        probes = np.linspace(-0.1, 0.1, _PROBES * self.plane.dimensions)
        probes = probes.reshape(_PROBES, self.plane.dimensions)
        plain = self._sums(probes, part, Way())
        ways = [way for way in self._ways() if self._agrees(plain, probes, part, way)]
        # On one thread a CPU's time is what it takes, whatever else the machine is doing.
        clock = time.process_time if self._on_cpu else time.perf_counter
        seconds = dict.fromkeys(ways, np.inf)
        for _ in range(_ROUNDS):  # in turn, so that a slow moment is everyone's
            for way in ways:
                start = clock()
                self._sums(probes, part, way)
                seconds[way] = min(seconds[way], clock() - start)
        return min(ways, key=seconds.__getitem__)

    def _agrees(
        self,
        plain: Sums,
        probes: Coordinates,
        part: list[slice],
        way: Way,
    ) -> bool:
        try:
            found = self._sums(probes, part, way)
        except (RuntimeError, ValueError, TypeError, NotImplementedError):
            return False  # vmap, or a view of another layout, that this module does not allow
        return way == Way() or np.allclose(found, plain, _SAME, 0, equal_nan=True)

    def _ways(self) -> Iterator[Way]:
        first, slices = self._first is not None, self._on_cpu
        numbers = answered(self.objective, self.objective.module, slice(0, self._size))
        at_once = max(1, self._half // max(1, 4 * numbers))
        images = any(x.ndim == 4 for x in self.objective.data.inputs)
        for channels_last in (False, True)[: 1 + images]:
            yield from (Way(channels_last), Way(channels_last, first, slices=slices))
        yield Way(first=first, at_once=at_once, slices=slices)


class _Worker:
    """One thread's copy of the module."""

    def __init__(
        self,
        tiles: TorchValues,
        module: Module,
        way: Way,
        stack: dict[str, Tensor],
        coordinates: Coordinates,
    ) -> None:
        torch = torch_package()
        self._tiles, self._module, self._way, self._stack = tiles, module, way, stack
        data = tiles.objective.data
        kind = next(iter(stack.values())).dtype
        self._points = torch.as_tensor(coordinates, device=data.targets.device).to(kind)
        self._first = tiles.first_layer_of(module) if way.first else None

    def values(self, part: slice) -> Sums:
        """The quantity of a part of the data at each point."""
        torch = torch_package()
        inputs = tuple(self._laid_out(x[part]) for x in self._tiles.objective.data.inputs)
        if self._first:
            self._first.next_tile()

        def at(point: Any, theta: dict[str, Tensor]) -> Tensor:
            if self._first:
                self._first.coordinates = point
            objective = self._tiles.objective
            output = called(self._module, objective.fixed | theta, objective.written, inputs)
            return self._tiles.quantity(output, objective.data.targets[part])

        pools = max_pools_by_slices() if self._way.slices else nullcontext()
        with torch.no_grad(), pools:
            if self._way.at_once:
                each = torch.func.vmap(at, chunk_size=self._way.at_once)
                found = each(self._points, self._stack)
            else:
                stacks = zip(*(tensor.unbind() for tensor in self._stack.values()), strict=True)
                thetas = (dict(zip(self._stack, theta, strict=True)) for theta in stacks)
                found = torch.stack(list(map(at, self._points.tolist(), thetas)))
            return found.double().cpu().numpy().reshape(len(found), -1)

    def _laid_out(self, x: Tensor) -> Tensor:
        if self._way.channels_last and x.ndim == 4:
            return x.contiguous(memory_format=torch_package().channels_last)
        return x
