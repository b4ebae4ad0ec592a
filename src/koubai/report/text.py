"""Texts in both languages, from the catalogue that the figures have."""

from __future__ import annotations

from collections.abc import Callable

from koubai.figures.languages import spoken
from koubai.report.scene import Text


def both(text: Callable[[], str]) -> Text:
    """What a function of the chosen language says in each."""
    found = dict[str, str]()
    for name in ("en", "ja"):
        with spoken(name):
            found[name] = text()
    return Text(**found)
