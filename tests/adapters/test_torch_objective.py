"""PyTorch modules as objectives: the values and gradients of a loop written by hand."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812

import koubai as kb
from koubai.adapters.torch_function import Way
from koubai.errors import (
    DataError,
    FunctionError,
    MissingExtraError,
    SettingError,
    UnknownNameError,
)
from koubai.landscapes.evaluate import evaluator
from koubai.landscapes.landscape import landscape
from koubai.landscapes.plane import Plane
from koubai.objectives.hessian import hessian_product

N = 47
POINTS = np.array([[0.0, 0.0], [0.3, -0.7], [-1.1, 0.2], [0.05, 0.9]])


def examples(*shape: int, seed: int = 3) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(N, *shape, generator=generator) * 1.5 + 0.4
    return x, torch.randint(0, 3, (N,), generator=generator)


def linear() -> nn.Module:
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(5, 7), nn.ReLU(), nn.Linear(7, 3))


def images() -> nn.Module:
    torch.manual_seed(2)
    return nn.Sequential(
        nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(16, 3),
    )  # fmt: skip


class Viewed(nn.Module):
    """A view that no channels-last tensor allows, and the data used a second time."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(4)
        self.conv, self.linear = nn.Conv2d(2, 4, 3), nn.Linear(64, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        z = F.max_pool2d(self.conv(x), 1)
        return self.linear(torch.relu(z).view(-1, 64)) + x.mean()


class Tied(nn.Module):
    """One matrix for both directions."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(5)
        self.encode, self.decode = nn.Linear(6, 6, bias=False), nn.Linear(6, 6)
        self.decode.weight = self.encode.weight
        self.head = nn.Linear(6, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.decode(torch.tanh(self.encode(x))))


MODULES = {
    "linear": (linear, (5,)),
    "images": (images, (2, 6, 6)),
    "view": (Viewed, (2, 6, 6)),
    "tied": (Tied, (6,)),
}
every_module = pytest.mark.parametrize("name", MODULES)


def by_hand(
    module: nn.Module, theta: np.ndarray, x: torch.Tensor, t: torch.Tensor, batch: int
) -> float:
    """The loop that a user would write, on a module in the mode it is in."""
    module = copy.deepcopy(module).double()
    nn.utils.vector_to_parameters(torch.tensor(theta, dtype=torch.float64), module.parameters())
    total = 0.0
    with torch.no_grad():
        for xs, ts in zip(x.double().split(batch), t.split(batch), strict=True):
            total += len(xs) * F.cross_entropy(module(xs), ts).item()
    return total / len(x)


def states(module: nn.Module) -> dict[str, Any]:
    return {name: tensor.clone() for name, tensor in module.state_dict().items()}


def warmed(module: nn.Module, x: torch.Tensor) -> nn.Module:
    """Running statistics that are those of no batch."""
    module.train()
    for xs in x.split(20):
        module(xs * 1.3 - 0.2)
    return module


@every_module
def test_values_on_a_plane_are_those_of_a_loop(name: str) -> None:
    make, shape = MODULES[name]
    x, t = examples(*shape)
    module = warmed(make(), x)
    objective = kb.torch_objective(module, F.cross_entropy, (x, t), batch_size=10)
    plane = Plane.random(objective, seed=2, biases=True)
    found = evaluator(objective, plane)(POINTS).values[:, 0]
    expected = [by_hand(module.eval(), theta, x, t, 10) for theta in plane.at(POINTS)]
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    single = [objective.value(theta) for theta in plane.at(POINTS)]
    np.testing.assert_allclose(single, expected, rtol=1e-5)
    assert len(set(np.round(expected, 6))) == len(POINTS)


@every_module
def test_every_way_to_the_values_gives_the_same(name: str) -> None:
    make, shape = MODULES[name]
    objective = kb.torch_objective(make(), F.cross_entropy, examples(*shape), batch_size=10)
    plane = Plane.random(objective, seed=2)
    tiles: Any = evaluator(objective, plane)
    plain = [objective.value(theta) for theta in plane.at(POINTS)]
    parts = list(objective.data.parts(9))
    ways = [{}, {"first": True}, {"at_once": 3}, {"first": True, "at_once": 2, "slices": True}]
    for way in (Way(**way) for way in ways):
        np.testing.assert_allclose(tiles._sums(POINTS, parts, way)[:, 0] / N, plain, rtol=1e-5)
    last = Way(channels_last=True, first=True)
    if name == "view":
        with pytest.raises(RuntimeError, match="view"):
            tiles._sums(POINTS, parts, last)
    else:
        np.testing.assert_allclose(tiles._sums(POINTS, parts, last)[:, 0] / N, plain, rtol=1e-5)


@every_module
@pytest.mark.parametrize("mode", ["eval", "train"])
def test_the_gradient_is_autograds(name: str, mode: str) -> None:
    make, shape = MODULES[name]
    x, t = examples(*shape)
    module = warmed(make(), x).train(mode == "train")
    objective = kb.torch_objective(module, F.cross_entropy, (x, t), mode=mode, batch_size=N)
    loss = F.cross_entropy(module(x), t)
    loss.backward()
    expected = np.concatenate([p.grad.numpy().ravel() for p in module.parameters()])
    np.testing.assert_allclose(objective.gradient(objective.start), expected, atol=1e-7, rtol=1e-4)
    in_parts = kb.torch_objective(make(), F.cross_entropy, (x, t), batch_size=10)
    at_once = kb.torch_objective(make(), F.cross_entropy, (x, t), batch_size=N)
    np.testing.assert_allclose(
        in_parts.gradient(in_parts.start), at_once.gradient(at_once.start), atol=1e-6
    )


def test_with_little_memory_the_values_are_the_same() -> None:
    objective = kb.torch_objective(images(), F.cross_entropy, examples(2, 6, 6))
    plane = Plane.random(objective, seed=2)
    little, plenty = (landscape(objective, plane, size=4, memory=m) for m in (1, 2**28))
    np.testing.assert_allclose(little.values, plenty.values, rtol=1e-6)


def test_descending_it_takes_the_steps_of_torchs_optimiser() -> None:
    x, t = examples(5)
    objective = kb.torch_objective(linear(), F.cross_entropy, (x, t))
    path = kb.descend(objective, learning_rate=0.3, steps=8, optimizer="momentum")
    module = linear()
    optimizer = torch.optim.SGD(module.parameters(), 0.3, momentum=0.9)
    for _ in range(8):
        optimizer.zero_grad()
        F.cross_entropy(module(x), t).backward()
        optimizer.step()
    end = nn.utils.parameters_to_vector(module.parameters()).detach().numpy()
    np.testing.assert_allclose(path.points[-1], end, atol=1e-6)
    assert (path.gradient, path.points.dtype) == ("exact", np.float32)


@every_module
@pytest.mark.parametrize("metric", ["loss", "accuracy"])
def test_a_sample_has_the_standard_error_of_its_examples(name: str, metric: str) -> None:
    make, shape = MODULES[name]
    x, t = examples(*shape)
    module = make()
    objective = kb.torch_objective(module, F.cross_entropy, (x, t), batch_size=7)
    plane = kb.Plane.random(objective, seed=2)
    land = kb.landscape(objective, plane, 3, 0.5, metric, examples=N - 6, seed=4)
    members = np.sort(np.random.default_rng(4).permutation(N)[: N - 6])
    for i, j in ((0, 2), (1, 1)):
        theta = plane.at([land.axes[0][i], land.axes[1][j]])[0].astype(np.float32)
        nn.utils.vector_to_parameters(torch.tensor(theta), module.parameters())
        output = module.eval()(x[members]).detach()
        q = (
            F.cross_entropy(output, t[members], reduction="none")
            if metric == "loss"
            else (output.argmax(1) == t[members]).float()
        ).numpy()
        error = q.std(ddof=1) / np.sqrt(len(q)) * np.sqrt(1 - len(q) / N)
        assert land.values[i, j] == pytest.approx(q.mean(), rel=1e-5)
        assert land.errors[i, j] == pytest.approx(error, rel=1e-4, abs=1e-7)
    assert (land.about["examples"], land.about["of"]) == (N - 6, N)


def test_no_sample_where_examples_depend_on_each_other() -> None:
    objective = kb.torch_objective(images(), F.cross_entropy, examples(2, 6, 6), mode="train")
    with pytest.raises(SettingError, match="batch_norm is 'batch', where a value depends"):
        kb.landscape(objective, kb.Plane.random(objective), 3, examples=10)


@pytest.mark.parametrize("batch_norm", ["frozen", "batch", "re-estimated"])
@pytest.mark.parametrize("training", [True, False])
def test_the_module_is_left_as_it_was_bit_for_bit(batch_norm: str, training: bool) -> None:
    x, t = examples(2, 6, 6)
    module = warmed(images(), x).train(training)
    module[1].eval()
    before, modes = states(module), [part.training for part in module.modules()]
    objective = kb.torch_objective(
        module, F.cross_entropy, (x, t), batch_norm=batch_norm, batch_size=10
    )
    found = landscape(objective, Plane.random(objective), size=3)
    if batch_norm != "re-estimated":
        objective.gradient(objective.start)
    assert np.isfinite(found.values).all()
    after = states(module)
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert [part.training for part in module.modules()] == modes
    assert all(p.grad is None for p in module.parameters())
    assert module[1].track_running_stats
    assert module[1].momentum == 0.1


def test_the_module_is_left_as_it_was_after_an_exception() -> None:
    x, t = examples(2, 6, 6)
    module = warmed(images(), x)
    before, calls = states(module), []

    def loss(output: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        calls.append(None)
        if len(calls) > 9:
            raise ZeroDivisionError
        return F.cross_entropy(output, target)

    objective = kb.torch_objective(module, loss, (x, t), mode="eval", batch_size=10)
    with pytest.raises(ZeroDivisionError):
        landscape(objective, Plane.random(objective), size=3)
    assert module.training
    assert all(torch.equal(before[name], value) for name, value in states(module).items())


def test_where_batch_norm_takes_its_statistics_from() -> None:
    x, t = examples(2, 6, 6)
    x, t = x[:40], t[:40]
    module = warmed(images(), x)
    theta = Plane.random(kb.torch_objective(module, F.cross_entropy, (x, t))).at([0.4, 0.3])[0]

    def value(batch_norm: str) -> float:
        objective = kb.torch_objective(
            module, F.cross_entropy, (x, t), batch_norm=batch_norm, batch_size=10
        )
        assert objective.about["batch_norm"] == batch_norm
        return objective.value(theta)

    frozen, batch = (
        by_hand(copy.deepcopy(module).train(m), theta, x, t, 10) for m in (False, True)
    )
    moved = copy.deepcopy(module)
    nn.utils.vector_to_parameters(torch.tensor(theta).float(), moved.parameters())
    torch.optim.swa_utils.update_bn([(xs,) for xs in x.split(10)], moved)
    estimated = by_hand(moved.eval(), theta, x, t, 10)
    np.testing.assert_allclose(value("frozen"), frozen, rtol=1e-5)
    np.testing.assert_allclose(value("batch"), batch, rtol=1e-5)
    np.testing.assert_allclose(value("re-estimated"), estimated, rtol=1e-5)
    assert np.ptp([frozen, batch, estimated]) > 1e-3


def test_a_last_batch_counts_by_its_size_and_where_no_batch_statistics_are_used_cuts_do_not() -> (
    None
):
    x, t = examples(5)
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, t), batch_size=15)
    objective = kb.torch_objective(linear(), F.cross_entropy, loader)
    assert objective.data.batch_size == 15
    assert len(objective.data) == N
    whole = kb.torch_objective(linear(), F.cross_entropy, (x, t), batch_size=N)
    np.testing.assert_allclose(
        objective.value(objective.start), whole.value(whole.start), rtol=1e-6
    )
    assert objective.data.digest == whole.data.digest
    other = kb.torch_objective(linear(), F.cross_entropy, (x.flip(0), t.flip(0)))
    assert other.data.digest != whole.data.digest


def test_a_shuffling_loader_is_read_once_and_moves_no_random_numbers() -> None:
    data = torch.utils.data.TensorDataset(*examples(5))
    loader = torch.utils.data.DataLoader(data, batch_size=15, shuffle=True)
    module = linear()
    torch.manual_seed(8)
    expected = torch.rand(3)
    torch.manual_seed(8)
    objective = kb.torch_objective(module, F.cross_entropy, loader)
    assert torch.equal(torch.rand(3), expected)
    assert objective.value(objective.start) == objective.value(objective.start)


def test_a_shuffling_loader_whose_generator_is_seeded_gives_the_same_data_again() -> None:
    x, t = examples(5)

    def digest(seed: int) -> str:
        loader = torch.utils.data.DataLoader(
            torch.utils.data.TensorDataset(x, t), batch_size=10, shuffle=True,
            generator=torch.Generator().manual_seed(seed),
        )  # fmt: skip
        return kb.torch_objective(linear(), F.cross_entropy, loader).data.digest

    assert digest(5) == digest(5) != digest(6)


def test_tied_weights_are_there_once_and_come_back_under_both_names() -> None:
    module = Tied()
    objective = kb.torch_objective(module, F.cross_entropy, examples(6))
    assert objective.start.size == 36 + 6 + 21
    assert [block.name for block in objective.blocks] == [n for n, _ in module.named_parameters()]
    state = objective.params(objective.start + 0.5)
    assert torch.equal(state["encode.weight"], state["decode.weight"])
    assert torch.equal(state["encode.weight"], module.encode.weight + 0.5)


@every_module
def test_a_point_becomes_a_state_dict(name: str) -> None:
    make, shape = MODULES[name]
    x, t = examples(*shape)
    module = warmed(make(), x)
    objective = kb.torch_objective(module, F.cross_entropy, (x, t))
    theta = Plane.random(objective, biases=True).at([0.2, -0.3])[0]
    fresh = make()
    fresh.load_state_dict(objective.params(theta))
    np.testing.assert_allclose(
        F.cross_entropy(fresh.eval()(x), t).item(), objective.value(theta), rtol=1e-6
    )


def test_training_afterwards_does_not_move_the_objective() -> None:
    x, t = examples(2, 6, 6)
    module = warmed(images(), x)
    objective = kb.torch_objective(module, F.cross_entropy, (x, t))
    before = objective.value(objective.start)
    warmed(module, x + 3)
    with torch.no_grad():
        for p in module.parameters():
            p.add_(1)
    assert objective.value(objective.start) == before
    np.testing.assert_array_equal(
        objective.params(objective.start)["1.running_mean"], objective.fixed["1.running_mean"]
    )


def test_filters_of_a_random_direction_are_as_long_as_the_modules() -> None:
    module = images()
    objective = kb.torch_objective(module, F.cross_entropy, examples(2, 6, 6))
    plane = Plane.random(objective, seed=6)
    directions = objective.tensors(plane.directions.astype(np.float32))
    for name, p in module.named_parameters():
        for direction in directions[name]:
            lengths = direction.flatten(1).norm(dim=1) if p.ndim > 1 else direction.norm()
            own = p.detach().flatten(1).norm(dim=1) if p.ndim > 1 else torch.zeros(())
            torch.testing.assert_close(lengths, own)


def test_accuracy_and_what_the_landscape_says() -> None:
    x, t = examples(5)
    module = linear()
    objective = kb.torch_objective(module, F.cross_entropy, (x, t), batch_size=10)
    plane = Plane.random(objective)
    right = (module(x).argmax(1) == t).double().mean().item()
    found = evaluator(objective, plane, "accuracy")(np.zeros((1, 2))).values
    np.testing.assert_allclose(found, [[right]], rtol=1e-6)
    slopes = evaluator(objective, plane, "gradient")(POINTS).values
    expected = [plane.directions @ objective.gradient(theta) for theta in plane.at(POINTS)]
    np.testing.assert_allclose(slopes, expected, rtol=1e-6)
    about = objective.about
    assert (about["examples"], about["mode"]) == (N, "eval")
    assert "batch_norm" not in about
    normed = kb.torch_objective(images(), F.cross_entropy, examples(2, 6, 6))
    assert normed.about["batch_norm"] == "frozen"


def test_another_process_takes_the_same_way() -> None:
    objective = kb.torch_objective(linear(), F.cross_entropy, examples(5), batch_size=10)
    plane = Plane.random(objective)
    found = evaluator(objective, plane)(POINTS).values
    code = (
        "import pickle, sys; objective, plane, points = pickle.load(sys.stdin.buffer)\n"
        "from koubai.landscapes.evaluate import evaluator\n"
        "tiles = evaluator(objective, plane)\n"
        "print(tiles.__class__.__name__, tiles(points).values.tobytes().hex())"
    )
    sent = pickle.dumps((objective, plane, POINTS))
    other = subprocess.run(
        [sys.executable, "-c", code], input=sent, capture_output=True, check=True
    )
    kind, values = other.stdout.decode().split()
    assert kind == "TorchValues"
    assert values == found.tobytes().hex()


def test_hessian_products_are_those_of_a_dense_hessian() -> None:
    x, t = examples(5)
    module = nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 3)).double()
    objective = kb.torch_objective(module, F.cross_entropy, (x.double(), t), batch_size=10)
    names = [name for name, _ in module.named_parameters()]

    def f(theta: torch.Tensor) -> torch.Tensor:
        sizes = [p.numel() for p in module.parameters()]
        parts = [v.view_as(p) for v, p in zip(theta.split(sizes), module.parameters(), strict=True)]
        tensors = dict(zip(names, parts, strict=True))
        return F.cross_entropy(torch.func.functional_call(module, tensors, (x.double(),)), t)

    dense = torch.autograd.functional.hessian(f, torch.tensor(objective.start)).numpy()
    v = np.random.default_rng(3).normal(size=objective.start.size)
    product = hessian_product(objective, objective.start)
    np.testing.assert_allclose(product(v), dense @ v, rtol=1e-9, atol=1e-12)


def test_curvature_is_found_in_the_modules_own_precision() -> None:
    objective = kb.torch_objective(linear(), F.cross_entropy, examples(5), batch_size=10)
    assert kb.curvature(objective, k=1, probes=2, steps=3).precision == "float32"
    with pytest.raises(SettingError, match="precision is 'float64', but the objective computes"):
        kb.curvature(objective, k=1, precision="float64")


def test_threads_and_modes_of_pytorch_are_as_before() -> None:
    before = torch.get_num_threads()
    objective = kb.torch_objective(linear(), F.cross_entropy, examples(5), batch_size=10)
    landscape(objective, Plane.random(objective), size=3)
    assert torch.get_num_threads() == before
    assert torch.is_grad_enabled()


def test_float64_and_frozen_parameters() -> None:
    x, t = examples(5)
    module = linear().double()
    module[0].requires_grad_(False)
    objective = kb.torch_objective(module, F.cross_entropy, (x.double(), t))
    assert objective.start.dtype == np.float64
    assert objective.start.size == 24
    expected = F.cross_entropy(module(x.double()), t).item()
    np.testing.assert_allclose(objective.value(objective.start), expected, rtol=1e-14)


def test_a_compiled_module_is_unwrapped() -> None:
    x, t = examples(5)
    plain = kb.torch_objective(linear(), F.cross_entropy, (x, t))
    found = kb.torch_objective(torch.compile(linear(), backend="eager"), F.cross_entropy, (x, t))
    assert [b.name for b in found.blocks] == [b.name for b in plain.blocks]
    assert found.value(found.start) == plain.value(plain.start)
    nested = nn.Sequential(torch.compile(nn.Linear(5, 3), backend="eager"))
    with pytest.raises(SettingError, match=r"module\.0 is compiled"):
        kb.torch_objective(nested, F.cross_entropy, (x, t))


def test_dropout_that_is_on_is_refused_by_the_landscape() -> None:
    module = nn.Sequential(nn.Linear(5, 40), nn.Dropout(0.5), nn.Linear(40, 3))
    torch.manual_seed(0)
    noisy = kb.torch_objective(module, F.cross_entropy, examples(5), mode="train")
    with pytest.raises(SettingError, match="dropout"):
        landscape(noisy, Plane.random(noisy), size=3)
    still = kb.torch_objective(module.train(), F.cross_entropy, examples(5))
    assert landscape(still, Plane.random(still), size=3).values.shape == (3, 3)


def test_what_does_not_fit_is_refused_in_one_line() -> None:
    x, t = examples(5)
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x[:0], t[:0]))
    ce = F.cross_entropy
    each, whole = (nn.CrossEntropyLoss(reduction=how) for how in ("none", "sum"))
    refused: list[tuple[type[Exception], str, Any, Any, Any, dict[str, Any]]] = [
        (SettingError, "module is 3", 3, ce, (x, t), {}),
        (FunctionError, r"shape \(47,\)", linear(), each, (x, t), {}),
        (FunctionError, "loss returned 1.5", linear(), lambda output, t: 1.5, (x, t), {}),
        (FunctionError, "mean over examples", linear(), whole, (x, t), {"batch_size": 10}),
        (FunctionError, "nan", linear(), ce, (x * torch.nan, t), {}),
        (FunctionError, "fails on the data", linear(), ce, (x[:, :4], t), {}),
        (DataError, "data is empty", linear(), ce, (x[:0], t[:0]), {}),
        (DataError, "data is empty", linear(), ce, loader, {}),
        (DataError, "shapes", linear(), ce, (x, t[:-1]), {}),
        (DataError, "give", linear(), ce, x, {}),
        (FunctionError, "must have the same dtype, but got Double and Float",
         linear(), ce, (x.double(), t), {}),
        (SettingError, "device is 'gpu0'", linear(), ce, (x, t), {"device": "gpu0"}),
        (SettingError, "device is 'meta'", linear(), ce, (x, t), {"device": "meta"}),
        (SettingError, "no shape for '0.weight' yet",
         nn.Sequential(nn.LazyLinear(3)), ce, (x, t), {}),
        (SettingError, "no batch-norm layers", linear(), ce, (x, t), {"batch_norm": "batch"}),
        (UnknownNameError, "eval", linear(), ce, (x, t), {"mode": "evl"}),
        (UnknownNameError, "frozen", linear(), ce, (x, t), {"batch_norm": "freeze"}),
        (SettingError, "batch_size", linear(), ce, (x, t), {"batch_size": 0}),
        (SettingError, "requires a gradient", linear().requires_grad_(False), ce, (x, t), {}),
        (SettingError, "running statistics",
         nn.Sequential(nn.BatchNorm1d(5, track_running_stats=False), linear()), ce, (x, t), {}),
    ]  # fmt: skip
    for kind, message, module, loss, data, options in refused:
        with pytest.raises(kind, match=message) as caught:
            kb.torch_objective(module, loss, data, **options)
        assert "\n" not in str(caught.value)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is one")
def test_a_device_that_is_not_there() -> None:
    with pytest.raises(SettingError, match=r"device is 'cuda'.*: give one that PyTorch has here"):
        kb.torch_objective(linear(), F.cross_entropy, examples(5), device="cuda")


def test_in_one_line() -> None:
    objective = kb.torch_objective(linear(), F.cross_entropy, examples(5))
    shown = "TorchObjective(Sequential: 66 parameters in 4 arrays, 47 examples, mode: eval)"
    assert repr(objective) == shown


def test_without_pytorch_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError, match=r"\[torch\]"):
        kb.torch_objective(None, F.cross_entropy, None)
