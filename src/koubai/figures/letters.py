"""Letters that no font has: said in koubai's words, where matplotlib would warn of each."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache

from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font
from matplotlib.text import Text

from koubai.figures.languages import chosen_language, font_families

_log = logging.getLogger("koubai")


@contextmanager
def say_what_is_missing(figure: Figure) -> Generator[None]:
    """While a figure is drawn inside, letters that are missing are logged, each only once."""
    families = font_families(chosen_language())
    texts = {text.get_text() for text in figure.findobj(Text)}
    missing = [letter for letter in sorted({*"".join(texts)}) if not _is_known(letter, *families)]
    if missing:
        _say("".join(missing), *families)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from font")
        yield


@cache
def _is_known(letter: str, *families: str) -> bool:
    """Whether one of the families has the letter; what is not printed is never missing."""
    fonts = (get_font(findfont(family)) for family in families)
    return not letter.isprintable() or any(font.get_char_index(ord(letter)) for font in fonts)


@cache
def _say(letters: str, *families: str) -> None:
    _log.warning(
        "koubai: the letters %s are drawn as boxes, for they are not in %s: write the names in "
        "other letters%s",
        letters,
        " or ".join(families),
        ", or install fonts-noto-cjk for Chinese, Japanese and Korean ones"
        if len(families) == 1
        else "",
    )
