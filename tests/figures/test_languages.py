from __future__ import annotations

import re
import string
from pathlib import Path

import pytest
from matplotlib import font_manager

import koubai.figures.languages as languages
from koubai import figures
from koubai.errors import MissingExtraError, UnknownNameError
from koubai.figures.languages import chosen_language
from koubai.figures.words import WORDS, number, numbers, word

SOURCE = Path(languages.__file__).parent


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("key", list(WORDS))
def test_every_text_has_the_same_values_in_both_languages(key: str) -> None:
    english, japanese = WORDS[key]
    assert english
    assert japanese
    assert places(english) == places(japanese)
    assert english.count("$") % 2 == japanese.count("$") % 2 == 0


def test_every_text_is_used() -> None:
    source = "".join(file.read_text() for file in SOURCE.glob("*.py") if file.name != "words.py")
    # Such as word(f"layers_{quantity}"), where the figure has a text for each.
    families = tuple(re.findall(r'word\(f"(\w+_)\w*\{', source))
    unused = [key for key in WORDS if f'"{key}"' not in source and not key.startswith(families)]
    assert unused == []


def test_a_language_is_chosen_for_what_is_inside(japanese: None) -> None:
    assert word("loss") == "Loss"
    with figures.language("ja"):
        assert word("loss") == "損失"
        with figures.language("en"):
            assert word("loss") == "Loss"
        assert chosen_language() == "ja"
    assert chosen_language() == "en"


def test_an_unknown_language() -> None:
    with pytest.raises(UnknownNameError, match=r"'jp'.*en, ja"), figures.language("jp"):
        pass


def test_without_a_font_there_is_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(font_manager, "findSystemFonts", list)
    monkeypatch.setattr(font_manager.FontManager, "get_font_names", lambda self: ["DejaVu Sans"])
    languages._newly_installed.cache_clear()
    with pytest.raises(MissingExtraError, match="fonts-noto-cjk"), figures.language("ja"):
        pass
    languages._newly_installed.cache_clear()
    assert chosen_language() == "en"


def test_numbers_are_told_apart() -> None:
    assert numbers([0.335, 0.3351, 0.34]) == ["0.335", "0.3351", "0.34"]
    assert numbers([0.0, 1000.0, 2000.0]) == ["0", "1,000", "2,000"]
    assert numbers([1.0, 1.0]) == ["1", "1"]


def test_numbers_are_short() -> None:
    numbers = [0.1234567, -3.0, 12345.6, -1.04e-18, 1e9, float("nan")]
    assert [number(value) for value in numbers] == [
        "0.123", "−3", "12,346", "−1.04e−18", "1e+09", "nan",
    ]  # fmt: skip
