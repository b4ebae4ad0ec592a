"""The axes of a grid: how far they go, and how many points they have."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from koubai.errors import SettingError
from koubai.functions.arguments import as_point, shown, whole_number
from koubai.landscapes.plane import Plane
from koubai.landscapes.tasks import Axis

# Paths have their own numbers of points.
Track = Float[np.ndarray, "_ dimensions"]
Span = float | tuple[float, float] | tuple[tuple[float, float], tuple[float, float]]

# Room round a path, as a share of its extent.
_MARGIN = 0.2
_MOST_SIZE = 100_000


def axes_over(
    plane: Plane, size: int | tuple[int, ...], span: Span | None, tracks: Sequence[Track]
) -> tuple[Axis, ...]:
    """The α, and the β of a plane: evenly spaced over the span, or over what the tracks need.

    Raises SettingError for a size or a span that does not fit.
    """
    sizes = tuple(size) if isinstance(size, tuple | list) else (size,) * plane.dimensions
    if len(sizes) != plane.dimensions:
        raise SettingError(
            f"size is {shown(size)}, but there are {plane.dimensions} directions: give one number, "
            f"or one for each"
        )
    intervals = _intervals(plane, span, tracks)
    return tuple(
        np.linspace(*interval, whole_number("size", count, 2, _MOST_SIZE))
        for interval, count in zip(intervals, sizes, strict=True)
    )


def _intervals(
    plane: Plane, span: Span | None, tracks: Sequence[Track]
) -> list[tuple[float, float]]:
    if span is None and tracks:
        points = np.concatenate(tracks)
        # In a plane that was not made from it, a path may be a speck.
        least = 0.0 if plane.kind == "path" else 1.0
        lowest = np.minimum(points.min(axis=0), -least)
        highest = np.maximum(points.max(axis=0), least)
        room = _MARGIN * np.maximum(highest - lowest, (highest - lowest).max() / 4)
        return list(zip((lowest - room).tolist(), (highest + room).tolist(), strict=True))
    limits = as_point(1.0 if span is None else span, "span").astype(np.float64)
    if limits.ndim == 0:
        limits = np.array([-limits, limits])
    fits = limits.shape in ((2,), (plane.dimensions, 2))
    pairs = np.broadcast_to(limits if fits else np.nan, (plane.dimensions, 2))
    if not (np.isfinite(pairs).all() and (pairs[:, 0] < pairs[:, 1]).all()):
        raise SettingError(f"span is {span}: give a number above 0, or (lowest, highest)")
    return [(float(low), float(high)) for low, high in pairs]
