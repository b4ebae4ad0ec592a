from __future__ import annotations

import logging
import warnings

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font

from koubai import figures
from koubai.figures import languages, letters
from koubai.figures.languages import font_families
from koubai.figures.words import shortened


def matrix(*classes: str) -> Axes:
    n = len(classes)
    return figures.confusion_matrix(np.arange(n * n).reshape(n, n), classes)


def draw(ax: Axes) -> np.ndarray:
    figure = ax.get_figure(root=True)
    assert isinstance(figure, Figure)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.array(canvas.buffer_rgba())


def messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "koubai"]


def test_japanese_names_in_an_english_figure(
    japanese: None, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        draw(matrix("犬", "猫とねこ", "αβγ"))  # a warning of matplotlib's would be an error here
    assert messages(caplog) == []


def test_a_collection_of_fonts_gives_its_japanese_face(japanese: None) -> None:
    [latin, family] = font_families("en")
    assert latin == "DejaVu Sans"
    assert get_font(findfont(family)).family_name == family
    assert font_families("ja") == [family, latin]


def test_letters_that_no_font_has_are_said_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(languages, "_japanese_family", lambda: None)
    letters._say.cache_clear()
    filters = list(warnings.filters)
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            draw(matrix("b", "猫犬", "α"))
    [message] = messages(caplog)
    assert "犬猫" in message
    assert "fonts-noto-cjk" in message
    assert not {"b", "α"} & {*message.split("the letters ")[1].split(" are")[0]}
    assert warnings.filters == filters


def test_other_warnings_still_come() -> None:
    figure = draw_nothing()
    with pytest.warns(UserWarning, match="something else"), letters.say_what_is_missing(figure):
        warnings.warn("something else", stacklevel=1)


def draw_nothing() -> Figure:
    figure = matrix("a", "b").get_figure(root=True)
    assert isinstance(figure, Figure)
    return figure


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("とても長い名前", "と…前"),
        ("ねこ", "ねこ"),
        ("ab日本語の名前", "ab…前"),
        ("日本語", "日本語"),
    ],
)
def test_japanese_names_are_as_wide_as_two_letters_each(name: str, short: str) -> None:
    assert shortened(name, 7) == short


def test_names_of_columns_do_not_run_into_each_other(japanese: None) -> None:
    ax = matrix(*[f"長い日本語の名前{number}" for number in range(4)])
    draw(ax)
    boxes = [label.get_window_extent() for label in ax.get_xticklabels()]
    assert all(box.count_overlaps(boxes) == 1 for box in boxes)  # itself
