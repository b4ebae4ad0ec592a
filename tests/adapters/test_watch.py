"""A PyTorch training that is watched: planted faults are found, and nothing is touched."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812

import koubai as kb
from koubai.adapters.torch_hooks import Hooks, activation_of
from koubai.adapters.watch import Watch
from koubai.errors import MissingExtraError, SettingError

N, INPUTS = 180, 6


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Layers of 17 units are no work for several."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def examples() -> tuple[torch.Tensor, torch.Tensor]:
    """Three classes that lie in three clouds, off the centre."""
    generator = torch.Generator().manual_seed(8)
    t = torch.arange(N) % 3
    centres = 2 * torch.eye(3, INPUTS) - 0.3
    return centres[t] + 0.5 * torch.randn(N, INPUTS, generator=generator), t


def stack(depth: int, act: Callable[[], nn.Module], width: int = 17) -> Any:
    """So many hidden layers."""
    torch.manual_seed(11)
    sizes = [INPUTS, *[width] * depth]
    hidden = [
        part for inputs, units in pairwise(sizes) for part in (nn.Linear(inputs, units), act())
    ]
    return nn.Sequential(*hidden, nn.Linear(width, 3))


def he(module: nn.Module) -> Any:
    torch.manual_seed(12)
    for part in module.modules():
        if isinstance(part, nn.Linear):
            nn.init.kaiming_normal_(part.weight)
            nn.init.zeros_(part.bias)
    return module


def train(
    module: nn.Module,
    watch: Watch | None = None,
    optimizer: Any = None,
    steps: int = 240,
    rate: float = 0.05,
    after: bool = False,
) -> list[float]:
    """The loop a user writes, in mini-batches of 30."""
    x, t = examples()
    optimizer = optimizer or torch.optim.SGD(module.parameters(), lr=rate)
    order, found = torch.Generator().manual_seed(5), []
    for _ in range(steps):
        batch = torch.randint(0, N, (30,), generator=order)
        optimizer.zero_grad()
        loss = F.cross_entropy(module(x[batch]), t[batch])
        loss.backward()
        if after:
            optimizer.step()
        if watch is not None:
            watch.step(loss)
        if not after:
            optimizer.step()
        found.append(loss.item())
    return found


def found_in(module: nn.Module, rate: float = 0.05, every: int = 20) -> list[kb.Finding]:
    optimizer = torch.optim.SGD(module.parameters(), lr=rate)
    with kb.watch(module, optimizer, every=every) as watch:
        train(module, watch, optimizer)
    return watch.diagnose()


class Functional(nn.Module):
    """Activations that are functions, of which no hook of a module is told."""

    def __init__(self, act: Callable[[torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.late = nn.Linear(19, 3)
        self.early, self.middle = nn.Linear(INPUTS, 13), nn.Linear(13, 19)
        self.act = act

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.late(self.act(self.middle(self.act(self.early(x)))))


def test_ten_layers_of_sigmoids_let_gradients_vanish() -> None:
    (finding,) = found_in(stack(10, nn.Sigmoid))
    assert finding.kind == "vanishing gradients"
    assert finding.layer == 2
    assert "layer 2 (0)" in finding.evidence
    assert "torch.nn.ReLU" in finding.advice
    finding.plot()
    plt.close("all")


@pytest.mark.parametrize("depth", [2, 4])
def test_rectifiers_with_hes_weights_are_healthy(depth: int) -> None:
    assert found_in(he(stack(depth, nn.ReLU))) == []


@pytest.mark.parametrize("inplace", [False, True])
def test_rectifiers_with_large_negative_biases_are_dead(inplace: bool) -> None:
    module = stack(2, lambda: nn.ReLU(inplace))
    nn.init.constant_(module[2].bias, -50)
    (finding,) = found_in(module)
    assert (finding.kind, finding.layer) == ("dead units", 3)
    assert "100% of the units of layer 3 (2)" in finding.evidence


@pytest.mark.parametrize(("where", "what"), [(0, "some inputs are"), (1, "some targets are")])
def test_nan_in_the_data_is_no_matter_of_weights(where: int, what: str) -> None:
    module, data = he(stack(2, nn.ReLU)), [torch.randn(30, INPUTS), torch.randn(30, 3)]
    data[where][4, 1] = torch.nan
    with kb.watch(module, every=2) as watch:
        for _ in range(6):
            loss = F.mse_loss(module(data[0]), data[1])
            loss.backward()
            watch.step(loss)
    (finding,) = watch.diagnose()
    assert finding.kind == "data not finite"
    assert what in finding.evidence


def test_weights_that_let_a_signal_vanish_are_not_called_a_small_rate() -> None:
    module = stack(20, nn.Tanh)
    torch.manual_seed(4)
    for part in module.modules():
        if isinstance(part, nn.Linear):
            nn.init.normal_(part.weight, std=0.01)
    (finding,) = found_in(module)
    assert finding.kind == "vanishing gradients"


def test_looks_lie_the_farther_apart_the_longer_a_training_is() -> None:
    module = he(stack(1, nn.ReLU))
    with kb.watch(module, every=4) as watch:
        train(module, watch, steps=100)
    looks = watch.history.layers.iterations
    assert looks[:11].tolist() == [*range(0, 41, 4)]
    assert looks[11:].tolist() == [44, 48, 52, 57, 62, 68, 74, 81, 89, 97]
    assert len(watch.history.layers.weight_norm) == len(looks)


def test_tanh_with_large_weights_is_saturated() -> None:
    module = stack(2, nn.Tanh)
    torch.manual_seed(4)
    for part in (module[0], module[2]):
        nn.init.normal_(part.weight, std=10)
    kinds = [finding.kind for finding in found_in(module, rate=1e-3)]
    assert "saturated units" in kinds


def test_a_learning_rate_far_too_large_is_found() -> None:
    kinds = {finding.kind for finding in found_in(he(stack(2, nn.ReLU)), rate=300)}
    assert kinds & {"learning rate too large", "exploding gradients"}


def test_a_learning_rate_far_too_small_is_found_without_the_optimiser() -> None:
    module = he(stack(2, nn.ReLU))
    watch = kb.watch(module, every=20)
    train(module, watch, rate=1e-5)
    (finding,) = watch.diagnose()
    assert finding.kind == "learning rate too small"
    assert "η = 1e-05" in finding.evidence
    assert "Try lr=" in finding.advice


def test_equal_weights_are_symmetric_units() -> None:
    module = stack(1, nn.Tanh)
    for parameter in module.parameters():
        nn.init.constant_(parameter, 0.1)
    assert "symmetric units" in [finding.kind for finding in found_in(module)]


def test_over_fitting_needs_the_epochs() -> None:
    module = he(stack(1, nn.ReLU))
    watch = kb.watch(module, every=20)
    for k in range(6):
        train(module, watch, steps=15)
        watch.epoch(1.2 / (k + 1), test_loss=0.9 + 0.2 * k)
    assert [finding.kind for finding in watch.diagnose()] == ["over-fitting"]
    np.testing.assert_array_equal(watch.history.iterations, 15 * np.arange(7))
    assert np.isnan(watch.history.test_loss[0])


@pytest.mark.parametrize("make", [torch.optim.SGD, torch.optim.Adam])
@pytest.mark.parametrize("act", [nn.ReLU, lambda: nn.ReLU(inplace=True), nn.GELU])
def test_training_is_the_same_bit_for_bit(make: Any, act: Callable[[], nn.Module]) -> None:
    plain = nn.Sequential(stack(2, act), nn.Dropout(0.2))
    seen = copy.deepcopy(plain)
    torch.manual_seed(6)
    losses = train(plain, None, make(plain.parameters(), lr=0.01), steps=25)
    torch.manual_seed(6)
    optimizer = make(seen.parameters(), lr=0.01)
    assert train(seen, kb.watch(seen, optimizer, every=3), optimizer, steps=25) == losses
    for one, other in zip(plain.parameters(), seen.parameters(), strict=True):
        assert torch.equal(one, other)
        assert one.grad is not None
        assert other.grad is not None
        assert torch.equal(one.grad, other.grad)


@pytest.mark.parametrize("after", [False, True])
def test_norms_and_updates_are_those_of_the_loop(after: bool) -> None:
    module = he(stack(1, nn.ReLU))
    start = [module[k].weight.detach().clone() for k in (0, 2)]
    rate, watch = 0.07, kb.watch(module, every=2)
    x, t = examples()
    slopes = []
    for _ in range(2):
        module.zero_grad()
        F.cross_entropy(module(x), t).backward()
        slopes.append([module[k].weight.grad.clone() for k in (0, 2)])
        if not after:
            watch.step(1.5)
        with torch.no_grad():
            for parameter in module.parameters():
                parameter -= rate * parameter.grad
        if after:
            watch.step(1.5)
    seen = watch.history.layers
    for k in range(2):
        g1, g2 = slopes[0][k], slopes[1][k]
        assert seen.weight_norm[0, k] == pytest.approx(float(start[k].norm()), rel=1e-5)
        assert seen.gradient_norm[0, k] == pytest.approx(float(g1.norm()), rel=1e-5)
        assert seen.gradient_noise[0, k] == pytest.approx(
            float((g1 - g2).norm() / (g1 + g2).norm()), rel=1e-4
        )
        assert seen.update_ratio[0, k] == pytest.approx(
            rate * float(g1.norm() / start[k].norm()), rel=1e-4
        )


def test_the_error_signal_is_that_of_koubais_own_network() -> None:
    module = stack(1, nn.Tanh)
    x, t = examples()
    watch = kb.watch(module)
    loss = F.cross_entropy(module(x), t)
    loss.backward()
    watch.step(loss)
    layers = [
        kb.Layer(
            jnp.asarray(part.weight.detach().numpy().T), jnp.asarray(part.bias.detach().numpy())
        )
        for part in (module[0], module[2])
    ]
    network = kb.Network([INPUTS, 17, 3], hidden="tanh", output="softmax")
    back = kb.backprop(network, tuple(layers), x.numpy(), t.numpy())
    expected = [np.sqrt(N * (np.asarray(delta) ** 2).sum()) for delta in back.deltas]
    np.testing.assert_allclose(watch.history.layers.error_signal[0], expected, rtol=1e-4)


@pytest.mark.parametrize(
    ("act", "name"),
    [
        (F.relu, "relu"),
        (F.relu_, "relu"),
        (torch.sigmoid, "sigmoid"),
        (torch.tanh, "tanh"),
        (F.gelu, "gelu"),
        (F.leaky_relu, "leaky_relu"),
        (lambda z: z, "identity"),
        (torch.sin, "custom"),
        (lambda z: F.dropout(F.relu(z), 0.5), "custom"),
    ],
)
def test_functions_are_told_from_what_the_next_layer_is_given(act: Any, name: str) -> None:
    module = Functional(act)
    hooks = Hooks(module, lambda layer, looking: None)
    module(examples()[0])
    assert [hooks.names[layer] for layer in hooks.seen] == ["early", "middle", "late"]
    told = [activation_of(seen).name for seen in hooks.seen.values()]
    assert told == [name, name, "identity"]


@pytest.mark.parametrize("act", [F.relu, F.relu_, lambda z: F.dropout(F.relu(z), 0.5)])
def test_dead_functions_are_found(act: Any) -> None:
    module = Functional(act)
    nn.init.constant_(module.early.bias, -50)
    finding = found_in(module)[0]
    assert (finding.kind, finding.layer) == ("dead units", 2)
    assert "layer 2 (early)" in finding.evidence


def test_a_convolutional_network_counts_channels_as_units() -> None:
    torch.manual_seed(2)
    module: Any = nn.Sequential(
        nn.Conv2d(2, 5, 3), nn.BatchNorm2d(5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(20, 3),
    )  # fmt: skip
    with torch.no_grad():
        module[1].bias[:2] = -40.0
    watch = kb.watch(module)
    loss = F.cross_entropy(module(torch.randn(21, 2, 7, 6)), torch.arange(21) % 3)
    loss.backward()
    watch.step(loss)
    assert watch.history.layers.dead[0, 0] == pytest.approx(2 / 5)


def test_single_examples_and_passes_without_gradients() -> None:
    module = he(stack(1, nn.ReLU))
    watch = kb.watch(module, every=1)
    x, t = examples()
    for k in range(3):
        with torch.no_grad():
            module(x * 1e6)
        loss = F.cross_entropy(module(x[k]), t[k])
        module.zero_grad()
        loss.backward()
        watch.step(loss)
    layers = watch.history.layers
    assert len(layers) == 3
    assert layers.activation_mean.max() < 100
    assert layers.flat[:, 0].max() > 0.2
    assert not layers.dead.any()  # of one example nothing can be told
    np.testing.assert_array_equal(layers.iterations, [0, 1, 2])


def test_a_divergence_is_told() -> None:
    module = he(stack(2, nn.ReLU))
    watch = kb.watch(module, every=10)
    train(module, watch, rate=1e20, steps=33)
    assert not np.isfinite(watch.history.batch_losses[-1])
    assert [f.kind for f in watch.diagnose()] == ["learning rate too large"]


def test_losses_are_kept_at_looks_and_averaged_between() -> None:
    module = he(stack(1, nn.ReLU))
    watch = kb.watch(module, every=30)
    losses = np.array(train(module, watch, steps=130))
    history = watch.history
    np.testing.assert_array_equal(history.batch_iterations, [0, 30, 60, 90, 120, 129])
    np.testing.assert_allclose(history.batch_losses, losses[history.batch_iterations], rtol=1e-6)
    np.testing.assert_allclose(
        history.train_loss, [losses[0], losses[:50].mean(), losses[50:].mean()], rtol=1e-5
    )


def test_closing_takes_every_hook_away() -> None:
    module = stack(2, nn.ReLU)
    watch = kb.watch(module)
    parts: list[Any] = list(module.modules())
    assert any(part._forward_hooks for part in parts)
    watch.close()
    for part in parts:
        assert not part._forward_hooks
        assert not part._forward_pre_hooks
        assert not part._backward_hooks


@pytest.mark.parametrize("where", ["module", "module.0"])
@pytest.mark.parametrize("wrapped", [True, False])
def test_compiled_modules_are_refused(where: str, wrapped: bool) -> None:
    inner: Any = stack(1, nn.ReLU)
    if wrapped:
        inner = torch.compile(inner, backend="eager")
    else:
        inner.compile(backend="eager")
    module: Any = inner if where == "module" else nn.Sequential(inner)
    with pytest.raises(SettingError, match=rf"{where} is compiled.*before"):
        kb.watch(module)


def test_wrong_arguments_and_a_wrong_order_are_told() -> None:
    module = stack(1, nn.ReLU)
    with pytest.raises(SettingError, match=r"torch\.nn\.Module"):
        kb.watch("module")  # pyright: ignore[reportArgumentType]
    with pytest.raises(SettingError, match="no Linear or convolution"):
        kb.watch(nn.Sequential(nn.ReLU()))
    with pytest.raises(SettingError, match="every"):
        kb.watch(module, every=0)
    watch = kb.watch(module)
    with pytest.raises(SettingError, match="nothing was watched yet"):
        watch.diagnose()
    with pytest.raises(SettingError, match="not called"):
        watch.step(0.3)
    x, t = examples()
    loss = F.cross_entropy(module(x), t)
    with pytest.raises(SettingError, match="no layer has a gradient"):
        watch.step(loss)
    loss.backward()
    with pytest.raises(SettingError, match="the one number"):
        watch.step(torch.ones(2))


def test_without_pytorch_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError, match=r"\[torch\]"):
        kb.watch(None)  # pyright: ignore[reportArgumentType]


def hooked(module: nn.Module) -> bool:
    parts: list[Any] = list(module.modules())
    return any(part._forward_hooks or part._forward_pre_hooks for part in parts)


def test_hooks_are_on_for_a_look_and_the_pass_behind_it_alone() -> None:
    module = he(stack(1, nn.ReLU))
    watch = kb.watch(module, every=4)
    found = []
    for _ in range(9):
        found.append(hooked(module))
        train(module, watch, steps=1)
    assert found == [True, True, False, False, True, True, False, False, True]
    layers = watch.history.layers
    np.testing.assert_array_equal(layers.iterations, [0, 4, 8])
    assert np.isfinite(layers.update_ratio[:2]).all()


@pytest.mark.parametrize("optimizer", ["adam", 0.1, object()])
def test_what_is_no_optimizer_is_refused(optimizer: Any) -> None:
    with pytest.raises(SettingError, match=r"optimizer is .*torch\.optim"):
        kb.watch(stack(1, nn.ReLU), optimizer)


def test_the_optimizer_of_another_module_is_refused() -> None:
    optimizer = torch.optim.SGD(stack(1, nn.ReLU).parameters(), lr=0.1)
    with pytest.raises(SettingError, match="optimizer trains no parameter of this module"):
        kb.watch(stack(1, nn.ReLU), optimizer)


@pytest.mark.parametrize("baseline", ["a", float("nan"), [1.0]])
def test_a_baseline_is_a_number(baseline: Any) -> None:
    with pytest.raises(SettingError, match="baseline is"):
        kb.watch(stack(1, nn.ReLU), baseline=baseline)


@pytest.mark.parametrize("loss", [None, "a", 1j, True, [[1.0], [1.0, 2.0]], [1.0, 2.0]])
def test_a_loss_is_one_number(loss: Any) -> None:
    module = he(stack(1, nn.ReLU))
    watch = kb.watch(module)
    x, t = examples()
    F.cross_entropy(module(x), t).backward()
    with pytest.raises(SettingError, match="loss is"):
        watch.step(loss)


@pytest.mark.parametrize("loss", [torch.tensor([0.3]), np.float32(0.3), np.array([0.3]), 0.3])
def test_every_form_of_one_number_is_a_loss(loss: Any) -> None:
    module = he(stack(1, nn.ReLU))
    watch = kb.watch(module)
    x, t = examples()
    for _ in range(3):
        F.cross_entropy(module(x), t).backward()
        watch.step(loss)
    np.testing.assert_allclose(watch.history.train_loss, 0.3, rtol=1e-6)


def test_an_epoch_whose_loss_is_not_known_has_the_mean_of_its_steps() -> None:
    module = he(stack(1, nn.ReLU))
    watch = kb.watch(module)
    watch.epoch()
    losses = train(module, watch, steps=70)
    watch.epoch(test_accuracy=0.4)
    losses += train(module, watch, steps=33)
    watch.epoch(None, 0.9)
    history = watch.history
    np.testing.assert_allclose(
        history.train_loss, [losses[0], np.mean(losses[:70]), np.mean(losses[70:])], rtol=1e-5
    )
    np.testing.assert_array_equal(history.test_loss, [np.nan, np.nan, 0.9])
    np.testing.assert_array_equal(history.iterations, [0, 70, 103])
    with pytest.raises(SettingError, match="no step was watched since"):
        watch.epoch()
    with pytest.raises(SettingError, match="test_loss is 'good': give a number, or None"):
        watch.epoch(0.3, "good")


def test_the_rate_is_found_where_gradients_are_added_up() -> None:
    module = he(stack(1, nn.ReLU))
    watch, (x, t) = kb.watch(module, every=1), examples()
    for k in range(6):
        loss = F.cross_entropy(module(x), t)
        loss.backward()
        watch.step(loss)
        if k % 2:
            with torch.no_grad():
                for parameter in module.parameters():
                    parameter -= 0.07 * parameter.grad
            module.zero_grad()
    assert watch._evidence().learning_rate == pytest.approx(0.07, rel=0.01)


def test_a_closed_watch_and_a_module_compiled_later_are_told() -> None:
    module = he(stack(1, nn.ReLU))
    with kb.watch(module, every=1) as watch:
        losses = train(module, watch, steps=3)
        module.compile(backend="eager")
        with pytest.raises(SettingError, match="module is compiled"):
            watch.step(losses[0])
    with pytest.raises(SettingError, match="was closed"):
        watch.step(losses[0])
    assert len(watch.history.layers) == 3


def test_units_that_differ_are_not_compared_at_every_look() -> None:
    module = he(stack(1, nn.ReLU))
    watch = kb.watch(module, every=1)
    losses = train(module, watch, steps=4)
    with torch.no_grad():
        module[0].weight.zero_()
        module[0].bias.zero_()
    train(module, watch, steps=8)
    alike = watch.history.layers.alike[:, 0]
    np.testing.assert_array_equal(alike, [0] * 10 + [1] * 2)
    assert np.isfinite(losses).all()
