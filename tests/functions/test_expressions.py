"""Formulas as text: Python's own arithmetic on generated ones, and errors for everything else."""

from __future__ import annotations

import math
import sys

import jax
import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

import koubai as kb
from koubai.engine import float64
from koubai.errors import FunctionError, KoubaiError, ShapeError

PYTHON = {
    "sin": math.sin, "cos": math.cos, "tan": math.tan, "exp": math.exp, "log": math.log,
    "sqrt": math.sqrt, "abs": abs, "tanh": math.tanh, "maximum": max, "minimum": min,
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)), "relu": lambda z: max(z, 0.0),
    "pi": math.pi, "e": math.e,
}  # fmt: skip


def by_python(text: str, **variables: float) -> float:
    value = eval(text.replace("^", "**"), {"__builtins__": {}}, {**PYTHON, **variables})  # noqa: S307
    if isinstance(value, complex):
        raise ValueError(value)
    return value


def at(text: str, *x: float) -> float:
    with float64():
        return float(kb.expression(text)(np.array(x)))


leaves = st.sampled_from(["x0", "x1", "pi", "e", "2", "3", "0.5", ".25", "1e-1", "7."])
formulas = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", " - ", "**", "^"]), inner).map(
            "".join
        ),
        inner.map("-{}".format),
        inner.map("({})".format),
        st.tuples(st.sampled_from(["sin", "cos", "tanh", "abs", "sigmoid", "relu"]), inner).map(
            lambda pair: f"{pair[0]}({pair[1]})"
        ),
        st.tuples(st.sampled_from(["maximum", "minimum"]), inner, inner).map(
            lambda three: f"{three[0]}({three[1]}, {three[2]})"
        ),
    ),
    max_leaves=10,
)
numbers = st.floats(-3, 3).map(lambda x: round(x, 3))


@settings(max_examples=150)
@given(text=formulas, x0=numbers, x1=numbers)
@example("-x0**2+x1", 3.0, 0.0)
@example("2**3**x0+x1", 2.0, 0.0)
@example("2**-x0**2+x1", 2.0, 0.0)
@example("x0-x1-1", 1.0, 2.0)
@example("x0/x1/2", 1.0, 2.0)
@example("-x0*x1", 1.0, 2.0)
@example("--x0--x1", 1.0, 2.0)
def test_it_is_pythons_arithmetic(text: str, x0: float, x1: float) -> None:
    text = f"{text} + 0*x0*x1"
    try:
        expected = by_python(text, x0=x0, x1=x1)
    except (ArithmeticError, ValueError):
        assume(False)
    assume(abs(expected) < 1e100)
    assert math.isclose(at(text, x0, x1), expected, rel_tol=1e-6, abs_tol=1e-6)


@pytest.mark.parametrize("name", PYTHON)
def test_every_function_and_constant(name: str) -> None:
    text = {
        "pi": "pi * x",
        "e": "e * x",
        "maximum": "maximum(x, 0.2)",
        "minimum": "minimum(x, 0.2)",
    }
    text = text.get(name, f"{name}(x)")
    assert math.isclose(at(text, 0.7), by_python(text, x=0.7), rel_tol=1e-15)


@pytest.mark.parametrize("spelling", ["x0**2 + 3*x1", "x^2+3*y", " x0 ** 2+3 * y ", "x**2\n+3*x1"])
def test_the_names_and_signs_that_mean_the_same(spelling: str) -> None:
    assert at(spelling, 2, 5) == 19
    np.testing.assert_allclose(kb.gradient(kb.expression(spelling), [2, 5]), [4, 3])


def test_what_it_knows_of_itself() -> None:
    both, one = kb.expression("x0*x1"), kb.expression("x**2")
    assert both.variables == ("x0", "x1")
    assert one.variables == ("x",)
    assert kb.expression("y").variables == ("x", "y")
    assert (both.text, repr(both)) == ("x0*x1", "<expression x0*x1>")
    assert both == kb.expression("x0*x1") != one
    assert len({both, kb.expression("x0*x1")}) == 1


def test_one_variable_may_be_a_bare_number() -> None:
    assert at("x**2", 3) == 9
    assert kb.expression("x**2")(3.0) == 9
    assert kb.gradient(kb.expression("x**2"), 3.0) == 6


@pytest.mark.parametrize("x", [[1.0], [1.0, 2.0, 3.0], 4.0])
def test_one_number_for_each_variable(x) -> None:
    with pytest.raises(ShapeError, match="function of x and y: give one number for each"):
        kb.expression("x*y")(x)
    with pytest.raises(ShapeError):
        kb.descend(kb.expression("x*y"), x)


def test_many_points_at_once_and_the_precision_of_x() -> None:
    f = kb.expression("2*x0 + sin(x1)**2")
    points = np.random.default_rng(0).normal(size=(2, 5, 6))
    with float64():
        np.testing.assert_allclose(f(points), 2 * points[0] + np.sin(points[1]) ** 2, rtol=1e-14)
        assert f(points.astype(np.float32)).dtype == np.float32


def test_a_known_whole_power_has_a_derivative_at_0_and_below() -> None:
    for x, slope, bend in ((0.0, 0.0, 2.0), (-3.0, -6.0, 2.0)):
        f = kb.expression("x**2")
        assert kb.gradient(f, x) == slope
        assert jax.grad(jax.grad(f))(x) == bend
    assert kb.gradient(kb.expression("x**-(1+1)"), -2.0) == 0.25


def test_it_is_descended_and_compiled_once() -> None:
    for _ in range(2):
        path = kb.descend(kb.expression("x0**2 + x1**2"), [3.0, 4.0], 0.1, 100)
        assert path.gradient == "exact"
        np.testing.assert_allclose(path.points[-1], np.array([3, 4]) * 0.8**100, rtol=1e-9)


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("x0**2 + x1**2", "x_0^{2} + x_1^{2}"),
        ("(x - 1)/(2*y)", r"\frac{x - 1}{2 \cdot y}"),
        ("-(x + 1)", r"-\left(x + 1\right)"),
        ("-(-x)", r"-\left(-x\right)"),
        ("x - (y - 1)", r"x - \left(y - 1\right)"),
        ("x*-y", r"x \cdot \left(-y\right)"),
        ("(-x)**2", r"\left(-x\right)^{2}"),
        ("(1e-3)**x", r"\left(1 \cdot 10^{-3}\right)^{x}"),
        ("sqrt(abs(x)) + sigmoid(pi)", r"\sqrt{|x|} + \sigma(\pi)"),
        ("maximum(x, y)", r"\max(x, y)"),
    ],
)
def test_latex(text: str, latex: str) -> None:
    assert kb.expression(text).formula == latex


def refused(text: str) -> tuple[str, int | None]:
    """The message of the refusal, and the place in the text that its ^ stands under."""
    with pytest.raises(FunctionError) as caught:
        kb.expression(text)
    reason, shown, caret = str(caught.value).split("\n")
    assert caret.strip() == "^"
    assert "expected" in reason or "Known:" in reason
    if "…" in shown:
        return reason, None
    assert shown[2:] == text
    return reason, len(caret) - 3


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("x0 + z", 5, "unknown name 'z'"),
        ("sni(x)", 0, "Did you mean 'sin'"),
        ("x2**2", 0, "Did you mean 'x'"),
        ("sin x", 4, "expected ( after sin"),
        ("2x", 1, "expected an operator"),
        ("x y", 2, "expected an operator"),
        ("x0(2)", 2, "expected an operator"),
        ("x +", 3, "expected a number"),
        ("x + * 2", 4, "expected a number"),
        ("x % 2", 2, "'%' at character 3, which no formula has"),
        ("(x + 1", 6, "expected )"),
        ("x + 1)", 5, "expected an operator (+ - * / ** ^) or the end"),
        ("maximum(x)", 9, "maximum takes 2 numbers"),
        ("sin(x, y)", 5, "expected )"),
        ("", 0, "expected a number"),
        ("3 + pi", 0, "no variable"),
        ("x + 1/0", 5, "inf"),
        ("x + log(0-1)", 4, "nan"),
        ("x + 9**9**9", 5, "inf"),
        ("x**1e999", 3, "inf"),
        ("x = 1", 2, "'='"),
        ("x; y", 1, "';'"),
    ],
)
def test_a_caret_under_the_place(text: str, place: int, says: str) -> None:
    reason, found = refused(text)
    assert found == place
    assert says in reason


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "x0.__class__",
        "x0.__class__.__bases__[0]",
        "lambda: x",
        "(lambda: x)()",
        "[x for x in (1, 2)]",
        "x if x else y",
        "x and y",
        "x0 := 1",
        "f'{x}'",
        "'x'",
        "exec(x)",
        "eval(x)",
        "open(x)",
        "globals()",
        "x\x00",
        "x # comment",
        "x\\",
        "٣*x",
        "x + ١",  # a digit, but none of koubai's
        "𝐱 + 1",
        "x²",
        "1_000*x",
        "0x10 * x",
        "1j*x",
        "x // 2",
        "x @ y",
        "1e*x",
        "9**9**9**9*x",
        "x" * 1000,
        "9" * 900 + "*x",
        "x" + "+x" * 500,
        "(" * 400 + "x" + ")" * 400,
        "-" * 900 + "x",
        "x" + "**x" * 330,
        "sin(" * 200 + "x" + ")" * 200,
    ],
)
def test_hostile_text_is_refused(text: str) -> None:
    with pytest.raises(FunctionError, match="the formula"):
        kb.expression(text)


def test_the_limits_are_where_they_are_said_to_be() -> None:
    long = "+".join(["x"] * 500)
    assert at(long, 2.0) == 1000
    assert kb.gradient(kb.expression(long), [2.0]) == 500
    assert len(refused("x" + "+x" * 500)[0].splitlines()) == 1
    assert at("(" * 48 + "x" + ")" * 48, 5.0) == 5
    assert "50" in refused("(" * 51 + "x" + ")" * 51)[0]


def test_other_than_text_is_refused() -> None:
    for thing in (3, None, b"x", ["x"]):
        with pytest.raises(FunctionError, match="give text"):
            kb.expression(thing)  # type: ignore[arg-type]


pieces = st.sampled_from(
    ["x", "y", "x0", "1", "2.5", "+", "-", "*", "**", "/", "^", "(", ")", ",", " ", "sin",
     "maximum", "e", "1e", ".", "_", "１", "é", "'", '"', "[", "\n", "\t", "\x00",
     "\u200b", "\ud800", "🙂"]
)  # fmt: skip


@settings(max_examples=300)
@given(text=st.one_of(st.text(max_size=40), st.lists(pieces, max_size=25).map("".join)))
def test_any_text_is_a_formula_or_a_function_error(text: str) -> None:
    refusal = None
    try:
        f = kb.expression(text)
        with float64():
            assert f(np.ones(len(f.variables))).shape == ()
    except FunctionError as error:
        refusal = str(error)
    assert refusal is None or refusal.splitlines()[-1].strip() == "^"


def test_a_formula_says_nothing_to_the_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither eval, exec nor compile is called, whatever the formula."""
    called: list[str] = []
    sys.addaudithook(
        lambda event, _: called.append(event) if event in ("exec", "compile") else None
    )
    called.clear()
    kb.expression("x**2 + sin(y)")
    with pytest.raises(KoubaiError):
        kb.expression("__import__('os')")
    assert called == []


@pytest.mark.parametrize("text", ["ｘ＾２＋ｙ＊（３−ｘ）", "x^2 + y×(3 － x)", "x**2　+　y*(3-x)"])
def test_wide_letters_and_printed_signs_are_read(text: str) -> None:
    assert float(kb.expression(text)(np.array([1.5, -2.0]))) == 1.5**2 - 2 * 1.5


def test_a_product_without_its_sign_is_told_of_it() -> None:
    with pytest.raises(FunctionError, match=r"a product has a \*"):
        kb.expression("2x + 3")
    with pytest.raises(FunctionError, match=r"a product has a \*"):
        kb.expression("x (y + 1)")
