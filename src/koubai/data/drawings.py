"""Digits drawn or photographed by anyone, made to look like the digits that were trained on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import numpy as np
from jaxtyping import Bool, Float, Int, UInt8

from koubai.data.checks import PathLike, existing_file
from koubai.data.images import read_pixels
from koubai.errors import DataError, unknown_name

_Pixels = UInt8[np.ndarray, "height width"]
_Ink = Float[np.ndarray, "height width"]  # 0 is paper, 1 the strongest stroke
_Smaller = Float[np.ndarray, "rows columns"]

_BLANK = 10  # of 255: what differs less from its background is not drawn
_FAINTEST = 0.25  # of the strongest ink: below it lie shadows, noise and the blur of an edge
_INK_SHARE = 0.4  # of 20×32; the data have 0.49, but drawings are read best so
_SPECK = 0.02  # of the largest stroke's area: below it lies dust


@dataclass(frozen=True, eq=False)
class Drawing:
    """A digit as a network sees it, x = pixels / 255, and what was done to make it so."""

    pixels: UInt8[np.ndarray, " features"]
    inverted: bool
    fitted: bool


def read_drawing(file: PathLike, like: str = "mnist", invert: bool | None = None) -> Drawing:
    """The digit in an image, drawn as those of a data set are: light on dark, cropped, centred.

    like: "mnist", whose digits are scaled to fit 20×20 pixels with their proportions and centred
    by their centre of mass in 28×28; or "digits", whose are 32 rows high and at most 20 columns
    wide, thickened or thinned until ink covers about as much as in the data, sheared upright,
    centred in 32×32, and counted in blocks of 4×4. Slow changes of the paper's brightness and
    specks of dust beside the digit are left out. An image of 28×28 (or 8×8) pixels is taken for
    one of the data set and is not fitted.

    invert: whether light and dark change places; None means where the border is light.

    Shapes: pixels (784,) or (64,), uint8 0 to 255 whatever the scale of the data is.
    Raises DataError when the file is missing, not an image or blank; UnknownNameError for data
    that are not digits.
    Reference: LeCun, Bottou, Bengio & Haffner (1998), Proceedings of the IEEE 86, § III.A;
    Garris et al. (1994), NIST Form-Based Handprint Recognition System, NISTIR 5469, which
    Alpaydin & Kaynak (1998) used.
    """
    if like not in _STYLES:
        raise unknown_name("data set of digits", like, _STYLES)
    path = existing_file(file)
    grey = read_pixels(path, colour=False)
    inverted = _is_light(grey) if invert is None else invert
    light_on_dark = 255 - grey if inverted else grey
    style = _STYLES[like]
    if grey.shape == (style.side, style.side):
        return Drawing(light_on_dark.reshape(-1), inverted, fitted=False)
    ink = _ink(light_on_dark)
    if ink.max() < _BLANK:
        raise DataError(f"{path} is blank: no digit can be seen in it")
    fitted = style.fit(_cropped(ink / ink.max()))
    return Drawing(np.round(fitted * 255).astype(np.uint8).reshape(-1), inverted, fitted=True)


def _border(shape: tuple[int, ...]) -> Bool[np.ndarray, "height width"]:
    border = np.ones(shape, dtype=bool)
    border[1:-1, 1:-1] = False
    return border


def _is_light(grey: _Pixels) -> bool:
    """Whether the border is nearer to the lightest pixel than to the darkest."""
    return bool(2 * np.median(grey[_border(grey.shape)]) > float(grey.min()) + float(grey.max()))


def _ink(light_on_dark: _Pixels) -> _Ink:
    """How far each pixel is lighter than its background, a plane through the border's pixels."""
    grey = light_on_dark.astype(np.float64)
    basis = np.stack([np.ones(grey.shape), *np.indices(grey.shape)], axis=-1)
    border = _border(grey.shape)
    # Without the strokes that touch the border, which would tilt the plane.
    border &= np.abs(grey - np.median(grey[border])) <= np.ptp(grey) / 4
    plane, *_ = np.linalg.lstsq(basis[border], grey[border])
    return np.clip(grey - basis @ plane, 0, None)


def _cropped(ink: _Ink) -> _Smaller:
    """The smallest box with the strokes, leaving specks out."""
    import scipy.ndimage

    ndimage = cast(Any, scipy.ndimage)
    labels, _ = ndimage.label(ink > _FAINTEST, structure=np.ones((3, 3)))
    areas = np.bincount(labels.ravel())
    areas[0] = 0  # the paper
    strokes = areas[labels] > _SPECK * areas.max()
    rows, columns = (np.flatnonzero(strokes.any(axis=axis)) for axis in (1, 0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _resized(ink: _Ink, rows: int, columns: int) -> _Smaller:
    """Averaged over the area of each new pixel; a thin stroke keeps its full strength."""
    from PIL import Image

    image = Image.fromarray(ink.astype(np.float32))
    resized = np.asarray(image.resize((columns, rows), Image.Resampling.BOX), dtype=np.float64)
    return resized / resized.max()


def _like_mnist(ink: _Ink) -> Float[np.ndarray, "28 28"]:
    scale = 20 / max(ink.shape)
    height, width = (max(1, round(side * scale)) for side in ink.shape)
    small = _resized(ink, height, width)
    field = np.zeros((28, 28))
    # The centre of mass comes to pixel 14, counted from 0, as it is in MNIST.
    top = round(14 - float(np.average(np.arange(height), weights=small.sum(axis=1))))
    left = round(14 - float(np.average(np.arange(width), weights=small.sum(axis=0))))
    top, left = np.clip((top, left), 0, (28 - height, 28 - width))
    field[top : top + height, left : left + width] = small
    return field


def _like_digits(ink: _Ink) -> Float[np.ndarray, "8 8"]:
    """In twice the resolution of the 32×32 bitmaps, so that strokes thicken in small steps."""
    height, width = ink.shape
    columns = min(max(1, round(64 * width / height)), 40)
    stroke = _thickened(_resized(ink, 64, columns) > 0.5, round(_INK_SHARE * 64 * 40))
    field = np.zeros((64, 64))
    for row, shift in enumerate(_shifts(stroke)):
        field[row, np.flatnonzero(stroke[row]) + shift] = 1
    return field.reshape(8, 8, 8, 8).mean(axis=(1, 3))


def _thickened(stroke: Bool[np.ndarray, "64 columns"], area: int) -> Bool[np.ndarray, "64 40"]:
    """Thickened or thinned evenly, in the middle of 40 columns, until it has about that area."""
    import scipy.ndimage

    beside = 40 - stroke.shape[1]
    # A column of paper on either side: distances to it exist even where all else is ink.
    wide = np.pad(stroke, ((0, 0), (beside // 2 + 1, beside - beside // 2 + 1)))
    distance = cast(Any, scipy.ndimage).distance_transform_edt
    inside = (distance(wide) - distance(~wide))[:, 1:-1]  # how deep in the ink, < 0 outside
    level = np.sort(inside, axis=None)[-area]
    # Along a straight edge many pixels are as deep as each other: with them or without.
    return min(inside > level, inside >= level, key=lambda ink: abs(ink.sum() - area))


def _shifts(stroke: Bool[np.ndarray, "64 40"]) -> Int[np.ndarray, " 64"]:
    """How far each row moves: the leftmost ink of the last row comes below that of the first, and
    the centre of mass into the middle of 64 columns.
    """
    rows = np.arange(64)
    inked = np.flatnonzero(stroke.any(axis=1))
    top, bottom = inked[0], inked[-1]
    left = stroke.argmax(axis=1)
    slant = (left[top] - left[bottom]) / max(bottom - top, 1)
    shear = np.round(slant * (rows - (top + bottom) / 2))
    row, column = np.nonzero(stroke)
    moved = column + shear[row]
    middle = np.clip(round(31.5 - moved.mean()), -moved.min(), 63 - moved.max())
    return (shear + middle).astype(int)


class _Style(NamedTuple):
    side: int
    fit: Callable[[_Ink], _Smaller]


_STYLES = {"mnist": _Style(28, _like_mnist), "digits": _Style(8, _like_digits)}
