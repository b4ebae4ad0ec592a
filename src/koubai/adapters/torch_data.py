"""The data of a PyTorch objective: read once, in a fixed order, with its digest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Int

from koubai.errors import DataError, missing_extra
from koubai.functions.arguments import shown, whole_number

if TYPE_CHECKING:
    from torch import Tensor

# Examples that are looked at together where nothing else is said.
_BATCH = 1000


@dataclass(frozen=True, eq=False)
class Examples:
    """Inputs and targets, examples first, and how many of them are looked at together.

    inputs: what the module is called with, one tensor or several.
    """

    inputs: tuple[Tensor, ...]
    targets: Tensor
    batch_size: int
    digest: str

    def __len__(self) -> int:
        return len(self.targets)

    def only(self, members: Int[np.ndarray, " members"]) -> Examples:
        """Those examples alone."""
        rows = torch_package().as_tensor(members, device=self.targets.device)
        inputs, targets = tuple(x[rows] for x in self.inputs), self.targets[rows]
        size = min(self.batch_size, len(targets))
        return Examples(inputs, targets, size, _digest([*inputs, targets]))

    def parts(self, size: int) -> Iterator[slice]:
        """The places of so many examples after the other; fewer in the last part."""
        for start in range(0, len(self), size):
            yield slice(start, min(start + size, len(self)))


def torch_package() -> Any:
    """PyTorch, imported late. Raises MissingExtraError where it is not installed."""
    try:
        import torch
    except ImportError:
        raise missing_extra("a PyTorch module", "torch") from None
    return torch


def as_examples(data: Any, batch_size: int | None, device: Any) -> Examples:
    """(x, t) tensors, or all batches of a DataLoader, joined in the order they come in.

    x may be a tuple of tensors. A DataLoader is read once, without touching PyTorch's random
    numbers, and its batch size is taken where none is given.

    Raises DataError where nothing comes, or what comes is no pair (x, t) of equally many examples.
    """
    torch = torch_package()
    if isinstance(data, torch.utils.data.DataLoader):
        batch_size = batch_size or data.batch_size
        with torch.random.fork_rng(devices=[]):
            pairs = [_pair(batch) for batch in data]
    else:
        pairs = [_pair(data)]
    if not pairs or not sum(len(t) for _, t in pairs):
        raise DataError("data is empty: give at least one example")
    columns = zip(*[(*inputs, t) for inputs, t in pairs], strict=True)
    *inputs, targets = (torch.cat(column).detach().to(device) for column in columns)
    size = _BATCH if batch_size is None else whole_number("batch_size", batch_size, 1)
    return Examples(tuple(inputs), targets, min(size, len(targets)), _digest([*inputs, targets]))


def _pair(batch: Any) -> tuple[tuple[Tensor, ...], Tensor]:
    torch = torch_package()
    if not (isinstance(batch, tuple | list) and len(batch) == 2):
        raise DataError(
            f"data is {shown(type(batch).__name__)}: give (x, t), or a DataLoader of such pairs"
        )
    x, t = batch
    inputs = tuple(x) if isinstance(x, tuple | list) else (x,)
    try:
        *tensors, targets = (torch.as_tensor(part) for part in (*inputs, t))
    except (TypeError, ValueError, RuntimeError):
        raise DataError(
            f"data holds {shown(type(x).__name__)} and {shown(type(t).__name__)}: give tensors"
        ) from None
    lengths = {tensor.shape[0] if tensor.ndim else 0 for tensor in (*tensors, targets)}
    if len(lengths) != 1:
        shapes = ", ".join(str(tuple(tensor.shape)) for tensor in (*tensors, targets))
        raise DataError(
            f"data holds tensors of shapes {shapes}: give x and t with an example in each row"
        )
    return tuple(tensors), targets


def _digest(tensors: list[Tensor]) -> str:
    """SHA-256 over every number and the types and shapes, in hexadecimal."""
    torch = torch_package()
    content = hashlib.sha256()
    for tensor in tensors:
        content.update(f"{tensor.dtype}{tuple(tensor.shape)}".encode())
        flat = tensor.cpu().contiguous().reshape(-1)
        content.update(flat.view(torch.uint8).numpy().data)
    return content.hexdigest()
