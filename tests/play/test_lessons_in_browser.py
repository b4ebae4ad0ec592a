"""The lessons, walked by doing what their texts ask for: each task is ticked then, and not before.

Every screen has its deeds in a table; the last one of them is what does it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from browser import Visit
from playground import speak, until, untranslated

from koubai.play.lessons import LESSONS

MAP = ".field .over"

Place = tuple[float, float]


class Learner:
    """Who walks through a lesson: what can be done on the page, and what is ticked."""

    def __init__(self, visit: Visit, address: str, language: str) -> None:
        self.page = visit.page
        self.page.goto(address)
        speak(self.page, language)

    def choose(self, lesson: str) -> None:
        self.page.locator("header select").select_option(lesson)
        self.at(lesson)

    def at(self, lesson: str) -> None:
        self.panel = self.page.locator(f'aside[data-lesson="{lesson}"]')
        self.panel.wait_for()

    @property
    def screens(self) -> int:
        return self.panel.locator(".progress button").count()

    def open(self, screen: int) -> None:
        """Goes on to a screen, and waits until its bench is set."""
        if screen > 0:
            self.press("aside nav .main")
        self.page.locator(f'aside[data-screen="{screen}"][aria-busy="false"]').wait_for()

    def ticked(self) -> bool:
        return self.panel.locator("[data-task].done").count() == 1

    # --- deeds

    def press(self, button: str, times: int = 1, *, place: int = 0) -> None:
        for _ in range(times):
            self.page.locator(button).nth(place).click()

    def step(self, times: int = 1) -> None:
        self.press('[data-act="step"], .stepper .step:enabled', times)

    def run(self) -> None:
        self.press('[data-act="run"], .stepper .run:enabled')

    def rest(self) -> None:
        """Lets nothing go on by itself, so that what follows is quick."""
        running = self.page.locator('[data-act="pause"], .stepper .run[aria-pressed="true"]')
        if running.count():
            running.click()

    def along(self, step: int) -> None:
        """To a step of a descent, by the slider of the walk."""
        self.page.locator(".stepper input[type=range]").fill(str(step))

    def write(self, field: str, value: float, *, place: int = 0) -> None:
        """A number into a field, as one types it."""
        found = self.page.locator(field).nth(place)
        found.fill(f"{value:g}")
        found.press("Enter")

    def rate(self, value: float) -> None:
        self.write(".rate input[type=number], .setup .log input[type=number]", value)

    def set_up(self) -> None:
        """Unfolds what is above the bench where it has no room beside it."""
        self.press("details:not([open]) summary")

    def activations(self, name: str) -> None:
        """Of every hidden layer, one after the other."""
        layers = self.page.locator(".setup li:not(.output) select")
        for layer in range(layers.count()):
            layers.nth(layer).select_option(name)

    def check(self, parameter: str) -> None:
        self.press(f'[data-parameter="{parameter}"]')
        self.press(".check:enabled")

    def change(self, parameter: str, value: float) -> None:
        self.press(f'[data-parameter="{parameter}"]')
        self.write("[data-chosen] input", value)

    def drag(self, what: str, *way: Place) -> None:
        """From place to place, all in shares of a thing's width and height."""
        thing = self.page.locator(what).first
        thing.scroll_into_view_if_needed()
        box = thing.bounding_box()
        assert box is not None
        places = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in way]
        self.page.mouse.move(*places[0])
        self.page.mouse.down()
        for place in places[1:]:
            self.page.mouse.move(*place, steps=3)
        self.page.mouse.up()


Deed = Callable[[Learner], None]


def at(w: float, b: float) -> Place:
    """Where (w, b) is on the neuron's map, which shows 4 on either side of 0."""
    return (w + 4) / 8, (4 - b) / 8


START = at(-1.5, 2)

# For each screen its deeds: the last one does what the text asks for, those before it do not.
WALKS: dict[str, tuple[tuple[Deed, ...], ...]] = {
    "slope": (
        (lambda it: it.step(4), lambda it: it.step()),
        (lambda it: it.step(), lambda it: it.drag(MAP, (0.2, 0.3))),
        (lambda it: it.press(".numbers-beside input[type=checkbox]"),),
        (lambda it: it.along(20), lambda it: it.run()),
    ),
    "learning-rate": (
        (lambda it: it.rate(0.15), lambda it: it.rate(0.3)),
        (lambda it: it.rate(0.99), lambda it: it.rate(1.1)),
        (lambda it: it.rate(0.98), lambda it: it.rate(0.9)),
        (
            lambda it: it.press(".controls li [type=checkbox]", place=1),
            lambda it: it.press(".controls li [type=checkbox]", place=5),
            lambda it: it.along(19),
            lambda it: it.step(),
        ),
    ),
    "activations": (
        (lambda it: it.step(), lambda it: it.along(100)),
        (lambda it: it.drag(MAP, START, at(-1, -1)), lambda it: it.drag(MAP, START, at(3, -1.5))),
        (lambda it: it.rate(32), lambda it: it.drag(MAP, (0.1, 0.1), (0.7, 0.6))),
        (
            lambda it: it.run(),
            lambda it: it.set_up(),
            lambda it: it.activations("relu"),
            lambda it: it.run(),
        ),
    ),
    "neuron": (
        (lambda it: it.drag(MAP, START, at(0, 0)), lambda it: it.drag(MAP, START, at(3, -1.5))),
        (lambda it: it.step(3),),
        (
            lambda it: it.drag('[data-point="3"]', (0.5, 0.5), (0.8, 0.5)),
            lambda it: it.drag('[data-point="0"]', (0.5, 0.5), (0.5, -14)),
        ),
        (lambda it: it.rate(0.49), lambda it: it.rate(0.6)),
    ),
    "finite-differences": (
        (lambda it: it.step(), lambda it: it.step()),
        (lambda it: it.check("w²₁₁"),),
        (
            lambda it: it.check("w²₁₁"),
            lambda it: it.change("w²₁₁", 0.7),
            lambda it: it.check("w²₁₁"),
        ),
    ),
    "softmax": (
        (lambda it: it.step(),),
        (lambda it: it.step(2), lambda it: it.step()),
        (lambda it: it.step(4), lambda it: it.run()),
    ),
    "backpropagation": (
        (lambda it: it.step(),),
        (lambda it: it.check("w²₁₂"),),
        (lambda it: it.step(2), lambda it: it.step()),
        (lambda it: it.check("b³₁"),),
        (lambda it: it.run(),),
    ),
    "digits": (
        (lambda it: it.step(), lambda it: it.press(".pace button", place=2), lambda it: it.step()),
        (lambda it: it.set_up(), lambda it: it.activations("relu"), lambda it: it.run()),
        (lambda it: it.drag(".pad", (0.5, 0.2), (0.5, 0.5), (0.5, 0.8)),),
        (lambda it: it.run(),),
    ),
    "vanishing-gradients": (
        (lambda it: it.step(),),
        (
            lambda it: it.press(".pace button", place=2),
            lambda it: it.step(2),
            lambda it: it.step(),
        ),
        (lambda it: it.set_up(), lambda it: it.activations("relu"), lambda it: it.run()),
    ),
}  # fmt: skip


def walk(learner: Learner, screen: int, deeds: tuple[Deed, ...]) -> None:
    """Goes to a screen, and does its deeds: the task is ticked with the last of them."""
    learner.open(screen)
    for deed in deeds:
        assert not learner.ticked()
        deed(learner)
    if deeds:
        until(learner.ticked)
        learner.rest()


def read(learner: Learner, language: str) -> None:
    """Reads the screen in a language, and finds nothing there of the other."""
    speak(learner.page, language)
    text = learner.panel.locator("div.text").inner_text()
    assert len(text) > 40
    assert (re.search(r"[ぁ-ん]", text) is not None) == (language == "ja")
    assert language == "en" or untranslated(learner.page) is None


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_task_of_a_lesson_is_done_as_its_text_says(visit, address, lesson):
    """Screen after screen in the language in which the one before was read last."""
    learner = Learner(visit, address, "en")
    learner.choose(lesson)
    assert learner.screens == len(WALKS[lesson]) >= 3
    for screen, deeds in enumerate(WALKS[lesson]):
        languages = ("en", "ja") if screen % 2 == 0 else ("ja", "en")
        walk(learner, screen, deeds)
        for language in languages:
            read(learner, language)
        assert learner.ticked() == bool(deeds)


def test_one_lesson_leads_to_the_next(visit, address):
    learner = Learner(visit, address, "en")
    learner.choose(LESSONS[0])
    for lesson in LESSONS:
        learner.at(lesson)
        learner.press("aside .progress button", place=learner.screens - 1)
        if lesson != LESSONS[-1]:
            learner.press("aside nav .main")
    assert visit.page.locator("aside nav .main").count() == 0


def test_what_is_ticked_stays_so_when_the_page_is_loaded_anew(visit, address):
    learner = Learner(visit, address, "en")
    learner.choose("softmax")
    walk(learner, 0, WALKS["softmax"][0])
    learner.page.reload()
    learner.at("softmax")
    until(learner.ticked)
    learner.open(1)
    assert not learner.ticked()
