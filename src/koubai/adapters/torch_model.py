"""A PyTorch module with its data, looked at without being touched.

The structure of the module is copied, its parameters are not: every evaluation hands its own to
`torch.func.functional_call`. Mode and statistics are set on the copy, so that nothing has to be
restored in the user's module, whatever happens.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from itertools import chain
from typing import TYPE_CHECKING, Any

from koubai.adapters.torch_data import torch_package
from koubai.errors import FunctionError, SettingError, first_line, unknown_name
from koubai.functions.arguments import shown

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

MODES = ("eval", "train")
BATCH_NORM = ("frozen", "batch", "re-estimated")

Tensors = dict[str, "Tensor"]


def plain_module(module: Any) -> Module:
    """The module itself, or the one that torch.compile wrapped.

    Raises SettingError for anything else, what cannot be called with other parameters, and
    parameters that have no shape yet.
    """
    torch = torch_package()
    module = getattr(module, "_orig_mod", module)
    if not isinstance(module, torch.nn.Module):
        raise SettingError(f"module is {shown(module)}: give a torch.nn.Module")
    for name, part in module.named_modules():
        if isinstance(part, torch.jit.ScriptModule) or hasattr(part, "_orig_mod"):
            where = f"module.{name}" if name else "module"
            raise SettingError(
                f"{where} is compiled, which fixes its parameters in place: give the module as it "
                f"was before torch.compile or torch.jit"
            )
    for name, tensor in chain(module.named_parameters(), module.named_buffers()):
        if torch.nn.parameter.is_lazy(tensor):
            raise SettingError(
                f"module has no shape for {name!r} yet: call it on a batch once, module(x)"
            )
    return module


def structure(module: Module) -> Module:
    """A copy of a module that shares its parameters and buffers.

    Raises SettingError where it cannot be copied.
    """
    shared = {id(tensor): tensor for tensor in chain(module.parameters(), module.buffers())}
    try:
        return copy.deepcopy(module, shared)
    except (TypeError, RuntimeError, ValueError) as error:
        raise SettingError(
            f"module cannot be copied ({first_line(error)}): give one that copy.deepcopy can copy"
        ) from error


def norms(module: Module) -> list[Any]:
    """The batch-norm layers of a module."""
    kind = torch_package().nn.modules.batchnorm._BatchNorm
    return [part for part in module.modules() if isinstance(part, kind)]


def set_mode(module: Module, mode: str, batch_norm: str | None) -> str:
    """Sets the mode of a copy and where its batch-norm layers take their statistics from.

    Returns that choice: without one frozen in mode "eval" and the batch's in mode "train".
    Raises UnknownNameError for other words, SettingError where there are none to be frozen, or no
    such layers that it could be about.
    """
    if mode not in MODES:
        raise unknown_name("mode", mode, MODES)
    if batch_norm is not None and batch_norm not in BATCH_NORM:
        raise unknown_name("batch_norm", batch_norm, BATCH_NORM)
    if batch_norm in ("batch", "re-estimated") and not norms(module):
        raise SettingError(
            f"batch_norm is {batch_norm!r}, but the module has no batch-norm layers: leave it out"
        )
    # Without batch-norm layers too: another layer may put the examples of a batch together.
    batch_norm = batch_norm or {"eval": "frozen", "train": "batch"}[mode]
    module.train(mode == "train")
    for norm in norms(module):
        if norm.running_mean is None and batch_norm != "batch":
            raise SettingError(
                f"batch_norm is {batch_norm!r}, but a layer of the module keeps no running "
                f"statistics: give batch_norm='batch'"
            )
        norm.train(batch_norm == "batch")
        if batch_norm == "batch":
            norm.track_running_stats = False  # takes the batch's and keeps none
    return batch_norm


def re_estimate(module: Module, tensors: Tensors, batches: Iterable[tuple[Tensor, ...]]) -> Tensors:
    """All tensors, with the batch-norm statistics that these parameters have on the data.

    The mean over the batches, each weighted by its examples, of each batch's mean and variance; as
    `torch.optim.swa_utils.update_bn`, which gives a smaller last batch full weight.
    """
    torch = torch_package()
    statistics = {id(buffer) for norm in norms(module) for buffer in norm.buffers()}
    fresh = {
        name: tensors[name].clone() for name, buffer in module.named_buffers()
        if id(buffer) in statistics
    }  # fmt: skip
    found, seen = tensors | fresh, 0
    kept = [(norm, norm.momentum) for norm in norms(module)]
    try:
        for inputs in batches:
            seen += len(inputs[0])
            for norm, _ in kept:
                norm.train()
                norm.momentum = len(inputs[0]) / seen
            torch.func.functional_call(module, found, inputs)
    finally:
        for norm, momentum in kept:
            norm.eval()
            norm.momentum = momentum
    return found


def check_loss(loss: Any) -> None:
    """Raises FunctionError unless a loss is a tensor with one number."""
    torch = torch_package()
    if not isinstance(loss, torch.Tensor):
        raise FunctionError(f"loss returned {shown(loss)}: let it return a tensor with one number")
    if loss.ndim:
        raise FunctionError(
            f"loss returned a tensor of shape {tuple(loss.shape)}: let it return one number, such "
            f"as its .mean()"
        )


def check_mean(loss: Any, output: Any, targets: Tensor) -> None:
    """Raises FunctionError unless the loss of a batch is the mean of those of its two parts."""
    torch = torch_package()
    size = len(targets)
    if size < 2 or not isinstance(output, torch.Tensor) or len(output) != size:
        return
    whole = float(loss(output, targets))
    cut = (size + 2) // 3
    parts = [float(loss(output[s], targets[s])) for s in (slice(cut), slice(cut, None))]
    mean = (cut * parts[0] + (size - cut) * parts[1]) / size
    if abs(whole - mean) > 1e-3 * max(abs(whole), abs(mean)):
        raise FunctionError(
            f"loss is {whole:.6g} over {size} examples, but the mean over two parts of them is "
            f"{mean:.6g}: give a mean over examples (reduction='mean', no class weights), or a "
            f"batch_size that takes all examples at once"
        )
