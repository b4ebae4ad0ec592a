"""Max pooling as maxima of slices: on a CPU PyTorch's own takes ten times as long.

    max_pool(x)_ij = max over (k, l) of x_(s·i + k)(s·j + l)

first over k, then over l. PyTorch's keeps the place of every maximum, which only a gradient needs.
"""

from __future__ import annotations

from functools import cache, reduce
from typing import TYPE_CHECKING, Any

from koubai.adapters.torch_data import torch_package

if TYPE_CHECKING:
    from torch import Tensor


def max_pools_by_slices() -> Any:
    """A context in which a module's two-dimensional max pooling is done by slices."""
    return _mode()()


@cache
def _mode() -> Any:
    torch = torch_package()
    pools = {torch.max_pool2d, torch.nn.functional.max_pool2d}

    class MaxPools(torch.overrides.TorchFunctionMode):
        def __torch_function__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            found = _pooled(*args, **(kwargs or {})) if func in pools else None
            return func(*args, **(kwargs or {})) if found is None else found

    return MaxPools


def _pooled(
    x: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Tensor | None:
    """None for padding and whatever else is more than slices."""
    if _pair(padding) != (0, 0) or _pair(dilation) != (1, 1) or ceil_mode or return_indices:
        return None
    kernel = _pair(kernel_size)
    steps = _pair(stride) if stride else kernel
    for axis, width, step in zip((-2, -1), kernel, steps, strict=True):
        x = _maximum(x, axis, width, step)
    return x


def _maximum(x: Tensor, axis: int, width: int, step: int) -> Tensor:
    """The maxima of every window along one of the last two axes."""
    last = x.shape[axis] - width
    rows = (slice(start, start + last + 1, step) for start in range(width))
    places = [(..., row) if axis == -1 else (..., row, slice(None)) for row in rows]
    return reduce(torch_package().maximum, [x[place] for place in places])


def _pair(size: Any) -> tuple[int, int]:
    both = tuple(size) if isinstance(size, tuple | list) else (size,)
    return (both[0], both[-1])
