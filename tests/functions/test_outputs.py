"""Output layer and loss together: the delta of every pair, and what becomes of extreme inputs."""

from __future__ import annotations

import itertools
import math

import jax
import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812

import koubai as kb
from koubai.engine import float64
from koubai.functions.outputs import canonical_loss, output_delta, output_losses

CANONICAL = {
    "identity": "squared_error",
    "sigmoid": "binary_cross_entropy",
    "softmax": "cross_entropy",
}
TORCH = {  # from z, summed over the examples
    "identity": lambda z, t: F.mse_loss(z, t, reduction="sum") / 2,
    "sigmoid": lambda z, t: F.binary_cross_entropy_with_logits(z, t, reduction="sum"),
    "softmax": lambda z, t: F.cross_entropy(z, t, reduction="sum"),
}
every_canonical = pytest.mark.parametrize("output", CANONICAL)

# Weighted inputs between these give outputs inside (0, 1), where every loss is defined. The step
# has none: its outputs are 0 and 1, which cross-entropies punish infinitely.
BETWEEN = {
    "identity": (0.1, 0.9),
    "sigmoid": (-3, 3),
    "tanh": (0.1, 1.4),
    "relu": (0.1, 0.9),
    "leaky_relu": (0.1, 0.9),
    "elu": (0.1, 0.9),
    "softplus": (-2.5, 0.4),
    "gelu": (0.2, 1.0),
    "silu": (0.2, 1.2),
    "softmax": (-3, 3),
    "naive_softmax": (-3, 3),
}
PAIRS = [*itertools.product(BETWEEN, kb.losses)] + [
    ("step", loss) for loss in ("squared_error", "mean_squared_error", "huber")
]


def losses_and_delta(output: str, loss: str, z, t) -> tuple[np.ndarray, np.ndarray]:
    activation, record = kb.activations[output], kb.losses[loss]
    with float64():
        losses, delta = jax.jit(
            lambda z, t: (
                output_losses(activation, record, z, t),
                output_delta(activation, record, z, t),
            )
        )(z, t)
    return np.asarray(losses), np.asarray(delta)


def random_batch(low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(5)
    return generator.uniform(low, high, (4, 3)), generator.dirichlet(np.ones(3), 4)


def test_every_activation_is_an_output() -> None:
    assert {*BETWEEN, "step"} == set(kb.activations)


@pytest.mark.parametrize(("output", "loss"), PAIRS)
def test_the_delta_of_every_pair_is_what_jax_finds(output: str, loss: str) -> None:
    z, t = random_batch(*BETWEEN.get(output, (-1, 1)))
    activation, record = kb.activations[output], kb.losses[loss]
    losses, delta = losses_and_delta(output, loss, z, t)
    with float64():
        expected, through_y = jax.jit(
            lambda z, t: (
                jax.grad(lambda z: output_losses(activation, record, z, t).sum())(z),
                record.each(activation(z), t),
            )
        )(z, t)
    assert losses.shape == (4,)
    assert delta.dtype == np.float64
    np.testing.assert_allclose(losses, through_y, rtol=1e-12)
    np.testing.assert_allclose(delta, expected, rtol=1e-11, atol=1e-14)


@every_canonical
def test_the_delta_of_a_canonical_pair_is_y_minus_t(output: str) -> None:
    z, soft = random_batch(-4, 4)
    hard = np.eye(3)[[1, 0, 0, 2]]
    for t in (soft, hard):
        _, delta = losses_and_delta(output, CANONICAL[output], z, t)
        with float64():
            y = np.asarray(kb.activations[output](z))
        np.testing.assert_allclose(delta, y - t, rtol=0, atol=1e-15)


@every_canonical
@pytest.mark.parametrize("size", [3.0, 1e3])
def test_a_canonical_pair_is_what_pytorch_finds_however_large_z_is(output, size) -> None:
    z, t = random_batch(-size, size)
    ours = losses_and_delta(output, CANONICAL[output], z, t)
    weighted = torch.tensor(z, requires_grad=True)
    total = TORCH[output](weighted, torch.tensor(t))
    total.backward()
    assert weighted.grad is not None
    assert math.isclose(ours[0].sum(), total.item(), rel_tol=1e-13)
    np.testing.assert_allclose(ours[1], weighted.grad.numpy(), rtol=1e-12, atol=1e-14)


def test_targets_that_do_not_add_up_to_1_are_differentiated_too() -> None:
    z, t = random_batch(-3, 3)
    t = 2.5 * t
    losses, delta = losses_and_delta("softmax", "cross_entropy", z, t)
    weighted = torch.tensor(z, requires_grad=True)
    expected = -(torch.tensor(t) * F.log_softmax(weighted, -1)).sum(-1)
    expected.sum().backward()
    assert weighted.grad is not None
    np.testing.assert_allclose(losses, expected.detach().numpy(), rtol=1e-13)
    np.testing.assert_allclose(delta, weighted.grad.numpy(), rtol=1e-12, atol=1e-14)


@every_canonical
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extreme_weighted_inputs_stay_finite(output: str, dtype) -> None:
    z = np.array([[1e3, -1e3, 0], [-1e3, -1e3, -1e3], [1e3, 1e3, -1e3]], dtype)
    for t in (np.eye(3), np.full((3, 3), 1 / 3), np.eye(3)[::-1]):
        for array in losses_and_delta(output, CANONICAL[output], z, t.astype(dtype)):
            assert array.dtype == dtype
            assert np.isfinite(array).all()


def test_a_saturated_softmax_costs_nothing_when_right_and_the_margin_when_wrong() -> None:
    z = np.array([[1000.0, 0.0, -7.0]] * 3)
    losses, _ = losses_and_delta("softmax", "cross_entropy", z, np.eye(3))
    np.testing.assert_array_equal(losses, [0, 1000, 1007])
    # Far out, but not so far that the loss rounds to 0: log(1 + e⁻³⁰), to which 1e-7 would be huge.
    losses, _ = losses_and_delta("softmax", "cross_entropy", np.array([[30.0, 0.0]]), np.eye(2)[:1])
    np.testing.assert_allclose(losses, math.log1p(math.exp(-30)), rtol=0, atol=3e-16)


def test_a_saturated_sigmoid_costs_nothing_when_right_and_the_margin_when_wrong() -> None:
    z = np.array([[1000.0], [-1000.0], [1000.0], [-1000.0], [30.0], [-30.0]])
    t = np.array([[1.0], [0.0], [0.0], [1.0], [0.0], [0.0]])
    losses, _ = losses_and_delta("sigmoid", "binary_cross_entropy", z, t)
    expected = [0, 0, 1000, 1000, 30 + math.log1p(math.exp(-30)), math.log1p(math.exp(-30))]
    np.testing.assert_allclose(losses, expected, rtol=1e-14)
    # Right and positive: 1·z is taken off softplus(z), which leaves log(1 + e⁻³⁰) to rounding.
    losses, _ = losses_and_delta("sigmoid", "binary_cross_entropy", z[4:5], t[:1])
    np.testing.assert_allclose(losses, math.log1p(math.exp(-30)), rtol=0, atol=1e-14)


def test_the_canonical_loss_of_every_output() -> None:
    for name, activation in kb.activations.items():
        assert canonical_loss(activation).name == CANONICAL.get(name, "squared_error")
