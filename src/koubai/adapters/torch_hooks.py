"""What goes through the layers of a PyTorch module: weighted inputs, error signals, activations.

A layer is a `Linear` or a convolution. Its activation is the module of one that is called behind
it; one that is a function, as `F.relu`, no hook sees: it is told from what the next layer is
given.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from koubai.adapters.torch_data import torch_package
from koubai.functions.activations import Activation, activations, identity

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor
    from torch.nn import Module

# Examples that activations are looked at for, as many as of a koubai run.
_EXAMPLES = 128
# A unit is flat where its slope is below this share of the activation's largest.
_FLAT = 1 / 50
# Of fewer values a unit may be flat by chance, and is not called dead.
_ENOUGH = 16
# PyTorch's name of each activation that is known, and koubai's. Those that are exactly 0 in places
# come first: where all of a layer is dead, its zeros fit others as well.
KNOWN = {
    "ReLU": "relu",
    "Sigmoid": "sigmoid",
    "Tanh": "tanh",
    "LeakyReLU": "leaky_relu",
    "GELU": "gelu",
    "SiLU": "silu",
    "ELU": "elu",
    "Softplus": "softplus",
    "Identity": "identity",
}


@dataclass(eq=False)
class Seen:
    """What was seen of a layer on one way through the module.

    given: its input. single: whether that is one example, not a batch. z: what its activation is
    given, (examples, …), with its units on that axis. act: that activation, where it is known.
    after: what the next layer is given, with its units on that axis. signal: the mean
    over the examples of ‖δ‖², once the backward pass was there.
    """

    given: Tensor
    single: bool
    z: Tensor
    axis: int
    act: Module | None = None
    after: Tensor | None = None
    after_axis: int = -1
    signal: Tensor | None = None


class Hooks:
    """Forward hooks on every layer and activation of a module; `seen` is what they saw.

    They look while `looking`, and only where gradients are wanted. `forward` is called before each
    layer of such a pass, and of the one behind it, with it and whether they look. After that they
    are off until the next look: a hook that does nothing would still slow every pass.
    """

    def __init__(self, module: Module, forward: Callable[[Any, bool], None]) -> None:
        torch = torch_package()
        nn = torch.nn
        self.looking = True
        self.closed = False
        self.seen: dict[Module, Seen] = {}
        self.names: dict[Module, str] = {}
        self._known = {name: getattr(nn, kind)() for kind, name in KNOWN.items()}
        self._acts = tuple(type(act) for name, act in self._known.items() if name != "identity")
        self._last: Seen | None = None
        self._forward = forward
        self._wanted = torch.is_grad_enabled
        self._handles: list[Any] = []
        self._module = module
        for name, part in module.named_modules():
            if isinstance(part, nn.Linear | nn.modules.conv._ConvNd) and part.weight.requires_grad:
                self.names[part] = name or type(part).__name__
        self._put_on()

    def __repr__(self) -> str:
        return f"Hooks({', '.join(self.names.values())})"

    def look(self, looking: bool) -> None:
        """Forgets what was seen, and looks at the next pass, or does not."""
        needed = looking or self.looking
        self.looking, self._last = looking, None
        self.seen.clear()
        if needed and not self._handles:
            self._put_on()
        elif not needed and self._handles:
            self._take_off()

    def close(self) -> None:
        """Takes all hooks away."""
        self.closed = True
        self._take_off()

    def _put_on(self) -> None:
        for part in self._module.modules():
            if part in self.names:
                self._handles.append(part.register_forward_pre_hook(self._before))
                self._handles.append(part.register_forward_hook(self._behind))
            elif isinstance(part, self._acts):
                self._handles.append(part.register_forward_pre_hook(self._activation))

    def _take_off(self) -> None:
        for handle in self._handles:
            handle.remove()
        self._handles.clear()

    def _before(self, layer: Module, inputs: tuple[Tensor, ...]) -> None:
        if not self._wanted():
            return
        self._forward(layer, self.looking)
        last = self._last
        # Two layers with one input stand beside, not behind each other.
        if last is None or not inputs or inputs[0] is last.given:
            return
        if last.act is None and last.after is None:
            last.after, last.after_axis = _some(inputs[0], last.single), _units_axis(layer)
            last.act = self._told(last.z, last.after)

    def _behind(self, layer: Any, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        if not (self.looking and inputs and output.requires_grad):
            return
        single = output.ndim < layer.weight.ndim
        last = Seen(inputs[0], single, _some(output, single), _units_axis(layer))
        self.seen[layer] = self._last = last
        output.register_hook(partial(_note_signal, last, 1 if single else len(output)))

    def _activation(self, act: Module, inputs: tuple[Tensor, ...]) -> None:
        last = self._last
        if last is not None and last.act is None and last.after is None and inputs:
            last.z, last.act = _some(inputs[0], last.single), act
            last.axis = min(last.axis, last.z.ndim - 1)

    def _told(self, z: Tensor, after: Tensor) -> Module | None:
        """The activation that makes the next layer's input of z, if it is a known one."""
        torch = torch_package()
        if z.numel() != after.numel():
            return None
        for act in self._known.values():
            if torch.allclose(act.forward(z.clone()).reshape(after.shape), after, equal_nan=True):
                return act
        return None


def _note_signal(seen: Seen, examples: int, delta: Tensor) -> None:
    """The loss is a mean over the examples, so that each one's δ is so many times as large."""
    seen.signal = examples * delta.detach().float().square().sum()


def _some(values: Tensor, single: bool) -> Tensor:
    """A copy of the first examples: what comes behind may write over them."""
    return (values[None] if single else values).detach()[:_EXAMPLES].clone()


def _units_axis(layer: Module) -> int:
    return -1 if isinstance(layer, torch_package().nn.Linear) else 1


def activation_of(seen: Seen) -> Activation:
    """The record in koubai of a layer's activation; one that is not known has no bounds."""
    if seen.act is not None:
        return activations[KNOWN[_kind(seen.act)]]
    return identity if seen.after is None else Activation("custom", identity.value)


def _kind(act: Module) -> str:
    return next(kind.__name__ for kind in type(act).__mro__ if kind.__name__ in KNOWN)


def steepest(act: Module, like: Tensor) -> Tensor:
    """The largest slope of an activation, on the device of a tensor."""
    far = torch_package().linspace(-10, 10, 2001, device=like.device)
    return _with_slope(act, far)[1].abs().max()


def activity(seen: Seen, largest: Tensor | None) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Mean and standard deviation of the activations, the flat share, and the share of dead units.

    largest: the largest slope of the activation, where it is known. Of one that is not, what is
    exactly 0 is flat.
    """
    if seen.act is not None and largest is not None:
        a, slope = _with_slope(seen.act, seen.z)
        flat, axis = slope.abs() <= _FLAT * largest, seen.axis
    elif seen.after is not None:
        a, axis = seen.after.float(), seen.after_axis
        flat = a == 0
    else:
        a = seen.z.float()
        none = a.new_zeros(())
        return *_spread(a), none, none
    rows = flat.movedim(axis, -1).reshape(-1, flat.shape[axis]).float()
    share = rows.mean(0)
    dead = (share == 1) & (len(rows) >= _ENOUGH)
    return *_spread(a), share.mean(), dead.float().mean()


def _spread(a: Tensor) -> tuple[Tensor, Tensor]:
    std, mean = torch_package().std_mean(a, correction=0)
    return mean, std


def _with_slope(act: Module, z: Tensor) -> tuple[Tensor, Tensor]:
    """Values a and slopes da/dz, past the hooks, which `act(z)` would call."""
    torch = torch_package()
    with torch.enable_grad():
        z = z.detach().float().requires_grad_()
        a = act.forward(z.clone())
        return a.detach(), torch.autograd.grad(a.sum(), z)[0]
