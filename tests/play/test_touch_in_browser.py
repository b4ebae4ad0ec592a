"""A finger on a phone: it drags the ball and the points, draws a digit, and scrolls the rest."""

from __future__ import annotations

import pytest
from playground import DescentPage, NetworkPage, is_close, middle, numbers, told, until


class Finger:
    """Touches as the browser has them from a screen, of which pages can make none."""

    def __init__(self, page):
        self.page = page
        self.events = page.context.new_cdp_session(page)

    def _touch(self, kind, *places):
        points = [{"x": x, "y": y} for x, y in places]
        self.events.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def drag(self, start, end, steps=6):
        self._touch("touchStart", start)
        for k in range(1, steps + 1):
            way = (a + (b - a) * k / steps for a, b in zip(start, end, strict=True))
            self._touch("touchMove", tuple(way))
        self._touch("touchEnd")


def shown(locator):
    """The box of a thing that was scrolled to."""
    locator.evaluate("thing => thing.scrollIntoView({ block: 'center' })")
    box = locator.bounding_box()
    return box["x"], box["y"], box["width"], box["height"]


def scrolled(page):
    return page.evaluate("scrollY")


def test_a_finger_drags_the_ball_of_the_neuron(phone, address):
    neuron = DescentPage(phone, address, "neuron")
    left, top, width, height = shown(neuron.map.locator(".over"))

    def place(w, b):  # the map shows −4 to 4 of both
        return left + width * (w + 4) / 8, top + height * (4 - b) / 8

    before = scrolled(neuron.page)
    Finger(neuron.page).drag(middle(neuron.ball), place(1, -3))
    until(lambda: is_close(middle(neuron.ball), place(1, -3), atol=2))
    spans = neuron.page.locator("[data-gradient] .now span")
    w, b, _ = (told(text.partition("=")[2].strip()) for text in spans.all_inner_texts())
    assert is_close([w, b], [1, -3], atol=0.05)
    assert scrolled(neuron.page) == before


def test_a_finger_drags_a_point_adds_one_and_takes_it_away(phone, address):
    neuron = DescentPage(phone, address, "neuron")
    points = neuron.page.locator("[data-point]")
    count = points.count()
    inner = points.nth(3)  # what is drawn ends with the outer ones
    shown(inner)
    (x, y), before = middle(inner), scrolled(neuron.page)
    Finger(neuron.page).drag((x, y), (x + 40, y - 30))
    until(lambda: is_close(middle(inner), [x + 40, y - 30], atol=3))
    assert scrolled(neuron.page) == before
    neuron.page.touchscreen.tap(x + 60, y - 60)
    until(lambda: points.count() == count + 1)
    neuron.page.touchscreen.tap(*middle(points.last))
    neuron.page.touchscreen.tap(*middle(points.last))
    until(lambda: points.count() == count)


def test_a_tap_chooses_where_the_slope_starts(phone, address):
    slope = DescentPage(phone, address, "slope")
    left, top, width, height = shown(slope.map.locator(".over"))
    start = slope.number("(x, y)")
    slope.page.touchscreen.tap(left + 0.8 * width, top + 0.3 * height)
    until(lambda: slope.number("(x, y)") != start)
    assert is_close(middle(slope.ball), [left + 0.8 * width, top + 0.3 * height], atol=3)


def test_a_finger_draws_a_digit_and_scrolls_beside_the_pad(phone, address):
    network = NetworkPage(phone, address)
    page, finger = network.page, Finger(network.page)
    page.locator("details:not([open]) summary").first.click()  # the set-up is folded
    page.get_by_label("Data", exact=True).select_option("digits")
    pad = page.get_by_role("application", name="Pad to draw on")
    pad.wait_for()
    page.get_by_role("button", name="Clear").click()
    left, top, width, height = shown(pad)
    answers = page.locator("section:has(#data-title) tbody td:nth-child(2)")
    before, said = scrolled(page), numbers(answers)
    finger.drag((left + width / 2, top + 0.1 * height), (left + width / 2, top + 0.9 * height))
    until(lambda: numbers(answers) != said)
    assert scrolled(page) == before
    finger.drag((left + width / 2, top - 60), (left + width / 2, top - 260))
    until(lambda: scrolled(page) > before + 50)


@pytest.mark.parametrize("bench", ["slope", "neuron", "network"])
def test_no_bench_is_wider_than_a_phone(phone, address, bench):
    page = phone.page
    page.goto(f"{address}#{bench}")
    page.locator('.stepper .step:enabled, [data-act="step"]').first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
