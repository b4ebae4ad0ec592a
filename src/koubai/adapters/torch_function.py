"""The loss of a PyTorch module over its data, as an objective over all its parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from koubai.adapters.torch_data import Examples, torch_package
from koubai.adapters.torch_model import norms, re_estimate, structure
from koubai.adapters.torch_threads import each_part, one_thread_each
from koubai.errors import SettingError, counted
from koubai.functions.arguments import whole_number
from koubai.landscapes.evaluate import Evaluate, evaluator
from koubai.landscapes.examples import facts, sample_of
from koubai.landscapes.plane import Plane
from koubai.objectives.hessian import hessian_product
from koubai.objectives.objective import Objective, Values

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

Tensors = dict[str, "Tensor"]


class Way(NamedTuple):
    """How many values on a plane are found.

    channels_last: images as PyTorch lays them out for its quicker kernels; first: the products of
    the first layer found once; at_once: points that `vmap` takes together, 0 for one after the
    other; slices: max pooling by slices.
    """

    channels_last: bool = False
    first: bool = False
    at_once: int = 0
    slices: bool = False


@dataclass(frozen=True, eq=False)
class TorchObjective(Objective):
    """The loss of a PyTorch module over its data, as a function of its parameters in one vector.

    θ holds the parameters that require a gradient, in the order of `module.named_parameters()`,
    tied ones once. Values are sums over batches in float64, the last one weighted by its size.

    module: a copy that shares the user's tensors and is never called with them; fixed: what θ does
    not hold, as it was when the objective was made; written: the names of those among them that
    the module writes into when it is called. mode and batch_norm: what was chosen. population: of
    how many examples the data is a random sample; None where it is all there are. ways: the
    quickest for each metric and number of directions, once they were timed.
    """

    f: Callable[[Any], Any] = field(init=False, repr=False)
    module: Module = field(kw_only=True, repr=False)
    loss: Callable[[Any, Any], Any] = field(kw_only=True)
    data: Examples = field(kw_only=True, repr=False)
    fixed: Tensors = field(kw_only=True, repr=False)
    written: frozenset[str] = field(kw_only=True, repr=False)
    mode: str = field(kw_only=True)
    batch_norm: str = field(kw_only=True)
    population: int | None = field(kw_only=True, default=None)
    ways: dict[tuple[str, int], Way] = field(
        kw_only=True, repr=False, default_factory=dict[tuple[str, int], Way]
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "f", self._mean_loss)
        super().__post_init__()

    def __repr__(self) -> str:
        return (
            f"TorchObjective({type(self.module).__name__}: "
            f"{counted(self.start.size, 'parameter')} in {counted(len(self.blocks), 'array')}, "
            f"{counted(len(self.data), 'example')}, mode: {self.mode})"
        )

    @cached_property
    def traceable(self) -> bool:
        """False: it is PyTorch that differentiates f."""
        return False

    @property
    def exact(self) -> bool:
        """Whether `gradient` is exact: not where statistics are re-estimated at each point."""
        return self.batch_norm != "re-estimated"

    @property
    def about(self) -> dict[str, Any]:
        """What its values rest on, by name."""
        batch_norm = {"batch_norm": self.batch_norm} if norms(self.module) else {}
        return {
            "examples": len(self.data),
            "digest": self.data.digest,
            "mode": self.mode,
            **batch_norm,
            "batch_size": self.data.batch_size,
            "device": str(self.data.targets.device),
        }

    def params(self, x: ArrayLike) -> Tensors:
        """The state_dict with the parameters of a point, for `module.load_state_dict`."""
        point = self._point(x)
        found = self.fixed | self.tensors(point)
        once = {id(tensor): name for name, tensor in self._named()}
        every = dict(self._named(remove_duplicate=False))
        return {
            name: found[once[id(every[name])]].clone() if name in every else value
            for name, value in self.module.state_dict().items()
        }

    def gradient(self, x: ArrayLike) -> Values:
        """∇f(x), exact, by PyTorch's automatic differentiation.

        Raises SettingError where batch-norm statistics are re-estimated at each point.
        """
        return self._derivative(x, _slopes, [self.module]).astype(self.start.dtype)

    def hessian_product(self, x: ArrayLike) -> Callable[[Values], Values]:
        """The function v ↦ ∇²f(x) · v, exact, in the precision of the module.

        Raises SettingError as `gradient`. Reference: Pearlmutter (1994), Neural Computation 6.
        """
        threads = torch_package().get_num_threads() if self._on_cpu else 1
        modules = self.copies(min(threads, len([*self.data.parts(self.data.batch_size)])))

        def product(v: Values) -> Values:
            along = [*self.tensors(v.astype(self.start.dtype)).values()]

            def curvatures(loss: Tensor, leaves: list[Tensor]) -> tuple[Tensor, ...]:
                slopes = _slopes(loss, leaves, create_graph=True)
                pairs = zip(slopes, along, strict=True)
                return _slopes(sum((s * v).sum() for s, v in pairs), leaves)

            # Batches side by side: small ones would have threads wait for each other all the time.
            with one_thread_each() if len(modules) > 1 else nullcontext():
                return self._derivative(x, curvatures, modules)

        return product

    @property
    def _on_cpu(self) -> bool:
        return self.data.targets.device.type == "cpu"

    def tensors(self, theta: Float[np.ndarray, "*points parameters"]) -> Tensors:
        """θ as the module's parameters, by name; a stack of them for several points."""
        torch = torch_package()
        flat = torch.as_tensor(theta, device=self.data.targets.device)
        parts = flat.split([block.size for block in self.blocks], dim=-1)
        kinds = {name: tensor.dtype for name, tensor in self._named()}
        return {
            block.name: part.reshape(*theta.shape[:-1], *block.shape).to(kinds[block.name])
            for block, part in zip(self.blocks, parts, strict=True)
        }

    def batch_output(self, module: Module, tensors: Tensors, part: slice) -> Any:
        """What the module answers to a part of the data, with these tensors."""
        return called(module, tensors, self.written, self._inputs(part))

    def batch_loss(self, module: Module, tensors: Tensors, part: slice) -> Tensor:
        """The loss over a part of the data."""
        return self.loss(self.batch_output(module, tensors, part), self.data.targets[part])

    def mean(self, theta: Values, quantity: Callable[[Module, Tensors, slice], Tensor]) -> float:
        """The mean of a quantity over all batches, each weighted by its examples, in float64."""
        torch = torch_package()
        with torch.no_grad():
            tensors = self.fixed | self.tensors(theta)
            parts = list(self.data.parts(self.data.batch_size))
            if self.batch_norm == "re-estimated":
                tensors = re_estimate(self.module, tensors, map(self._inputs, parts))
            return sum(
                (part.stop - part.start) * float(quantity(self.module, tensors, part))
                for part in parts
            ) / len(self.data)

    def _derivative(
        self,
        x: ArrayLike,
        of_loss: Callable[[Tensor, list[Tensor]], Iterable[Tensor]],
        modules: Sequence[Module],
    ) -> Values:
        """The mean over all batches of what is derived from the loss of each, in float64.

        As many batches at a time as there are modules.
        """
        if self.batch_norm == "re-estimated":
            raise SettingError(
                "batch_norm is 're-estimated', which leaves no exact gradient: give 'batch' or "
                "'frozen'"
            )
        point = self._point(x)

        def of_part(module: Module, part: slice) -> Values:
            theta = self.tensors(point)
            leaves = [tensor.requires_grad_() for tensor in theta.values()]
            with torch_package().enable_grad():
                found = of_loss(self.batch_loss(module, self.fixed | theta, part), leaves)
            share = (part.stop - part.start) / len(self.data)
            return share * np.concatenate([_flat(tensor) for tensor in found])

        parts = [*self.data.parts(self.data.batch_size)]
        return sum(each_part(parts, modules, of_part), np.zeros(self.start.size))

    def _mean_loss(self, theta: Values) -> float:
        return self.mean(np.asarray(theta), self.batch_loss)

    def copies(self, count: int) -> list[Module]:
        """So many copies of the module, for as many threads."""
        return [structure(self.module) for _ in range(count)]

    def _inputs(self, part: slice) -> tuple[Tensor, ...]:
        return tuple(tensor[part] for tensor in self.data.inputs)

    def _named(self, remove_duplicate: bool = True) -> list[tuple[str, Tensor]]:
        return [
            *self.module.named_parameters(remove_duplicate=remove_duplicate),
            *self.module.named_buffers(remove_duplicate=remove_duplicate),
        ]


@evaluator.register(TorchObjective)
def _(
    objective: TorchObjective, plane: Plane, metric: str = "loss", memory: int | None = None
) -> Evaluate:
    from koubai.adapters.torch_values import values_on

    return values_on(objective, plane, metric, memory)


@facts.register(TorchObjective)
def _(objective: TorchObjective) -> dict[str, Any]:
    return objective.about


@sample_of.register(TorchObjective)
def _(objective: TorchObjective, examples: int, seed: int) -> Objective:
    if objective.batch_norm != "frozen":
        raise SettingError(
            f"examples is {examples}, but batch_norm is {objective.batch_norm!r}, where a value "
            f"depends on which examples are looked at together: leave it out, or give 'frozen'"
        )
    whole_number("examples", examples, 2, len(objective.data))
    # In the order of the data, so that a sample of all the examples is the data itself.
    members = np.sort(np.random.default_rng(seed).permutation(len(objective.data))[:examples])
    # Ways are timed anew: each example's loss by itself takes another time than their mean.
    ways = dict[tuple[str, int], Way]()
    return replace(
        objective, data=objective.data.only(members), population=len(objective.data), ways=ways
    )


@hessian_product.register(TorchObjective)
def _(objective: TorchObjective, x: Values, precision: str = "float64") -> Callable[..., Any]:
    return objective.hessian_product(x)


def called(
    module: Module, tensors: Tensors, written: Iterable[str], inputs: tuple[Tensor, ...]
) -> Any:
    """module(*inputs) with these tensors, of which those that it writes into are copied before."""
    own = {name: tensors[name].clone() for name in written}
    return torch_package().func.functional_call(module, tensors | own, inputs)


def _slopes(loss: Any, leaves: list[Tensor], **options: bool) -> tuple[Tensor, ...]:
    """∂loss/∂leaf of each; zeros where it does not depend on one."""
    grad = torch_package().autograd.grad
    return grad(loss, leaves, allow_unused=True, materialize_grads=True, **options)


def _flat(tensor: Tensor) -> Float[np.ndarray, " parameters"]:
    return tensor.detach().cpu().double().numpy().ravel()
