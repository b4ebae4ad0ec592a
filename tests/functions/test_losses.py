"""Losses: value and derivative of every record against each other, JAX, PyTorch and the books."""

from __future__ import annotations

import math
import random

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812

import koubai as kb
from koubai.engine import float64

RECORDS = list(kb.losses.values())
every_record = pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)

# Outputs of 4 examples, each a distribution over 3 classes (so that every loss takes them), and
# targets inside (0, 1). For losses of values also an off-centre spread on both sides of Huber's 1.
_random = np.random.default_rng(11)
Y, T = _random.dirichlet(np.ones(3), 4), _random.dirichlet(np.ones(3), 4)
LABELS = np.array([2, 0, 1, 0])
ONE_HOT = np.eye(3)[LABELS]
every_case = pytest.mark.parametrize(
    ("record", "y", "t"),
    [pytest.param(record, Y, T, id=record.name) for record in RECORDS]
    + [
        pytest.param(kb.losses[name], 5 * Y - 3.3, -4 * T + 0.7, id=f"{name}-spread")
        for name in ("squared_error", "mean_squared_error", "huber")
    ],
)

# PyTorch's reductions: the mean over everything for mse, else the sum over the outputs and the
# mean over the examples, which for F's losses of single elements is the sum over all / examples.
TORCH = {
    "squared_error": lambda y, t: F.mse_loss(y, t, reduction="sum") / 2 / len(y),
    "mean_squared_error": F.mse_loss,
    "binary_cross_entropy": lambda y, t: F.binary_cross_entropy(y, t, reduction="sum") / len(y),
    "cross_entropy": lambda y, t: F.cross_entropy(y.log(), t),  # log_softmax(log y) = log y
    "huber": lambda y, t: F.huber_loss(y, t, reduction="sum") / len(y),
}


def loss_and_derivative(record, y, t) -> tuple[float, np.ndarray]:
    with float64():
        value, derivative = jax.jit(lambda y, t: (record(y, t), record.derivative(y, t)))(y, t)
    return float(value), np.asarray(derivative)


@every_case
def test_the_derivative_is_the_central_difference(record, y, t) -> None:
    h = 1e-6
    with float64():
        loss = jax.jit(lambda y: record(y, t))
        expected = np.zeros_like(y)
        for place in np.ndindex(y.shape):
            step = np.zeros_like(y)
            step[place] = h
            expected[place] = (loss(y + step) - loss(y - step)) / (2 * h)
    _, derivative = loss_and_derivative(record, y, t)
    np.testing.assert_allclose(derivative, expected, rtol=1e-7, atol=1e-9)


@every_case
def test_the_derivative_is_what_jax_finds(record, y, t) -> None:
    _, derivative = loss_and_derivative(record, y, t)
    with float64():
        expected = jax.jit(jax.grad(lambda y: record(y, t)))(y)
    np.testing.assert_allclose(derivative, expected, rtol=1e-13, atol=1e-15)


@every_case
def test_value_and_derivative_are_what_pytorch_finds(record, y, t) -> None:
    value, derivative = loss_and_derivative(record, y, t)
    outputs = torch.tensor(y, requires_grad=True)
    expected = TORCH[record.name](outputs, torch.tensor(t))
    assert math.isclose(value, expected.item(), rel_tol=1e-13)
    if record.name != "cross_entropy":  # PyTorch's normalises y first
        expected.backward()
        assert outputs.grad is not None
        np.testing.assert_allclose(derivative, outputs.grad.numpy(), rtol=1e-12)


def test_pytorch_is_asked_about_every_record() -> None:
    assert set(TORCH) == set(kb.losses)


def test_cross_entropy_of_labels_is_pytorchs_negative_log_likelihood() -> None:
    outputs = torch.tensor(Y, requires_grad=True)
    expected = F.nll_loss(outputs.log(), torch.tensor(LABELS))
    expected.backward()
    value, derivative = loss_and_derivative(kb.losses.cross_entropy, Y, LABELS)
    assert outputs.grad is not None
    assert math.isclose(value, expected.item(), rel_tol=1e-14)
    np.testing.assert_allclose(derivative, outputs.grad.numpy(), rtol=1e-14)


@every_case
def test_the_loss_of_a_batch_is_the_mean_over_its_examples(record, y, t) -> None:
    value, derivative = loss_and_derivative(record, y, t)
    singles = [loss_and_derivative(record, *example) for example in zip(y, t, strict=True)]
    assert math.isclose(value, math.fsum(single for single, _ in singles) / 4, rel_tol=1e-14)
    np.testing.assert_allclose(4 * derivative, [slope for _, slope in singles], rtol=1e-14)
    with float64():
        each = record.each(*(jnp.asarray(a.reshape(2, 2, 3)) for a in (y, t)))
    np.testing.assert_allclose(each.ravel(), [single for single, _ in singles], rtol=1e-14)


@every_record
def test_a_single_example_is_a_batch_of_one(record) -> None:
    for n in range(4):
        alone, slope = loss_and_derivative(record, Y[n], T[n])
        batch, slopes = loss_and_derivative(record, Y[n : n + 1], T[n : n + 1])
        assert alone == batch
        assert slope.shape == (3,)
        np.testing.assert_array_equal(slope, slopes[0])


@every_record
def test_labels_are_one_hot_rows(record) -> None:
    labels = loss_and_derivative(record, Y, LABELS)
    one_hot = loss_and_derivative(record, Y, ONE_HOT)
    assert labels[0] == one_hot[0]
    np.testing.assert_array_equal(labels[1], one_hot[1])
    alone = [loss_and_derivative(record, Y[0], t)[0] for t in (2, [0, 0, 1])]
    assert alone[0] == alone[1]
    assert record(Y.tolist(), LABELS.tolist()) == record(Y, ONE_HOT.astype(int))


# y of an example of class 2, from the textbook: class 2 is the most likely, then class 7.
RIGHT = [0.1, 0.05, 0.6, 0.0, 0.05, 0.1, 0.0, 0.1, 0.0, 0.0]
WRONG = [0.1, 0.05, 0.1, 0.0, 0.05, 0.1, 0.0, 0.6, 0.0, 0.0]


@pytest.mark.parametrize("t", [2, [0, 0, 1, 0, 0, 0, 0, 0, 0, 0]], ids=["label", "one-hot"])
@pytest.mark.parametrize(
    ("name", "y", "expected"),
    [
        ("squared_error", RIGHT, 0.0975),
        ("squared_error", WRONG, 0.5975),
        ("cross_entropy", RIGHT, math.log(1 / 0.6)),  # no 1e-7 inside the logarithm
        ("cross_entropy", WRONG, math.log(10)),
    ],
)
def test_the_losses_of_the_textbook(name, y, t, expected) -> None:
    with float64():
        y = np.array(y)
        assert math.isclose(kb.losses[name](y, t), expected, rel_tol=1e-14)
        assert math.isclose(kb.losses[name]([y, y, y], [t, t, t]), expected, rel_tol=1e-14)


def test_the_sum_over_examples_is_the_cost_of_the_slides() -> None:
    """C_T = Σ_k C_k, C_k = ½{(t₁ − a₁³)² + (t₂ − a₂³)²}, over 64 images."""
    dice = random.Random(12)  # noqa: S311
    a3 = [(dice.random(), dice.random()) for _ in range(64)]
    t = [dice.choice([(1, 0), (0, 1)]) for _ in range(64)]
    cost = 0.0
    for k in range(64):
        t1, t2 = t[k]
        a1, a2 = a3[k]
        cost += ((t1 - a1) ** 2 + (t2 - a2) ** 2) / 2
    with float64():
        each = kb.losses.squared_error.each(jnp.asarray(a3), jnp.asarray(t, float))
        assert each.shape == (64,)
        assert math.isclose(each.sum(), cost, rel_tol=1e-14)
        assert math.isclose(kb.losses.squared_error(np.array(a3), t), cost / 64, rel_tol=1e-14)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_output_of_exactly_0_or_1_that_is_right_costs_nothing(dtype) -> None:
    sure = np.array([[0, 1, 0], [1, 0, 0]], dtype)
    for record in RECORDS:
        value, derivative = loss_and_derivative(record, sure, sure)
        assert value == 0
        assert np.isfinite(derivative).all()
    _, derivative = loss_and_derivative(kb.losses.cross_entropy, sure, sure)
    np.testing.assert_array_equal(derivative, -sure / 2)  # −t/y, over two examples
    _, derivative = loss_and_derivative(kb.losses.binary_cross_entropy, sure, sure)
    np.testing.assert_array_equal(derivative, (1 - 2 * sure) / 2)


def test_an_output_of_exactly_0_for_the_right_class_costs_infinitely_much_and_is_no_nan() -> None:
    for name in ("cross_entropy", "binary_cross_entropy"):
        value, derivative = loss_and_derivative(kb.losses[name], np.array([0.0, 1.0]), 0)
        assert value == math.inf
        assert derivative[0] == -math.inf
        assert not np.isnan(derivative).any()


def test_huber_goes_over_from_a_parabola_to_straight_lines_at_1() -> None:
    residuals = np.array([-3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0])
    values = [loss_and_derivative(kb.losses.huber, np.array([7 + r]), [7.0]) for r in residuals]
    assert [value for value, _ in values] == [2.5, 0.5, 0.125, 0, 0.125, 0.5, 2.5]
    assert [slope[0] for _, slope in values] == [-1, -1, -0.5, 0, 0.5, 1, 1]


@every_record
def test_float32_stays_float32(record) -> None:
    with float64():
        y, t = Y.astype(np.float32), T.astype(np.float32)
        assert record(y, t).dtype == record.derivative(y, t).dtype == np.float32
    assert record(Y, LABELS).dtype == np.float32


@every_record
def test_a_loss_needs_an_axis_of_outputs(record) -> None:
    for use in (record, record.derivative):
        with pytest.raises(kb.errors.ShapeError, match="y "):
            use(0.5, 1.0)
