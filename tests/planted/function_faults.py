"""Wrong gradients of anybody's function: NumPy, JAX and PyTorch."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import torch
from planted.cases import Collection, FunctionCase, Point

FUNCTION_FAULTS = Collection()
_planted = FUNCTION_FAULTS.add
_Random = np.random.Generator


def _size(rng: _Random) -> int:
    return int(rng.integers(3, 12))


def _softmax(z: Any) -> Any:
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


# --- Wrong by a factor


@_planted("factor")
def a_square_without_its_two(rng: _Random) -> FunctionCase:
    x, c = rng.normal(3, 2, (2, _size(rng)))
    return FunctionCase(lambda x: np.sum(c * x**2), lambda x: c * x, x, facts={"factor": 0.5})


@_planted("factor")
def a_regression_summed_in_the_gradient_alone(rng: _Random) -> FunctionCase:
    n, d = int(rng.choice([7, 13, 50])), _size(rng)
    a, y, w = rng.normal(size=(n, d)), rng.normal(size=n), rng.normal(size=d)
    return FunctionCase(
        lambda w: jnp.mean((a @ w - y) ** 2),
        lambda w: 2 * a.T @ (a @ np.asarray(w) - y),
        w,
        facts={"factor": n, "batch": n},
    )


@_planted("factor")
def degrees_taken_for_radians(rng: _Random) -> FunctionCase:
    x = rng.uniform(10, 80, _size(rng))
    return FunctionCase(
        lambda x: np.sum(np.sin(np.radians(np.asarray(x)))),
        lambda x: np.cos(np.radians(x)),
        x,
        facts={"factor": 180 / np.pi},
    )


class _Negated(torch.autograd.Function):
    """x³ whose backward has the wrong sign."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx: Any, upstream: torch.Tensor) -> torch.Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        (x,) = ctx.saved_tensors
        return -upstream * 3 * x**2


@_planted("factor")
def a_torch_function_with_the_wrong_sign(rng: _Random) -> FunctionCase:
    def total(x: torch.Tensor) -> torch.Tensor:
        return _Negated.apply(x).sum()  # pyright: ignore[reportReturnType, reportAttributeAccessIssue, reportOptionalMemberAccess]

    def grad(x: Point) -> Point:
        leaf = torch.tensor(x, requires_grad=True)
        total(leaf).backward()
        assert leaf.grad is not None
        return leaf.grad.numpy()

    x = rng.normal(1, 1, (_size(rng), 2))
    return FunctionCase(
        lambda x: total(torch.tensor(np.asarray(x))).item(), grad, x, facts={"factor": -1}
    )


@_planted("factor")
def torch_gradients_accumulated_over_two_passes(rng: _Random) -> FunctionCase:
    def f(x: torch.Tensor) -> torch.Tensor:
        return torch.tanh(x).prod() + (x**2).sum()

    def grad(x: Point) -> Point:
        leaf = torch.tensor(x, requires_grad=True)
        for _ in range(2):  # zero_grad() forgotten
            f(leaf).backward()
        assert leaf.grad is not None
        return leaf.grad.numpy()

    x = rng.normal(size=_size(rng))
    return FunctionCase(
        lambda x: f(torch.tensor(np.asarray(x))).item(), grad, x, facts={"factor": 2}
    )


# --- Transposed


@_planted("transposed")
def the_gradient_of_a_matrix_transposed(rng: _Random) -> FunctionCase:
    n, examples = int(rng.integers(3, 6)), 8
    x, y = rng.normal(size=(2, examples, n))
    w = rng.normal(size=(n, n))
    return FunctionCase(
        lambda w: 0.5 * jnp.sum((x @ w - y) ** 2),
        lambda w: (x.T @ (x @ np.asarray(w) - y)).T,
        w,
    )


# --- Right gradients at a kink


@_planted("kink", "agrees")  # a smaller step sees no kink
def an_absolute_value_within_the_usual_step(rng: _Random) -> FunctionCase:
    x = rng.normal(size=_size(rng))
    i = int(rng.integers(len(x)))
    x[i] = rng.choice([-1, 1]) * rng.uniform(0.2e-6, 2e-6)
    return FunctionCase(
        lambda x: jnp.sum(jnp.abs(x) + x**2),
        lambda x: np.sign(x) + 2 * x,
        x,
        facts={"index": i, "z": x[i]},
    )


@_planted("kink")
def a_maximum_of_two_nearly_equal(rng: _Random) -> FunctionCase:
    x = rng.normal(size=_size(rng))
    i, j = rng.permutation(len(x))[:2]
    x[i] = x.max() + 1
    x[j] = x[i] - 0.3e-3
    return FunctionCase(
        lambda x: float(np.max(np.asarray(x))) ** 2,
        lambda x: 2 * x.max() * (x == x.max()),
        x,
        step=1e-3,
        facts={"index": int(i), "z": 0.3e-3},
    )


@_planted("kink")
def a_hinge_exactly_on_its_margin(rng: _Random) -> FunctionCase:
    d = _size(rng)
    a = np.round(rng.normal(size=(6, d)), 2)
    sign = rng.choice([-1.0, 1.0], 6)
    w = np.zeros(d)
    w[0] = 1.0
    a[2, 0], sign[2] = 1.0, 1.0  # its margin is 1 to the last bit

    def f(w: Any) -> Any:
        return jnp.maximum(0, 1 - sign * (a @ w)).mean()

    def grad(w: Point) -> Point:
        return -np.where(sign * (a @ w) < 1, sign, 0.0) @ a / 6

    return FunctionCase(f, grad, w, facts={"z": 0})


# --- The step


def _curved(rng: _Random, step: float) -> FunctionCase:
    x, k = rng.normal(size=_size(rng)), float(rng.uniform(1.5, 4))
    return FunctionCase(
        lambda x: np.sum(np.exp(k * np.asarray(x))), lambda x: k * np.exp(k * x), x, step=step
    )


@_planted("step")
def a_step_across_the_curvature(rng: _Random) -> FunctionCase:
    return _curved(rng, float(rng.choice([0.2, 0.5])))


@_planted("step")
def a_step_lost_in_rounding(rng: _Random) -> FunctionCase:
    return _curved(rng, float(rng.choice([1e-13, 1e-14])))


@_planted("step")
def a_step_of_a_few_last_bits_of_x(rng: _Random) -> FunctionCase:
    x = rng.uniform(2, 8, _size(rng))  # these have a spacing of 4e-16 and 9e-16
    return FunctionCase(lambda x: np.sum(np.asarray(x) ** 2), lambda x: 2 * x, x, step=2e-15)


# --- f computes in float32


@_planted("float32")
def numpy_in_float32(rng: _Random) -> FunctionCase:
    x = rng.normal(size=_size(rng))

    def f(x: Any) -> Any:
        return np.sum(np.sin(np.asarray(x).astype(np.float32)) * np.float32(3))

    return FunctionCase(f, lambda x: 3 * np.cos(x), x)


@_planted("float32")
def jax_in_float32(rng: _Random) -> FunctionCase:
    x = rng.normal(size=_size(rng))

    def f(x: Any) -> Any:
        return jnp.sum(jnp.exp(x.astype(jnp.float32)) ** 2)

    return FunctionCase(f, lambda x: 2 * np.exp(2 * x), x)


@_planted("float32")
def a_torch_module_in_float32(rng: _Random) -> FunctionCase:
    n = _size(rng)
    module = torch.nn.Sequential(torch.nn.Linear(n, 5), torch.nn.Tanh(), torch.nn.Linear(5, 1))
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.tensor(rng.normal(size=parameter.shape)))

    def f(x: Any) -> float:
        return module(torch.tensor(np.asarray(x), dtype=torch.float32)).item()

    def grad(x: Point) -> Point:
        leaf = torch.tensor(x, dtype=torch.float32, requires_grad=True)
        module(leaf).backward()
        assert leaf.grad is not None
        return leaf.grad.numpy()

    return FunctionCase(f, grad, rng.normal(size=n))


@_planted("float32")
def float32_inside_and_float64_outside(rng: _Random) -> FunctionCase:
    a = rng.normal(size=(9, 4)).astype(np.float32)  # f answers in float64, yet it is too late

    def f(w: Any) -> float:
        return float(np.square(a @ np.asarray(w).astype(np.float32)).sum(dtype=np.float64))

    wide = a.astype(np.float64)
    return FunctionCase(f, lambda w: 2 * wide.T @ (wide @ w), rng.normal(size=4))


# --- f is not deterministic


@_planted("random")
def dropout_left_on(rng: _Random) -> FunctionCase:
    w, noise = rng.normal(size=_size(rng)), np.random.default_rng(int(rng.integers(10**6)))

    def f(x: Any) -> float:
        kept = noise.random(len(w)) > 0.3
        return float(np.sum(w * np.tanh(np.asarray(x)) * kept / 0.7))

    return FunctionCase(f, lambda x: w * (1 - np.tanh(x) ** 2), rng.normal(size=len(w)))


@_planted("random")
def torch_dropout_in_training_mode(rng: _Random) -> FunctionCase:
    n = _size(rng) + 4
    module = torch.nn.Dropout(0.5)
    torch.manual_seed(int(rng.integers(10**6)))

    def f(x: Any) -> float:
        return module(torch.tensor(np.asarray(x)) ** 2).sum().item()

    return FunctionCase(f, lambda x: 2 * x, rng.normal(1, 1, n))


@_planted("random")
def a_little_noise(rng: _Random) -> FunctionCase:
    noise, size = np.random.default_rng(int(rng.integers(10**6))), 10 ** rng.uniform(-8, -3)
    x = rng.normal(size=_size(rng))
    return FunctionCase(
        lambda x: float(np.sum(np.asarray(x) ** 2)) + size * noise.normal(), lambda x: 2 * x, x
    )


@_planted("random")
def noise_that_jax_would_freeze(rng: _Random) -> FunctionCase:
    noise = np.random.default_rng(int(rng.integers(10**6)))  # tracing f draws it once for all
    x = rng.normal(size=_size(rng))
    return FunctionCase(lambda x: jnp.sum(x**2) * (1 + 0.1 * noise.normal()), lambda x: 2 * x, x)


@_planted("random")
def another_mini_batch_at_every_call(rng: _Random) -> FunctionCase:
    a, y, w = rng.normal(size=(90, 4)), rng.normal(size=90), rng.normal(size=4)
    batches = np.random.default_rng(int(rng.integers(10**6)))

    def f(w: Any) -> float:
        rows = batches.choice(90, 20, replace=False)
        return float(np.mean((a[rows] @ np.asarray(w) - y[rows]) ** 2))

    return FunctionCase(f, lambda w: 2 * a.T @ (a @ w - y) / 90, w)


@_planted("random")
def a_gradient_from_another_mini_batch_at_every_call(rng: _Random) -> FunctionCase:
    a, y, w = rng.normal(size=(90, 4)), rng.normal(size=90), rng.normal(size=4)
    batches = np.random.default_rng(int(rng.integers(10**6)))

    def grad(w: Point) -> Point:
        rows = batches.choice(90, 20, replace=False)
        return 2 * a[rows].T @ (a[rows] @ w - y[rows]) / 20

    return FunctionCase(lambda w: np.mean((a @ np.asarray(w) - y) ** 2), grad, w)


# --- The check says nothing


@_planted("vacuous")
def batch_normalisation_over_a_batch_of_one(rng: _Random) -> FunctionCase:
    x, target = rng.normal(size=(2, 1, _size(rng)))

    def f(x: Any) -> Any:
        centred = x - x.mean(axis=0)
        return jnp.sum((centred / jnp.sqrt((centred**2).mean(axis=0) + 1e-5) - target) ** 2)

    return FunctionCase(f, lambda x: np.zeros_like(x), x)


@_planted("vacuous")
def a_function_that_forgets_x(rng: _Random) -> FunctionCase:
    x = rng.normal(size=_size(rng))
    return FunctionCase(
        lambda x: jnp.sum(jax.lax.stop_gradient(x) * 0 + 2.5), lambda x: np.zeros_like(x), x
    )


@_planted("vacuous")
def rounded_to_whole_numbers(rng: _Random) -> FunctionCase:
    x = np.round(rng.normal(0, 5, _size(rng))) + rng.uniform(0.1, 0.3)
    return FunctionCase(
        lambda x: float(np.sum(np.round(np.asarray(x)) ** 2)), lambda x: np.zeros_like(x), x
    )


# --- A constant inside the logarithm


@_planted("constant in log")
def softmax_with_the_constant_of_the_textbook(rng: _Random) -> FunctionCase:
    t = np.eye(5)[rng.integers(5, size=7)]
    z = rng.normal(0, 2, (7, 5))

    def f(z: Any) -> float:
        return float(-np.sum(t * np.log(_softmax(np.asarray(z)) + 1e-7)) / 7)

    return FunctionCase(f, lambda z: (_softmax(z) - t) / 7, z, facts={"constant": 1e-7})


@_planted("constant in log")
def a_certain_mistake_with_the_constant_of_the_textbook(rng: _Random) -> FunctionCase:
    z = rng.normal(size=4)  # y of the right class is near 1e-7: half of the gradient is missing
    k = int(rng.integers(4))
    z[k] = np.log(np.delete(np.exp(z), k).sum() * 1e-7)
    t = np.eye(4)[k]

    def f(z: Any) -> float:
        return float(-np.sum(t * np.log(_softmax(np.asarray(z)) + 1e-7)))

    return FunctionCase(f, lambda z: _softmax(z) - t, z, facts={"constant": 1e-7})


@_planted("constant in log")
def a_logarithm_of_x_with_a_constant(rng: _Random) -> FunctionCase:
    x, c = rng.uniform(0.01, 2, _size(rng)), float(rng.choice([1e-5, 1e-6, 1e-7]))
    return FunctionCase(
        lambda x: -jnp.sum(jnp.log(x + c)), lambda x: -1 / x, x, facts={"constant": c}
    )


# --- Wrong without a name


@_planted("differs")
def a_quadratic_form_taken_for_symmetric(rng: _Random) -> FunctionCase:
    n = _size(rng)
    a = rng.normal(size=(n, n))
    return FunctionCase(lambda x: x @ a @ x, lambda x: 2 * a @ x, rng.normal(size=n))


@_planted("differs")
def weight_decay_in_the_function_alone(rng: _Random) -> FunctionCase:
    w = rng.normal(size=_size(rng))
    return FunctionCase(
        lambda w: jnp.sum(jnp.tanh(w)) + 0.01 * jnp.sum(w**2), lambda w: 1 - np.tanh(w) ** 2, w
    )


@_planted("differs")
def one_wrong_element_among_huge_ones(rng: _Random) -> FunctionCase:
    n = _size(rng)
    c = 10 ** rng.uniform(2, 3, n)
    i = int(rng.integers(n))
    c[i] = 1e-3

    def grad(x: Point) -> Point:
        right = c * np.cos(x)
        right[i] *= 1.5
        return right

    x = rng.uniform(-1, 1, n)
    return FunctionCase(lambda x: np.sum(c * np.sin(np.asarray(x))), grad, x, facts={"index": i})


@_planted("differs")
def tiny_everywhere_and_one_element_wrong(rng: _Random) -> FunctionCase:
    x = rng.normal(size=_size(rng))  # no absolute tolerance may hide it
    i = int(rng.integers(len(x)))

    def grad(x: Point) -> Point:
        right = -1e-12 * np.sin(x)
        right[i] += 0.4e-12
        return right

    return FunctionCase(
        lambda x: 1e-12 * np.sum(np.cos(np.asarray(x))), grad, x, facts={"index": i}
    )


@_planted("differs")
def one_element_in_a_thousand_slightly_wrong(rng: _Random) -> FunctionCase:
    x = rng.normal(size=(40, 25))
    i, j = int(rng.integers(40)), int(rng.integers(25))

    def grad(x: Point) -> Point:
        right = 2 * x / (1 + x**2)
        right[i, j] *= 1.001
        return right

    x[i, j] = 0.7
    return FunctionCase(lambda x: jnp.sum(jnp.log1p(x**2)), grad, x)


@_planted("differs")
def the_gradient_of_another_function(rng: _Random) -> FunctionCase:
    x = rng.normal(size=(3, _size(rng)))
    return FunctionCase(lambda x: jnp.sum(jnp.sin(x) * x), lambda x: np.cos(x), x)
