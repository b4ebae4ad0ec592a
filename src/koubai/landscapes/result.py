"""What is found of a landscape, in memory and in a folder."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path as File
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float, Int

from koubai.errors import RunError
from koubai.functions.arguments import expect
from koubai.landscapes.evaluate import Values
from koubai.landscapes.plane import Plane
from koubai.landscapes.storage import AXES, GridFolder, Named, Sheet, error_of
from koubai.landscapes.tasks import Axis, rows_of
from koubai.version import __version__

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Numbers = Float[np.ndarray, " points"]
Coordinates = Float[np.ndarray, "points dimensions"]

_PATH = ("coordinates", "distances", "values", "beneath", "iterations")


@dataclass(frozen=True, eq=False)
class PathOnPlane:
    """A path beside the plane on which it is drawn.

    coordinates: (α, β) of the nearest point of the plane; distances: how far the path is off it
    there; values: of the objective at the points themselves, and beneath: at the points of the
    plane under them; iterations: of each. share: of the path's movement, in the plane.
    """

    coordinates: Coordinates
    distances: Numbers
    values: Numbers
    beneath: Numbers
    iterations: Int[np.ndarray, " points"]
    share: float


@dataclass(frozen=True, eq=False)
class Landscape:
    """Values of an objective over a plane: values[i, j] at (axes[0][i], axes[1][j]).

    axes: the α, and the β of a plane; of a line the α alone. NaN and Inf are kept as they came.
    errors: the standard error of each value where only some examples were looked at, or where the
    objective is noisy, else None. metric: what the values are; "gradient" has one more axis,
    ∂f/∂α and ∂f/∂β, and then heights are the f at the same points. paths: beside the plane, by
    name; a single one has the name "". about: what the values rest on, by name: examples, their
    digest, seed, koubai's version, …
    """

    plane: Plane
    axes: tuple[Axis, ...]
    values: Float[np.ndarray, "..."]
    metric: str = "loss"
    errors: Float[np.ndarray, "..."] | None = None
    paths: dict[str, PathOnPlane] = field(default_factory=dict[str, PathOnPlane])
    about: dict[str, Any] = field(default_factory=dict[str, Any])
    heights: Float[np.ndarray, "..."] | None = None

    @property
    def path(self) -> PathOnPlane | None:
        """The path beside the plane, the first of several; None where there is none."""
        return next(iter(self.paths.values()), None)

    @property
    def surface(self) -> Float[np.ndarray, "..."]:
        """What is drawn as height: the values, or the f of the metric "gradient"."""
        return self.values if self.heights is None else self.heights

    def slopes(self) -> Float[np.ndarray, "... dimensions"]:
        """∂f/∂α and ∂f/∂β at every point, one axis more than the surface.

        Exact for the metric "gradient"; else central differences between neighbouring points.
        """
        if self.metric == "gradient":
            return self.values
        with np.errstate(invalid="ignore"):
            return np.stack(
                [np.gradient(self.surface, axis, axis=i) for i, axis in enumerate(self.axes)],
                axis=-1,
            )

    def plot(self, **options: Any) -> Axes:
        """Draws the landscape: see `koubai.figures.landscape_figure`, which takes the options."""
        from koubai.figures.landscape import landscape_figure

        return landscape_figure(self, **options)

    def save(self, file: str | os.PathLike[str], **options: Any) -> File:
        """Writes the landscape, by its suffix.

        .png, .svg and .pdf draw it, with the options of `plot`; .html is a page in which it can be
        turned, with those of `koubai.report.save_page`; .zarr keeps it all.

        Returns the file. Raises SettingError for another suffix, for a place that cannot be
        written, and for a .zarr folder that holds another grid.
        """
        if str(file).lower().endswith(".zarr"):
            return _keep(self, file)
        from koubai.report.save import save_shown

        return save_shown(self, file, others=(".zarr",), **options)

    def __repr__(self) -> str:
        shape = " × ".join(str(len(axis)) for axis in self.axes)
        finite = self.surface[np.isfinite(self.surface)]
        height = "" if self.heights is None else "loss "
        values = f"{height}{finite.min():.4g} to {finite.max():.4g}" if finite.size else "none"
        bad, place = self.surface.size - finite.size, "line" if len(self.axes) == 1 else "plane"
        return (
            f"Landscape({self.metric} at {shape} points of a {place} of kind {self.plane.kind!r}, "
            f"{values}{f', {bad} not finite' if bad else ''}, paths: {len(self.paths)})"
        )

    def _repr_mimebundle_(self, **_: Any) -> Any:
        from koubai.report.notebook import mimebundle

        return mimebundle(self)


def load_landscape(folder: str | os.PathLike[str]) -> Landscape:
    """The landscape in a folder, as `land.save("….zarr")` or `landscape(…, out=…)` left it.

    Raises RunError when it is no landscape, unfinished, or damaged.
    """
    expect(folder, (str, os.PathLike), "folder", "the path of one, such as 'valley.zarr'")
    grid = GridFolder(File(folder))
    found = [grid.read(chunk) for chunk in range(grid.chunks)]
    bad = sum(chunk is None for chunk in found)
    if bad:
        raise RunError(
            f"{os.fspath(folder)!r} is unfinished or damaged: {bad} of its {len(found)} chunks are "
            f"missing or were altered. Compute them with landscape(…, out=…)"
        )
    return with_values(draft_in(grid), [chunk for chunk in found if chunk is not None])


def draft_in(grid: GridFolder) -> Landscape:
    """All of the landscape in a folder but its values."""
    about = grid.attributes
    plane = Plane(
        grid.array("origin"),
        grid.array("directions"),
        about["plane"]["kind"],
        tuple(about["plane"]["labels"]),
        tuple(about["plane"]["shares"]),
        about["plane"]["seed"],
        about["plane"]["normalise"],
    )
    paths = {
        name: PathOnPlane(
            **{part: grid.array(f"path{number}_{part}") for part in _PATH}, share=share
        )
        for number, (name, share) in enumerate(about["paths"].items())
    }
    axes = tuple(grid.array(name) for name in AXES if name in grid)
    shape = tuple(len(axis) for axis in axes)
    errors = np.empty(shape) if error_of(about["metric"]) in grid else None
    return Landscape(
        plane, axes, np.empty(shape), about["metric"], errors, paths, dict(about["about"])
    )


def with_values(draft: Landscape, chunks: list[Values]) -> Landscape:
    """The landscape with the values of all its chunks, in order."""
    shape = tuple(len(axis) for axis in draft.axes)
    values, errors = (np.concatenate(part) for part in zip(*chunks, strict=True))
    heights = None
    if draft.metric == "gradient":
        heights, values, errors = values[:, 0].reshape(shape), values[:, 1:], errors[:, 1:]
        shape = (*shape, values.shape[1])
    return replace(
        draft,
        values=values.reshape(shape),
        errors=None if draft.errors is None else errors.reshape(shape),
        heights=heights,
    )


def sheet_of(draft: Landscape, key: str, **attributes: Any) -> Sheet:
    """All of a landscape but its values, as it lies in a folder."""
    plane = draft.plane
    arrays = {name: Named(axis, (name,)) for name, axis in zip(AXES, draft.axes, strict=False)}
    arrays["origin"] = Named(plane.origin, ("parameter",))
    arrays["directions"] = Named(plane.directions, ("axis", "parameter"))
    for number, path in enumerate(draft.paths.values()):
        dimensions = (f"point{number}", "axis")  # paths have different lengths
        for part in _PATH:
            array: Any = getattr(path, part)
            arrays[f"path{number}_{part}"] = Named(array, dimensions[: array.ndim])
    columns = {"loss": 1, "gradient": plane.dimensions}
    return Sheet(
        key=key,
        shape=tuple(len(axis) for axis in draft.axes),
        quantities=columns if draft.metric == "gradient" else {draft.metric: 1},
        errors=draft.errors is not None,
        rows=rows_of(draft.axes),
        arrays=arrays,
        attributes={
            "koubai": __version__,
            "metric": draft.metric,
            "plane": {
                "kind": plane.kind,
                "labels": list(plane.labels),
                "shares": list(plane.shares),
                "cosine": plane.cosine,
                "seed": plane.seed,
                "normalise": plane.normalise,
            },
            "paths": {name: path.share for name, path in draft.paths.items()},
            "about": draft.about,
            **attributes,
        },
    )


def key_of(
    plane: Plane,
    axes: tuple[Axis, ...],
    metric: str,
    about: dict[str, Any],
    paths: Mapping[str, Coordinates],
) -> str:
    """SHA-256 over all that decides what a grid holds, in hexadecimal.

    paths: the coordinates of those that are drawn on it.
    """
    content = hashlib.sha256()
    for array in (plane.origin, plane.directions, *axes, *paths.values()):
        content.update(f"{array.shape}".encode())
        content.update(np.ascontiguousarray(array, np.float64).data)
    names = ("digest", "loss", "network", "mode", "batch_norm", "examples", "seed", "looks")
    content.update(repr([metric, *paths, *(about.get(name) for name in names)]).encode())
    return content.hexdigest()


def _keep(land: Landscape, folder: str | os.PathLike[str]) -> File:
    tracks = {name: path.coordinates for name, path in land.paths.items()}
    key = key_of(land.plane, land.axes, land.metric, land.about, tracks)
    grid = GridFolder.find(folder, key) or GridFolder.create(folder, sheet_of(land, key))
    points = len(land.axes[0])
    values, errors = _columns(land)
    rows = rows_of(land.axes)
    for chunk in range(grid.chunks):
        part = slice(chunk * rows, min((chunk + 1) * rows, points))
        grid.write(chunk, Values(*(_flat(array[part]) for array in (values, errors))))
    return File(folder)


def _columns(land: Landscape) -> tuple[Any, Any]:
    """Values and errors with the columns of a task on their last axis."""
    values = land.values if land.metric == "gradient" else land.values[..., None]
    errors = np.zeros_like(values) if land.errors is None else land.errors.reshape(values.shape)
    if land.heights is None:
        return values, errors
    heights = land.heights[..., None]
    return (
        np.concatenate([heights, values], axis=-1),
        np.concatenate([np.full_like(heights, np.nan), errors], axis=-1),
    )


def _flat(array: Float[np.ndarray, "..."]) -> Float[np.ndarray, "points columns"]:
    return array.reshape(-1, array.shape[-1])
