"""Backpropagation against JAX, PyTorch and central differences, and the laws that it must obey."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from hypothesis import example, given, settings
from hypothesis import strategies as st

import koubai as kb
from koubai.engine import float64
from koubai.errors import DataError, ShapeError, UnknownNameError
from koubai.networks.network import Layer, Params

EXAMPLES = settings.default.max_examples if settings.default else 30
TOGETHER = {"softmax", "naive_softmax"}
KINKED = {"step", "relu", "leaky_relu"}
SMOOTH = sorted(set(kb.activations) - KINKED)
OF_VALUES = ["squared_error", "mean_squared_error", "huber"]  # defined for every output


@dataclass(frozen=True)
class Case:
    """A network with a loss, and data for it; everything random comes from the seed."""

    sizes: tuple[int, ...]
    hidden: tuple[str, ...]
    output: str
    loss: str | None
    batch: int | None  # None: a single example, without the axis
    targets: str
    seed: int

    @property
    def network(self) -> kb.Network:
        return kb.Network(self.sizes, hidden=self.hidden, output=self.output)

    @property
    def x(self) -> np.ndarray:
        shape = () if self.batch is None else (self.batch,)
        return np.random.default_rng([self.seed, 0]).normal(0.5, 1.5, (*shape, self.sizes[0]))

    @property
    def t(self) -> np.ndarray:
        generator, outputs = np.random.default_rng([self.seed, 1]), self.sizes[-1]
        if self.targets == "values":
            return generator.normal(0, 2, (*self.x.shape[:-1], outputs))
        if self.targets == "soft":
            return generator.dirichlet(np.ones(outputs), self.x.shape[:-1] or None)
        labels = generator.integers(0, outputs, self.x.shape[:-1])
        return labels if self.targets == "labels" else np.eye(outputs)[labels]

    def params(self) -> Params:
        """Neither small nor saturating. To be called inside float64()."""
        generator = np.random.default_rng([self.seed, 2])
        return tuple(
            Layer(
                w=jnp.asarray(generator.normal(0, 1 / np.sqrt(inputs), (inputs, units))),
                b=jnp.asarray(generator.normal(0, 0.5, units)),
            )
            for inputs, units in itertools.pairwise(self.sizes)
        )


@st.composite
def cases(draw: st.DrawFn, activations: list[str] | None = None) -> Case:
    known = activations or sorted(kb.activations)
    hidden = tuple(draw(st.lists(st.sampled_from(known), max_size=3)))
    output = draw(st.sampled_from(known))
    probabilities = output in {*TOGETHER, "sigmoid"}
    loss = draw(st.sampled_from([None, *kb.losses] if probabilities else [None, *OF_VALUES]))
    targets = ["labels", "one-hot", "soft"]
    if loss in OF_VALUES or not probabilities:
        targets.append("values")
    return Case(
        # A softmax over a single unit is 1 whatever happens: its gradient is 0 but for rounding.
        sizes=(
            draw(st.integers(1, 4)),
            *(draw(st.integers(2 if name in TOGETHER else 1, 4)) for name in (*hidden, output)),
        ),
        hidden=hidden,
        output=output,
        loss=loss,
        batch=draw(st.sampled_from([None, 1, 2, 7])),
        targets=draw(st.sampled_from(targets)),
        seed=draw(st.integers(0, 2**32 - 1)),
    )


def assert_equal_gradients(found: Any, expected: Any, tolerance: float) -> None:
    """Every array is as right as the tolerance says, measured by its own largest element."""
    for one, other in zip(jax.tree.leaves(found), jax.tree.leaves(expected), strict=True):
        one, other = np.asarray(one), np.asarray(other)
        assert one.shape == other.shape
        assert np.abs(one - other).max() <= tolerance * np.abs(other).max()


def backprop_of(case: Case, params: Params) -> Any:
    return kb.backprop(case.network, params, case.x, case.t, case.loss)


def found_by_backprop(case: Case) -> Any:
    with float64():
        return jax.jit(lambda params: backprop_of(case, params))(case.params())


DEEP = Case((3, 4, 2, 3, 2), ("tanh", "softmax", "gelu"), "softmax", None, 7, "labels", 1)
ALONE = Case((2, 3, 3), ("sigmoid",), "sigmoid", "cross_entropy", None, "soft", 2)


def shifted_loss(case: Case, params: Params, shifts: list[Any]) -> Any:
    """The loss, written out again, with something added to the weighted inputs of each layer."""
    a = jnp.atleast_2d(case.x)
    for (w, b), activation, shift in zip(params, case.network.activations, shifts, strict=True):
        a = activation(a @ w + b + shift)
    name = case.loss or {
        "softmax": "cross_entropy",
        "sigmoid": "binary_cross_entropy",
    }.get(case.output, "squared_error")
    t = np.asarray(case.t)
    if case.targets == "labels":
        t = np.eye(case.sizes[-1])[t] if case.sizes[-1] > 1 else t[..., None]
    return kb.losses[name](a, jnp.atleast_2d(t))


@example(DEEP)
@example(ALONE)
@settings(max_examples=EXAMPLES // 3)
@given(cases())
def test_gradients_and_deltas_are_what_jax_finds(case: Case) -> None:
    def in_three_ways(params: Params, shifts: list[Any]) -> Any:
        by_jax = jax.value_and_grad(
            lambda p: kb.network_loss(case.network, p, case.x, case.t, case.loss)
        )
        shifted = jax.value_and_grad(lambda p, s: shifted_loss(case, p, s), argnums=(0, 1))
        return backprop_of(case, params), by_jax(params), shifted(params, shifts)

    with float64():
        rows = case.batch or 1
        shifts = [jnp.zeros((rows, units)) for units in case.sizes[1:]]
        found, of_network, (loss, (gradients, deltas)) = jax.jit(in_three_ways)(
            case.params(), shifts
        )
    np.testing.assert_allclose(found.loss, loss, rtol=1e-12)
    np.testing.assert_allclose(found.loss, of_network[0], rtol=1e-14)
    assert_equal_gradients(found.gradients, gradients, 1e-10)
    assert_equal_gradients(found.gradients, of_network[1], 1e-10)
    assert_equal_gradients(found.deltas, tuple(deltas), 1e-10)
    assert isinstance(found.gradients, tuple)
    assert all(isinstance(layer, Layer) for layer in found.gradients)


TORCH_ACTIVATIONS = {
    "identity": lambda z: z,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": F.relu,
    "leaky_relu": F.leaky_relu,
    "elu": F.elu,
    "softplus": lambda z: F.softplus(z, threshold=100),
    "gelu": F.gelu,
    "silu": F.silu,
    "softmax": lambda z: F.softmax(z, dim=-1),
    "naive_softmax": lambda z: F.softmax(z, dim=-1),
}
TORCH_LOSSES = {  # the sum over the outputs, the mean over the batch
    "squared_error": lambda y, t: F.mse_loss(y, t, reduction="sum") / 2 / len(y),
    "mean_squared_error": F.mse_loss,
    "huber": lambda y, t: F.huber_loss(y, t, reduction="sum") / len(y),
    "binary_cross_entropy": lambda y, t: F.binary_cross_entropy(y, t, reduction="sum") / len(y),
    "cross_entropy": lambda y, t: -(t * y.log()).sum() / len(y),
}


@example(DEEP)
@example(ALONE)
@settings(max_examples=EXAMPLES // 3)
@given(cases(sorted(TORCH_ACTIVATIONS)))
def test_gradients_are_what_pytorch_finds(case: Case) -> None:
    found = found_by_backprop(case)
    with float64():
        params = [torch.tensor(np.asarray(array)) for layer in case.params() for array in layer]
    for array in params:
        array.requires_grad_()
    a = torch.tensor(np.atleast_2d(case.x))
    for w, b, name in zip(params[::2], params[1::2], [*case.hidden, case.output], strict=True):
        a = TORCH_ACTIVATIONS[name](a @ w + b)
    t = torch.tensor(case.t)
    if case.targets == "labels":
        t = t.reshape(-1, 1) if len(a.T) == 1 else F.one_hot(t, len(a.T))
    canonical = {"softmax": "cross_entropy", "sigmoid": "binary_cross_entropy"}
    name = case.loss or canonical.get(case.output, "squared_error")
    loss = TORCH_LOSSES[name](a, torch.atleast_2d(t).double())
    loss.backward()
    np.testing.assert_allclose(found.loss, loss.item(), rtol=1e-11)
    expected = [array.grad.numpy() for array in params if array.grad is not None]
    assert_equal_gradients(found.gradients, expected, 1e-10)


def test_pytorch_knows_all_but_the_step() -> None:
    assert set(TORCH_ACTIVATIONS) == set(kb.activations) - {"step"}
    assert set(TORCH_LOSSES) == set(kb.losses)


@example(DEEP)
@settings(max_examples=EXAMPLES // 6)
@given(cases(SMOOTH))
def test_gradients_are_the_central_differences(case: Case) -> None:
    found = found_by_backprop(case)
    with float64():
        expected = kb.finite_differences(
            case.network, case.params(), case.x, case.t, case.loss, step=1e-5
        )
    noise = 1e-10 * (1 + abs(float(found.loss)))  # ε · loss / h, and some
    for one, other in zip(jax.tree.leaves(found.gradients), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-7 * np.abs(other).max() + noise)


def on_examples(case: Case) -> Callable[[Any], Any]:
    """Backpropagation over some of the examples, in some order; or over a single one."""

    @jax.jit
    def run(x: Any, t: Any) -> Any:
        return kb.backprop(case.network, case.params(), x, t, case.loss)

    def derive(chosen: Any) -> Any:
        with float64():
            return jax.tree.map(np.asarray, run(case.x[chosen], case.t[chosen]))

    return derive


@pytest.mark.parametrize("targets", ["labels", "soft"])
def test_the_gradient_of_a_batch_is_the_mean_of_its_examples_gradients(targets: str) -> None:
    case = Case((4, 3, 3), ("relu",), "softmax", None, 5, targets, seed=3)
    derive = on_examples(case)
    whole, singles = derive(np.arange(5)), [derive(n) for n in range(5)]
    mean = jax.tree.map(
        lambda *one_each: np.mean(one_each, axis=0), *(single.gradients for single in singles)
    )
    assert_equal_gradients(whole.gradients, mean, 1e-13)
    for layer, deltas in enumerate(whole.deltas):
        np.testing.assert_allclose(
            5 * deltas, np.concatenate([single.deltas[layer] for single in singles]), rtol=1e-12
        )
    np.testing.assert_allclose(whole.loss, np.mean([single.loss for single in singles]), rtol=1e-14)


def test_the_order_and_the_repetition_of_examples_do_not_matter() -> None:
    case = Case((4, 3, 2), ("softmax",), "tanh", "huber", 5, "values", seed=4)
    derive, order = on_examples(case), np.array([3, 0, 4, 1, 2])
    whole, shuffled = derive(np.arange(5)), derive(order)
    assert_equal_gradients(shuffled.gradients, whole.gradients, 1e-13)
    for one, other in zip(shuffled.deltas, whole.deltas, strict=True):
        np.testing.assert_allclose(one, other[order], rtol=1e-13)
    assert_equal_gradients(derive(np.tile(order, 2)).gradients, whole.gradients, 1e-13)


def test_the_two_layer_gradient_written_out() -> None:
    """Seed 002: regression, δ² = y − d and δ¹ = a'(z) Σ_k w²_k δ²_k, in loops over one example."""
    case = Case((2, 3, 2), ("tanh",), "identity", None, None, "values", seed=5)
    found = found_by_backprop(case)
    with float64():
        (w1, b1), (w2, b2) = [[np.asarray(array) for array in layer] for layer in case.params()]
    x, d = case.x, case.t
    z = [sum(w1[i, j] * x[i] for i in range(2)) + b1[j] for j in range(3)]
    a = np.tanh(z)
    y = [sum(w2[j, k] * a[j] for j in range(3)) + b2[k] for k in range(2)]
    delta2 = [y[k] - d[k] for k in range(2)]
    delta1 = [(1 - a[j] ** 2) * sum(w2[j, k] * delta2[k] for k in range(2)) for j in range(3)]
    expected = [
        [[x[i] * delta1[j] for j in range(3)] for i in range(2)],
        delta1,
        [[a[j] * delta2[k] for k in range(2)] for j in range(3)],
        delta2,
    ]
    for one, other in zip(jax.tree.leaves(found.gradients), expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)
    for delta, other in zip(found.deltas, (delta1, delta2), strict=True):
        np.testing.assert_allclose(delta, [other], rtol=1e-12)


@pytest.mark.parametrize("output", ["identity", "sigmoid", "softmax"])
def test_the_output_deltas_of_the_lecture_are_y_minus_d_over_the_batch(output: str) -> None:
    case = Case((3, 4, 3), ("sigmoid",), output, None, 7, "one-hot", seed=6)
    found = found_by_backprop(case)
    with float64():
        y = np.asarray(case.network.forward(case.params(), case.x).output)
    np.testing.assert_allclose(found.deltas[-1], (y - case.t) / 7, rtol=0, atol=1e-15)


# --- Precision


@pytest.mark.parametrize("loss", list(kb.losses))
def test_float32_stays_float32_even_where_float64_is_allowed(loss: str) -> None:
    hidden = list(kb.activations)
    network = kb.Network([3, *([4] * len(hidden)), 2], hidden=hidden, output="sigmoid")
    x, t = np.ones((2, 3), np.float32), np.eye(2, dtype=np.float32)
    params = network.init()
    with float64():
        found = jax.eval_shape(lambda p: kb.backprop(network, p, x, t, loss), params)
        value = jax.eval_shape(lambda p: kb.network_loss(network, p, x, t, loss), params)
    assert {str(leaf.dtype) for leaf in jax.tree.leaves((found, value))} == {"float32"}


def test_the_callers_precision_is_left_as_it_was() -> None:
    network = kb.Network([2, 2])
    params = network.init()
    kb.check_gradients(network, params, [[1, 2]], [0])
    kb.finite_differences(network, params, [[1, 2]], [0])
    for derive in (kb.check_gradients, kb.finite_differences):
        with pytest.raises(ShapeError):
            derive(network, params, [[1, 2, 3]], [0])
    with pytest.raises(ZeroDivisionError), float64():
        1 / 0  # noqa: B018
    assert not jax.config.jax_enable_x64  # pyright: ignore[reportAttributeAccessIssue]
    assert kb.backprop(network, params, [[1, 2]], [0]).loss.dtype == jnp.float32
    with float64(), float64():
        assert jnp.asarray(1.0).dtype == jnp.float64
    with jax.enable_x64(True):
        kb.numerical_gradient(lambda x: x, 1.0)
        assert jnp.asarray(1.0).dtype == jnp.float64  # nor is a caller's float64 taken away


def test_targets_are_not_rounded_to_the_precision_of_x() -> None:
    """Float32 examples in a float64 network: 0.1 stays 0.1, and is not float32's 0.10000000149."""
    network = kb.Network([1, 1], output="identity")
    with float64():
        params = (Layer(w=jnp.ones((1, 1)), b=jnp.zeros(1)),)
        x, t = np.array([[0.5]], np.float32), np.array([[0.1]])
        assert abs(float(kb.network_loss(network, params, x, t)) - 0.4**2 / 2) < 1e-15
        assert abs(float(kb.backprop(network, params, x, t).deltas[0][0, 0]) - 0.4) < 1e-15


def test_pixels_and_lists_are_inputs() -> None:
    network = kb.Network([2, 3, 2])
    params = network.init()
    expected = kb.backprop(network, params, np.array([[255.0, 0], [3, 4]], np.float32), [0, 1])
    for x in (np.array([[255, 0], [3, 4]], np.uint8), [[255, 0], [3, 4]]):
        found = kb.backprop(network, params, x, np.array([0, 1]))
        for one, other in zip(jax.tree.leaves(found), jax.tree.leaves(expected), strict=True):
            assert one.dtype == other.dtype == jnp.float32
            np.testing.assert_array_equal(one, other)


# --- What is refused

NETWORK = kb.Network([2, 3, 2])


@pytest.mark.parametrize("derive", [kb.backprop, kb.network_loss, kb.finite_differences])
@pytest.mark.parametrize(
    ("x", "t", "error", "message"),
    [
        ([[1, 2, 3]], [0], ShapeError, "x has 3 columns but the network takes 2 inputs"),
        (1.0, 0, ShapeError, "x has no columns"),
        ([[1, 2]], [0, 1], ShapeError, "t has shape (2,)"),
        ([[1, 2]], 0, ShapeError, "t has shape ()"),
        ([1, 2], [[0, 1]], ShapeError, "t has shape"),
        ([[1, 2]], [[0, 1, 0]], ShapeError, "t has shape (1, 3)"),
        ([[1, 2]], [0.5], ShapeError, "one integer label for each example, shape (1,)"),
        ([[1, 2]], [2], DataError, "label 2, but there are 2 outputs"),
        ([[[1, 2]]], [[0]], ShapeError, "x has shape (1, 1, 2)"),
        (np.zeros((0, 2)), np.zeros(0, int), (ShapeError, DataError), "x has no examples"),
    ],
    ids=str,
)
def test_data_that_does_not_fit(derive, x, t, error, message) -> None:
    with pytest.raises(error) as caught:
        derive(NETWORK, NETWORK.init(), x, t)
    assert message in str(caught.value)


def test_params_and_losses_that_are_not_known() -> None:
    with pytest.raises(ShapeError, match="params have shapes"):
        kb.backprop(NETWORK, NETWORK.init()[:1], [[1, 2]], [0])
    with pytest.raises(UnknownNameError, match=r"unknown loss 'cross'.*'cross_entropy'"):
        kb.backprop(NETWORK, NETWORK.init(), [[1, 2]], [0], "cross")


def test_a_loss_is_given_by_name_or_as_itself() -> None:
    params = NETWORK.init(2)
    by_name = kb.backprop(NETWORK, params, [[1, 2]], [0], "huber")
    itself = kb.backprop(NETWORK, params, [[1, 2]], [0], kb.losses.huber)
    canonical = kb.backprop(NETWORK, params, [[1, 2]], [0])
    assert by_name.loss == itself.loss != canonical.loss
    assert canonical.loss == kb.backprop(NETWORK, params, [[1, 2]], [0], "cross_entropy").loss
