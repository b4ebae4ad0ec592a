"""The path of a loop that is not koubai's."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812

import koubai as kb
from koubai.errors import SettingError, ShapeError
from koubai.landscapes.plane import Plane


def test_a_pytorch_loop_and_its_objective_share_one_vector() -> None:
    torch.manual_seed(3)
    module = nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.Tanh(), nn.Linear(6, 3))
    x, t = torch.randn(20, 4), torch.randint(0, 3, (20,))
    rule = torch.optim.SGD(module.parameters(), 0.3)
    recorder, true = kb.PathRecorder(), []
    for step in range(9):
        loss = F.cross_entropy(module(x), t)
        recorder(step, module, loss)
        true.append(loss.item())
        rule.zero_grad()
        loss.backward()
        rule.step()
    objective = kb.torch_objective(module, F.cross_entropy, (x, t), mode="train")
    recorder(9, module.parameters(), objective.value(objective.start))
    path = recorder.path
    np.testing.assert_array_equal(path.points[-1], objective.start)
    np.testing.assert_allclose([objective.value(p) for p in path.points[:-1]], true, rtol=1e-6)
    np.testing.assert_allclose(path.values[:-1], true)
    assert path.iterations.tolist() == list(range(10))
    assert path.points.dtype == np.float32
    assert Plane.of_path(path).dimensions == 2


def test_memory_is_bounded_and_the_end_is_kept() -> None:
    recorder = kb.PathRecorder(budget=40 * (8 + 8 + 3 * 8))
    for step in range(1001):
        recorder(step, np.array([step, 2.0 * step, 1]), step / 2)
    path = recorder.path
    assert 20 <= len(path) <= 41
    assert path.iterations[0] == 0
    assert path.iterations[-1] == 1000
    assert len(set(np.diff(path.iterations)[:-1])) == 1
    np.testing.assert_array_equal(path.points[:, 1], 2 * path.iterations)
    np.testing.assert_array_equal(path.values, path.iterations / 2)


def test_a_jax_pytree_in_the_order_of_its_objective() -> None:
    params = {"w": jnp.array([[1.0, 2.0]]), "b": jnp.array([3.0])}
    recorder = kb.PathRecorder()
    recorder(5, params, jnp.array(0.25))
    recorder(6, {"w": params["w"] + 1, "b": params["b"]}, 0.125)
    objective = kb.jax_objective(lambda p: p["w"].sum() + p["b"][0], params)
    np.testing.assert_array_equal(recorder.path.points[0], objective.start)
    np.testing.assert_array_equal(recorder.path.points[1], [3, 2, 3])
    assert recorder.path.values.tolist() == [0.25, 0.125]


def test_points_are_copies_of_what_the_loop_changes() -> None:
    recorder, theta = kb.PathRecorder(), torch.ones(3)
    recorder(0, [theta], 1.0)
    theta.mul_(7)
    recorder(1, [theta], 1.0)
    assert recorder.path.points.tolist() == [[1, 1, 1], [7, 7, 7]]


def test_what_does_not_fit() -> None:
    recorder = kb.PathRecorder()
    with pytest.raises(SettingError, match="nothing is recorded"):
        recorder.path  # noqa: B018
    recorder(3, np.ones(2), 1.0)
    with pytest.raises(SettingError, match="step is 3, and the step before was 3"):
        recorder(3, np.ones(2), 1.0)
    with pytest.raises(ShapeError, match="3 numbers but had 2"):
        recorder(4, np.ones(3), 1.0)
    with pytest.raises(SettingError, match="parameters"):
        recorder(4, "text", 1.0)
    with pytest.raises(SettingError, match="no shape yet"):
        recorder(4, nn.LazyLinear(2), 1.0)
    with pytest.raises(SettingError, match="budget"):
        kb.PathRecorder(budget=0)


def test_a_loss_is_one_number_of_any_kind_or_nan() -> None:
    half = torch.tensor(0.5, dtype=torch.bfloat16, requires_grad=True)
    numbers = [1, 2.5, np.float32(0.5), np.array(3), jnp.asarray(0.25, jnp.bfloat16), half, np.nan]
    recorder = kb.PathRecorder()
    for step, loss in enumerate(numbers):
        recorder(step, np.ones(2), loss)
    for wrong in (np.ones(2), torch.ones(1), None, "x", 1j, [[1], [1, 2]]):
        with pytest.raises(SettingError, match=r"loss is .*: give one number"):
            recorder(99, np.ones(2), wrong)
    np.testing.assert_array_equal(recorder.path.values, [1, 2.5, 0.5, 3, 0.25, 0.5, np.nan])
