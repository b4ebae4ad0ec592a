"""A function of two variables as a mountain, and a path that descends it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from jaxtyping import Bool, Float
from matplotlib.axes import Axes
from matplotlib.colors import LightSource
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator
from mpl_toolkits.mplot3d import Axes3D
from scipy.interpolate import RegularGridInterpolator

from koubai.descent.path import Path
from koubai.descent.window import check_variables
from koubai.errors import SettingError
from koubai.figures import style
from koubai.figures.contours import (
    KEY_COLUMNS,
    as_track,
    draw_key,
    heights_of,
    is_inside,
    path_colour,
    path_text,
)
from koubai.figures.heights import Compressed, compression
from koubai.figures.style import Savable, StyledFigure, in_style
from koubai.figures.subject import Paths, letter, paths_on, title, variables
from koubai.figures.viewpoint import look_from_best, scene
from koubai.figures.words import numbers, word
from koubai.objectives.grid import Function, Grid, Window

_Points = Float[np.ndarray, "points 4"]

# What stands behind a hill is so faint.
FAINT = 0.45

# The figure's height in inches, and how much higher it is for each row of paths in its key.
_HEIGHT, _ROW = 5.0, 0.32
# How far a path is lifted above the surface, as a share of the surface's height.
_LIFT = 0.012
# Into how many pieces a step across the whole window is cut, to lie on the surface.
_PIECES = 80
# Polygons along each side: more would take long and look the same.
_POLYGONS = 101


@in_style()
def surface(
    f: Function | Grid,
    path: Paths | None = None,
    window: Window | None = None,
    ax: Axes | None = None,
) -> Axes3D:
    """Draws a function of two variables as a surface in space, with a path that lies on it.

    A × marks the start, a dot the end. It is looked at from where most of the path is seen; what a
    hill hides all the same is dotted and faint. Where the values span decades the height is
    compressed to a logarithm, which the axis says; its ticks show the values themselves. Where f
    is not finite there is a hole, and where a path leaves the window it is cut.

    Arguments and errors as `contours`; ax: of the projection "3d".
    """
    return draw_surface(f, path, window, ax)


def draw_surface(
    f: Function | Grid,
    path: Paths | None,
    window: Window | None,
    ax: Axes | None,
    symbol: str | None = None,
) -> Axes3D:
    """As `surface`; symbol: of the heights, else f's own."""
    named = paths_on(f, path)
    for each in named.values():
        check_variables(each, 2)
    heights = heights_of(f, list(named.values()), window)
    ax3d = new_axes_in_space(math.ceil(len(named) / KEY_COLUMNS)) if ax is None else _in_space(ax)
    tracks = draw_mountain(f, heights, list(named.values()), ax3d)
    for index, track in enumerate(tracks):
        _draw_path(track, index, ax3d)
        mark_start_in_space(track, ax3d)
    texts = [
        path_text(name, each, heights.window, len(named), symbol) for name, each in named.items()
    ]
    draw_key(list(named.values()), ax3d, texts, symbol)
    return ax3d


def draw_mountain(f: Any, heights: Grid, paths: Sequence[Path], ax: Axes3D) -> list[Track]:
    """The surface with its names, looked at from where paths are seen; returns where they lie."""
    scale = compression(heights.values)
    z = _draw_surface(heights, scale, ax)
    place = scene(heights.x0, heights.x1, z, ax)
    lines = [_on_surface(path, heights, scale, place.span[2]) for path in paths]
    view = look_from_best(place, [line[:, 1:] for line in lines], ax)
    _name_axes(f, heights, scale, ax)
    return [
        Track(line[:, 0], line[:, 1:], place.visible(line[:, 1:], view), path)
        for path, line in zip(paths, lines, strict=True)
    ]


class PictureAxes3D(Savable, Axes3D):
    """The axes, in space, of a picture that is a figure of its own."""


def new_axes_in_space(rows: int = 1) -> Axes3D:
    """The axes of a new figure, with room below for a key with so many rows of paths."""
    figure = StyledFigure(figsize=(6, _HEIGHT + _ROW * rows))
    return cast(Axes3D, figure.add_subplot(axes_class=PictureAxes3D, computed_zorder=False))


def _in_space(ax: Axes) -> Axes3D:
    if not isinstance(ax, Axes3D):
        raise SettingError("ax is flat: make it with figure.add_subplot(projection='3d')")
    ax.computed_zorder = False
    return ax


def _draw_surface(
    heights: Grid, scale: Compressed | None, ax: Axes3D
) -> Float[np.ndarray, "rows columns"]:
    """Draws the surface; returns the heights at which it is drawn."""
    z = _scaled(np.where(np.isfinite(heights.values), heights.values, np.nan), scale)
    x0, x1 = np.meshgrid(heights.x0, heights.x1, indexing="ij")
    count = {"rcount": _POLYGONS, "ccount": _POLYGONS}
    look: dict[str, Any] = {"linewidth": 0, "antialiased": False, "zorder": 1, "rasterized": True}
    if np.isfinite(z).any():
        ax.plot_surface(x0, x1, z, facecolors=_colours(z), shade=False, **count, **look)
    return z


def _colours(z: Float[np.ndarray, "rows columns"]) -> Float[np.ndarray, "rows columns 3"]:
    """A colour for each height, a little darker on slopes that turn away from the light."""
    low, high = float(np.nanmin(z)), float(np.nanmax(z))
    share = np.nan_to_num((z - low) / (high - low or 1.0))
    rows, columns = share.shape
    light = LightSource(azdeg=300, altdeg=55).hillshade(
        share, vert_exag=0.7, dx=1 / columns, dy=1 / rows
    )
    return style.HEIGHT(share)[..., :3] * (0.72 + 0.28 * light[..., None])


@dataclass(frozen=True, eq=False)
class Track:
    """A path in space: its line, draped over the surface and slightly above it.

    times: at each point of the line the number of steps taken, a fraction between two; seen: which
    points no hill hides.
    """

    times: Float[np.ndarray, " points"]
    line: Float[np.ndarray, "points 3"]
    seen: Bool[np.ndarray, " points"]
    path: Path


def _on_surface(
    path: Path, heights: Grid, scale: Compressed | None, height: float
) -> Float[np.ndarray, "points 4"]:
    """The time and the place in space of each point of a path, and of some in between."""
    values = path.values[(np.abs(path.points.reshape(len(path), 2)) < 1e100).all(axis=1)]
    track = as_track(path)
    points = np.column_stack([np.arange(len(track)), track, values])
    points[~(is_inside(track, heights.window) & np.isfinite(values)), 1:] = np.nan
    line = _draped(points, heights)
    line[:, 3] = _scaled(line[:, 3], scale) + _LIFT * height
    return line


def _draped(points: _Points, heights: Grid) -> Float[np.ndarray, "more 4"]:
    """The points with more of them along every long step: these rise above the surface as the
    points do at its two ends.
    """
    height = RegularGridInterpolator((heights.x0, heights.x1), heights.values, bounds_error=False)
    (left, right), (bottom, top) = heights.window
    steps = np.abs(np.diff(points[:, 1:3], axis=0)) / [right - left, top - bottom]
    above = np.nan_to_num(points[:, 3] - height(points[:, 1:3]))
    rows = [points[:1]]
    for k, share in enumerate(steps.max(axis=1)):
        pieces = math.ceil(share * _PIECES) if np.isfinite(share) else 1
        part = np.linspace(0, 1, pieces + 1)[1:-1]
        between = points[k] + part[:, None] * (points[k + 1] - points[k])
        between[:, 3] = height(between[:, 1:3]) + above[k] + part * (above[k + 1] - above[k])
        rows += [between, points[k + 1 : k + 2]]
    return np.concatenate(rows)


def _draw_path(track: Track, index: int, ax: Axes3D) -> None:
    """What is seen of a path as a line, what hills hide as faint dots, and a dot at its end."""
    colour, halo = path_colour(index), [withStroke(linewidth=3.4, foreground="white")]
    # The dots begin and end at a point that is seen, so that no gap is left.
    around = np.pad(track.seen, 1, mode="edge")
    hidden = np.where((track.seen & around[:-2] & around[2:])[:, None], np.nan, track.line)
    ax.plot(*hidden.T, color=colour, zorder=2.9, gid=f"hidden {index}", linewidth=1.6,
            linestyle=(0, (1, 2.2)), alpha=0.75)  # fmt: skip
    shown = np.where(track.seen[:, None], track.line, np.nan)
    ax.plot(*shown.T, color=colour, zorder=3, gid=f"path {index}", path_effects=halo, linewidth=2)
    if track.path.first_bad_step is None:
        _mark(track, -1, ax, marker="o", color=colour, markersize=7, markeredgecolor="white",
              gid=f"end {index}", zorder=5)  # fmt: skip


def mark_start_in_space(track: Track, ax: Axes3D) -> None:
    """A × at the start of a path."""
    _mark(track, 0, ax, marker="x", color=style.INK, markersize=9, markeredgewidth=2.4,
          gid="start", zorder=6)  # fmt: skip


def _mark(track: Track, at: int, ax: Axes3D, **look: Any) -> None:
    """A mark at a point of a path, faint where a hill stands before it."""
    if np.isfinite(track.line[at]).all():
        x, y, z = track.line[at].tolist()
        ax.plot([x], [y], [z], linestyle="", alpha=1.0 if track.seen[at] else FAINT, **look)


def _scaled(values: Any, scale: Compressed | None) -> Any:
    return values if scale is None else scale(values)


def _name_axes(f: Any, heights: Grid, scale: Compressed | None, ax: Axes3D) -> None:
    names = variables(f)
    ax.set_xlabel(names[0])
    ax.set_ylabel(names[1])
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(5))
    ax.tick_params(labelsize=8)  # those of two axes meet at a corner
    height = letter(f)
    ax.set_zlabel(f"${height}$" if scale is None else word("compressed", f=height), labelpad=9)
    if scale is not None:
        finite = heights.values[np.isfinite(heights.values)]
        ticks = scale.ticks(float(finite.max()))
        cast(Any, ax).set_zticks(scale(ticks), numbers(ticks.tolist()))
    text = title(f)
    ax.set_title(text, fontsize=style.SHEET["axes.titlesize"] if len(text) < 90 else 9)
