"""The playground by what can be seen of it: numbers on its page, and waiting for them."""

from __future__ import annotations

import time
from collections.abc import Callable

from browser import Visit

# Generous: what is waited for comes in milliseconds, on a machine that has time.
PATIENCE = 60


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.05)


def told(text: str) -> float:
    return float(text.replace("−", "-").replace(",", ""))


class NetworkPage:
    """The network bench, by what can be seen of it."""

    def __init__(self, visit: Visit, address: str) -> None:
        self.page = visit.page
        self.page.goto(f"{address}#network")
        self.page.locator(".stepper .step:enabled").wait_for()
        self.page.locator(".pace button").nth(1).click()  # a mini-batch at a time

    def iteration(self) -> int:
        return int(told(self.page.locator("dl.numbers dd").first.inner_text()))

    def step(self, times: int) -> None:
        for _ in range(times):
            after = self.iteration() + 1
            self.page.locator(".stepper .step:enabled").click()
            until(lambda after=after: self.iteration() == after)

    def parameter(self, name: str) -> float:
        label = self.page.locator(f'[data-parameter="{name}"]').first.get_attribute("aria-label")
        return told(label.partition(" = ")[2])
