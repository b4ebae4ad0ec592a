"""A recorder for the path of somebody's own training loop, in PyTorch or JAX."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

import jax
import numpy as np
import zarr
from jaxtyping import Float
from zarr.storage import MemoryStore

from koubai.adapters.jax_objective import flat, is_parameter
from koubai.descent.path import Path
from koubai.descent.recorder import Record
from koubai.errors import SettingError, ShapeError
from koubai.functions.arguments import as_point, shown, whole_number

_BUDGET = 64 * 2**20

Vector = Float[np.ndarray, " parameters"]


class PathRecorder:
    """Keeps the parameters that a training loop goes through, within a budget of bytes.

        recorder = kb.PathRecorder()
        for step in range(steps):
            …                                   # the loop's own update
            recorder(step, module, loss)
        kb.landscape(objective, path=recorder.path)

    Every step whose number is a multiple of the stride is kept; when the budget is full every
    other one is dropped and the stride doubles. The last one is always kept.
    """

    def __init__(self, budget: int = _BUDGET) -> None:
        self._budget = whole_number("budget", budget, 1)
        self._record: Record | None = None
        self._last: tuple[int, Vector, float] | None = None

    def __call__(self, step: int, params: Any, loss: Any) -> None:
        """Notes where the parameters are at a step, and the loss there.

        params: a PyTorch module or its parameters, a JAX pytree, or an array; in the order that
        `torch_objective` and `jax_objective` take them. loss: a number, or a tensor with one.

        Raises SettingError for a step that is no higher than the one before, for what has no
        parameters, and for a loss that is no number; NaN is one. ShapeError where there are more
        parameters or fewer than before.
        """
        step = whole_number("step", step, 0)
        if self._last is not None and step <= self._last[0]:
            raise SettingError(
                f"step is {step}, and the step before was {self._last[0]}: give a higher number"
            )
        theta, value = _theta(params), _value(loss)
        record = self._record or self._start(theta)
        if self._last is not None and theta.size != self._last[1].size:
            raise ShapeError(
                f"params has {theta.size} numbers but had {self._last[1].size} before: give the "
                f"same parameters at every step"
            )
        self._last = step, theta, value
        record.append(iteration=[step], loss=[value], point=theta[None])

    @property
    def path(self) -> Path:
        """The path so far. Raises SettingError before the first step."""
        if self._record is None or self._last is None:
            raise SettingError("nothing is recorded yet: call recorder(step, params, loss) first")
        names = ("iteration", "point", "loss")
        iterations, points, losses = (self._record.read(name) for name in names)
        step, theta, loss = self._last
        if not len(iterations) or iterations[-1] != step:
            iterations = np.append(iterations, step)
            points, losses = np.concatenate([points, theta[None]]), np.append(losses, loss)
        return Path(points, losses, iterations, stopped="steps")

    def _start(self, theta: Vector) -> Record:
        columns = {
            "iteration": ("i8", ()),
            "loss": ("f8", ()),
            "point": (theta.dtype.str[1:], theta.shape),
        }
        root = zarr.create_group(MemoryStore())
        self._record = Record(root, "path", columns, self._budget)
        return self._record


def _theta(params: Any) -> Vector:
    """A copy of the parameters, as one vector."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(params, torch.nn.Module):
        params = [p for p in params.parameters() if p.requires_grad]
    elif isinstance(params, Iterable) and not isinstance(params, Mapping | list | tuple):
        params = params if hasattr(params, "__array__") else list(params)
    values = params.values() if isinstance(params, Mapping) else params
    if torch is not None and _all_tensors(values, torch.Tensor):
        if any(torch.nn.parameter.is_lazy(p) for p in values):
            raise SettingError("params has no shape yet: call the module on a batch once before")
        arrays = [p.detach().float().cpu().numpy() if p.dtype not in (torch.float32, torch.float64)
                  else p.detach().cpu().numpy() for p in values]  # fmt: skip
    else:
        arrays = [leaf for leaf in jax.tree.leaves(params) if is_parameter(leaf)]
    if not sum(array.size for array in arrays):
        raise SettingError(
            f"params is {shown(params)}: give a module, its parameters, or a pytree of arrays"
        )
    return flat(arrays)


def _value(loss: Any) -> float:
    """A loss, of whatever precision, as a float."""
    number = loss.detach().double().cpu().numpy() if hasattr(loss, "detach") else loss
    with suppress(SettingError):
        value = as_point(number, "loss")
        if value.shape == ():
            return float(value)
    raise SettingError(f"loss is {shown(loss)}: give one number, or a tensor or array with one")


def _all_tensors(values: Any, tensor: type) -> bool:
    return isinstance(values, Iterable) and all(isinstance(value, tensor) for value in values)
