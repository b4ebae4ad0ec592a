"""A real browser for the pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import Visit

import koubai as kb


@pytest.fixture
def visit(chromium: Any) -> Iterator[Visit]:
    """A visit that must end without an error, and without a request but for the file itself."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    visit = Visit(context.new_page())
    yield visit
    context.close()
    assert visit.complaints == []
    outside = [url for url in visit.requests if not url.startswith(("file:", "data:", "blob:"))]
    assert outside == []


@pytest.fixture(scope="session")
def run() -> Any:
    """A network that learnt digits, with test classes of few examples and some mistakes."""
    network = kb.Network([64, 20, 10], hidden="relu")
    return kb.train(network, kb.data.digits(), "adam", 0.003, epochs=8, seed=1)


@pytest.fixture(scope="session")
def digits_page(run: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run.report(tmp_path_factory.mktemp("page") / "digits.html")
