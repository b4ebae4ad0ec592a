"""Which part of the plane to look at, so that a path is seen well."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from koubai.descent.path import Path
from koubai.errors import SettingError, ShapeError
from koubai.functions.surfaces import Surface
from koubai.objectives.grid import Window

_Box = Float[np.ndarray, "variables 2"]
_Points = Float[np.ndarray, "points variables"]
_Kept = Float[np.ndarray, "kept variables"]

# Room beside the path, as a share of its extent.
_MARGIN = 0.35
# The shorter side is at least this share of the longer one, …
_SLIMMEST = 1 / 3
# … unless its share is in this range: then the variables have different units, as it seems.
_OTHER_UNITS = (1 / 2500, 1 / 50)

# A diverging path is followed until it is so many times farther off than half of its points.
_FAR = 20
# … and one that falls for ever until it is so many times farther off than after these steps.
_FIRST_STEPS = 10


def window_of(paths: Path | Sequence[Path], surface: Surface | None = None) -> Window:
    """A window round paths in two variables: ((lowest x0, highest x0), (lowest x1, highest x1)).

    A surface brings its own window, which is extended by at most its own size where a path leaves
    it. Of a path that diverged only the beginning is sure to be inside: the start, the points
    before its first bad step, and about as far as a stable step would have led; and likewise of
    one that falls for ever, in longer and longer steps.

    Raises ShapeError for a path in other than two variables, SettingError without any finite
    point.
    """
    paths = [paths] if isinstance(paths, Path) else list(paths)
    for path in paths:
        check_variables(path, 2)
    if surface is not None:
        own = np.array(surface.window)
        box = _with(own, _extent(paths)) if paths else own
    elif paths:
        box = _with_room(_extent(paths))
    else:
        raise SettingError("window is missing: give a path, a surface with a window, or a window")
    (left, right), (bottom, top) = box.tolist()
    return (left, right), (bottom, top)


def interval_of(path: Path) -> tuple[float, float]:
    """An interval round a path in one variable, chosen as `window_of` does. Errors as there."""
    check_variables(path, 1)
    (low, high) = _with_room(_extent([path]))[0]
    return float(low), float(high)


def check_variables(path: Path, variables: int) -> None:
    """Raises ShapeError unless the path is one in so many variables."""
    found = int(np.prod(path.points.shape[1:]))
    if found != variables:
        what = {1: "one variable", 2: "two variables"}[variables]
        raise ShapeError(
            f"path has points of {found} {'variable' if found == 1 else 'variables'}, and this "
            f"picture shows {what}: draw its values with figures.loss_against_step(path)"
        )


def _extent(paths: Sequence[Path]) -> _Box:
    """The lowest and the highest of each variable."""
    points = np.concatenate([_to_show(path) for path in paths])
    if not len(points):
        raise SettingError("path has no finite point: there is nothing to draw")
    return np.stack([points.min(axis=0), points.max(axis=0)], axis=1)


def _with(own: _Box, extent: _Box) -> _Box:
    """A box, extended by at most its own size where the extent goes beyond it."""
    room, size = _with_room(extent), own[:, 1] - own[:, 0]
    low = np.where(extent[:, 0] < own[:, 0], np.maximum(room[:, 0], own[:, 0] - size), own[:, 0])
    high = np.where(extent[:, 1] > own[:, 1], np.minimum(room[:, 1], own[:, 1] + size), own[:, 1])
    return np.stack([low, high], axis=1)


def _to_show(path: Path) -> _Kept:
    points = path.points.reshape(len(path), -1).astype(np.float64)
    sound = _not_falling_for_ever(points[: path.first_bad_step])
    if path.first_bad_step is not None:
        sound = np.concatenate([_not_far_off(sound), _stable_steps(path, points[:1])])
    return sound[np.isfinite(sound).all(axis=1)]


def _not_falling_for_ever(points: _Points) -> _Kept:
    """All points, unless the steps become longer to the very end and lead far away."""
    with np.errstate(over="ignore", invalid="ignore"):
        lengths = np.linalg.norm(np.diff(points, axis=0), axis=1)
    if len(lengths) <= _FIRST_STEPS or not lengths[-1] >= lengths.max():
        return points
    distances = _distances(points)
    if not distances[-1] > _FAR * np.median(distances):
        return points
    return points[: int(np.argmax(distances > _FAR * distances[_FIRST_STEPS]))]


def _not_far_off(points: _Points) -> _Kept:
    """The points before the first that is very much farther from the start than most are."""
    distances = _distances(points)
    far = ~(distances <= _FAR * np.median(distances))
    return points[: int(np.argmax(far))] if far.any() else points


def _distances(points: _Points) -> Float[np.ndarray, " points"]:
    with np.errstate(over="ignore", invalid="ignore"):
        return np.linalg.norm(points - points[0], axis=1)


def _stable_steps(path: Path, start: Float[np.ndarray, "one variables"]) -> _Points:
    """Where the largest stable step would lead from the start; of a bowl the point opposite."""
    if path.gradients is None or path.stable_learning_rate is None:
        return start
    gradient = path.gradients[0].ravel().astype(np.float64)
    return start - path.stable_learning_rate * gradient


def _with_room(extent: _Box) -> _Box:
    middle, spans = extent.mean(axis=1), extent[:, 1] - extent[:, 0]
    longest = spans.max() or max(1.0, float(np.abs(middle).max()))
    lowest, highest = _OTHER_UNITS
    other_units = (spans > lowest * longest) & (spans < highest * longest)
    sides = np.where(other_units, spans, np.maximum(spans, _SLIMMEST * longest))
    half = sides * (0.5 + _MARGIN)
    return np.stack([middle - half, middle + half], axis=1)
