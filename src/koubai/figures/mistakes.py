"""The images that a network takes for something else."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, Int, Num
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from koubai.errors import ShapeError
from koubai.figures import style
from koubai.figures.style import axes_or_new, in_style, inches
from koubai.figures.words import columns, shortened, word

Images = Num[np.ndarray, "n height width"] | Num[np.ndarray, "n height width channels"]
Labels = Int[np.ndarray, " labels"]

_Texts = tuple[str, str, str]  # what it is, what it was taken for, how sure

_MOST = 24
_MOST_COLUMNS = 6
_LONGEST_NAME = 18
_TEXT, _LETTER, _TITLE_LETTER = 8.5, 0.071, 0.105  # points; inches, about
_TEXT_COLOURS = (style.INK, style.VERMILION, style.GREY)
# Among so few, nothing is said of their order.
_FEW = 2
# Inches: between two texts, below an image (three lines), and for the whole figure.
_GAP, _BELOW, _WIDEST = 0.15, 0.66, 8.5


@in_style()
def mistakes(
    images: Num[np.ndarray, "..."],
    truth: Labels,
    taken_for: Labels,
    probabilities: Float[np.ndarray, " probabilities"],
    classes: Sequence[str],
    among: int | None = None,
    are_probabilities: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Draws images that were classed wrong, the most confident mistakes first, at most 24.

    Below each stands what it is, what it was taken for, and how sure the network was. The title
    says how many there are in all. Without any mistake there is a sentence in their place.

    images: all of them mistakes, grey or in colour. probabilities: that of the class each was
    taken for, or with are_probabilities=False another output, which is then shown as it is.
    among: the number of examples that were classed.
    Shapes: images (n, height, width) or (n, height, width, 1, 3 or 4), the others (n,).
    Raises ShapeError when the images have another shape, or another number than the others.
    """
    images = _checked(np.asarray(images), len(truth), len(taken_for), len(probabilities))
    if not len(images):
        return _draw_none(among, ax)
    first = np.argsort(-np.asarray(probabilities), kind="stable")[:_MOST]
    names = [shortened(name, _LONGEST_NAME) for name in classes]
    texts = [
        (
            word("is", name=names[int(truth[i])]),
            word("taken", name=names[int(taken_for[i])]),
            _sureness(float(probabilities[i]), are_probabilities),
        )
        for i in first
    ]
    grid = _Grid.of(images.shape[1:3], texts)
    title = _title(len(images), among, grid.across * grid.columns)
    grid = grid.stretched(_width(title))
    lines = title.count("\n") + 1
    size = grid.across * grid.columns + 0.16, grid.down * grid.rows + 0.12 + 0.2 * lines
    ax = axes_or_new(ax, *size)
    grid.clear(ax)
    for place, (image, text) in enumerate(zip(_brightness(images[first]), texts, strict=True)):
        _draw_image(image, *grid.corner(place), grid, ax)
        _draw_text(text, *grid.corner(place), grid, ax)
    ax.set_title(title)
    return ax


@dataclass(frozen=True)
class _Grid:
    """Where images and their texts go; a unit of length is an inch in a figure of our own.

    Each image has the size width × height; `across` and `down` lead to the next.
    """

    rows: int
    columns: int
    width: float
    height: float
    across: float
    down: float

    @staticmethod
    def of(shape: tuple[int, ...], texts: list[_Texts]) -> _Grid:
        """A grid for images of that shape with these texts, its last row as full as may be."""
        height, width = shape[0] / max(shape), shape[1] / max(shape)
        across = max(width, _LETTER * max(columns(line) for text in texts for line in text)) + _GAP
        rows = math.ceil(len(texts) / min(_MOST_COLUMNS, int(_WIDEST / across)))
        in_a_row = math.ceil(len(texts) / rows)
        return _Grid(rows, in_a_row, width, height, across, height + _BELOW)

    def stretched(self, width: float) -> _Grid:
        """The grid with larger images where it is narrower than that."""
        across = max(self.across, width / self.columns)
        larger = (across - _GAP) / (self.across - _GAP)
        height = larger * self.height
        return replace(
            self, width=larger * self.width, height=height, across=across, down=height + _BELOW
        )

    def corner(self, place: int) -> tuple[float, float]:
        """The left upper corner of an image."""
        row, column = divmod(place, self.columns)
        return self.across * column + (self.across - self.width) / 2, self.down * row

    def clear(self, ax: Axes) -> None:
        """Makes the axes an empty canvas for the grid, from the left upper corner down."""
        ax.set_axis_off()
        ax.set_aspect("equal", anchor="NW")
        ax.set_autoscale_on(False)
        ax.set_xlim(0, self.across * self.columns)
        ax.set_ylim(self.down * self.rows - 0.1, 0)

    def text_size(self, ax: Axes) -> float:
        """As large as the axes have room for."""
        width, height = inches(ax)
        unit = min(width / (self.across * self.columns), height / (self.down * self.rows))
        return min(_TEXT, 1.2 * _TEXT * unit)


def _checked(images: np.ndarray, *lengths: int) -> Images:
    if images.ndim not in (3, 4) or images.shape[3:] not in ((), (1,), (3,), (4,)):
        raise ShapeError(
            f"images has the shape {images.shape}: give (n, height, width), or with channels "
            f"(n, height, width, 1, 3 or 4)"
        )
    if {*lengths} != {len(images)}:
        raise ShapeError(
            f"there are {len(images)} images, but truth, taken_for and probabilities have "
            f"{lengths} entries: give each as many"
        )
    return images


def _draw_none(among: int | None, ax: Axes | None) -> Axes:
    text = word("no_mistakes") if among is None else word("no_mistakes_among", examples=among)
    ax = axes_or_new(ax, 0.6 + 0.085 * columns(text), 0.7)
    ax.set_axis_off()
    ax.text(0.5, 0.5, text, transform=ax.transAxes, ha="center", va="center")
    return ax


def _title(count: int, among: int | None, width: float) -> str:
    """How many there are, on two lines where one does not fit into that width."""
    if count <= _FEW:
        text = word("mistakes_one" if count == 1 else "mistakes_few", count=count)
    elif count <= _MOST:
        text = word("mistakes", count=count)
    else:
        text = word("mistakes_shown", shown=_MOST, count=count)
    if among is None:
        return text
    line = word("mistakes_among", mistakes=text, examples=among)
    if _width(line) <= width:
        return line
    return word("mistakes_few_among", mistakes=text, examples=among)


def _width(title: str) -> float:
    """Of the longest line, in inches."""
    return _TITLE_LETTER * max(map(columns, title.split("\n")))


def _brightness(images: Images) -> Float[np.ndarray, "..."]:
    """The images between 0 (black) and 1 (white)."""
    low = min(0.0, float(images.min()))
    photographs = images.dtype == np.uint8 and images.ndim == 4
    high = 255.0 if photographs else max(1.0, float(images.max()))
    return (images - low) / (high - low)


def _draw_image(image: Float[np.ndarray, "..."], x: float, y: float, grid: _Grid, ax: Axes) -> None:
    extent = (x, x + grid.width, y + grid.height, y)
    ax.imshow(image, extent=extent, vmin=0, vmax=1, aspect="equal", cmap="gray")
    frame = Rectangle((x, y), grid.width, grid.height, fill=False, edgecolor=style.PALE)
    ax.add_patch(frame)


def _draw_text(texts: _Texts, x: float, y: float, grid: _Grid, ax: Axes) -> None:
    """The lines of text below the image with its left upper corner at (x, y)."""
    size = grid.text_size(ax)
    for line, (text, colour) in enumerate(zip(texts, _TEXT_COLOURS, strict=True)):
        ax.annotate(
            text,
            (x + grid.width / 2, y + grid.height),
            xytext=(0, -3 - 1.3 * size * line),
            textcoords="offset points",
            ha="center",
            va="top",
            color=colour,
            fontsize=size,
            parse_math=False,
        )


def _sureness(value: float, probability: bool) -> str:
    if not probability or not math.isfinite(value):
        return word("output", value=f"{value:.3g}")
    percent = "> 99.9%" if value > 0.999 else f"{value:.1%}"
    return word("sure", percent=percent)
