"""Central differences: any function of any array, against closed forms and automatic gradients."""

from __future__ import annotations

import itertools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import koubai as kb
from koubai.errors import FunctionError, SettingError

TEXTBOOK = {  # f = 0.01 x² + 0.1 x, written with each kind of arithmetic there is
    "python": lambda x: 0.01 * x**2 + 0.1 * x,
    "math": lambda x: 0.01 * math.pow(x, 2) + math.fsum([0.1 * x]),
    "numpy": lambda x: np.float64(0.01 * np.power(float(x), 2) + 0.1 * float(x)),
    "jax": lambda x: 0.01 * jnp.square(x) + 0.1 * x,
}
BOWL = {  # f = x₀² + x₁²
    "python": lambda x: x[0] ** 2 + x[1] ** 2,
    "math": lambda x: math.hypot(x[0], x[1]) ** 2,
    "numpy": lambda x: np.sum(np.asarray(x) ** 2),
    "jax": lambda x: jnp.sum(x**2),
    "loop": lambda x: sum(float(element) ** 2 for element in x),
}


@pytest.mark.parametrize("arithmetic", TEXTBOOK)
@pytest.mark.parametrize(("x", "expected"), [(5, 0.2), (10.0, 0.3), (np.array(-20), -0.3)])
def test_the_derivative_of_the_textbook(arithmetic, x, expected) -> None:
    found = kb.numerical_gradient(TEXTBOOK[arithmetic], x)
    assert found.shape == ()
    assert math.isclose(found, expected, rel_tol=1e-9)


@pytest.mark.parametrize("arithmetic", BOWL)
@pytest.mark.parametrize(
    ("x", "expected"), [([3.0, 4.0], (6, 8)), ((0, 2), (0, 4)), (np.array([3, 0]), (6, 0))]
)
def test_the_gradient_of_the_bowl(arithmetic, x, expected) -> None:
    found = kb.numerical_gradient(BOWL[arithmetic], x)
    assert isinstance(found, np.ndarray)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-10)


def test_the_exact_gradient_of_the_same() -> None:
    for x, expected in ((5, 0.2), (10, 0.3)):
        assert math.isclose(kb.gradient(TEXTBOOK["jax"], x), expected, rel_tol=1e-15)
    for x, expected in (([3.0, 4.0], [6, 8]), ([0, 2], [0, 4])):
        found = kb.gradient(BOWL["jax"], x)
        assert isinstance(found, np.ndarray)
        assert found.dtype == np.float64
        np.testing.assert_array_equal(found, expected)


def entangled(xp, x, centre):
    """Every element counts differently, and on its neighbours: a swapped index would show."""
    r = x - centre
    weights = xp.arange(r.size).reshape(r.shape)
    return xp.sum(xp.sin(r[..., 1:] * r[..., :-1])) + xp.sum(weights * r**2)


@pytest.mark.parametrize("shape", [(3, 4), (2, 3, 2)])
@pytest.mark.parametrize("centre", [0.0, 1000.0, 1e-6])
def test_any_shape_at_any_place(shape: tuple[int, ...], centre: float) -> None:
    x = centre + np.random.default_rng(3).normal(size=shape)
    by_numpy = kb.numerical_gradient(lambda x: float(entangled(np, np.asarray(x), centre)), x)
    by_jax = kb.numerical_gradient(lambda x: entangled(jnp, x, centre), x)
    exact = kb.gradient(lambda x: entangled(jnp, x, centre), x)
    assert by_numpy.shape == by_jax.shape == exact.shape == shape
    # The step grows with |x|, and with it the truncation: h² f‴ / 6 with h = 6e-6 · 1000.
    atol = 1e-3 if centre == 1000 else 1e-8
    np.testing.assert_allclose(by_numpy, exact, rtol=0, atol=atol)
    np.testing.assert_allclose(by_jax, exact, rtol=0, atol=atol)


@pytest.mark.parametrize("x", [1e3, -1e3, 1e-6, -1e-6, 12345.678, 1e8])
def test_the_step_suits_the_size_of_x(x: float) -> None:
    """Exact for parabolas however large x is, and good to 9 digits for a smooth f near 0."""
    for f in (lambda x: x * x + x, lambda x: float(np.asarray(x)) ** 2 + float(np.asarray(x))):
        assert math.isclose(kb.numerical_gradient(f, x), 2 * x + 1, rel_tol=1e-9)
    if abs(x) < 1:
        assert math.isclose(kb.numerical_gradient(jnp.exp, x), math.exp(x), rel_tol=1e-9)
        assert math.isclose(kb.numerical_gradient(math.exp, x), math.exp(x), rel_tol=1e-9)


def test_steps_are_of_each_element_by_itself() -> None:
    x = np.array([1e6, 1e-3, -1.0])
    found = kb.numerical_gradient(lambda x: jnp.sin(x[1]) + x[0] * x[2] * 1e-6, x)
    np.testing.assert_allclose(found, [-1e-6, math.cos(1e-3), 1.0], rtol=1e-8)


elements = st.floats(-10, 10)


@settings(max_examples=15)
@given(st.data())
def test_a_quadratic_form_has_the_gradient_of_the_closed_form(data) -> None:
    """f = ½ xᵀA x + bᵀx has the gradient ½ (A + Aᵀ) x + b, exact for central differences."""
    n = data.draw(st.sampled_from([1, 3]))
    draw = lambda size: np.array(data.draw(st.lists(elements, min_size=size, max_size=size)))  # noqa: E731
    a, b, x = draw(n * n).reshape(n, n), draw(n), 50 * draw(n)
    expected = (a + a.T) @ x / 2 + b
    scale = 1 + np.abs(a).max() * np.abs(x).max() + np.abs(b).max()
    by_jax = kb.numerical_gradient(lambda x: x @ a @ x / 2 + b @ x, x)
    by_numpy = kb.numerical_gradient(lambda x: float(np.dot(x, a @ x)) / 2 + float(np.dot(b, x)), x)
    np.testing.assert_allclose(by_jax, expected, rtol=0, atol=1e-7 * scale)
    np.testing.assert_allclose(by_numpy, expected, rtol=0, atol=1e-7 * scale)


# --- Whose x it is


def spoiling(x):
    """A function that changes what it is given, as the textbook's own differentiation does."""
    value = float(np.sum(x**2))
    x[...] = 1e9
    return value


@pytest.mark.parametrize("f", [BOWL["jax"], BOWL["numpy"], BOWL["loop"], spoiling])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64])
def test_the_callers_array_is_never_touched(f, dtype) -> None:
    x = np.array([3, 4], dtype)
    x.flags.writeable = False
    np.testing.assert_allclose(kb.numerical_gradient(f, x), [6, 8], rtol=1e-9)
    x.flags.writeable = True
    np.testing.assert_allclose(kb.numerical_gradient(f, x), [6, 8], rtol=1e-9)
    np.testing.assert_array_equal(x, np.array([3, 4], dtype))
    as_list = [3, 4]
    kb.numerical_gradient(f, as_list)
    assert as_list == [3, 4]


def test_a_spoiling_function_is_given_a_fresh_array_each_time() -> None:
    given_points = []

    def f(x: np.ndarray) -> float:
        given_points.append(np.array(x))
        return spoiling(x)

    kb.numerical_gradient(f, [3.0, 4.0], step=0.5)
    expected = {(3.5, 4.0), (2.5, 4.0), (3.0, 4.5), (3.0, 3.5)}
    at = {tuple(point) for point in given_points if point.dtype == float}
    assert expected <= at <= expected | {(3.0, 4.0)}


# --- The step


@pytest.mark.parametrize("f", [lambda x: x**3, lambda x: math.pow(x, 3)])
@pytest.mark.parametrize("h", [1, 0.5, 1e-2])
def test_a_given_step_is_the_step(f, h: float) -> None:
    """((x + h)³ − (x − h)³) / 2h = 3x² + h²: h² more than the derivative."""
    assert math.isclose(kb.numerical_gradient(f, 2.0, step=h), 12 + h**2, rel_tol=1e-9)


@pytest.mark.parametrize("step", [0, -1e-4, math.nan])
def test_a_step_that_is_not_above_0(step: float) -> None:
    with pytest.raises(SettingError, match=f"step is {step}: give a number above 0"):
        kb.numerical_gradient(BOWL["jax"], [1.0, 2.0], step)


@pytest.mark.parametrize("f", [BOWL["jax"], BOWL["loop"]])
@pytest.mark.parametrize("step", [math.inf, 1e-30], ids=["infinite", "lost in rounding"])
def test_a_step_that_gives_no_number(f, step: float) -> None:
    with pytest.raises(SettingError, match="step is"):
        kb.numerical_gradient(f, [1.0, 2.0], step)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: jnp.sum(jnp.sin(x.astype(jnp.float32))),
        lambda x: np.sum(np.sin(np.asarray(x, np.float32)), dtype=np.float32),
    ],
    ids=["jax", "numpy"],
)
def test_a_function_that_answers_in_float32_gets_a_larger_step(f) -> None:
    """The step of float64, 6e-6, would lose all but 2 of float32's 7 digits; 5e-3 keeps 4."""
    x = np.array([0.3, 1.4, -2.0])
    np.testing.assert_allclose(kb.numerical_gradient(f, x), np.cos(x), rtol=0, atol=2e-4)


# --- What is refused


@pytest.mark.parametrize("derive", [kb.numerical_gradient, kb.gradient])
@pytest.mark.parametrize(
    ("f", "shape"),
    [(lambda x: 2 * x, (3,)), (lambda x: jnp.outer(x, x), (3, 3)), (lambda x: x[:1], (1,))],
)
def test_a_function_that_returns_an_array(derive, f, shape) -> None:
    with pytest.raises(FunctionError) as caught:
        derive(f, [1.0, 2.0, 3.0])
    assert f"f returned an array of shape {shape}" in str(caught.value)
    assert "single number" in str(caught.value)


def test_a_function_that_returns_an_array_and_that_jax_cannot_trace() -> None:
    with pytest.raises(FunctionError, match=r"f returned an array of shape \(2,\)"):
        kb.numerical_gradient(lambda x: np.array([math.sin(element) for element in x]), [1.0, 2.0])
    with pytest.raises(FunctionError, match=r"f returned an array of shape \(2,\)"):
        kb.numerical_gradient(lambda x: [float(x[0]), float(x[1])], [1.0, 2.0])


@pytest.mark.parametrize(
    "f",
    [
        lambda x: None,
        lambda x: "one",
        lambda x: {"loss": x.sum()},
        lambda x: x.sum() * 1j,
        lambda x: complex(float(x[0]), 1),
    ],
    ids=["nothing", "text", "dict", "complex by jax", "complex by python"],
)
def test_a_function_that_returns_no_number(f) -> None:
    with pytest.raises(FunctionError, match="f returned"):
        kb.numerical_gradient(f, [1.0, 2.0])


def test_what_jax_cannot_trace_has_no_exact_gradient() -> None:
    with pytest.raises(FunctionError, match=r"jax\.numpy in place of numpy or math"):
        kb.gradient(lambda x: math.sin(x[0]), [1.0])


@pytest.mark.parametrize("f", [lambda x: (x > 1).sum(), lambda x: x.sum() * 1j])
def test_what_has_no_real_values_has_no_exact_gradient(f) -> None:
    with pytest.raises(FunctionError):
        kb.gradient(f, [1.0, 2.0])


def test_an_error_of_the_functions_own_comes_through() -> None:
    def broken(x: np.ndarray) -> float:
        raise RuntimeError("out of ink")

    with pytest.raises(RuntimeError, match="out of ink"):
        kb.numerical_gradient(broken, [1.0])


def test_no_elements_have_no_derivatives() -> None:
    assert kb.numerical_gradient(lambda x: jnp.sum(x), np.zeros((0, 3))).shape == (0, 3)
    assert kb.numerical_gradient(lambda x: math.fsum(x), np.zeros(0)).shape == (0,)


# --- Precision


@pytest.mark.parametrize("derive", [kb.numerical_gradient, kb.gradient])
def test_the_callers_precision_is_left_as_it_was(derive) -> None:
    def failing(x):
        raise RuntimeError("in the middle")

    derive(BOWL["jax"], [1.0, 2.0])
    with pytest.raises((RuntimeError, FunctionError)):
        derive(failing, [1.0, 2.0])
    with pytest.raises(FunctionError):
        derive(lambda x: x, [1.0, 2.0])
    assert not jax.config.jax_enable_x64  # pyright: ignore[reportAttributeAccessIssue]
    assert jnp.asarray(1.0).dtype == jnp.float32


def test_many_elements_are_each_visited_once() -> None:
    """More elements than fit in one batch of evaluations of a 2100-element array: 4 M / 2100."""
    weights = np.random.default_rng(1).normal(size=2100)
    found = kb.numerical_gradient(lambda x: jnp.sin(x) @ weights, np.zeros(2100))
    np.testing.assert_allclose(found, weights, rtol=1e-7, atol=1e-10)


def test_the_loss_as_a_function_of_one_weight_matrix_is_one_line() -> None:
    """f(W), as in seed 000; its other half is in test_softmax_layer.py."""
    x, t = np.array([0.6, 0.9]), 2
    f = lambda W: kb.losses.cross_entropy(kb.activations.softmax(x @ W), t)  # noqa: E731
    W = np.array([[0.2, -0.3, 0.5], [0.1, 0.4, -0.6]])
    found = kb.numerical_gradient(f, W)
    np.testing.assert_allclose(found, kb.gradient(f, W), rtol=1e-9)
    y = [math.exp(sum(x[i] * W[i][j] for i in range(2))) for j in range(3)]
    for i, j in itertools.product(range(2), range(3)):
        assert math.isclose(found[i, j], x[i] * (y[j] / sum(y) - (j == t)), rel_tol=1e-8)
