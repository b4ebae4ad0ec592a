"""Functions whose gradients are wrong, planted after the verdicts were written."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import torch
from planted.cases import Collection, FunctionCase, Point
from scipy import special

LATER_FUNCTION_FAULTS = Collection()
_add = LATER_FUNCTION_FAULTS.add
_Random = np.random.Generator


# Factors


@_add("factor")
def a_mean_of_cubes_differentiated_as_a_sum(rng: _Random) -> FunctionCase:
    return FunctionCase(
        lambda x: float((x**3).mean()),
        lambda x: 3 * x**2,
        rng.normal(size=37),
        facts={"factor": 37},
    )


@_add("factor")
def a_decimal_logarithm_differentiated_as_a_natural_one(rng: _Random) -> FunctionCase:
    return FunctionCase(
        lambda x: float(np.log10(x).sum()),
        lambda x: 1 / x,
        rng.uniform(0.1, 10, size=23),
        facts={"factor": float(np.log(10))},
    )


@_add("factor")
def logistic_regression_pushed_uphill(rng: _Random) -> FunctionCase:
    x, t = rng.normal(size=(21, 6)), rng.choice([-1.0, 1.0], size=21)
    return FunctionCase(
        lambda w: float(np.logaddexp(0, -t * (x @ w)).mean()),
        lambda w: (t * special.expit(-t * (x @ w))) @ x / len(x),
        rng.normal(size=6),
        facts={"factor": -1},
    )


@_add("factor")
def two_thousand_coordinates_twice_the_batch(rng: _Random) -> FunctionCase:
    a = rng.normal(size=2003)
    return FunctionCase(
        lambda x: jnp.sum(jnp.tanh(x) * a) / 25,
        lambda x: a / jnp.cosh(x) ** 2,
        rng.normal(size=2003),
        facts={"factor": 25},
    )


class _Cube(torch.autograd.Function):
    """x³ whose derivative has the wrong power's factor: 2 x² for 3 x²."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx: Any, *slopes: Any) -> Any:
        (x,) = ctx.saved_tensors
        return slopes[0] * 2 * x**2


def _by_torch(f: Any) -> tuple[Any, Any]:
    """f of a float64 tensor, and the gradient that torch's autograd makes of it."""

    def slope(x: Any) -> Point:
        leaf = torch.tensor(np.asarray(x), dtype=torch.float64, requires_grad=True)
        f(leaf).backward()
        return leaf.grad.numpy() if leaf.grad is not None else np.zeros(leaf.shape)

    return lambda x: f(torch.tensor(np.asarray(x), dtype=torch.float64)).item(), slope


@_add("factor")
def a_torch_cube_with_the_factor_of_a_square(rng: _Random) -> FunctionCase:
    weights = torch.tensor(rng.normal(size=(3, 7)))
    f, slope = _by_torch(lambda x: (_Cube.apply(x) * weights).sum())
    return FunctionCase(f, slope, rng.normal(size=(3, 7)), facts={"factor": 2 / 3})


@_add("factor")
def derivatives_of_a_millionth_of_a_millionth_halved(rng: _Random) -> FunctionCase:
    return FunctionCase(
        lambda x: 1e-12 * float(np.sin(x).sum()),
        lambda x: 0.5e-12 * np.cos(x),
        rng.normal(size=19),
        facts={"factor": 0.5},
    )


@_add("factor")
def half_of_huge_derivatives_with_the_wrong_sign(rng: _Random) -> FunctionCase:
    sign = np.where(np.arange(26) < 13, -1.0, 1.0)
    return FunctionCase(
        lambda x: 1e12 * float(np.cosh(x).sum()),
        lambda x: 1e12 * sign * np.sinh(x),
        rng.normal(size=26),
        facts={"factor": -1},
    )


@_add("factor")
def a_variance_over_n_minus_one_in_the_gradient(rng: _Random) -> FunctionCase:
    return FunctionCase(
        lambda x: x.var(),
        lambda x: 2 * (x - x.mean()) / (x.size - 1),
        rng.normal(size=(4, 3, 2)),
        facts={"factor": 24 / 23},
    )


# On its side


@_add("transposed")
def the_inverse_in_place_of_its_transpose(rng: _Random) -> FunctionCase:
    """∂ log|det X| / ∂X = X⁻ᵀ."""
    return FunctionCase(
        lambda x: float(np.linalg.slogdet(x)[1]),
        lambda x: np.linalg.inv(x),
        rng.normal(size=(5, 5)) + 2 * np.eye(5),
    )


class _Affine(torch.autograd.Function):
    """x · w for a square w, with the gradient of w = xᵀ · slope computed as slopeᵀ · x."""

    @staticmethod
    def forward(ctx: Any, x: Any, w: Any) -> Any:
        ctx.save_for_backward(x, w)
        return x @ w

    @staticmethod
    def backward(ctx: Any, *slopes: Any) -> Any:
        x, w = ctx.saved_tensors
        return slopes[0] @ w.T, slopes[0].T @ x


@_add("transposed")
def a_torch_layer_with_its_weights_on_their_side(rng: _Random) -> FunctionCase:
    x = torch.tensor(rng.normal(size=(9, 6)))
    f, slope = _by_torch(lambda w: torch.tanh(_Affine.apply(x, w)).square().mean())
    return FunctionCase(f, slope, rng.normal(size=(6, 6)))


@_add("transposed")
def a_jax_matrix_of_thirty_one_on_its_side(rng: _Random) -> FunctionCase:
    a, b = rng.normal(size=(31, 3)), rng.normal(size=(31, 3))

    def f(w: Any) -> Any:
        return jnp.sum(jnp.sin(w @ a) * b)

    return FunctionCase(f, lambda w: jax.grad(f)(w).T, rng.normal(size=(31, 31)) / 6)


# Kinks


@_add("kink", "agrees")
def a_penalty_on_weights_that_are_nearly_zero(rng: _Random) -> FunctionCase:
    x = rng.normal(size=29)
    x[[4, 17]] = 3e-8, -2e-9
    return FunctionCase(
        lambda x: jnp.sum(x**2) + 0.1 * jnp.sum(jnp.abs(x)),
        lambda x: 2 * x + 0.1 * jnp.sign(x),
        x,
    )


@_add("kink", "agrees")
def the_largest_of_each_window_with_a_tie_nearby(rng: _Random) -> FunctionCase:
    x = rng.normal(size=(5, 4))
    x[2, :2] = 5.0, 5.0 - 1e-8

    def slope(x: Point) -> Point:
        return np.eye(4)[x.argmax(axis=1)] * x.max(axis=1, keepdims=True) * 2

    return FunctionCase(lambda x: float((x.max(axis=1) ** 2).sum()), slope, x)


@_add("kink", "agrees")
def a_support_vector_a_hair_from_its_margin(rng: _Random) -> FunctionCase:
    data, t = rng.normal(size=(15, 4)), rng.choice([-1.0, 1.0], size=15)
    w = rng.normal(size=4)
    data[0] *= (1 - 1e-8) * t[0] / (data[0] @ w)

    def slope(w: Point) -> Point:
        return -((t * (data @ w) < 1) * t) @ data / 15 + 0.2 * w

    return FunctionCase(
        lambda w: float(np.maximum(0, 1 - t * (data @ w)).mean() + 0.1 * w @ w), slope, w
    )


@_add("kink", "agrees")
def a_torch_clamp_within_the_step_given(rng: _Random) -> FunctionCase:
    x = rng.uniform(0.2, 0.8, size=11)
    x[6] = 1 - 1e-4
    f, slope = _by_torch(lambda x: (torch.clamp(x, 0, 1) ** 2).sum())
    return FunctionCase(f, slope, x, step=1e-3)


# Steps


@_add("step", "agrees")
def waves_shorter_than_the_step(rng: _Random) -> FunctionCase:
    return FunctionCase(
        lambda x: jnp.cos(1000 * x).sum(),
        lambda x: -1000 * jnp.sin(1000 * x),
        rng.normal(size=8),
        step=1e-2,
    )


@_add("step", "agrees")
def a_step_of_a_few_last_bits_beside_a_hundred_million(rng: _Random) -> FunctionCase:
    return FunctionCase(
        lambda x: float(np.sin(x / 1e8).sum()),
        lambda x: np.cos(x / 1e8) / 1e8,
        1e8 * rng.uniform(1, 2, size=6),
        step=1e-7,
    )


@_add("step", "agrees")
def a_barrier_crossed_by_the_step(rng: _Random) -> FunctionCase:
    """−log x at 1e-4 with a step of 1e-3: not a number on the far side."""
    return FunctionCase(
        lambda x: float(-np.log(np.where(x > 0, x, np.nan)).sum()),
        lambda x: -1 / x,
        rng.uniform(0.5e-4, 2e-4, size=5),
        step=1e-3,
    )


# float32


@_add("float32")
def a_torch_layer_in_float32(rng: _Random) -> FunctionCase:
    layer = torch.nn.Linear(7, 5)
    x = torch.tensor(rng.normal(size=(8, 7)), dtype=torch.float32)

    def loss(w: Any) -> Any:
        weight = torch.as_tensor(np.asarray(w), dtype=torch.float32).requires_grad_()
        value = torch.nn.functional.softplus(x @ weight.T).mean()
        return weight, value

    def slope(w: Any) -> Point:
        weight, value = loss(w)
        value.backward()
        return weight.grad.numpy().astype(float)

    w = layer.weight.detach().numpy().astype(float)
    return FunctionCase(lambda w: loss(w)[1].item(), slope, rng.normal(size=w.shape) / 9)


@_add("float32")
def a_jax_softmax_cast_to_float32(rng: _Random) -> FunctionCase:
    a = jnp.asarray(rng.normal(size=(12, 9)), jnp.float32)

    def f(x: Any) -> Any:
        return jax.nn.logsumexp(a @ jnp.asarray(x, jnp.float32))

    return FunctionCase(f, jax.grad(f), rng.normal(size=9))


@_add("float32")
def numpy_in_float32_with_derivatives_of_a_billion(rng: _Random) -> FunctionCase:
    def f(x: Point) -> Any:
        return (np.float32(1e9) * np.sin(x.astype(np.float32))).sum()

    return FunctionCase(f, lambda x: 1e9 * np.cos(x), rng.normal(size=15))


# Chance


@_add("random")
def torch_dropout_with_a_fresh_mask_and_a_mean_gradient(rng: _Random) -> FunctionCase:
    generator = torch.Generator().manual_seed(int(rng.integers(1000)))

    def f(x: Any) -> float:
        mask = torch.rand(x.size, generator=generator) < 0.8
        return float((torch.tensor(np.asarray(x)) ** 2 * mask / 0.8).sum())

    return FunctionCase(f, lambda x: 2 * x, rng.normal(size=40))


@_add("random")
def three_rows_drawn_at_each_call(rng: _Random) -> FunctionCase:
    data, t = rng.normal(size=(30, 5)), rng.normal(size=30)
    draw = np.random.default_rng(5)

    def f(w: Point) -> float:
        rows = draw.choice(30, size=3, replace=False)
        return float(((data[rows] @ w - t[rows]) ** 2).mean())

    return FunctionCase(f, lambda w: 2 * (data @ w - t) @ data / 30, rng.normal(size=5))


@_add("random")
def a_gradient_accumulated_from_call_to_call(rng: _Random) -> FunctionCase:
    """zero_grad was forgotten: each call adds to what the last ones left."""
    buffer = np.zeros(14)

    def slope(x: Point) -> Point:
        buffer[:] += 3 * x**2
        return buffer.copy()

    return FunctionCase(lambda x: float((x**3).sum()), slope, rng.normal(size=14))


@_add("random")
def one_mask_in_eight_differs(rng: _Random) -> FunctionCase:
    """Chance that strikes seldom: two calls in a row are mostly the same."""
    draw = np.random.default_rng(3)

    def f(x: Point) -> float:
        return float((x**2).sum() * (1.3 if draw.random() < 1 / 8 else 1.0))

    return FunctionCase(f, lambda x: 2 * x, rng.normal(size=30))


# Nothing to compare


@_add("vacuous")
def four_thousand_five_hundred_signs(rng: _Random) -> FunctionCase:
    return FunctionCase(
        lambda x: jnp.sign(x).sum(), lambda x: jnp.zeros_like(x), rng.normal(size=4500)
    )


@_add("vacuous")
def a_torch_argmax(rng: _Random) -> FunctionCase:
    return FunctionCase(
        lambda x: float(torch.argmax(torch.tensor(np.asarray(x)))),
        lambda x: np.zeros(x.shape),
        rng.normal(size=9),
    )


@_add("differs", "factor")
def a_detached_loss_whose_gradient_is_zero(rng: _Random) -> FunctionCase:
    """f changes with x and the gradient says that it does not."""
    return FunctionCase(
        lambda x: float(torch.tensor(np.asarray(x)).sin().sum()),
        lambda x: np.zeros(x.shape),
        rng.normal(size=9),
    )


# A constant in the logarithm


@_add("differs")
def binary_cross_entropy_with_seven_zeros(rng: _Random) -> FunctionCase:
    """A constant in a logarithm that cannot be named: each derivative by w is a sum over 24
    examples, each with an output of its own, of which nothing is known.
    """
    data, t = rng.normal(size=(24, 5)), rng.integers(2, size=24)

    def f(w: Point) -> float:
        y = special.expit(data @ w)
        return float(-(t * np.log(y + 1e-7) + (1 - t) * np.log(1 - y + 1e-7)).mean())

    def slope(w: Point) -> Point:
        return (special.expit(data @ w) - t) @ data / 24

    return FunctionCase(f, slope, 10 * rng.normal(size=5), facts={"constant": 1e-7})


@_add("constant in log")
def a_cross_entropy_by_probabilities_with_a_millionth(rng: _Random) -> FunctionCase:
    q = rng.dirichlet(np.full(12, 2.0))
    return FunctionCase(
        lambda p: -jnp.sum(q * jnp.log(p + 1e-6)),
        lambda p: -q / p,
        rng.dirichlet(np.full(12, 0.5)) + 1e-4,
        facts={"constant": 1e-6},
    )


# Without a name


@_add("differs", "factor")
def one_of_six_thousand_a_hundredth_off(rng: _Random) -> FunctionCase:
    a = rng.normal(size=6001)
    wrong = np.ones(6001)
    wrong[4321] = 1.01
    return FunctionCase(
        lambda x: jnp.sum(a * jnp.sin(x)),
        lambda x: wrong * a * jnp.cos(x),
        rng.normal(size=6001),
        facts={"factor": 1.01, "index": 4321},
    )


@_add("differs", "factor")
def a_small_element_wrong_beside_large_ones(rng: _Random) -> FunctionCase:
    scale = np.geomspace(1e-3, 1e4, 15)
    wrong = np.where(np.arange(15) == 0, 1.2, 1.0)
    return FunctionCase(
        lambda x: float((scale * np.sin(x)).sum()),
        lambda x: wrong * scale * np.cos(x),
        rng.uniform(0.5, 1, size=15),
        facts={"factor": 1.2, "index": 0},
    )


@_add("differs")
def every_element_that_of_its_neighbour(rng: _Random) -> FunctionCase:
    a = rng.normal(size=33)
    return FunctionCase(
        lambda x: float(np.exp(a * x).sum()),
        lambda x: np.roll(a * np.exp(a * x), 1),
        rng.normal(size=33),
    )


class _Silu(torch.autograd.Function):
    """x σ(x), the product rule forgotten: σ(x) alone."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx: Any, *slopes: Any) -> Any:
        (x,) = ctx.saved_tensors
        return slopes[0] * torch.sigmoid(x)


@_add("differs")
def a_torch_silu_without_the_product_rule(rng: _Random) -> FunctionCase:
    f, slope = _by_torch(lambda x: _Silu.apply(x).square().mean())
    return FunctionCase(f, slope, rng.normal(size=21))


@_add("differs")
def a_layer_normalisation_whose_mean_is_held_fixed(rng: _Random) -> FunctionCase:
    """The derivative goes through x alone and not through its mean and deviation."""
    a = rng.normal(size=10)
    return FunctionCase(
        lambda x: float(a @ ((x - x.mean()) / x.std())),
        lambda x: a / x.std(),
        rng.normal(size=10),
    )


@_add("differs")
def one_element_not_a_number(rng: _Random) -> FunctionCase:
    """The derivative of √x² written as x / √x² at x = 0."""
    x = rng.normal(size=12)

    def slope(x: Point) -> Point:
        slopes = 2 * x
        slopes[5] = np.nan
        return slopes

    return FunctionCase(lambda x: float((x**2).sum()), slope, x)


@_add("differs")
def a_hundred_thousandth_of_a_leak(rng: _Random) -> FunctionCase:
    """Wrong by 1e-5 of itself: below what a comparison by eye or allclose would see."""
    a = rng.normal(size=17)
    return FunctionCase(
        lambda x: float((a * np.tanh(x)).sum()),
        lambda x: a * (1 - np.tanh(x) ** 2) + 1e-5 * np.abs(a) * x,
        rng.normal(size=17),
    )
