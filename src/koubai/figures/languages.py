"""The language of the figures, and a font that has its letters."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from functools import cache
from pathlib import Path

from matplotlib import font_manager

from koubai.errors import MissingExtraError, unknown_name

LANGUAGES = ("en", "ja")

_LATIN = "DejaVu Sans"  # comes with matplotlib
# Families with Japanese letters, the first that is installed is taken; and how their files begin.
_JAPANESE = {
    "Noto Sans CJK JP": "NotoSansCJK-Regular",
    "Noto Sans JP": "NotoSansJP",
    "IPAexGothic": "ipaexg",
    "IPAGothic": "ipag",
    "TakaoGothic": "TakaoGothic",
    "VL Gothic": "VL-Gothic-Regular",
    "BIZ UDGothic": "BIZ-UDGothic",
    "Hiragino Sans": "ヒラギノ角ゴシック W3",
    "Hiragino Maru Gothic Pro": "ヒラギノ丸ゴ",
    "Yu Gothic": "YuGoth",
    "Meiryo": "meiryo",
    "MS Gothic": "msgothic",
}

_chosen: ContextVar[str] = ContextVar("language", default="en")


@contextmanager
def language(name: str) -> Generator[None]:
    """Figures drawn inside are in that language: "en" (without any choice) or "ja".

        with kb.figures.language("ja"):
            path.plot()

    Raises UnknownNameError for another language, and MissingExtraError where none of the
    installed fonts has its letters.
    """
    if name not in LANGUAGES:
        raise unknown_name("language", name, LANGUAGES)
    font_families(name)
    with spoken(name):
        yield


@contextmanager
def spoken(name: str) -> Generator[None]:
    """Words inside are in that language, whether or not a font has its letters."""
    token = _chosen.set(name)
    try:
        yield
    finally:
        _chosen.reset(token)


def chosen_language() -> str:
    """The language that figures are drawn in now."""
    return _chosen.get()


def font_families(name: str) -> list[str]:
    """The families that have every letter of a language, as matplotlib takes them, in order.

    In English too a Japanese family comes last, where there is one: a class may have such a name.

    Raises MissingExtraError where no installed font has the letters of the language.
    """
    found = _japanese_family()
    if name == "en":
        return [_LATIN] if found is None else [_LATIN, found]
    if found is None:
        raise MissingExtraError(
            "language is 'ja', but no font with Japanese letters is installed: "
            "apt-get install fonts-noto-cjk (or fonts-ipaexfont), or install one of "
            f"{', '.join(list(_JAPANESE)[:3])}"
        )
    return [found, _LATIN]


def _japanese_family() -> str | None:
    known = {*font_manager.fontManager.get_font_names()}
    found = next((family for family in _JAPANESE if family in known), None) or _newly_installed()
    if found is not None:
        _give_bold(found)
    return found


@cache
def _give_bold(family: str) -> None:
    """Lets a family without bold letters stand in for its own, which matplotlib else logs."""
    fonts = [font for font in font_manager.fontManager.ttflist if font.name == family]
    if not any(str(font.weight) in ("bold", "600", "700") for font in fonts):
        font_manager.fontManager.ttflist.extend(replace(font, weight="bold") for font in fonts[:1])


@cache
def _newly_installed() -> str | None:
    """A font that was installed after matplotlib wrote its list of fonts."""
    files = {Path(file).name: file for file in font_manager.findSystemFonts()}
    for family, beginning in _JAPANESE.items():
        for name in sorted(files):
            if name.startswith(beginning):
                font_manager.fontManager.addfont(files[name])
                if family in font_manager.fontManager.get_font_names():
                    return family
    return None
