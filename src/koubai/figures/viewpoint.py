"""From where a surface is looked at, and which points of a path its hills hide from there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from jaxtyping import Bool, Float, Int
from mpl_toolkits.mplot3d import Axes3D
from scipy.interpolate import RegularGridInterpolator

Points = Float[np.ndarray, "_ 3"]
View = tuple[float, float]

# Viewpoints as elevation and azimuth in degrees, those first that are taken when none is better.
_VIEWS = [
    (elevation, azimuth)
    for elevation in (38.0, 52.0, 66.0, 70.0)
    for azimuth in (-58.0, -32.0, -122.0, -148.0, 32.0, 58.0, 122.0, 148.0)
]
# The end is worth so much of the path; and another view has to be better by so much.
_END, _BETTER = 1.0, 0.2
# What matplotlib makes of the sides of the box, and how far off its viewer stands.
_BOX, _DISTANCE = np.array([4.0, 4.0, 3.0]), 10.0
_BOX_SIZE, _ZOOM = 1.8294640721620434, 1.06
# Of a path so many points decide from where it is looked at.
_MOST_POINTS = 200
# A line of sight is looked at in so many places; a hill counts where it is so much higher, as a
# share of the box.
_PLACES, _HIGHER = 120, 0.004


@dataclass(frozen=True, eq=False)
class Scene:
    """A surface as it is drawn, heights already compressed: what can stand before a path."""

    height: RegularGridInterpolator
    low: Float[np.ndarray, "3"]
    span: Float[np.ndarray, "3"]

    def visible(self, points: Points, view: View) -> Bool[np.ndarray, " _"]:
        """Which points are seen from there: no hill rises above the line to the viewer."""
        sides = _BOX * _BOX_SIZE * _ZOOM / np.linalg.norm(_BOX)
        place = (points - self.low) / self.span * sides
        elevation, azimuth = np.radians(view)
        flat = math.cos(elevation)
        towards = np.array(
            [flat * math.cos(azimuth), flat * math.sin(azimuth), math.sin(elevation)]
        )
        sight = sides / 2 + _DISTANCE * towards - place
        sight = sight / np.linalg.norm(sight, axis=1, keepdims=True)
        far = np.linalg.norm(sides) * np.linspace(0.01, 1, _PLACES)[:, None, None]
        between = (place + far * sight) / sides * self.span + self.low
        hill = self.height(between[..., :2].reshape(-1, 2)).reshape(between.shape[:2])
        higher = hill - between[..., 2] > _HIGHER * self.span[2]
        return ~higher.any(axis=0)  # outside of the window hill is NaN, and hides nothing


def scene(x0: Any, x1: Any, heights: Any, ax: Axes3D) -> Scene:
    """The surface over its grid, in the box that its axes have."""
    limits = np.array([ax.get_xlim(), ax.get_ylim(), ax.get_zlim()])
    height = RegularGridInterpolator((x0, x1), heights, bounds_error=False)
    return Scene(height, limits[:, 0], limits[:, 1] - limits[:, 0])


def look_from_best(place: Scene, tracks: Sequence[Points], ax: Axes3D) -> View:
    """Turns the axes so that most of the paths is seen, and their ends; returns the view."""
    worth = [_worth(place, tracks, view) for view in _VIEWS]
    best = next(v for v, seen in zip(_VIEWS, worth, strict=True) if seen > max(worth) - _BETTER)
    ax.set_box_aspect(tuple(_BOX), zoom=cast(Any, _ZOOM))
    ax.view_init(*best)
    return best


def _worth(place: Scene, tracks: Sequence[Points], view: View) -> float:
    """How much of the paths is seen from there: the share of them, and the ends besides."""
    seen = 0.0
    for track in tracks:
        points = track[np.isfinite(track).all(axis=1)]
        if len(points):
            visible = place.visible(points[_evenly(points / place.span)], view)
            seen += float(visible.mean()) + _END * float(visible[-1])
    return seen / max(len(tracks), 1)


def _evenly(points: Points) -> Int[np.ndarray, " some"]:
    """Which points of a path to look at: evenly along its length, the last among them."""
    far = np.cumsum(np.linalg.norm(np.diff(points, axis=0, prepend=points[:1]), axis=1))
    return np.unique(
        np.searchsorted(far, np.linspace(0, far[-1], _MOST_POINTS)).clip(0, len(far) - 1)
    )
