from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from koubai.errors import ShapeError
from koubai.figures import confusion_matrix, style

LONG = "a name that is far too long to be written in full beside a row"


def counts(n: int) -> np.ndarray:
    """Every cell has a count of its own."""
    return np.arange(n * n).reshape(n, n)


def cells(ax: Axes) -> dict[tuple[float, float], str]:
    """The text of each cell by (row, column)."""
    return {(text.get_position()[1], text.get_position()[0]): text.get_text() for text in ax.texts}


def labels(ax: Axes) -> tuple[list[str], list[str]]:
    rows, columns = ax.get_yticklabels(), ax.get_xticklabels()
    return [text.get_text() for text in rows], [text.get_text() for text in columns]


@pytest.mark.parametrize("n", [1, 2, 10, 26])
def test_every_count_stands_in_its_cell(n: int) -> None:
    ax = confusion_matrix(counts(n), [f"class {i}" for i in range(n)])
    shown = {place: str(count) for place, count in np.ndenumerate(counts(n)) if count or n < 16}
    assert cells(ax) == shown


def test_rows_are_true_and_columns_taken() -> None:
    ax = confusion_matrix(np.array([[5, 1], [0, 7]]), ["cat", "dog"])
    assert labels(ax) == (["cat", "dog"], ["cat", "dog"])
    assert ax.get_ylabel() == "true class"
    assert ax.get_xlabel() == "taken for"
    assert cells(ax)[0, 1] == "1"
    low, high = ax.get_ylim()
    assert low > high  # the first class is on top


def test_the_diagonal_is_subdued_and_mistakes_stand_out() -> None:
    ax = confusion_matrix(np.array([[900, 1], [3, 800]]), ["a", "b"])
    [image] = ax.images
    np.testing.assert_array_equal(image.get_array(), [[0, 1], [3, 0]])
    assert image.get_clim() == (0, 3)
    right, wrong = ax.texts[0], ax.texts[1]
    assert to_hex(right.get_color()) == style.GREY.lower()
    assert wrong.get_weight() == "bold"
    assert {to_hex(patch.get_facecolor()) for patch in ax.patches} == {style.FAINT.lower()}


def test_the_title_counts() -> None:
    assert confusion_matrix(np.array([[5, 1], [2, 7]]), "ab").get_title("left") == "3 of 15 wrong"
    assert confusion_matrix(np.diag([1000, 7]), "ab").get_title("left") == "All 1,007 right"


@pytest.mark.parametrize("n", [2, 10, 26])
def test_long_names_are_shortened_and_stay_inside(n: int) -> None:
    ax = confusion_matrix(counts(n), [f"{i} {LONG}" for i in range(n)])
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()
    for text in [*ax.get_xticklabels(), *ax.get_yticklabels(), ax.title, ax.xaxis.label]:
        box = text.get_window_extent()
        assert box.x0 >= 0
        assert box.y0 >= 0
        assert box.x1 <= figure.bbox.width
        assert box.y1 <= figure.bbox.height
        assert len(text.get_text()) <= 24


def test_names_are_no_formulas() -> None:
    ax = confusion_matrix(counts(2), ["$x$", "two\nlines"])
    assert labels(ax)[0] == ["$x$", "two lines"]
    assert not any(text.get_parse_math() for text in ax.get_xticklabels())


def test_very_many_classes_have_no_room_for_counts() -> None:
    assert len(confusion_matrix(counts(100), [str(i) for i in range(100)]).texts) == 0


def test_on_axes_of_the_users() -> None:
    ax = Figure().add_subplot()
    assert confusion_matrix(counts(3), "abc", ax=ax) is ax


def test_a_matrix_of_another_size() -> None:
    with pytest.raises(ShapeError, match=r"\(2, 2\), but there are 3 classes"):
        confusion_matrix(counts(2), "abc")
