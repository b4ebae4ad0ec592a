"""The playground as its users have it: a real process, a real browser."""

from __future__ import annotations

import re
import time
from typing import Any

import numpy as np
import pytest
from browser import Visit
from playground import NetworkPage, told, until

import koubai as kb
from koubai.play.lessons import LESSONS

# Six English words in a row are a sentence that nobody translated.
ENGLISH = re.compile(r"\b[A-Za-z]{2,}(?: [a-z]{2,}){5,}")


@pytest.fixture
def network(visit: Visit, address: str) -> NetworkPage:
    return NetworkPage(visit, address)


def learner(steps: int) -> kb.Learner:
    found = kb.Learner(kb.Network([12, 3, 2]), kb.data.bitmaps(), batch_size=8)
    found.step(steps)
    return found


def test_steps_forth_and_back_show_the_numbers_of_the_engine(network):
    network.step(3)
    own = learner(3).params
    assert network.parameter("w²₁₅") == pytest.approx(float(own[0].w[4, 0]), abs=5e-3)
    assert network.parameter("b³₂") == pytest.approx(float(own[1].b[1]), abs=5e-3)
    network.page.locator(".stepper button").nth(2).click()  # back
    until(lambda: network.iteration() == 2)
    own = learner(2).params
    assert network.parameter("w³₁₁") == pytest.approx(float(own[1].w[0, 0]), abs=5e-3)
    network.page.locator(".stepper button").nth(3).click()  # rewind
    until(lambda: network.iteration() == 0)


def test_a_reload_finds_the_network_where_it_was(network):
    network.step(2)
    network.page.reload()
    network.page.locator(".stepper .step").wait_for()
    until(lambda: network.iteration() == 2)


def test_a_run_goes_on_until_it_is_paused(network):
    run = network.page.locator(".stepper .run")
    run.click()
    until(lambda: network.iteration() > 200)
    run.click()
    network.page.locator(".stepper .step:enabled").wait_for()
    stays = network.iteration()
    time.sleep(0.3)
    assert network.iteration() == stays
    trained = learner(stays).params
    assert network.parameter("b²₁") == pytest.approx(float(trained[0].b[0]), rel=6e-3, abs=5e-3)


def at_ball(page: Any, name: str) -> list[float]:
    return [told(cell) for cell in page.locator(f'[data-number="{name}"] td').all_inner_texts()]


def test_the_slope_is_walked_by_its_formula(visit, address):
    page = visit.page
    page.goto(f"{address}#slope")
    page.locator('[data-act="step"]:enabled').wait_for()
    (x, y), steps = at_ball(page, "(x, y)"), 4
    for _ in range(steps):
        page.locator('[data-act="step"]').click()
    # The bowl x² + y² with η = 0.1: each step leaves 0.8 of x and of y.
    until(lambda: np.allclose(at_ball(page, "(x, y)"), [0.8**4 * x, 0.8**4 * y], rtol=1e-3))
    assert at_ball(page, "f") == pytest.approx([(x**2 + y**2) * 0.8**8], rel=1e-3)
    page.locator('[data-act="back"]').click()
    until(lambda: np.allclose(at_ball(page, "(x, y)"), [0.8**3 * x, 0.8**3 * y], rtol=1e-3))


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_is_walked_from_its_start_to_its_end(visit, address, lesson, language):
    page = visit.page
    page.goto(address)
    page.get_by_role("button", name={"en": "English", "ja": "日本語"}[language]).click()
    page.locator("select").first.select_option(lesson)
    panel = page.locator(f'aside[data-lesson="{lesson}"]')
    panel.wait_for()
    screens = page.locator("aside .progress button")
    for place in range(screens.count()):
        screens.nth(place).click()
        page.locator(f'aside[data-screen="{place}"]').wait_for()
        text = panel.locator("div.text").inner_text()
        assert len(text) > 40
        if language == "ja":
            assert re.search(r"[ぁ-ん]", text)
            assert not ENGLISH.search(page.locator("body").inner_text())
    assert screens.count() >= 3
