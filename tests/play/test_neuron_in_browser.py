"""The neuron bench as a learner has it, against the chain rule and finite differences."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playground import DescentPage, is_close, middle, numbers, speak, told, until, untranslated


@pytest.fixture
def neuron(visit, address):
    return DescentPage(visit, address, "neuron")


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def data(neuron):
    """The points, as they are told to somebody who does not see them."""
    said = [point.get_attribute("aria-label") for point in points(neuron).all()]
    return np.array(
        [[told(n) for n in re.findall(r"[xt] = (\S+?)[,.]?(?: |$)", t)] for t in said]
    ).T


def points(neuron):
    return neuron.page.locator("[data-point]")


def now(neuron):
    """w, b and the loss at the ball."""
    spans = neuron.page.locator("[data-gradient] .now span").all_inner_texts()
    return [told(text.partition("=")[2].strip()) for text in spans]


def loss(x, t, w, b):
    return float((0.5 * (sigmoid(w * x + b) - t) ** 2).mean())


def agrees(neuron):
    """Whether the loss and ∂l/∂w, ∂l/∂b on the page are those of its data, w and b."""
    (x, t), (w, b, value), h = data(neuron), now(neuron), 1e-5
    by_w = (loss(x, t, w + h, b) - loss(x, t, w - h, b)) / (2 * h)
    by_b = (loss(x, t, w, b + h) - loss(x, t, w, b - h)) / (2 * h)
    sums = numbers(neuron.page.locator("[data-gradient] tfoot td"))
    near = {"rtol": 6e-3, "atol": 2e-5}  # of three digits, at a w and b of four
    return is_close(sums, [by_w, by_b], **near) and is_close([value], loss(x, t, w, b), **near)


def test_the_gradient_is_that_of_finite_differences_at_every_step(neuron):
    w, b, _ = now(neuron)
    assert (w, b) == (-1.5, 2.0)
    x, t = data(neuron)
    for _ in range(3):
        assert agrees(neuron)
        neuron.step()
        y = sigmoid(w * x + b)  # plain descent with η = 2, by hand
        delta = (y - t) * y * (1 - y) / len(x)
        w, b = w - 2 * (delta * x).sum(), b - 2 * delta.sum()
        until(lambda w=w, b=b: is_close(now(neuron)[:2], [w, b]))
    terms = numbers(neuron.page.locator("[data-gradient] tbody td:nth-child(8)"))
    assert is_close([sum(terms)], numbers(neuron.page.locator("tfoot td"))[0], rtol=0.02)


def test_points_are_dragged_moved_by_keys_added_and_removed(neuron):
    page, mouse = neuron.page, neuron.page.mouse
    x, t = data(neuron)
    origin, right, up = (np.array(middle(points(neuron).nth(k))) for k in (3, 4, 4))
    unit = np.array([right[0] - origin[0], up[1] - origin[1]])  # of x and t, in pixels
    mouse.move(*middle(points(neuron).nth(1)))
    mouse.down()
    mouse.move(*(origin + unit * [-1.5, 0.6]), steps=3)
    mouse.up()
    until(lambda: is_close(data(neuron)[:, 1], [-1.5, 0.6], atol=0.02))
    assert np.array_equal(np.delete(data(neuron), 1, axis=1), np.delete([x, t], 1, axis=1))
    until(lambda: agrees(neuron))
    mouse.click(*(origin + unit * [0.5, 0.4]))
    until(lambda: points(neuron).count() == 8)
    assert is_close(data(neuron)[:, 7], [0.5, 0.4], atol=0.02)
    point = points(neuron).nth(6)
    point.focus()
    point.press("ArrowDown")
    point.press("Shift+ArrowLeft")
    # A fiftieth of what is drawn: t of 1.36, and x of 6 with 0.15 of that on both sides.
    until(lambda: is_close(data(neuron)[:, 6], [3 - 0.1 * 7.8, 1 - 1.36 / 50], atol=0.006))
    until(lambda: agrees(neuron))
    page.get_by_role("button", name="Add a point").click()
    until(lambda: points(neuron).count() == 9)
    until(lambda: agrees(neuron))
    points(neuron).nth(8).press("Delete")
    points(neuron).nth(0).dblclick()
    until(lambda: points(neuron).count() == 7 and agrees(neuron))
    assert is_close(data(neuron)[:, 0], [-1.5, 0.6], atol=0.02)
    for count in range(6, 0, -1):
        points(neuron).nth(0).press("Delete")
        until(lambda count=count: points(neuron).count() == count)
    points(neuron).nth(0).press("Delete")  # one stays
    until(lambda: agrees(neuron))
    assert points(neuron).count() == 1


def test_the_ball_changes_w_b_and_the_curve(neuron):
    box = neuron.map.locator(".over").bounding_box()

    def place(w, b):  # the map shows −4 to 4 of both
        return box["x"] + box["width"] * (w + 4) / 8, box["y"] + box["height"] * (4 - b) / 8

    assert is_close(middle(neuron.ball), place(-1.5, 2), atol=1)
    mouse = neuron.page.mouse
    mouse.move(*middle(neuron.ball))
    mouse.down()
    mouse.move(*place(1, -3), steps=5)
    until(lambda: is_close(now(neuron)[:2], [1, -3], atol=0.03))  # while it is held
    mouse.move(*place(2.5, -1), steps=5)
    mouse.up()
    until(lambda: is_close(now(neuron)[:2], [2.5, -1], atol=0.03))
    until(lambda: agrees(neuron))
    w, b, _ = now(neuron)
    assert is_close(middle(neuron.ball), place(w, b), atol=1.5)
    # The curve in its drawing, by the points (−3, 0) and (3, 1), which stand in it too.
    low, high = (
        [float(points(neuron).nth(k).get_attribute(axis)) for axis in ("cx", "cy")] for k in (0, 6)
    )
    line = neuron.page.locator("[data-curve]").get_attribute("d")
    px, py = np.array([float(n) for n in re.findall(r"-?[\d.]+", line)]).reshape(-1, 2).T
    x = -3 + 6 * (px - low[0]) / (high[0] - low[0])
    y = (py - low[1]) / (high[1] - low[1])
    np.testing.assert_allclose(y, sigmoid(w * x + b), atol=0.006)


def test_a_linear_unit_descends_below_its_bound_and_diverges_above(neuron):
    page = neuron.page
    page.get_by_label("Activation φ").select_option("identity")
    # l is quadratic, with the mean of x² = 4 and of 1 on the diagonal of its Hessian: η < 2/4.
    until(lambda: "= 0.5;" in page.locator(".controls p").all_inner_texts()[-1])
    rate = page.get_by_label("Learning rate").nth(1)
    rate.fill("0.52")
    rate.press("Enter")
    alert = page.locator("[data-diverged]")
    alert.wait_for()
    assert "0.5" in alert.inner_text()
    speak(page, "ja")
    assert "0.5" in alert.inner_text()
    assert untranslated(page) is None
    alert.get_by_role("button").last.click()
    alert.wait_for(state="detached")
    neuron.step()
    # With η = 1/4 and λ = 4 along w one step leads to its best: the mean of x t over that of x².
    until(lambda: is_close(now(neuron)[:2], [(6 / 7) / 4, 2 - (2 - 3 / 7) / 4]))
