"""The landscape: an objective's values on a plane, with the path that was taken there."""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple, cast

import numpy as np
from jaxtyping import Float, Int

from koubai.descent.descend import Comparison
from koubai.descent.path import Path
from koubai.errors import RunError, SettingError
from koubai.functions.arguments import expect, shown, whole_number
from koubai.landscapes.axes import Span, axes_over
from koubai.landscapes.evaluate import Values
from koubai.landscapes.examples import facts, sample_of
from koubai.landscapes.plane import Plane, movement_share
from koubai.landscapes.progress import follow
from koubai.landscapes.result import (
    Coordinates,
    Landscape,
    PathOnPlane,
    draft_in,
    key_of,
    sheet_of,
    with_values,
)
from koubai.landscapes.storage import GridFolder
from koubai.landscapes.tasks import NOISY_LOOKS, Job, compute, release, values_at
from koubai.objectives.objective import Objective
from koubai.training.run import Run
from koubai.version import __version__

# How far two looks at the same parameters may differ, by rounding alone.
_SAME = 1e-6
# How far values may differ between machines.
_ALIKE = 1e-4
# Of a longer path so many points are drawn: each needs the loss over all the data.
_MOST_POINTS = 101

_log = logging.getLogger("koubai")

# What runs on one landscape have in common.
_SAME_LOSS: dict[str, Callable[[Run], Any]] = {
    "networks": lambda run: (run.network.sizes, run.network.activations),
    "data sets": lambda run: run.about.digest,
    "losses": lambda run: run.settings.loss,
}

_Values = Float[np.ndarray, "points columns"]


def landscape(
    objective: Objective | Run | Comparison | Mapping[str, Run],
    plane: Plane | None = None,
    size: int | tuple[int, ...] = 51,
    span: Span | None = None,
    metric: str = "loss",
    path: Path | Mapping[str, Path] | None = None,
    data: str | None = None,
    out: str | os.PathLike[str] | None = None,
    examples: int | None = None,
    seed: int = 0,
    noisy: bool = False,
    memory: int | None = None,
    progress: bool | None = None,
) -> Landscape:
    """The values of an objective over a plane through its parameters.

        values[i, j] = f(θ₀ + α_i d₁ + β_j d₂)

    Each value is computed afresh from θ₀, over all the data in a fixed order, sums in float64.
    The points go through joblib in chunks: `joblib.parallel_config(backend=…)` sends them to other
    processes, or to a cluster.

    Arguments:
        objective: or a Run; several runs of one network on one data set, by name; or what
            `compare` returned.
        plane: without it the one through the paths (of the runs). Where there is none, one through
            the start: that of the parameters themselves where there are one or two; else a random
            one, as `Plane.random` draws it, of a plain function with normalise="none".
        size: points along each axis. span: how far α and β go to either side, or (lowest,
            highest), or one such pair for each; without it what the path needs, or 1.
        metric: "loss", "accuracy", "gradient_norm" or "gradient", see `evaluator`.
        path: drawn on the plane, with its distance from it, or several by name; a run has its
            own, and where its record is damaged none, which the log says, if a plane is given. Of
            a long one 101 points, evenly spaced, and the one farthest off the plane.
        data: the examples of a run that the loss is over: "train", unless it is "test" or
            "validation".
        out: a folder, valley.zarr say, in which the values are kept as they are found. Where it
            holds some of this grid, only the others are computed.
        examples: so many alone, drawn by `seed`; then each value has a standard error. For the
            metrics loss and accuracy.
        seed: of the examples, and of a random plane where none is given.
        noisy: whether f may give different values for the same parameters. Then each is the mean
            of eight looks, with its standard error.
        memory: bytes that each process may take for evaluations at several points at once, above
            the data; None means 256 MiB, or a quarter of an accelerator's memory.
        progress: show a bar; None means where standard error is a terminal.

    Raises SettingError for a plane, path, span, size or number of examples that does not fit,
    where f gives different values for the same parameters and is not said to be noisy, and for a
    folder that holds anything but this grid; RunError where the path that the plane is to go
    through cannot be read.
    Reference: Goodfellow, Vinyals & Saxe (2015); Li et al. (2018).
    """
    if plane is not None:
        expect(plane, Plane, "plane", "a Plane, such as kb.Plane.random(run.objective())")
    expect(noisy, (bool, np.bool_), "noisy", "True or False")
    objective, paths, about = _asked(objective, path, data, plane is None)
    about |= {"seed": whole_number("seed", seed, 0), "looks": NOISY_LOOKS if noisy else 1}
    _check_paths(objective, paths)
    plane = _usual_plane(objective, paths, seed) if plane is None else plane
    _check_plane(objective, plane)
    if examples is not None:
        if metric not in ("loss", "accuracy"):
            raise SettingError(
                f"examples is {examples}, and metric {metric!r} has no standard error: leave it "
                f"out, or take the metric loss or accuracy"
            )
        objective = sample_of(objective, examples, seed)
        about |= {"examples": examples, "of": about["examples"]}
    tracks = {name: _track(plane, path) for name, path in paths.items()}
    axes = axes_over(plane, size, span, [track.coordinates for track in tracks.values()])
    if memory is not None:
        whole_number("memory", memory, 1)
    job = Job(objective, plane, metric, axes, looks=about["looks"], memory=memory)
    errors = np.empty(0) if noisy or examples is not None else None
    draft = Landscape(plane, axes, np.empty(0), metric, errors, about=about)
    try:
        return _computed(job, *_begun(job, draft, tracks, out), progress)
    finally:
        release(job)


def _computed(
    job: Job, folder: GridFolder | None, draft: Landscape, progress: bool | None
) -> Landscape:
    """The landscape with the values that its folder lacks computed, and written there."""
    numbers = range(job.chunks)
    kept = {} if folder is None else {number: folder.read(number) for number in numbers}
    chunks: dict[int, Values] = {n: values for n, values in kept.items() if values is not None}
    left = [number for number in numbers if number not in chunks]
    points = math.prod(len(axis) for axis in job.axes)
    done = sum(len(values.values) for values in chunks.values())
    with follow(progress, "points", points, done) as report:
        for number, values in compute(job, left):
            if folder is not None:
                folder.write(number, values)
            chunks[number] = values
            report(len(values.values))
    return with_values(draft, [chunks[number] for number in numbers])


def _begun(
    job: Job, draft: Landscape, tracks: Mapping[str, _Track], out: str | os.PathLike[str] | None
) -> tuple[GridFolder | None, Landscape]:
    """The folder, if there is to be one, and all of the landscape but its values."""
    probes = _probes(job)
    coordinates = {name: track.coordinates for name, track in tracks.items()}
    key = key_of(draft.plane, draft.axes, draft.metric, draft.about, coordinates)
    folder = None if out is None else GridFolder.find(out, key)
    if folder is not None:
        _check_values(folder, probes, job.looks > 1)
        return folder, draft_in(folder)
    draft = replace(draft, paths={name: _on_plane(job, track) for name, track in tracks.items()})
    if out is None:
        return None, draft
    texts = [repr(value) for value in probes.ravel().tolist()]  # JSON has no NaN
    return GridFolder.create(out, sheet_of(draft, key, probes=texts)), draft


# --- what is asked ------------------------------------------------------------------------------


def _asked(
    objective: Any, path: Path | Mapping[str, Path] | None, data: str | None, needs_path: bool
) -> tuple[Objective, Mapping[str, Path], dict[str, Any]]:
    """The objective, the paths by name, and what they are known by."""
    about: dict[str, Any] = {"koubai": __version__}
    if isinstance(objective, Comparison):
        path = objective.paths if path is None else path
        objective = objective.objective
    runs = _runs(objective)
    if runs:
        first = next(iter(runs.values()))
        data = "train" if data is None else data
        about["data"] = f"{first.about.name}, {data}"
        path = paths_of(runs, needs_path) if path is None else path
        objective = objective_of(first, data)
    elif data is not None and isinstance(objective, Objective):
        raise SettingError(
            f"data is {shown(data)}, but objective is no run whose examples it could name: leave "
            f"it out, or give a run"
        )
    expect(
        objective, Objective, "objective",
        "a run, several by name as {'sgd': run}, or kb.objective(f, start)",
    )  # fmt: skip
    about |= {"parameters": objective.start.size} | facts(objective)
    return objective, _named(path), about


def _named(path: Any) -> Mapping[str, Path]:
    """The paths by name, a single one by ""."""
    paths = {} if path is None else {"": path} if isinstance(path, Path) else path
    if not (isinstance(paths, Mapping) and all(isinstance(p, Path) for p in paths.values())):
        raise SettingError(
            f"path is {shown(path)}: give a Path, as kb.descend and run.path are, or several by "
            f"name"
        )
    return cast("Mapping[str, Path]", paths)


def _runs(objective: Any) -> dict[str, Run]:
    """The runs by name, a single one by "". Raises SettingError where their losses differ."""
    if isinstance(objective, Run):
        return {"": objective}
    if not isinstance(objective, Mapping):
        return {}
    runs: dict[str, Any] = dict(cast("Mapping[str, Any]", objective))
    if not runs or not all(isinstance(run, Run) for run in runs.values()):
        raise SettingError(f"objective is {shown(objective)}: give runs by name, as {{'sgd': run}}")
    first, *others = runs
    for name in others:
        for what, facet in _SAME_LOSS.items():
            if facet(runs[name]) != facet(runs[first]):
                raise SettingError(
                    f"objective holds the runs {first!r} and {name!r}, whose {what} differ: their "
                    f"losses are different functions. Give runs of one network on one data set"
                )
    return runs


def objective_of(run: Run, data: str) -> Objective:
    """The run's loss over its examples of that name. Raises SettingError where it has none."""
    hint = "'train' or 'test', for this run held nothing back for validation"
    known = ("train", "test")
    if run.settings.validation:
        hint, known = "'train', 'test' or 'validation'", (*known, "validation")
    expect(data, str, "data", hint)
    if data not in known:
        raise SettingError(f"data is {data!r}: give {hint}")
    return run.objective(data)


def paths_of(runs: Mapping[str, Run], needed: bool) -> dict[str, Path]:
    """The runs' paths, by name. One whose record is damaged is left out, and the log says so; or
    RunError says what to do, where it is needed.
    """
    paths: dict[str, Path] = {}
    for name, run in runs.items():
        try:
            paths[name] = run.path
        except RunError as error:
            if needed:
                raise RunError(
                    f"{error}. Only a plane through the path needs it: give another as plane=…, "
                    f"such as a random one"
                ) from None
            _log.warning("koubai: drawn without the path, for %s", error)
    return paths


def _usual_plane(objective: Objective, paths: Mapping[str, Path], seed: int) -> Plane:
    if paths:
        return Plane.of_path(*paths.values())
    if objective.start.size <= 2:
        return Plane.of_parameters(objective, *range(objective.start.size))
    return Plane.random(objective, seed, "filter" if objective.blocks else "none")


def _check_plane(objective: Objective, plane: Plane) -> None:
    parameters = objective.start.size
    if plane.origin.size != parameters:
        raise SettingError(
            f"plane has {plane.origin.size} parameters but the objective {parameters}: make the "
            f"plane from this objective, or from a path of it"
        )


def _check_paths(objective: Objective, paths: Mapping[str, Path]) -> None:
    parameters = objective.start.size
    for path in paths.values():
        if path.points[0].size != parameters:
            raise SettingError(
                f"path has {path.points[0].size} parameters but the objective {parameters}: give "
                f"a path of this objective"
            )


def _check_values(folder: GridFolder, probes: _Values, noisy: bool) -> None:
    """Refuses to go on with a grid of another function on the same plane."""
    there = np.array(folder.attributes["probes"], np.float64)
    if not noisy and not np.allclose(there, probes.ravel(), rtol=_ALIKE, equal_nan=True):
        raise SettingError(
            f"out is {str(folder.path)!r}, which holds the values of another objective: choose "
            f"another folder, or delete it"
        )


def _probes(job: Job) -> _Values:
    """The values at the origin and at two corners.

    Refuses an objective that is not a function of its parameters alone, unless noise is wanted.
    """
    ends = [[axis[0] for axis in job.axes], [axis[-1] for axis in job.axes]]
    points = np.array([[0.0] * job.plane.dimensions, *ends])
    first = values_at(job, points).values
    if job.looks > 1:
        return first
    second = values_at(job, points).values
    with np.errstate(invalid="ignore"):
        apart = np.abs(first - second) > _SAME * np.maximum(1.0, np.abs(first))
    if apart.any():
        raise SettingError(
            f"objective gives {first[apart][0]:.6g} and then {second[apart][0]:.6g} for the same "
            f"parameters: switch dropout and random augmentation off, or, where noise is wanted, "
            f"give noisy=True"
        )
    return first


# --- the path -----------------------------------------------------------------------------------


class _Track(NamedTuple):
    """Points of a path, and where they lie beside a plane."""

    points: Float[np.ndarray, "points parameters"]
    coordinates: Coordinates
    distances: Float[np.ndarray, " points"]
    iterations: Int[np.ndarray, " points"]
    share: float


def _track(plane: Plane, path: Path) -> _Track:
    points = path.points.reshape(len(path), -1).astype(np.float64)
    distances = plane.distances(points)
    shown = np.unique(np.linspace(0, len(points) - 1, _MOST_POINTS).round().astype(int))
    shown = np.union1d(shown, [distances.argmax()])
    return _Track(
        points[shown],
        plane.project(points[shown]),
        distances[shown],
        np.asarray(path.iterations)[shown],
        movement_share(plane, points),
    )


def _on_plane(job: Job, track: _Track) -> PathOnPlane:
    """The track with the objective's true values, and those of the plane beneath."""
    objective = job.objective
    values = objective.values(track.points.reshape(-1, *objective.start.shape))
    loss = job if job.metric in ("loss", "gradient") else replace(job, metric="loss")
    beneath = values_at(loss, track.coordinates).values[:, 0]
    return PathOnPlane(
        track.coordinates, track.distances, values, beneath, track.iterations, track.share
    )
