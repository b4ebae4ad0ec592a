"""Activations: value and derivative of every record against each other, JAX, PyTorch and limits."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from hypothesis import given, settings
from hypothesis import strategies as st

import koubai as kb
from koubai.engine import float64

RECORDS = list(kb.activations.values())
ELEMENTWISE = [record for record in RECORDS if record.elementwise]
TOGETHER = [record for record in RECORDS if not record.elementwise]
every_record = pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
every_elementwise = pytest.mark.parametrize("record", ELEMENTWISE, ids=lambda record: record.name)
every_together = pytest.mark.parametrize("record", TOGETHER, ids=lambda record: record.name)
overflowing = {"naive_softmax"}
every_stable = pytest.mark.parametrize(
    "record", [r for r in RECORDS if r.name not in overflowing], ids=lambda record: record.name
)

TORCH = {
    "step": lambda z: torch.heaviside(z, torch.zeros_like(z)),
    "identity": lambda z: z * 1,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": F.relu,
    "leaky_relu": F.leaky_relu,
    "elu": F.elu,
    "softplus": lambda z: F.softplus(z, threshold=100),  # 20 unless told: right to 2e-9 only
    "gelu": F.gelu,
    "silu": F.silu,
    "softmax": lambda z: F.softmax(z, dim=-1),
    "naive_softmax": lambda z: F.softmax(z, dim=-1),
}

# Off the centre, of both signs, and 0.05 or more away from the kinks at 0.
POINTS = np.concatenate([np.linspace(-7.3, -0.05, 30), np.linspace(0.06, 8.1, 31)])
ROWS = np.array([[0.3, 2.9, 4.0, -1.2], [-0.7, 5.1, -3.3, 0.2], [1.1, 1.2, 0.9, 7.5]])


def points_for(record) -> np.ndarray:
    return POINTS if record.elementwise else ROWS


def value_and_derivative(record, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both in the precision of z, and compiled together, which is quicker than one by one."""
    with float64():
        value, derivative = jax.jit(lambda z: (record(z), record.derivative(z)))(z)
    return np.asarray(value), np.asarray(derivative)


@every_record
def test_the_derivative_is_the_central_difference(record) -> None:
    z, h = points_for(record), 1e-5
    # One direction for all elements of an elementwise activation, else one for each unit: the
    # columns of J[n, i, j] = ∂a_i/∂z_j.
    directions = np.ones((1, 1)) if record.elementwise else np.eye(z.shape[-1])
    steps = h * directions.reshape(len(directions), *[1] * (z.ndim - 1), -1)
    above, _ = value_and_derivative(record, z + steps)
    below, _ = value_and_derivative(record, z - steps)
    expected = np.moveaxis((above - below) / (2 * h), 0, -1)
    _, derivative = value_and_derivative(record, z)
    np.testing.assert_allclose(
        derivative, expected[..., 0] if record.elementwise else expected, rtol=1e-7, atol=1e-9
    )


@every_record
def test_the_derivative_is_what_jax_finds(record) -> None:
    by_jax = jax.grad if record.elementwise else jax.jacobian
    z = points_for(record)
    with float64():
        expected = jax.jit(jax.vmap(by_jax(lambda z: record(z))))(z)
    assert expected.dtype == np.float64
    _, derivative = value_and_derivative(record, z)
    np.testing.assert_allclose(derivative, expected, rtol=1e-12, atol=1e-14)


@every_record
def test_value_and_derivative_are_what_pytorch_finds(record) -> None:
    ours = points_for(record)
    z = torch.tensor(ours, requires_grad=True)
    a = TORCH[record.name](z)
    upstream = np.random.default_rng(3).normal(size=ours.shape)
    with float64():
        value, pulled = jax.jit(lambda z, u: (record(z), record.pull_back(z, u)))(ours, upstream)
    np.testing.assert_allclose(value, a.detach().numpy(), rtol=1e-12, atol=1e-15)
    if record.name != "step":  # PyTorch differentiates no step
        a.backward(torch.tensor(upstream))
        assert z.grad is not None
        np.testing.assert_allclose(pulled, z.grad.numpy(), rtol=1e-9, atol=1e-14)


def test_pytorch_is_asked_about_every_record() -> None:
    assert set(TORCH) == set(kb.activations)


@every_elementwise
def test_the_kinks_are_where_value_or_derivative_jumps_and_nowhere_else(record) -> None:
    places = np.round(np.linspace(-6, 6, 121), 1)
    around = value_and_derivative(record, np.stack([places - 1e-7, places + 1e-7]))
    jumps = [np.ptp(both_sides, axis=0) > 1e-4 for both_sides in around]
    assert set(places[np.any(jumps, axis=0)]) == set(record.kinks)


@every_elementwise
def test_at_a_kink_the_derivative_is_the_one_from_the_left(record) -> None:
    for kink in record.kinks:
        _, (left, here) = value_and_derivative(record, np.array([kink - 1e-9, kink]))
        assert here == left


@every_stable
@pytest.mark.parametrize(("dtype", "size"), [(np.float64, 1e4), (np.float32, 100.0)])
def test_nothing_overflows(record, dtype, size) -> None:
    far_below = [-size, -size, -size, 1 - size]  # the rest of the batch
    z = np.array([[size, -size, 0.0, 1.0], [size, size, -size, -size], far_below], dtype=dtype)
    value, derivative = value_and_derivative(record, z)
    assert value.dtype == derivative.dtype == dtype
    assert np.isfinite(value).all()
    assert np.isfinite(derivative).all()
    with float64():
        assert np.isfinite(jax.jit(jax.grad(lambda z: record(z).sum()))(z)).all()


def test_limits_far_from_0() -> None:
    """What each activation tends to on the left and on the right."""
    size = 30.0
    limits = {
        "step": (0, 1),
        "identity": (-size, size),
        "sigmoid": (0, 1),
        "tanh": (-1, 1),
        "relu": (0, size),
        "leaky_relu": (-0.01 * size, size),
        "elu": (-1, size),
        "softplus": (0, size),
        "gelu": (0, size),
        "silu": (0, size),
    }
    assert set(limits) == {record.name for record in ELEMENTWISE}
    for name, expected in limits.items():
        value, _ = value_and_derivative(kb.activations[name], np.array([-size, size]))
        np.testing.assert_allclose(value, expected, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize(("dtype", "size"), [(np.float64, 710.0), (np.float32, 89.0)])
def test_the_naive_softmax_overflows_where_it_says_and_the_stable_one_does_not(dtype, size) -> None:
    z = np.array([size, 0.0, -1.0], dtype=dtype)
    with float64():
        assert np.isnan(kb.activations.naive_softmax(z)[0])
        assert np.isnan(kb.activations.naive_softmax.derivative(z)).any()
        np.testing.assert_array_equal(kb.activations.softmax(z), np.array([1, 0, 0]))
        less = z - np.array([2, 0, 0], dtype)
        np.testing.assert_allclose(kb.activations.naive_softmax(less), [1, 0, 0], atol=1e-30)


def test_the_softmax_of_1010_1000_990() -> None:
    z = [1010, 1000, 990]
    assert np.isnan(kb.activations.naive_softmax(z)).all()
    with float64():
        np.testing.assert_allclose(
            kb.activations.softmax(z), [0.9999546, 4.539787e-5, 2.06106e-9], rtol=1e-6
        )


@every_together
def test_the_softmax_of_the_textbook(record) -> None:
    with float64():
        np.testing.assert_allclose(
            record([0.3, 2.9, 4.0]),
            [0.01821127329554753, 0.24519181293507392, 0.7365969137693786],
            rtol=1e-14,
        )


vectors = st.lists(st.floats(-50, 50), min_size=1, max_size=6)


@given(z=vectors, shift=st.floats(-1000, 1000))
def test_softmax_does_not_see_a_shift(z: list[float], shift: float) -> None:
    with float64():
        a = np.asarray(kb.activations.softmax(np.array(z)))
        shifted = np.asarray(kb.activations.softmax(np.array(z) + shift))
    np.testing.assert_allclose(shifted, a, rtol=1e-11)
    np.testing.assert_allclose(a, [1 / math.fsum(math.exp(k - i) for k in z) for i in z])
    assert math.isclose(a.sum(), 1, rel_tol=1e-14)
    assert (a > 0).all()


@every_record
@settings(max_examples=5)
@given(seed=st.integers(0, 2**32 - 1))
def test_pull_back_is_the_transposed_jacobian_times_upstream(record, seed: int) -> None:
    generator = np.random.default_rng(seed)
    z, upstream = generator.normal(1, 3, (2, 3, 4)), generator.normal(size=(2, 3, 4))
    with float64():
        pulled = np.asarray(record.pull_back(jnp.asarray(z), jnp.asarray(upstream)))
        derivatives = np.asarray(record.derivative(z))
    for n in np.ndindex(2, 3):
        jacobian = np.diag(derivatives[n]) if record.elementwise else derivatives[n]
        np.testing.assert_allclose(pulled[n], jacobian.T @ upstream[n], rtol=1e-12, atol=1e-14)


def test_pull_back_transposes_a_jacobian_that_is_not_symmetric() -> None:
    """Softmax's is symmetric and would hide it; an activation of one's own need not be."""
    a = jnp.arange(9.0).reshape(3, 3)
    mixing = kb.Activation(
        name="mixing",
        value=lambda z: z @ a,
        slope=lambda z: jnp.broadcast_to(a.T, (*z.shape, 3)),  # J_ij = ∂(Σ_k z_k a_ki)/∂z_j
        formula="a",
        derivative_formula="a",
        reference="",
        elementwise=False,
    )
    z = upstream = jnp.array([[1.0, -2.0, 0.5], [3.0, 0.0, 1.0]])
    _, pull_back = jax.vjp(mixing, z)
    np.testing.assert_allclose(mixing.pull_back(z, upstream), pull_back(upstream)[0], rtol=1e-6)


@every_record
def test_every_example_of_a_batch_by_itself(record) -> None:
    z = np.random.default_rng(1).normal(size=(2, 1, 3))
    batch = value_and_derivative(record, z)
    assert [array.shape for array in batch] == [
        (2, 1, 3),
        (2, 1, 3) if record.elementwise else (2, 1, 3, 3),
    ]
    for n in range(2):
        for one, whole in zip(value_and_derivative(record, z[n, 0]), batch, strict=True):
            np.testing.assert_allclose(one, whole[n, 0], rtol=1e-14)


@every_elementwise
def test_a_single_number_is_an_array_without_axes(record) -> None:
    assert record(0.7).shape == record.derivative(0.7).shape == ()


def test_the_values_at_0() -> None:
    """h(0) = 0 for the step of the perceptron, ReLU(0) = 0, and the others."""
    at_0 = {record.name: float(record(0.0)) for record in ELEMENTWISE}
    assert at_0["step"] == 0
    assert at_0["relu"] == 0
    assert at_0["sigmoid"] == 0.5
    assert math.isclose(at_0["softplus"], math.log(2), rel_tol=1e-6)
    assert all(at_0[name] == 0 for name in at_0 if name not in ("sigmoid", "softplus"))


def test_the_step_cannot_be_learnt_by_descent_and_the_sigmoid_can() -> None:
    _, flat = value_and_derivative(kb.activations.step, POINTS)
    _, rising = value_and_derivative(kb.activations.sigmoid, POINTS)
    assert not np.any(flat)
    assert np.all(rising > 0)


@every_record
def test_integers_booleans_and_lists_are_taken_as_numbers(record) -> None:
    numbers = np.array([2.0, 0.0, -3.0], np.float32)
    value, derivative = np.asarray(record(numbers)), np.asarray(record.derivative(numbers))
    for same in ([2, 0, -3], (2.0, 0, -3.0), np.array([2, 0, -3], np.int8)):
        for got, expected in ((record(same), value), (record.derivative(same), derivative)):
            assert got.dtype == expected.dtype == np.float32
            np.testing.assert_array_equal(got, expected)
    np.testing.assert_array_equal(record([True, False, True]), record([1.0, 0.0, 1.0]))
    pixels = np.array([255, 0, 3], np.uint8)
    np.testing.assert_array_equal(record(pixels), record(pixels.astype(np.float32)))


@every_record
def test_its_initialiser_is_known(record) -> None:
    assert record.initialiser in kb.initialisers
