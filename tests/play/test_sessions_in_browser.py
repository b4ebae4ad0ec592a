"""A page that loses its server, and one that is opened on data of one's own or on a lesson."""

from __future__ import annotations

import re

import numpy as np
import pytest
from browser import Visit
from PIL import Image
from playground import NetworkPage, numbers, told, until, untranslated

import koubai as kb


@pytest.fixture
def visits(chromium):
    """Visits to servers of one's own, which may end meanwhile."""
    contexts = []

    def visit():
        contexts.append(chromium.new_context(viewport={"width": 1280, "height": 900}))
        return Visit(contexts[-1].new_page())

    yield visit
    for context in contexts:
        context.close()


def test_a_connection_that_is_lost_in_a_run_comes_again(visit, address):
    page, routes = visit.page, []

    def through(route):
        routes.append((route, route.connect_to_server()))

    page.route_web_socket(re.compile("/session"), through)
    network = NetworkPage(visit, address)
    page.locator(".stepper .run").click()
    until(lambda: network.iteration() > 100)
    said = page.get_by_text("The connection to koubai is lost")
    for times in (1, 2, 3):
        before = network.iteration()
        route, server = routes[-1]
        route.close(code=3001)
        server.close()
        said.wait_for()
        said.wait_for(state="detached")
        assert len(routes) == times + 1
        until(lambda before=before: network.iteration() > before + 100)
    page.locator(".stepper .run").click()
    page.locator(".stepper .step:enabled").wait_for()
    own = kb.Learner(kb.Network([12, 3, 2]), kb.data.bitmaps(), batch_size=8)
    own.step(network.iteration())
    shown = network.parameter("w²₁₅")
    assert shown == pytest.approx(float(own.params[0].w[4, 0]), rel=6e-3)


def test_a_lesson_is_opened_in_japanese_and_the_end_of_the_server_is_told(playing, visits):
    page = visits().page
    with playing("--lesson", "learning-rate", "--lang", "ja") as (address, process):
        page.goto(address)
        page.locator('aside[data-lesson="learning-rate"]').wait_for()
        assert page.locator("html").get_attribute("lang") == "ja"
        assert untranslated(page) is None
        process.terminate()
        process.wait()
        said = page.locator("main > [role]").first
        until(lambda: said.count() and "koubai は終了しました" in said.inner_text())
    assert untranslated(page) is None
    page.get_by_role("button", name="English").click()
    assert "koubai has ended." in said.inner_text()


def test_a_table_of_ones_own(playing, visits, tmp_path):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 3)).round(3)
    t = np.where(x @ [1, -2, 0.5] > 0, "yes", "no")
    rows = [f"{a},{b},{c},{name}" for (a, b, c), name in zip(x, t, strict=True)]
    (tmp_path / "mine.csv").write_text("\n".join(["height,width,depth,fits", *rows]) + "\n")
    data = kb.data.from_argument(tmp_path / "mine.csv")
    with playing("--data", tmp_path / "mine.csv") as (address, _):
        network = NetworkPage(visits(), address)
        network.page.get_by_label("Data", exact=True).select_option(data.name)
        network.page.get_by_role("spinbutton", name="depth").wait_for()
        network.step(2)
        own = kb.Learner(kb.Network([3, 3, 2]), data, batch_size=8)
        own.step(2)
        assert network.parameter("w²₁₃") == pytest.approx(float(own.params[0].w[2, 0]), rel=6e-3)
        answers = network.page.locator("section:has(#data-title) tbody tr")
        assert [row.split("\t")[0] for row in answers.all_inner_texts()] == ["no", "yes"]
        for name, value in {"height": 1, "width": -1, "depth": 0.5}.items():
            field = network.page.get_by_role("spinbutton", name=name)
            field.fill(str(value))
            field.press("Enter")
        wanted = [pytest.approx(float(a), rel=6e-3) for a in own.outputs([[1, -1, 0.5]])[0]]
        until(lambda: numbers(answers.locator("td:nth-child(2)")) == wanted)


def test_a_folder_of_images_of_ones_own(playing, visits, tmp_path):
    rng = np.random.default_rng(0)
    for name, place in {"left": 1, "right": 6}.items():
        (tmp_path / "marks" / name).mkdir(parents=True)
        for k in range(12):
            picture = rng.integers(0, 40, (8, 8), dtype=np.uint8)
            picture[:, place] = 255
            Image.fromarray(picture).save(tmp_path / "marks" / name / f"{k}.png")
    data = kb.data.from_argument(tmp_path / "marks")
    with playing("--data", tmp_path / "marks") as (address, _):
        network = NetworkPage(visits(), address)
        network.page.get_by_label("Data", exact=True).select_option(data.name)
        network.page.get_by_role("application", name="Pad to draw on").wait_for()
        network.pace("epoch")
        network.page.locator(".stepper .step:enabled").click()
        until(lambda: network.counted(2) == "1")
        own = kb.Learner(kb.Network([64, 3, 2]), data, batch_size=8)
        own.step(network.iteration())
        assert told(network.counted(3)) == pytest.approx(own.measure().train.loss, rel=1e-3)
