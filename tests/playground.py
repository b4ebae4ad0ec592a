"""The playground by what can be seen of it: numbers on its page, and waiting for them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from browser import Visit

# Generous: what is waited for comes in milliseconds, on a machine that has time.
PATIENCE = 60

# Six English words in a row are a sentence that nobody translated.
ENGLISH = re.compile(r"\b[A-Za-z]{2,}(?: [a-z]{2,}){5,}")

Point = Sequence[float]


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.05)


def told(text: str) -> float:
    """A number as the page writes it: −1,234, 4.3×10⁻⁸."""
    raised = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    number, _, power = text.replace("−", "-").replace(",", "").partition("10⁻")
    if power:
        return float(number.rstrip("×") or 1) * 10 ** -float(power.translate(raised))
    return float(number.replace("∞", "inf"))


def numbers(locator: Any) -> list[float]:
    return [told(text) for text in locator.all_inner_texts()]


def speak(page: Any, language: str) -> None:
    page.get_by_role("button", name={"en": "English", "ja": "日本語"}[language]).click()


def untranslated(page: Any) -> str | None:
    """An English sentence on the page, which is shown in Japanese."""
    found = ENGLISH.search(page.locator("body").inner_text())
    return found and found.group()


def middle(locator: Any) -> Point:
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


class DescentPage:
    """The slope or the neuron bench: a ball on a map, and steps along its path."""

    def __init__(self, visit: Visit, address: str, bench: str) -> None:
        self.page = visit.page
        self.page.goto(f"{address}#{bench}")
        self.act("step").wait_for()
        self.map = self.page.locator('[data-figure="valley-map"]')
        self.ball = self.map.locator("[data-ball]").first

    def act(self, name: str) -> Any:
        """The button that rewinds, goes back, runs, pauses, or steps."""
        return self.page.locator(f'[data-act="{name}"]')

    def step(self, times: int = 1) -> None:
        for _ in range(times):
            self.act("step").click()

    @property
    def at(self) -> int:
        """The step of the path where the ball is."""
        found = re.search(r"\d+", self.page.locator(".stepper output").inner_text())
        assert found is not None
        return int(found.group())

    def number(self, name: str) -> list[float]:
        """A row of the numbers at the ball."""
        return numbers(self.page.locator(f'[data-number="{name}"] td'))

    def comes_to(self, name: str, wanted: Any, **tolerance: float) -> None:
        """Waits until a row of the numbers at the ball is that."""
        until(lambda: is_close(self.number(name), wanted, **tolerance))


def is_close(found: Sequence[float], wanted: Any, rtol: float = 1e-3, atol: float = 0.0) -> bool:
    """Whether numbers, of which the page shows four digits, are those."""
    wanted = np.ravel(wanted)
    return len(found) == len(wanted) and np.allclose(found, wanted, rtol=rtol, atol=atol)


class NetworkPage:
    """The network bench, by what can be seen of it."""

    def __init__(self, visit: Visit, address: str, pace: str = "batch") -> None:
        self.page = visit.page
        self.page.goto(f"{address}#network")
        self.page.locator(".stepper .step:enabled").wait_for()
        self.pace(pace)

    def pace(self, name: str) -> None:
        """Steps of an example's phases, of a mini-batch, or of an epoch."""
        place = ["example", "batch", "epoch"].index(name)
        self.page.locator(".pace button").nth(place).click()

    def counted(self, place: int) -> str:
        """Iterations, mini-batches of the epoch, epochs, training loss, test loss, accuracy."""
        return self.page.locator("dl.numbers dd").nth(place).inner_text()

    def iteration(self) -> int:
        return int(told(self.counted(0)))

    def step(self, times: int = 1) -> None:
        for _ in range(times):
            after = self.iteration() + 1
            self.page.locator(".stepper .step:enabled").click()
            until(lambda after=after: self.iteration() == after)

    def back(self) -> None:
        self.page.locator(".stepper button").nth(2).click()

    def rewind(self) -> None:
        self.page.locator(".stepper button").nth(3).click()
        until(lambda: self.iteration() == 0)

    def parameter(self, name: str) -> float:
        label = self.page.locator(f'[data-parameter="{name}"]').first.get_attribute("aria-label")
        return told(label.partition(" = ")[2])
