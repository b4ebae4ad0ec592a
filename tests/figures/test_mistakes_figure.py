from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from koubai import figures
from koubai.errors import ShapeError
from koubai.figures import mistakes

CLASSES = ["cat", "dog", "a remarkably long name of a class", "$x$"]


def draw(n: int, shape: tuple[int, ...] = (8, 8), **options: object) -> Axes:
    """n images, the i-th of them of brightness i, in no order of confidence."""
    images = np.ones((n, *shape)) * np.arange(n).reshape(-1, *[1] * len(shape)) / 100
    t = np.arange(n) % 4
    return mistakes(images, t, (t + 1) % 4, confidence(n), CLASSES, **options)


def confidence(n: int) -> np.ndarray:
    return np.random.default_rng(0).permutation(n) / max(n, 1)


def texts(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


def brightness(ax: Axes) -> list[int]:
    return [round(100 * float(np.asarray(image.get_array()).flat[0])) for image in ax.images]


@pytest.mark.parametrize("n", [1, 2, 5, 7, 24, 30])
def test_the_most_confident_are_first_and_at_most_24(n: int) -> None:
    assert brightness(draw(n)) == np.argsort(-confidence(n))[:24].tolist()


def test_what_is_written_below() -> None:
    images = np.zeros((3, 4, 3))
    probabilities = np.array([0.5, 0.99999, 0.7512])
    ax = mistakes(images, np.array([0, 1, 2]), np.array([1, 0, 3]), probabilities, CLASSES)
    assert texts(ax) == [
        *("is dog", "taken for cat", "> 99.9% sure"),
        *("is a remarka…a class", "taken for $x$", "75.1% sure"),
        *("is cat", "taken for dog", "50.0% sure"),
    ]


def test_outputs_that_are_not_probabilities() -> None:
    zero = np.zeros(1, dtype=int)
    outputs = np.array([12.345])
    ax = mistakes(np.zeros((1, 2, 2)), zero, zero + 1, outputs, CLASSES, are_probabilities=False)
    assert texts(ax)[2] == "output 12.3"


def test_nan_is_shown_and_comes_last() -> None:
    two = np.zeros(2, dtype=int)
    ax = mistakes(np.zeros((2, 2, 2)), two, two + 1, np.array([np.nan, 0.4]), CLASSES)
    assert [texts(ax)[2], texts(ax)[5]] == ["40.0% sure", "output nan"]


@pytest.mark.parametrize(
    ("n", "among", "title"),
    [
        (1, None, "1 mistake"),
        (1, 360, "1 mistake\namong 360 examples"),
        (2, 1797, "2 mistakes (1,797 examples)"),
        (5, 360, "5 mistakes, most confident first (360 examples)"),
        (30, 10_000, "The 24 most confident of 30 mistakes (10,000 examples)"),
    ],
)
def test_the_title_says_how_many_there_are(n: int, among: int | None, title: str) -> None:
    assert draw(n, among=among).get_title("left") == title


def test_without_mistakes_there_is_a_sentence() -> None:
    assert texts(draw(0, among=360)) == ["No mistakes: all 360 examples are classed right"]
    assert texts(draw(0)) == ["No mistakes"]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_few_mistakes_make_a_small_figure(language: str, japanese: None) -> None:
    areas: list[float] = []
    for n in range(4):
        with figures.language(language):
            ax = draw(n, among=360)
        figure = ax.get_figure(root=True)
        assert isinstance(figure, Figure)
        figure.draw_without_rendering()
        for text in [*ax.texts, ax._left_title]:  # pyright: ignore
            box = text.get_window_extent()
            assert box.x0 >= 0
            assert box.x1 <= figure.bbox.width
        areas.append(figure.bbox.width * figure.bbox.height)
    assert areas[0] < areas[1] < areas[2] < areas[3]
    assert areas[1] < 0.6 * 5.2 * 2.06 * figure.dpi**2  # of the panel for five


@pytest.mark.parametrize("n", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("shape", [(8, 8), (12, 30)])
def test_few_images_fill_the_width_below_the_title(n: int, shape: tuple[int, int]) -> None:
    none = np.zeros(n, dtype=int)
    ax = mistakes(np.zeros((n, *shape)), none, none + 1, np.ones(n), ["0", "1"], among=360)
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()
    boxes = [image.get_window_extent() for image in ax.images]
    left, right = min(box.x0 for box in boxes), max(box.x1 for box in boxes)
    texts = [text.get_window_extent().x1 for text in [*ax.texts, ax._left_title]]  # pyright: ignore
    assert max(texts) <= figure.bbox.width
    assert right - left > 0.75 * figure.bbox.width


@pytest.mark.parametrize("shape", [(8, 8), (4, 3), (20, 60), (6, 5, 3), (6, 5, 4)])
def test_images_keep_their_proportions(shape: tuple[int, ...]) -> None:
    for image in draw(3, shape).images:
        left, right, bottom, top = image.get_extent()
        assert (bottom - top) / (right - left) == pytest.approx(shape[0] / shape[1])
        assert np.shape(image.get_array()) == shape


@pytest.mark.parametrize("shape", [(2, 2), (2, 2, 3)])
@pytest.mark.parametrize(("white", "dtype"), [(255, np.uint8), (1, np.float32), (16, np.uint8)])
def test_white_is_white(shape: tuple[int, ...], white: int, dtype: type) -> None:
    if shape == (2, 2, 3) and white == 16:
        white = 255
    image = np.full((1, *shape), white, dtype=dtype)
    zero = np.zeros(1, dtype=int)
    ax = mistakes(image, zero, zero + 1, np.ones(1), CLASSES)
    assert np.asarray(ax.images[0].get_array()).min() == 1


def test_texts_of_neighbours_do_not_overlap() -> None:
    long = np.full(12, 2)
    ax = mistakes(np.zeros((12, 8, 8)), long, long, np.ones(12), CLASSES)
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in ax.texts]
    for i, box in enumerate(boxes):
        assert figure.bbox.containsx(box.x0)
        assert figure.bbox.containsx(box.x1)
        assert box.y0 > 0
        assert box.count_overlaps(boxes[i + 3 :: 3]) == 0


def test_on_axes_of_the_users() -> None:
    for n in (0, 3):
        ax = Figure().add_subplot()
        assert draw(n, ax=ax) is ax


def test_arrays_of_different_lengths() -> None:
    three = np.zeros(3, dtype=int)
    with pytest.raises(ShapeError, match=r"2 images, but .* \(3, 3, 3\) entries"):
        mistakes(np.zeros((2, 8, 8)), three, three, np.zeros(3), CLASSES)


def test_one_channel_is_grey() -> None:
    assert np.shape(draw(1, (8, 6, 1)).images[0].get_array()) == (8, 6)


def test_images_of_another_shape() -> None:
    one = np.zeros(1, dtype=int)
    with pytest.raises(ShapeError, match=r"\(1, 8, 8, 2\)"):
        mistakes(np.zeros((1, 8, 8, 2)), one, one, np.zeros(1), CLASSES)
