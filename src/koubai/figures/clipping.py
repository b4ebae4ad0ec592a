"""A path cut near the edge of a window: matplotlib's own clipping fails for huge coordinates."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from koubai.objectives.grid import Window

Track = Float[np.ndarray, "_ 2"]

# A line is cut so many windows beyond the edge: what leaves goes on to the edge, and no further.
_BEYOND = 1.0
# A line between two points farther off than so many windows has lost its direction to rounding.
_LOST = 1e6


def clipped(track: Track, window: Window) -> Track:
    """The points of a path, those far outside of a window replaced by where its lines leave it.

    A row of NaN stands where the line is interrupted; a path that stays near comes back as it is.
    Reference: Liang & Barsky (1984).
    """
    low, high = np.array(window).T
    middle, half = (low + high) / 2, (high - low) / 2
    unit = (track - middle) / half
    far = np.abs(unit).max(axis=1, initial=0)
    if (far <= 1 + 2 * _BEYOND).all():
        return track
    rows: list[Track] = [track[:1]] if far[0] <= 1 + 2 * _BEYOND else []
    for k in range(len(track) - 1):
        ends = _within(unit[k], unit[k + 1])
        if ends is None:
            continue
        (enters, leaves), step = ends, track[k + 1] - track[k]
        if enters > 0:
            rows += [np.full((1, 2), np.nan), (track[k] + enters * step)[None]]
        rows.append((track[k] + leaves * step if leaves < 1 else track[k + 1])[None])
    return np.concatenate(rows) if rows else track[:0]


def _within(
    begin: Float[np.ndarray, "2"], end: Float[np.ndarray, "2"]
) -> tuple[float, float] | None:
    """The shares of a line between which it is near the window, [−1, 1]² here; None if never."""
    if min(np.abs(begin).max(), np.abs(end).max()) > _LOST:
        return None
    reach, enters, leaves = 1 + 2 * _BEYOND, 0.0, 1.0
    for at, step in zip(begin, end - begin, strict=True):
        if step == 0:
            if abs(at) > reach:
                return None
            continue
        first, second = sorted(((-reach - at) / step, (reach - at) / step))
        enters, leaves = max(enters, float(first)), min(leaves, float(second))
    return (enters, leaves) if enters < leaves else None
