"""The values of contour lines, written on them where there is room: one for each level."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke

from koubai.figures.style import inches
from koubai.figures.words import numbers
from koubai.objectives.grid import Window

_Points = Float[np.ndarray, "_ 2"]

_MOST = 9  # levels with a value
_SIZE = 7  # points
_LETTER = 0.6 * _SIZE / 72  # inches
# Room beside a value, in inches: to the edge, to a path, and to another value.
_TO_EDGE, _TO_PATH, _TO_VALUE = 0.06, 0.13, 0.2


def label_levels(lines: Any, tracks: Sequence[_Points], window: Window, ax: Axes) -> None:
    """Writes values on contour lines, away from the edge, from paths and from each other.

    lines: what `ax.contour` returned; tracks: the paths. A level without room has no value.
    """
    low, high = np.array(window).T
    size = 0.9 * np.array(inches(ax)) / (high - low)  # inches of a unit, beside names and ticks
    if ax.get_aspect() == 1:
        size = np.full(2, size.min())
    texts = dict(zip(lines.levels.tolist(), numbers(lines.levels.tolist()), strict=True))
    avoid = [_along((track - low) * size) for track in tracks]
    taken = np.concatenate([np.empty((0, 2)), *avoid])
    sheet, found = (high - low) * size, np.empty((0, 2))
    every = 1 + (len(lines.levels) - 1) // _MOST
    labelled = list(zip(lines.levels.tolist(), lines.get_paths(), strict=True))[::every]
    for level, path in labelled:
        half = _LETTER * len(texts[level]) / 2
        rings = [(ring - low) * size for ring in path.to_polygons(closed_only=False)]
        place = _place(rings, sheet, half, taken, found)
        if place is not None:
            found = np.vstack([found, place])
            _write(lines, level, place / size + low, texts, ax)


def _along(track: _Points) -> _Points:
    """Points along the lines of a path, a twentieth of an inch apart or so."""
    pieces = [track[:1]]
    for begin, end in pairwise(track):
        length = np.hypot(*(end - begin))
        count = int(np.clip(20 * length, 1, 400)) if np.isfinite(length) else 1
        pieces.append(begin + np.linspace(0, 1, count + 1)[1:, None] * (end - begin))
    points = np.concatenate(pieces)
    return points[np.isfinite(points).all(axis=1)]


def _place(
    rings: list[_Points], sheet: Any, half: float, taken: _Points, found: _Points
) -> Float[np.ndarray, "2"] | None:
    """The best point for a value: on a long ring, with much room."""
    long = [ring for ring in rings if np.hypot(*np.ptp(ring, axis=0)) > 3 * half]
    for ring in sorted(long, key=lambda ring: -len(ring)):
        edge = np.minimum(ring, sheet - ring).min(axis=1)
        room = np.minimum(_distance(ring, taken) - half, 0.5)
        apart = np.minimum(_distance(ring, found) - 2 * half, 0.5)
        fits = (edge > half + _TO_EDGE) & (room > _TO_PATH) & (apart > _TO_VALUE)
        if fits.any():
            score = np.where(fits, room + apart + np.minimum(edge, 0.5), -np.inf)
            return ring[int(np.argmax(score))]
    return None


def _distance(points: _Points, others: _Points) -> Float[np.ndarray, " points"]:
    if not len(others):
        return np.full(len(points), np.inf)
    return np.array([np.hypot(*(others - point).T).min() for point in points])


def _write(lines: Any, level: float, place: Any, texts: dict[float, str], ax: Axes) -> None:
    written = ax.clabel(
        lines, [level], fontsize=_SIZE, fmt=texts, inline_spacing=2, manual=[tuple(place)],
        use_clabeltext=True, zorder=2.9,
    )  # fmt: skip
    for text in written:
        text.set_path_effects([withStroke(linewidth=2, foreground="white", alpha=0.8)])
