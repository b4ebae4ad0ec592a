"""A function of two variables as a mountain, and a path that descends it."""

from __future__ import annotations

import math
from typing import Any, cast

import numpy as np
from jaxtyping import Bool, Float
from matplotlib.axes import Axes
from matplotlib.colors import LightSource
from matplotlib.patheffects import withStroke
from mpl_toolkits.mplot3d import Axes3D
from scipy.interpolate import RegularGridInterpolator

from koubai.descent.path import Path
from koubai.descent.window import check_variables
from koubai.errors import SettingError
from koubai.figures import style
from koubai.figures.contours import (
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

_Points = Float[np.ndarray, "points 3"]

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
    named = paths_on(f, path)
    for each in named.values():
        check_variables(each, 2)
    heights = heights_of(f, list(named.values()), window)
    ax3d = _axes(ax)
    scale = compression(heights.values)
    z = _draw_surface(heights, scale, ax3d)
    place = scene(heights.x0, heights.x1, z, ax3d)
    tracks = [_Track(each, heights, scale, place.span[2]) for each in named.values()]
    view = look_from_best(place, [track.line for track in tracks], ax3d)
    for index, (name, each) in enumerate(named.items()):
        _draw_path(tracks[index], index, place.visible(tracks[index].line, view), ax3d)
        text = path_text(name, each, heights.window, len(named))
        ax3d.text2D(
            -0.06, 0.99 - 0.14 * index, text, transform=ax3d.transAxes, color=path_colour(index),
            va="top", fontsize=style.SHEET["legend.fontsize"],
        )  # fmt: skip
    _name_axes(f, heights, scale, ax3d)
    draw_key(list(named.values()), ax3d)
    return ax3d


class PictureAxes3D(Savable, Axes3D):
    """The axes, in space, of a picture that is a figure of its own."""


def _axes(ax: Axes | None) -> Axes3D:
    if ax is None:
        figure = StyledFigure(figsize=(6, 5.2))
        return cast(Axes3D, figure.add_subplot(axes_class=PictureAxes3D, computed_zorder=False))
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


class _Track:
    """A path in space: its line, draped over the surface and slightly above it, and its ends."""

    def __init__(self, path: Path, heights: Grid, scale: Compressed | None, height: float) -> None:
        values = path.values[(np.abs(path.points.reshape(len(path), 2)) < 1e100).all(axis=1)]
        track = as_track(path)
        points = np.column_stack([track, values])
        points[~(is_inside(track, heights.window) & np.isfinite(values))] = np.nan
        self.line = _draped(points, heights)
        self.line[:, 2] = _scaled(self.line[:, 2], scale) + _LIFT * height
        self.start, self.end = self.line[0], self.line[-1]
        self.arrives = path.first_bad_step is None


def _draw_path(track: _Track, index: int, seen: Bool[np.ndarray, " _"], ax: Axes3D) -> None:
    """What is seen of a path as a line, what hills hide as faint dots."""
    colour, halo = path_colour(index), [withStroke(linewidth=3.4, foreground="white")]
    # The dots begin and end at a point that is seen, so that no gap is left.
    around = np.pad(seen, 1, mode="edge")
    hidden = np.where((seen & around[:-2] & around[2:])[:, None], np.nan, track.line)
    ax.plot(*hidden.T, color=colour, zorder=2.9, gid=f"hidden {index}", linewidth=1.6,
            linestyle=(0, (1, 2.2)), alpha=0.75)  # fmt: skip
    shown = np.where(seen[:, None], track.line, np.nan)
    ax.plot(*shown.T, color=colour, zorder=3, gid=f"path {index}", path_effects=halo, linewidth=2)
    _mark(track.start, seen[0], ax, marker="x", color=style.INK, markersize=9, markeredgewidth=2.4,
          gid="start", zorder=6)  # fmt: skip
    if track.arrives:
        _mark(track.end, seen[-1], ax, marker="o", color=colour, markersize=7,
              markeredgecolor="white", gid=f"end {index}", zorder=5)  # fmt: skip


def _draped(points: _Points, heights: Grid) -> Float[np.ndarray, "more 3"]:
    """The points with more of them along every long step, at the height of the surface there."""
    height = RegularGridInterpolator((heights.x0, heights.x1), heights.values, bounds_error=False)
    (left, right), (bottom, top) = heights.window
    steps = np.abs(np.diff(points[:, :2], axis=0)) / [right - left, top - bottom]
    rows = [points[:1]]
    for k, share in enumerate(steps.max(axis=1)):
        pieces = math.ceil(share * _PIECES) if np.isfinite(share) else 1
        between = points[k] + np.linspace(0, 1, pieces + 1)[1:-1, None] * (
            points[k + 1] - points[k]
        )
        between[:, 2] = height(between[:, :2])
        rows += [between, points[k + 1 : k + 2]]
    return np.concatenate(rows)


def _mark(point: Float[np.ndarray, "3"], seen: Any, ax: Axes3D, **look: Any) -> None:
    """A mark, faint where a hill stands before it."""
    if np.isfinite(point).all():
        x, y, z = point.tolist()
        ax.plot([x], [y], [z], linestyle="", alpha=1.0 if seen else 0.45, **look)


def _scaled(values: Any, scale: Compressed | None) -> Any:
    return values if scale is None else scale(values)


def _name_axes(f: Any, heights: Grid, scale: Compressed | None, ax: Axes3D) -> None:
    names = variables(f)
    ax.set_xlabel(names[0])
    ax.set_ylabel(names[1])
    height = letter(f)
    ax.set_zlabel(f"${height}$" if scale is None else word("compressed", f=height), labelpad=9)
    if scale is not None:
        finite = heights.values[np.isfinite(heights.values)]
        ticks = scale.ticks(float(finite.max()))
        cast(Any, ax).set_zticks(scale(ticks), numbers(ticks.tolist()))
    text = title(f)
    ax.set_title(text, fontsize=style.SHEET["axes.titlesize"] if len(text) < 90 else 9)
