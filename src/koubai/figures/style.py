"""One look for every figure, which leaves the user's own matplotlib settings as they are."""

from __future__ import annotations

import io
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from PIL import Image

from koubai.figures.languages import chosen_language, font_families, language
from koubai.figures.letters import say_what_is_missing
from koubai.functions.arguments import expect

SHEET: dict[Any, Any] = dict(
    matplotlib.rc_params_from_file(
        Path(__file__).with_name("koubai.mplstyle"), use_default_template=False
    )
)

_COLOURS: list[str] = SHEET["axes.prop_cycle"].by_key()["color"]
NAVY, VERMILION, GREEN, SKY, YELLOW = _COLOURS
INK = "#1C1C1C"
GREY = "#5F6870"  # dark enough to read
PALE = "#B8BFC6"  # for what lies in the background
CLOUD = "#98A2AA"  # for dots that lie over each other there
FAINT = "#E4E7EA"
SLATE = "#6C7F93"  # contour lines
# Further colours for lines: yellow is lost on a map, and sky blue on paper.
PURPLE, AZURE, OCHRE = "#A0468E", "#1676A8", "#7D6608"

# What a colour stands for, in every figure.
TRAIN, TEST, VALIDATION = NAVY, VERMILION, GREEN
# Light enough below for a path in any colour to stand out.
HEIGHT = LinearSegmentedColormap.from_list("height", ["#FBFCF4", "#DCE8EC", "#B3CBDD", "#8AA8C6"])
WRONG = LinearSegmentedColormap.from_list("wrong", ["white", VERMILION])

# matplotlib's settings are global, so that two threads must not change them at the same time.
_LOCK = threading.RLock()


@contextmanager
def in_style() -> Generator[None]:
    """What is drawn inside has koubai's look; afterwards the settings are the user's again.

    Also a decorator: `@in_style()`.
    """
    sheet = SHEET | {"font.family": font_families(chosen_language())}
    with _LOCK, matplotlib.style.context(sheet, after_reset=True):
        yield


class StyledFigure(Figure):
    """A figure outside pyplot that keeps koubai's look, and its language, wherever it is drawn.

    Ticks are made only when matplotlib draws, from the settings of that moment.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.language = chosen_language()

    def draw(self, renderer: RendererBase) -> None:
        """Draws the figure in koubai's style."""
        with language(self.language), in_style(), say_what_is_missing(self):
            super().draw(renderer)

    def savefig(self, fname: Any, *, transparent: bool | None = None, **kwargs: Any) -> None:
        """Saves the figure in koubai's style; arguments as matplotlib's."""
        with language(self.language), in_style(), say_what_is_missing(self):
            super().savefig(fname, transparent=transparent, **kwargs)


def save_png(figure: Figure, file: Path | io.BytesIO) -> None:
    """Writes a PNG of 256 colours: it looks the same and takes a third of the space.

    The colours are chosen to cover all that occur: chosen by how often, they would lose thin lines.
    Each is then moved to the mean of what it stands for, so that large areas keep theirs.
    """
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png")
    with Image.open(drawn) as image:
        image.convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=1).save(
            file, "PNG", optimize=True
        )


def axes_or_new(ax: Axes | None, width: float, height: float) -> Axes:
    """The axes given, or the axes of a new figure of so many inches."""
    if ax is not None:
        expect(ax, Axes, "ax", "matplotlib's axes, such as those of Figure().subplots()")
        return ax
    return StyledFigure(figsize=(width, height)).add_subplot(axes_class=PictureAxes)


def key_below(ax: Axes, columns: int) -> None:
    """The key below all of a figure that is the picture's own, or part of a larger one."""
    figure = ax.get_figure(root=True)
    if isinstance(figure, Figure):
        figure.legend(loc="outside lower center", ncols=columns)


class Savable:
    """Axes that save the figure which they fill: ax.savefig("picture.png")."""

    def savefig(self: Any, fname: Any, **options: Any) -> None:
        """Saves the figure; arguments as matplotlib's Figure.savefig."""
        self.get_figure(root=True).savefig(fname, **options)


class PictureAxes(Savable, Axes):
    """The axes of a picture that is a figure of its own."""


def inches(ax: Axes) -> tuple[float, float]:
    """The width and height of the axes, before the layout makes room for what is around them."""
    figure = ax.get_figure(root=True)
    dpi = figure.dpi if figure is not None else SHEET["figure.dpi"]
    return ax.bbox.width / dpi, ax.bbox.height / dpi
