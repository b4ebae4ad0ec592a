"""A real browser: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# Without a GPU Chromium may draw WebGL by SwiftShader, and draws the rest as it does by itself,
# which takes less than half of the time; the other flags keep it from calling home.
FLAGS = [
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-sandbox",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Debian's Chromium; KOUBAI_REQUIRE=chromium makes its absence a failure."""
    place = shutil.which("chromium")
    if place is None:
        reason = "Chromium is not installed: apt-get install chromium"
        if "chromium" in os.environ.get("KOUBAI_REQUIRE", "").split(","):
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=place, args=FLAGS)
        yield browser
        browser.close()


class Visit:
    """A page in the browser, with everything it complained of or asked for."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console",
            lambda message: (
                self.complaints.append(message.text)
                if message.type in ("error", "warning") and "GPU stall" not in message.text
                else None
            ),
        )
        page.on("request", lambda request: self.requests.append(request.url))

    def open(self, file: Path, query: str = "") -> Any:
        self.page.goto(f"{file.as_uri()}{query}")
        self.page.wait_for_selector(".koubai")
        return self.page
