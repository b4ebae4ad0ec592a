"""From a PyTorch module, a loss and data to an objective."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from koubai.adapters.torch_data import Examples, as_examples, torch_package
from koubai.adapters.torch_function import TorchObjective, called
from koubai.adapters.torch_model import (
    check_loss,
    check_mean,
    plain_module,
    set_mode,
    structure,
)
from koubai.errors import FunctionError, KoubaiError, SettingError, first_line
from koubai.objectives.blocks import Block

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module


def torch_objective(
    module: Any,
    loss: Callable[[Any, Any], Any],
    data: Any,
    *,
    mode: str = "eval",
    batch_norm: str | None = None,
    batch_size: int | None = None,
    device: Any = None,
) -> TorchObjective:
    """The loss of a PyTorch module over its data, as f(θ).

        f(θ) = Σ_b n_b · loss(module(x_b; θ), t_b) / Σ_b n_b        over the batches b

    θ holds every parameter that requires a gradient, in the order of `named_parameters()`, and
    starts where the module is; tied ones are there once. The module itself is never changed, and
    what is done to it afterwards changes nothing here.

    Arguments:
        module: any torch.nn.Module; one from torch.compile is unwrapped.
        loss: loss(output, target) → a tensor with one number, a mean over the examples.
        data: (x, t) tensors, x also a tuple of several for the module's arguments, or a
            DataLoader, read once. One that shuffles gives another order, and so another digest,
            in each process: to go on with a landscape's `out=` give the tensors, or the DataLoader
            a `generator` that is seeded.
        mode: "eval" or "train", for this objective alone.
        batch_norm: where batch-norm layers take mean and variance from: "frozen", the running ones
            as they are now; "batch", of each batch; "re-estimated", of all the data anew at each
            θ. Without it "frozen" in mode "eval", "batch" in mode "train".
        batch_size: examples at a time: 1000, or the DataLoader's. It changes values only with
            the statistics of the batch.
        device: where it is computed; without it where the module is.

    Raises SettingError, DataError or FunctionError for what does not fit, MissingExtraError
    without PyTorch.
    """
    module = plain_module(module)
    trained = {name: p for name, p in module.named_parameters() if p.requires_grad}
    if not trained:
        raise SettingError(
            "module has no parameter that requires a gradient: call module.requires_grad_() first"
        )
    device = _device(next(iter(trained.values())).device if device is None else device)
    examples = as_examples(data, batch_size, device)
    own = structure(module)
    batch_norm = set_mode(own, mode, batch_norm)
    fixed = {
        name: tensor.detach().to(device, copy=True)
        for name, tensor in (*module.named_parameters(), *module.named_buffers())
        if name not in trained
    }
    moving = {name: p.detach().to(device, copy=True) for name, p in trained.items()}
    written = _first_look(own, moving | fixed, loss, examples)
    return TorchObjective(
        _start(moving),
        blocks=tuple(
            Block(name, tuple(p.shape), filters=0 if p.ndim > 1 else None)
            for name, p in moving.items()
        ),
        module=own,
        loss=loss,
        data=examples,
        fixed=fixed,
        written=written & fixed.keys(),
        mode=mode,
        batch_norm=batch_norm,
    )


def _device(device: Any) -> Any:
    """The device, once a number was put there. Raises SettingError where PyTorch has none."""
    torch = torch_package()
    try:
        found = torch.device(device)
        torch.ones(1, device=found).item()
        return found
    except (RuntimeError, AssertionError, TypeError, NotImplementedError) as error:
        raise SettingError(
            f"device is {str(device)!r} ({first_line(error).partition('. ')[0]}): give one that "
            f"PyTorch has here, such as 'cpu'"
        ) from None


def _start(parameters: dict[str, Tensor]) -> Any:
    """θ: float64 where a parameter is, else float32."""
    torch = torch_package()
    double = any(p.dtype == torch.float64 for p in parameters.values())
    dtype = torch.float64 if double else torch.float32
    return np.concatenate([p.to(dtype).cpu().numpy().ravel() for p in parameters.values()])


def _first_look(
    module: Module,
    tensors: dict[str, Tensor],
    loss: Callable[[Any, Any], Any],
    examples: Examples,
) -> frozenset[str]:
    """Calls module and loss once, for what does not fit; returns the tensors it wrote into.

    Raises FunctionError with what PyTorch said, or where the loss is no mean over examples.
    """
    torch = torch_package()
    part = slice(0, examples.batch_size)
    tensors = {name: tensor.clone() for name, tensor in tensors.items()}
    before = {name: tensor._version for name, tensor in tensors.items()}
    inputs, targets = tuple(x[part] for x in examples.inputs), examples.targets[part]
    try:
        with torch.no_grad():
            output = called(module, tensors, (), inputs)
            check_loss(loss(output, targets))
            if len(targets) < len(examples):
                check_mean(loss, output, targets)
    except KoubaiError:
        raise
    except (RuntimeError, ValueError, TypeError, IndexError, NotImplementedError) as error:
        raise FunctionError(
            f"the module or its loss fails on the data ({first_line(error)}): give data and a "
            f"loss that fit the module"
        ) from error
    return frozenset(name for name, tensor in tensors.items() if tensor._version > before[name])
