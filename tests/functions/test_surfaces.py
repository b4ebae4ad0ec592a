"""Surfaces: their minima, windows and formulas, against derivatives and what is printed of them."""

from __future__ import annotations

import re

import jax
import numpy as np
import pytest

import koubai as kb
from koubai.engine import float64
from koubai.errors import ShapeError

RECORDS = list(kb.surfaces.values())
every_surface = pytest.mark.parametrize("surface", RECORDS, ids=lambda surface: surface.name)
every_minimum = pytest.mark.parametrize(
    ("surface", "place"),
    [(surface, place) for surface in RECORDS for place in surface.minima],
    ids=lambda thing: getattr(thing, "name", None),
)
# As the literature gives them: Jamil & Yang (2013); two decimals of what it prints are enough.
LOWEST = {
    "bowl": 0, "ellipse": 0, "rosenbrock": 0, "himmelblau": 0, "beale": 0, "rastrigin": 0,
    "booth": 0, "six_hump_camel": -1.0316285, "saddle": None, "monkey_saddle": None,
    "plateau_with_cliff": -1.941729140884794,  # its own; checked below against a scan
}  # fmt: skip
VALUES = {  # at (2, -1), by hand
    "bowl": 5, "ellipse": 1.2, "rosenbrock": 2501, "himmelblau": 80, "booth": 53, "saddle": 3,
    "monkey_saddle": 2, "rastrigin": 5, "beale": 6.25 + 5.0625 + 1.890625,
    "six_hump_camel": (4 - 8.4 + 16 / 3) * 4 - 2 + 0,
    "plateau_with_cliff": 2 * np.tanh(6) + 0.3,
}  # fmt: skip


def inside(point, window) -> bool:
    return all(low <= x <= high for x, (low, high) in zip(point, window, strict=True))


def test_every_surface_is_in_the_tables() -> None:
    assert set(LOWEST) == set(VALUES) == set(kb.surfaces)


@every_surface
def test_the_value_at_a_point_away_from_the_centre(surface) -> None:
    with float64():
        np.testing.assert_allclose(surface([2, -1]), VALUES[surface.name], rtol=1e-12)


@every_surface
def test_the_lowest_value(surface) -> None:
    expected = LOWEST[surface.name]
    assert (surface.minimum is None) == (expected is None) == (surface.minima == ())
    if expected is not None:
        assert abs(surface.minimum - expected) < 5e-8
        with float64():
            np.testing.assert_allclose(surface(surface.minima[0]), surface.minimum, atol=1e-14)


@every_minimum
def test_a_minimum_is_flat_and_bends_upwards(surface, place) -> None:
    np.testing.assert_allclose(kb.gradient(surface, place), 0, atol=1e-12)
    with float64():
        hessian = jax.jit(jax.hessian(surface.value))(np.array(place))
        assert np.linalg.eigvalsh(hessian).min() > 0.05
        assert surface(place) >= surface.minimum - 1e-14


@every_surface
def test_the_window_holds_the_start_and_the_minima_and_nothing_lower(surface) -> None:
    assert inside(surface.start, surface.window)
    assert all(inside(place, surface.window) for place in surface.minima)
    with float64():
        values = np.array([surface(place) for place in surface.minima])
    assert (np.diff(values) >= -1e-12).all()  # the lowest first
    axes = [np.linspace(low, high, 301) for low, high in surface.window]
    with float64():
        heights = np.asarray(surface(np.stack(np.meshgrid(*axes, indexing="ij"))))
    assert heights.shape == (301, 301)
    if surface.minimum is None:
        assert heights.min() < surface(surface.start)
    else:
        assert heights.min() >= surface.minimum - 1e-9


@every_surface
def test_the_start_is_worth_watching(surface) -> None:
    assert np.linalg.norm(kb.gradient(surface, surface.start)) > 1e-3


@every_surface
def test_many_points_at_once(surface) -> None:
    points = np.random.default_rng(0).uniform(-1, 1, (2, 3, 4))
    with float64():
        heights = surface(points)
        for index in np.ndindex(3, 4):
            np.testing.assert_allclose(heights[index], surface(points[:, *index]), rtol=1e-13)


def in_python(latex: str) -> str:
    """The few words of LaTeX that the formulas use, as koubai's own text formulas."""
    brace = r"\{((?:[^{}]|\{[^{}]*\})*)\}"
    latex = re.sub(rf"\\frac{brace}{brace}", r"((\1)/(\2))", latex)
    latex = latex.replace(r"\left", "").replace(r"\right", "")
    latex = re.sub(r"\\(tanh|cos) ((?:[\d.]+|\\pi|x_\d| )+)", r"\1(\2)", latex)
    latex = latex.replace(r"\pi", "pi").replace("x_", "x")
    return re.sub(r"(?<=[\d)i])\s*(?=x|\(|pi|tanh|cos)", " * ", latex)


@every_surface
def test_the_formula_says_what_the_value_is(surface) -> None:
    formula = surface.formula
    if r"\sum_i" in formula:
        term = formula.split(r"\left(")[1].split(r"\right)")[0]
        formula = "20" + "".join(
            rf" + \left({term.replace('x_i', x)}\right)" for x in ("x_0", "x_1")
        )
    by_formula = kb.expression(in_python(formula))
    points = np.random.default_rng(1).uniform(-2, 2, (2, 50))
    with float64():
        np.testing.assert_allclose(by_formula(points), surface(points), rtol=1e-12)


@pytest.mark.parametrize("x", [[1.0], [1.0, 2.0, 3.0], 1.0])
def test_other_than_two_numbers_are_refused(x) -> None:
    with pytest.raises(ShapeError, match=r"rosenbrock is a function of two numbers"):
        kb.surfaces.rosenbrock(x)
