"""The gradient check: right gradients pass, wrong ones do not, and the verdict says what it saw."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import koubai as kb
from koubai.errors import FunctionError, ShapeError
from koubai.networks.network import Layer, Params

# --- Anybody's function and gradient


def f(x: Any) -> Any:
    return jnp.sum(jnp.sin(x) * x) + jnp.prod(x[:2])


def grad_f(x: np.ndarray) -> np.ndarray:
    gradient = np.sin(x) + x * np.cos(x)
    gradient[:2] += x[1::-1]
    return gradient


X = np.array([0.7, -1.3, 2.9, 12.0])


def test_a_right_gradient_passes() -> None:
    check = kb.check_gradient(f, grad_f, X)
    assert check.passed
    assert check.worst.error <= check.tolerance
    assert re.fullmatch(r"agrees: .* relative error is \d\.\de-\d+ \(gradient\)", check.verdict)
    np.testing.assert_array_equal(check.worst.gradient, grad_f(X))


@pytest.mark.parametrize(
    ("factor", "kind"), [(1.0, "agrees"), (2.0, "factor"), (1.0001, "factor"), (-1.0, "factor")]
)
def test_a_gradient_in_float32_is_held_to_its_own_precision(factor: float, kind: str) -> None:
    """Rounding to float32 moves it by 1e-7 of its largest element, far beyond float64's share."""
    x = np.random.default_rng(0).normal(size=40)
    check = kb.check_gradient(f, lambda x: (factor * grad_f(x)).astype(np.float32), x)
    assert check.kind == kind
    if factor == 1.0001:
        assert "are 1.0001 times what they must be" in check.verdict


def evidence(verdict: str) -> list[float]:
    """The gradient, the central difference and the relative error that a verdict tells of."""
    said = re.search(r"is (\S+), by central differences (\S+) \(relative error (\S+)\)", verdict)
    assert said, verdict
    return [float(number) for number in said.groups()]


WRONG: dict[str, tuple[str, Callable[[np.ndarray], np.ndarray]]] = {
    "twice as large": ("factor: 4 derivatives are 2 times", lambda g: 2 * g),
    "of the other sign": ("factor: 4 derivatives are -1 times", lambda g: -g),
    "half of it": ("factor: 4 derivatives are ½ times", lambda g: g / 2),
    "zero": ("differs: gradient at", np.zeros_like),
    "off by a thousandth": ("factor: 4 derivatives are 1.001 times", lambda g: 1.001 * g),
    "in another order": ("differs: gradient at", lambda g: g[::-1]),
    "a constant too much": ("differs: gradient at", lambda g: g + 0.01),
}


@pytest.mark.parametrize("scale", [1.0, 1e-8, 1e-100, 1e8])
@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_gradient_fails_however_small_it_is(wrong: str, scale: float) -> None:
    """No absolute tolerance lets a tiny wrong gradient pass."""
    verdict, change = WRONG[wrong]
    check = kb.check_gradient(lambda x: scale * f(x), lambda x: scale * change(grad_f(x)), X)
    assert not check.passed
    assert check.verdict.startswith(verdict)
    assert kb.check_gradient(lambda x: scale * f(x), lambda x: scale * grad_f(x), X).passed


def test_one_wrong_entry_among_1000_is_found_and_named() -> None:
    weights = np.random.default_rng(7).normal(size=(10, 100))
    right = lambda x: weights * np.cos(x)  # noqa: E731

    def wrong(x: np.ndarray) -> np.ndarray:
        gradient = right(x)
        gradient[7, 31] *= 1.1
        return gradient

    x = np.random.default_rng(8).uniform(-1, 1, (10, 100))
    check = kb.check_gradient(lambda x: jnp.sum(weights * jnp.sin(x)), wrong, x)
    assert not check.passed
    assert check.worst.index == (7, 31)
    assert "gradient at [7, 31]" in check.verdict
    error = 0.1 * abs(right(x)[7, 31]) / np.abs(right(x)).max()
    assert math.isclose(check.worst.error, error, rel_tol=1e-5)
    found, expected, said = evidence(check.verdict)
    assert math.isclose(found, wrong(x)[7, 31], rel_tol=1e-7)
    assert math.isclose(expected, right(x)[7, 31], rel_tol=1e-7)
    assert math.isclose(said, error, rel_tol=0.05)


def test_a_transposed_gradient_of_a_square_matrix_fails() -> None:
    a = np.arange(9.0).reshape(3, 3)
    assert kb.check_gradient(lambda x: (a * x).sum(), lambda x: a, np.ones((3, 3))).passed
    check = kb.check_gradient(lambda x: (a * x).sum(), lambda x: a.T, np.ones((3, 3)))
    assert check.worst.index in {(0, 1), (1, 0), (0, 2), (2, 0)}
    assert not check.passed
    assert check.kind == "transposed"


@pytest.mark.parametrize(
    "grad", [lambda x: x.T, lambda x: x.ravel(), lambda x: 1.0, lambda x: x[None]]
)
def test_a_gradient_of_another_shape_is_refused(grad) -> None:
    with pytest.raises(ShapeError, match=r"grad_f returned shape .* for an x of shape \(2, 3\)"):
        kb.check_gradient(lambda x: x.sum(), grad, np.ones((2, 3)))


def test_a_function_of_many_values_is_refused() -> None:
    with pytest.raises(FunctionError, match=r"shape \(2,\)"):
        kb.check_gradient(lambda x: 2 * x, lambda x: x, [1.0, 2.0])


@pytest.mark.parametrize("broken", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("everywhere", [True, False])
def test_a_gradient_that_is_no_number_never_passes(broken: float, everywhere: bool) -> None:
    def grad(x: np.ndarray) -> np.ndarray:
        gradient = grad_f(x)
        gradient[... if everywhere else 2] = broken
        return gradient

    check = kb.check_gradient(f, grad, X)
    assert not check.passed
    assert everywhere or check.worst.index == (2,)
    assert str(broken) in check.verdict


def test_a_function_that_is_no_number_never_passes() -> None:
    check = kb.check_gradient(lambda x: f(x) * np.nan, grad_f, X)
    assert not check.passed
    assert "nan" in check.verdict


def test_nothing_to_check_is_named() -> None:
    for function, gradient, x in (
        (lambda x: 3.0 + 0 * x.sum(), np.zeros_like, [1.0, 2.0]),
        (lambda x: (x**2).sum(), lambda x: 2 * x, [0.0, 0.0]),
    ):
        check = kb.check_gradient(function, gradient, x)
        assert check.verdict.startswith("vacuous: every derivative is zero")
    # One of the two that is not zero is a difference, and not vacuous.
    check = kb.check_gradient(lambda x: 0 * x.sum(), lambda x: 1e-30 + 0 * x, [1.0, 2.0])
    assert not check.passed
    assert check.verdict.startswith("differs")


def test_the_step_can_be_given() -> None:
    """At h = 1 the central difference of x³ is 3x² + 1, which is told from 3x²."""
    check = kb.check_gradient(lambda x: x**3, lambda x: 3 * x**2, 2.0, step=1.0)
    assert not check.passed
    assert math.isclose(check.worst.numerical, 13)
    assert check.kind == "step"
    assert re.search(r"the step 1e\+00 is too large .* at \de-0[456] the relative", check.verdict)
    assert kb.check_gradient(lambda x: x**3, lambda x: 3 * x**2, 2.0, step=1e-4).passed


def test_the_callers_point_is_not_touched() -> None:
    def greedy(x: np.ndarray) -> np.ndarray:
        gradient = 2 * x
        x[...] = 0
        return gradient

    x = np.array([1.0, 2.0])
    assert kb.check_gradient(lambda x: (x**2).sum(), greedy, x).passed
    np.testing.assert_array_equal(x, [1, 2])


@pytest.mark.parametrize(
    ("function", "gradient", "x"),
    [
        (lambda x: 1 + 1e-9 * (x**2).sum(), lambda x: 2e-9 * x, [1.0, 2.0]),
        (lambda x: (x.astype(np.float32) ** 2).sum(), lambda x: 2 * x, [1.0, 2.0]),
        (lambda x: 1e6 + jnp.sin(x).sum(), np.cos, [0.3, 1.4]),
    ],
    ids=["small beside f", "float32", "f with a large constant"],
)
def test_a_right_gradient_is_not_accused_where_rounding_hides_it(function, gradient, x) -> None:
    """ε·|f|/h is all that central differences can be asked for."""
    assert not kb.check_gradient(function, gradient, x).verdict.startswith("differs")


# --- Networks


NETWORK = kb.Network([3, 4, 4, 2], hidden=["tanh", "softplus"], output="softmax")
DATA = np.random.default_rng(5).normal(0.3, 1, (6, 3)), np.array([0, 1, 1, 0, 1, 0])


def test_backpropagation_passes_for_every_layer() -> None:
    check = kb.check_gradients(NETWORK, NETWORK.init(1), *DATA)
    assert check.passed
    names = [f"layer {number} {part}" for number in (2, 3, 4) for part in "wb"]
    assert [difference.name for difference in check.layers] == names
    assert [difference.gradient.shape for difference in check.layers] == [
        (3, 4), (4,), (4, 4), (4,), (4, 2), (2,),
    ]  # fmt: skip
    for difference in check.layers:
        assert difference.gradient.dtype == difference.numerical.dtype == np.float64
        assert difference.error <= 1e-7
    lines = str(check).splitlines()
    assert lines[-1] == check.verdict
    assert all(name in line for name, line in zip(names, lines, strict=False))
    largest = max(check.layers, key=lambda difference: difference.error)
    assert check.verdict == (
        f"agrees: the largest relative error is {largest.error:.1e} ({largest.name})"
    )


def test_tiny_derivatives_pass_when_they_are_right() -> None:
    network = kb.Network([3, 4, 4, 2], hidden=["tanh", "softplus"], output="identity")
    *below, last = network.init(1)
    t = 1e-4 * np.random.default_rng(6).normal(size=(6, 2))
    check = kb.check_gradients(network, (*below, Layer(1e-4 * last.w, last.b)), DATA[0], t)
    assert check.passed, str(check)


def in_layer(number: int, change: Callable[[Layer], Layer]) -> Callable[[Params], Params]:
    return lambda gradients: tuple(
        change(layer) if i == number - 2 else layer for i, layer in enumerate(gradients)
    )


PLANTED: dict[str, tuple[str, str, Callable[[Params], Params]]] = {
    "not divided by the batch": (
        "factor: 46 derivatives are 6 times .* the sum over the batch is taken for the mean",
        "layer",
        lambda g: jax.tree.map(lambda array: 6 * array, g),
    ),
    "uphill": ("factor: 46 .* -1 times .* sign", "", lambda g: jax.tree.map(jnp.negative, g)),
    "half a layer": (
        r"factor: 16 derivatives in layer 3 w are ½ times",
        "layer 3 w",
        in_layer(3, lambda g: Layer(g.w / 2, g.b)),
    ),
    "transposed": (
        "transposed: the gradient of w in layer 3 is the transpose",
        "layer 3 w",
        in_layer(3, lambda g: Layer(g.w.T, g.b)),
    ),
    "no bias": (
        "missing bias: the gradient of the biases is 0 in layer 2",
        "layer 2 b",
        in_layer(2, lambda g: Layer(g.w, 0 * g.b)),
    ),
    "one entry": (
        r"differs: layer 4 w at \[2, 1\] is",
        "layer 4 w",
        in_layer(4, lambda g: Layer(g.w.at[2, 1].mul(1.01), g.b)),
    ),
    "the bias of another unit": (
        r"differs: layer 3 b at \[\d\] is",
        "layer 3 b",
        in_layer(3, lambda g: Layer(g.w, g.b[::-1])),
    ),
}


@pytest.mark.parametrize(
    ("fault", "scale"), [*((fault, 1e-4) for fault in PLANTED), ("one entry", 1.0)]
)
def test_a_planted_fault_is_named_in_its_layer(fault: str, scale: float) -> None:
    """With targets and output weights scaled, the derivatives below are of the order 1e-8."""
    verdict, name, plant = PLANTED[fault]
    network = kb.Network([3, 4, 4, 2], hidden=["tanh", "softplus"], output="identity")
    t = scale * np.random.default_rng(6).normal(size=(6, 2))
    *below, last = network.init(1)
    params = (*below, Layer(scale * last.w, last.b))
    with jax.enable_x64(True):
        double = jax.tree.map(lambda array: jnp.asarray(array, jnp.float64), params)
        gradients = plant(kb.backprop(network, double, DATA[0], t).gradients)
    check = kb.check_gradients(network, params, DATA[0], t, gradients=gradients)
    assert not check.passed
    assert check.worst.name.startswith(name)
    assert re.match(verdict, check.verdict), check.verdict
    assert scale == 1 or np.abs(check.layers[0].numerical).max() < 1e-7


@pytest.mark.parametrize(
    ("hidden", "output", "loss"),
    [
        ("softmax", "sigmoid", None),
        ("gelu", "identity", "huber"),
        ("elu", "softmax", "squared_error"),
    ],
)
def test_networks_of_all_kinds_pass(hidden, output, loss) -> None:
    network = kb.Network([3, 4, 2], hidden=hidden, output=output)
    check = kb.check_gradients(network, network.init(3), DATA[0], np.eye(2)[DATA[1]], loss)
    assert check.passed, str(check)


def test_float32_data_is_checked_in_float64() -> None:
    x = DATA[0].astype(np.float32)
    assert kb.check_gradients(NETWORK, NETWORK.init(1), x, DATA[1]).worst.error < 1e-7
    assert kb.check_gradients(NETWORK, NETWORK.init(1), jnp.asarray(x), DATA[1]).passed


def test_a_network_without_derivatives_is_named() -> None:
    """A softmax over one unit is 1 whatever the weights."""
    network = kb.Network([3, 1], output="softmax")
    check = kb.check_gradients(network, network.init(), [[1, 2, 3]], [1.0])
    assert check.verdict.startswith("vacuous")


def test_vanishing_gradients_are_small_and_not_wrong() -> None:
    """Twelve sigmoid layers down, the derivatives are below what ε·|f|/h leaves of differences."""
    network = kb.Network([4, *[4] * 12, 3], hidden="sigmoid")
    x = np.random.default_rng(0).normal(size=(5, 4))
    check = kb.check_gradients(network, network.init(0), x, [0, 1, 2, 0, 1])
    assert not check.verdict.startswith("differs"), check.verdict
    assert check.layers[-1].error < 1e-6  # while those at the top are still compared in full


@pytest.mark.parametrize("initialiser", ["normal(0.01)", "normal(0.0001)", "zeros"])
def test_small_initial_weights_are_not_accused(initialiser: str) -> None:
    network = kb.Network([4, 4, 4, 3], hidden="sigmoid", initialiser=initialiser)
    x = np.random.default_rng(0).normal(size=(5, 4))
    check = kb.check_gradients(network, network.init(0), x, [0, 1, 2, 0, 1])
    assert not check.verdict.startswith("differs"), check.verdict


# --- Beside a kink, and without anything to compare


def test_a_right_gradient_beside_a_kink_passes_and_the_unit_is_named() -> None:
    """|x| has slope 1 at x = 1e-7 and −1 beyond the step, so the difference is about 1.65/100."""
    check = kb.check_gradient(
        lambda x: jnp.sum(jnp.abs(x) + x**2), lambda x: np.sign(x) + 2 * x, [0.4, 1e-7, -2.0]
    )
    assert (check.kind, check.passed) == ("kink", True)
    assert "x[1] = 1e-07" in check.verdict
    wrong = kb.check_gradient(
        lambda x: jnp.sum(jnp.abs(x) + x**2),
        lambda x: np.sign(x) + 2 * x + [0.01, 0, 0],
        [0.4, 1e-7, -2.0],
    )
    assert (wrong.kind, wrong.passed) == ("differs", False)


def kinked(z: float) -> tuple[kb.Network, Params, np.ndarray, np.ndarray]:
    """A network whose second hidden unit has this z for the third of five examples."""
    network = kb.Network([2, 3, 1], hidden="relu", output="identity")
    random = np.random.default_rng(9)
    x, w = random.normal(1, 1, (5, 2)), random.normal(size=(2, 3))
    b = np.array([0.3, z - x[2] @ w[:, 1], 0.2])
    arrays: Any = (w, b, random.normal(size=(3, 1)), np.zeros(1))  # float64, whatever JAX's mode
    return network, (Layer(*arrays[:2]), Layer(*arrays[2:])), x, random.normal(size=(5, 1))


@pytest.mark.parametrize("z", [2e-6, -2e-6, 1e-12])
def test_a_relu_within_the_step_is_named_with_its_z(z: float) -> None:
    check = kb.check_gradients(*kinked(z))
    assert (check.kind, check.passed) == ("kink", True)
    assert re.search(rf"z²₂ = {z:.1e} of relu \(example 2\)".replace("+", r"\+"), check.verdict)


def test_a_wrong_gradient_beside_a_kink_does_not_pass() -> None:
    network, params, x, t = kinked(2e-6)
    gradients = jax.tree.map(np.array, kb.backprop(network, params, x, t).gradients)
    gradients[1].w[0] *= 1.01
    check = kb.check_gradients(network, params, x, t, gradients=gradients)
    assert (check.kind, check.passed) == ("differs", False)
    assert check.worst.name == "layer 3 w"


def test_a_kink_in_every_example_leaves_nothing_to_pass() -> None:
    network = kb.Network([3, 4, 2], hidden="relu", initialiser=["zeros", "he"])
    check = kb.check_gradients(network, network.init(0), *DATA)
    assert (check.kind, check.passed) == ("kink", False)
    assert "nothing is left to compare" in check.verdict


# --- Samples, and the V


def test_a_sample_looks_at_so_many_coordinates_drawn_from_the_seed() -> None:
    x = np.random.default_rng(3).normal(size=(30, 40))
    checks = [
        kb.check_gradient(lambda z: np.sum(np.sin(z)), np.cos, x, sample=7, seed=seed)
        for seed in (4, 4, 5)
    ]
    looked = [np.isfinite(check.layers[0].numerical) for check in checks]
    assert all(check.passed and seen.sum() == 7 for check, seen in zip(checks, looked, strict=True))
    assert (looked[0] == looked[1]).all()
    assert (looked[0] != looked[2]).any()
    wrong = kb.check_gradient(lambda z: np.sum(np.sin(z)), lambda z: 2 * np.cos(z), x, sample=7)
    assert wrong.kind == "factor"


def test_beside_a_sample_random_directions_see_every_coordinate() -> None:
    x = np.random.default_rng(3).normal(size=(30, 40))
    missed = np.isnan(kb.check_gradient(np.sum, np.ones_like, x, sample=7).layers[0].numerical)

    def wrong(x: np.ndarray) -> np.ndarray:
        return np.where(missed, 1.1, 1.0)

    check = kb.check_gradient(np.sum, wrong, x, sample=7)
    assert (check.kind, check.passed) == ("differs", False)
    assert check.worst.name == "random directions"


def test_the_error_against_the_step_is_a_v() -> None:
    """Of x³ truncation is exactly h², and the derivative at 2.1 is 13.23."""
    check = kb.check_gradient(lambda x: x**3, lambda x: 3 * x**2, 2.1)
    steps, errors = check.curve
    wide = steps >= 1e-3
    np.testing.assert_allclose(errors[wide], (2.1 * steps[wide]) ** 2 / 13.23, rtol=1e-3)
    assert 1e-7 < steps[check.curve.best] < 1e-3
    assert errors[-4:].max() > 100 * errors.min()


def test_gradients_of_another_form_are_refused() -> None:
    with pytest.raises(ShapeError, match="gradients do not fit"):
        kb.check_gradients(NETWORK, NETWORK.init(), *DATA, gradients=NETWORK.init()[:2])


# --- Of a network: the gradient of one's own in float32, and what is not finite


def trained(seed: int = 3) -> tuple[kb.Network, Params, np.ndarray, np.ndarray]:
    """Small weights would hide what rounding to float32 does: these are spread as trained ones."""
    network = kb.Network([6, 9, 4], hidden="tanh")
    random = np.random.default_rng(seed)
    params = jax.tree.map(lambda a: 1.5 * random.normal(size=a.shape), network.init(seed))
    return network, params, random.normal(size=(20, 6)), np.arange(20) % 4


@pytest.mark.parametrize(("factor", "kind"), [(1, "agrees"), (20, "factor")])
def test_backpropagation_of_ones_own_in_float32(factor: int, kind: str) -> None:
    network, params, x, t = trained()
    single = jax.tree.map(jnp.float32, params)
    mine = [
        Layer(factor * w, factor * b)
        for w, b in kb.backprop(network, single, np.float32(x), t).gradients
    ]
    assert mine[0].w.dtype == np.float32
    check = kb.check_gradients(network, params, x, t, gradients=mine)
    assert check.kind == kind
    assert factor == 1 or "the sum over the batch is taken for the mean, N = 20" in check.verdict


def test_what_is_not_finite_is_never_said_to_agree() -> None:
    network, params, x, t = trained()
    x[3, 2] = np.nan
    for ask in (kb.backprop, kb.check_gradients, kb.network_loss, kb.finite_differences):
        with pytest.raises(kb.errors.DataError, match=r"x\[3, 2\] is nan: give finite numbers"):
            ask(network, params, x, t)
    x[3, 2] = 0.1
    gone = (Layer(params[0].w, params[0].b.copy()), params[1])
    gone[0].b[4] = np.nan
    with pytest.raises(kb.errors.DataError, match="the loss is nan"):
        kb.check_gradients(network, gone, x, t)


# --- Steps that mislead


@pytest.mark.parametrize("offset", [1e6, 1e7])
@pytest.mark.parametrize("near", [8e-6, 1e-5, 3e-5])
def test_a_step_beyond_a_kink_is_not_the_best_however_little_it_rounds(
    near: float, offset: float
) -> None:
    """There the differences settle on 0, the mean of both slopes, with far less rounding."""
    kinks = np.array([0.3, 0.7])
    x = kinks + np.array([near, -near])

    def f(x: np.ndarray) -> float:
        return float(np.abs(x - kinks).sum()) + offset

    assert kb.check_gradient(f, lambda x: np.sign(x - kinks), x).kind == "agrees"
    assert not kb.check_gradient(f, np.zeros_like, x).passed


def test_a_right_gradient_near_the_end_of_the_domain_is_not_accused() -> None:
    def f(x: np.ndarray) -> float:
        return float(np.sqrt(np.where(x >= 0, x, np.nan)).sum())

    def grad_f(x: np.ndarray) -> np.ndarray:
        return 0.5 / np.sqrt(x)

    x = np.array([1e-6, 2e-6, 1.0])  # nearer to 0 than the usual step
    assert kb.check_gradient(f, grad_f, x).kind == "agrees"
    assert kb.check_gradient(f, lambda x: 2 * grad_f(x), x).kind == "factor"
    assert kb.check_gradient(f, lambda x: np.array([1, 1, 2]) * grad_f(x), x).kind == "differs"
    check = kb.check_gradient(f, grad_f, x, step=1e-3)
    assert check.kind == "step"
    assert "too large (the function is not finite there)" in check.verdict


def test_a_function_without_one_side_leaves_nothing_to_compare() -> None:
    def f(x: np.ndarray) -> float:
        return float(np.sqrt(np.where(x >= 0, x, np.nan)).sum())

    check = kb.check_gradient(f, lambda x: np.array([0.0, 0.5]), np.array([0.0, 1.0]))
    assert (check.kind, check.passed) == ("undecided", False)
    assert "at [0] of gradient the function is not finite on both sides" in check.verdict
    wrong = kb.check_gradient(f, lambda x: np.array([0.0, 0.7]), np.array([0.0, 1.0]))
    assert wrong.kind != "undecided"
    assert not wrong.passed


def test_chance_that_strikes_seldom_is_no_kink() -> None:
    """Eight calls in a row answered alike; the differences, taken twice, do not."""
    calls = iter(range(10**6))

    def f(x: np.ndarray) -> float:
        return float((x**2).sum()) * (1.3 if next(calls) % 23 == 22 else 1.0)

    check = kb.check_gradient(f, lambda x: 2 * x, np.linspace(-2, 2, 30))
    assert check.kind == "random"
    assert not check.passed


def test_one_factor_of_some_derivatives_among_right_ones() -> None:
    wrong = np.where(np.arange(26) % 3 == 1, -1.0, 1.0)
    x = np.linspace(0.5, 3, 26)
    check = kb.check_gradient(lambda x: float(np.cosh(x).sum()), lambda x: wrong * np.sinh(x), x)
    assert check.verdict.startswith(
        "factor: 9 of 26 derivatives in gradient, the first at [1], are -1 times what they must be"
    )
    two = np.where(np.arange(26) < 2, 3.7, 1.0)  # of two, any ratio may be the same by accident
    check = kb.check_gradient(lambda x: float(np.cosh(x).sum()), lambda x: two * np.sinh(x), x)
    assert check.kind == "differs"


@pytest.mark.parametrize("cancelled", [1e4, 1e6, 1e8])
def test_rounding_of_more_than_the_size_of_f_is_measured(cancelled: float) -> None:
    """What is added and taken off again leaves rounding that f's values do not tell of."""
    for seed in range(8):
        random = np.random.default_rng(seed)
        a, x = random.normal(size=11), random.normal(size=11)

        def f(x: np.ndarray, a: np.ndarray = a) -> float:
            return float((cancelled + np.sin(a * x).sum()) - cancelled)

        right, half = a * np.cos(a * x), np.where(np.abs(a) == np.abs(a).max(), 0.5, 1.0)
        check = kb.check_gradient(f, lambda x, right=right: right, x)
        assert check.kind in {"agrees", "float32"}, (seed, check.verdict)
        assert not kb.check_gradient(f, lambda x, wrong=right * half: wrong, x).passed, seed


# --- More than 4000 parameters, whose differences are found layer by layer


def large(offset: float = 0.0) -> tuple[kb.Network, Params, np.ndarray, np.ndarray]:
    random = np.random.default_rng(5)
    network = kb.Network([70, 60, 5], hidden="tanh", output="identity")
    params = jax.tree.map(lambda array: np.asarray(array, np.float64), network.init(5))
    assert network.parameter_count > 4000
    return network, params, random.normal(size=(9, 70)), random.normal(size=(9, 5)) + offset


def right_gradients(*problem: Any) -> Params:
    with jax.enable_x64(True):
        return jax.tree.map(np.asarray, kb.backprop(*problem).gradients)


def test_both_ways_to_the_differences_of_a_network_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    network, params, x, t = large()
    layer_by_layer = kb.check_gradients(network, params, x, t)
    monkeypatch.setattr("koubai.gradients.whole._FEW", 10**6)
    one_by_one = kb.check_gradients(network, params, x, t)
    assert layer_by_layer.kind == one_by_one.kind == "agrees"
    for one, other in zip(layer_by_layer.layers, one_by_one.layers, strict=True):
        np.testing.assert_allclose(one.numerical, other.numerical, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize(("offset", "factor"), [(0.0, 1.00001), (1e7, 1.01)])
def test_one_wrong_weight_of_four_thousand_is_found(offset: float, factor: float) -> None:
    """Beside targets of 10⁷ rounding hides it at the usual step, and there are too many weights to
    look at each at every other.
    """
    problem = large(offset)
    first, second = right_gradients(*problem)
    w = np.array(first.w)
    here = np.unravel_index(np.argsort(np.abs(w), axis=None)[w.size // 2], w.shape)
    w[here] *= factor
    check = kb.check_gradients(*problem, gradients=(Layer(w, first.b), second))
    assert check.kind == "differs"
    assert check.worst.name == "layer 2 w"
    assert check.worst.index == here
    assert kb.check_gradients(*problem, gradients=(first, second)).passed
