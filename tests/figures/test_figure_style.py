from __future__ import annotations

import itertools
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from koubai.figures import confusion_matrix, in_style, style
from koubai.figures.labels import moved_apart
from koubai.figures.words import shortened


def lightness(colour: str) -> float:
    """L* of CIELAB: 0 for black, 100 for white."""
    c = np.array(to_rgb(colour))
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    return 116 * float(np.cbrt(linear @ [0.2126, 0.7152, 0.0722])) - 16


def test_the_users_settings_stay_as_they_are() -> None:
    with mpl.rc_context({"lines.linewidth": 7.5, "axes.grid": False, "font.size": 20}):
        before = dict(mpl.rcParams)
        picture()
        with in_style():
            assert mpl.rcParams["lines.linewidth"] == 1.8
        assert dict(mpl.rcParams) == before


def test_the_users_settings_do_not_show() -> None:
    plain = picture()
    with mpl.rc_context({"font.size": 20, "axes.facecolor": "red", "xtick.labelsize": 30}):
        np.testing.assert_array_equal(picture(), plain)


def picture() -> np.ndarray:
    ax = confusion_matrix(np.eye(2, dtype=int), "ab")
    figure = ax.get_figure(root=True)
    assert isinstance(figure, Figure)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.array(canvas.buffer_rgba())


def test_settings_survive_threads_and_errors() -> None:
    before = dict(mpl.rcParams)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: confusion_matrix(np.eye(n, dtype=int), "abcd"[:n]), [1, 2, 3, 4]))
    with pytest.raises(ValueError, match="oh"), in_style():
        raise ValueError("oh")
    assert dict(mpl.rcParams) == before


def test_no_figure_is_left_in_pyplot() -> None:
    confusion_matrix(np.eye(2, dtype=int), "ab")
    assert plt.get_fignums() == []


def test_colours_differ_in_greyscale() -> None:
    series = [style.NAVY, style.GREEN, style.VERMILION, style.SKY, style.YELLOW]
    grey = [lightness(colour) for colour in series]
    assert grey == sorted(grey)
    assert min(b - a for a, b in itertools.pairwise(grey)) > 10


def test_colours_of_text_are_readable_on_white() -> None:
    for colour in (style.TRAIN, style.TEST, style.VALIDATION, style.GREY, style.INK):
        assert lightness(colour) < 57  # a contrast of 3.5 : 1


def test_importing_koubai_imports_no_matplotlib() -> None:
    check = (
        "import sys, koubai; assert 'matplotlib' not in sys.modules; "
        "import koubai.figures; assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", check], check=True)


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("cat", "cat"),
        ("exactly 10", "exactly 10"),
        ("eleven char", "eleve…char"),
        (" two\n lines\t", "two lines"),
        ("b\x00\x07ell", "bell"),
        ("", ""),
    ],
)
def test_names_are_shortened_in_the_middle(name: str, short: str) -> None:
    assert shortened(name, 10) == short


@pytest.mark.parametrize("seed", range(20))
def test_labels_are_moved_apart_in_order_and_as_little_as_needed(seed: int) -> None:
    rng = np.random.default_rng(seed)
    heights, gap = rng.choice([0.0, 0.1, 0.5, 1.0], 5) + rng.uniform(0, 1e-3, 5), 0.1
    heights = np.clip(heights, 0, 1)
    moved = np.array(moved_apart(heights.tolist(), gap))
    order = np.argsort(-heights, kind="stable")
    assert (np.diff(moved[order]) <= -gap + 1e-9).all()
    assert moved.min() >= -1e-9
    assert moved.max() <= 1
    apart = [0.9, 0.4, 0.1]
    assert moved_apart(apart, gap) == pytest.approx(apart)
