"""The slope bench as a learner has it, against the formulas of descent."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playground import DescentPage, is_close, middle, numbers, speak, told, until, untranslated

import koubai as kb


@pytest.fixture
def slope(visit, address):
    return DescentPage(visit, address, "slope")


def places(slope, points):
    """Where points (x, y) are on the screen: from the minimum (0, 0) and the ball at (3, 4)."""
    zero, ball = (np.array(middle(at)) for at in (slope.map.locator(".minimum"), slope.ball))
    return [zero + (ball - zero) * np.array(point) / (3, 4) for point in points]


def test_the_bowl_is_walked_by_its_formula(slope):
    (x, y), steps = slope.number("(x, y)"), 4
    slope.step(steps)
    # x² + y² with η = 0.1: each step leaves 0.8 of x and of y.
    slope.comes_to("(x, y)", [0.8**steps * x, 0.8**steps * y])
    slope.comes_to("f", 0.8 ** (2 * steps) * (x**2 + y**2))
    slope.comes_to("∇f", [2 * 0.8**steps * x, 2 * 0.8**steps * y])
    slope.act("back").click()
    slope.comes_to("−η∇f", [-0.2 * 0.8**3 * x, -0.2 * 0.8**3 * y])
    slope.act("rewind").click()
    slope.comes_to("(x, y)", [x, y])
    slope.act("run").click()
    until(lambda: slope.at > 5)
    slope.act("pause").click()
    slope.comes_to("(x, y)", [0.8**slope.at * x, 0.8**slope.at * y])


def test_a_click_a_drag_and_the_keyboard_choose_the_start(slope):
    mouse = slope.page.mouse
    [clicked, dropped] = places(slope, [(-1.5, 2), (2, -3)])
    mouse.click(*clicked)
    slope.comes_to("(x, y)", [-1.5, 2], atol=0.05)
    mouse.move(*middle(slope.ball))
    mouse.down()
    mouse.move(*dropped, steps=4)
    mouse.up()
    slope.comes_to("(x, y)", [2, -3], atol=0.05)
    x, y = slope.number("(x, y)")
    slope.step()
    slope.comes_to("(x, y)", [0.8 * x, 0.8 * y])
    field = slope.map.get_by_role("application")
    field.focus()
    for key in ("ArrowLeft", "Shift+ArrowLeft", "Enter"):
        field.press(key)
    until(lambda: slope.number("(x, y)")[0] < 0.8 * x - 0.1)
    assert is_close(slope.number("(x, y)")[1:], 0.8 * y, atol=0.05)
    start = slope.page.locator("fieldset input")
    start.first.fill("-2")
    start.first.press("Enter")
    slope.comes_to("(x, y)", [-2, 0.8 * y], atol=0.05)


def test_a_formula_of_ones_own_and_one_that_is_refused(slope):
    page = slope.page
    page.get_by_label("Function").select_option("")
    field = page.get_by_label("f =")

    def draw(formula):
        field.fill(formula)
        field.press("Enter")

    draw("x^2 + 4*y^2")
    slope.comes_to("∇f", [2 * 1.5, 8 * 1.0])
    for language, says in {"en": "unknown name 'z'", "ja": "知らない名前 'z'"}.items():
        speak(page, language)
        draw("x^2 + z")
        why = page.locator('[data-refusal="slope"]')
        until(lambda why=why, says=says: why.count() and says in why.inner_text())
        assert "^" in why.locator("pre").inner_text()  # it points at the place
        assert field.input_value() == "x^2 + z"  # to be mended
        assert slope.number("∇f") == [3, 8]  # and all stays as it was
    assert untranslated(page) is None
    slope.step()
    slope.comes_to(
        "f", float(kb.descend(lambda x: x[0] ** 2 + 4 * x[1] ** 2, [1.5, 1.0], steps=1).values[1])
    )
    draw("x^4 - 2*x^2")
    slope.comes_to("f ′", 4 * 1.5**3 - 4 * 1.5)
    assert page.locator("[data-refusal]").count() == 0
    # On the curve of one variable too a click chooses the start: its axis begins at the left.
    page.locator('[data-figure="valley-profile"] .over').click()
    until(lambda: slope.number("x") != [1.5])
    [x], [gradient] = slope.number("x"), slope.number("f ′")
    assert gradient == pytest.approx(4 * x**3 - 4 * x, abs=0.02)


def test_optimisers_walk_from_one_start(slope):
    page, steps = slope.page, 6
    for name in ("momentum", "Adam"):
        page.get_by_label(name, exact=True).check()
    until(lambda: slope.map.locator("[data-ball]").count() == 3)
    slope.step(steps)
    for place, (name, label) in enumerate(
        [("sgd", "SGD"), ("momentum", "momentum"), ("adam", "Adam")]
    ):
        rate = float(
            page.get_by_label(re.compile(f"Learning rate of .*{label}")).last.input_value()
        )
        own = kb.descend(kb.surfaces.bowl, [3.0, 4.0], rate, steps, optimizer=name)
        page.locator("[data-at-ball] select").select_option(str(place))
        slope.comes_to("(x, y)", own.points[-1])
        for memory, values in own.memory.items():
            shown = page.locator(f'[data-memory="{memory}"] output')
            assert is_close(numbers(shown), values[-1], rtol=6e-3)


def test_the_bound_is_marked_where_descent_ceases_to_be_stable(slope):
    page = slope.page
    slider, field = (
        page.get_by_label("Learning rate of gradient descent (SGD)").nth(k) for k in (0, 1)
    )

    def set_rate(rate):
        field.fill(str(rate))
        field.press("Enter")

    for surface, bound in {"bowl": 2 / 2, "ellipse": 2 / 2, "x^2/4 + 5*y^2": 2 / 10}.items():
        if "^" in surface:
            page.get_by_label("Function").select_option("")
            page.get_by_label("f =").fill(surface)
            page.get_by_label("f =").press("Enter")
        else:
            page.get_by_label("Function").select_option(surface)
        until(lambda bound=bound: f"= {bound:g};" in page.locator(".on p").inner_text())
        set_rate(bound)
        # The thumb, 16 pixels wide, stands at the dashed line.
        until(lambda bound=bound: float(slider.get_attribute("aria-valuetext")) == bound)
        track = slider.bounding_box()
        thumb = track["x"] + 8 + float(slider.input_value()) / 300 * (track["width"] - 16)
        assert middle(page.locator(".bound"))[0] == pytest.approx(thumb, abs=1.5)
    # Above 2/λ it diverges, below it comes down.
    set_rate(0.21)
    alert = page.locator("[data-diverged]")
    alert.wait_for()
    assert "0.2" in alert.inner_text()
    alert.get_by_role("button").last.click()
    alert.wait_for(state="detached")
    assert float(field.input_value()) == 0.1
    slope.step(2)
    slope.comes_to("(x, y)", [1.5 * 0.95**2, 0], atol=1e-9)
    before = float(slider.input_value())
    slider.press("ArrowRight")
    until(lambda: float(slider.input_value()) == before + 1)
    assert float(field.input_value()) == pytest.approx(0.1 * 4000 ** (1 / 300), rel=0.02)


def rosenbrock(x, y):
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def test_the_numerical_gradient_and_the_circle_of_directions(slope):
    page = slope.page
    page.get_by_label("Function").select_option("rosenbrock")
    page.get_by_label("Gradient").get_by_role("button", name="numerical").click()
    x, y = -1.2, 1.0
    start = page.locator("fieldset input")
    for field, value in zip((start.first, start.last), (x, y), strict=True):
        field.fill(str(value))
        field.press("Enter")
    gradient = np.array([-400 * x * (y - x**2) - 2 * (1 - x), 200 * (y - x**2)])
    slope.comes_to("∇f", gradient)
    h = [step * np.cbrt(np.finfo(float).eps) for step in (1.2, 1.0)]  # as large as x, at least 1
    beside = [np.array([x, y]) + sign * step for step in np.diag(h) for sign in (1, -1)]
    f = [rosenbrock(*at) for at in beside]
    differences = [(f[0] - f[1]) / (2 * h[0]), (f[2] - f[3]) / (2 * h[1])]
    ways = page.locator("[data-way]")
    assert is_close(numbers(ways.nth(0).locator("td")), gradient, rtol=1e-8)
    assert is_close(numbers(ways.nth(1).locator("td")), differences, rtol=1e-8)
    assert max(map(abs, numbers(ways.nth(2).locator("td")))) < 1e-6
    page.get_by_label("All directions from the ball").check()
    circle = page.locator("[data-circle]")
    circle.wait_for()
    radius = told(re.search(r"r = (\S+)", page.locator("p", has_text="r =").inner_text()).group(1))
    theta = np.radians(np.arange(0, 361, 4))
    along = gradient / np.linalg.norm(gradient)
    steps = radius * (
        np.outer(np.cos(theta), along) + np.outer(np.sin(theta), [-along[1], along[0]])
    )
    change = [rosenbrock(x + dx, y + dy) for dx, dy in steps]
    steepest = float(np.degrees(theta[np.argmin(change)]))
    assert told(circle.get_attribute("data-circle")) == pytest.approx(steepest, abs=4)


def test_the_bench_in_japanese(slope):
    slope.page.get_by_label("Adam", exact=True).check()
    of = slope.map.get_by_role("combobox")
    of.wait_for()
    speak(slope.page, "ja")
    until(lambda: "勾配降下法" in of.inner_text())
    slope.page.locator("input[type=checkbox]").last.check()
    slope.page.locator("[data-circle]").wait_for()
    assert untranslated(slope.page) is None
