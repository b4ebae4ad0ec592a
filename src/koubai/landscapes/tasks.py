"""Tasks: the points of a grid in chunks, here or wherever joblib sends them.

A chunk is a block of whole rows. All chunks of a grid have the same number of points, the last one
filled up, so that a value never depends on which points it is computed with.
"""

from __future__ import annotations

import logging
import math
import secrets
import sys
import threading
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, CancelledError
from contextlib import closing
from dataclasses import dataclass, field, fields
from typing import Any, cast

import joblib
import numpy as np
from jaxtyping import Float

from koubai.errors import SettingError
from koubai.landscapes.evaluate import Coordinates, Evaluate, Values, evaluator
from koubai.landscapes.plane import Plane
from koubai.objectives.objective import Objective

# Points in a chunk, about.
_POINTS = 512
# How often an objective that gives different values is looked at.
NOISY_LOOKS = 8
# Chunks for each worker in a round, where a backend gives back whole rounds alone.
_ROUND = 4
# Workers that are lost so often in a row, with nothing done between, are no accident.
_MOST_LOSSES = 3

_log = logging.getLogger("koubai")
# Of the one grid that a process works on: the evaluators of its metrics, which hold much.
_evaluators: dict[str, dict[str, Evaluate]] = {}
_building = threading.Lock()

Axis = Float[np.ndarray, " _"]


def rows_of(axes: tuple[Axis, ...]) -> int:
    """How many rows of a grid a chunk has: about 512 points, and little to fill up at the end."""
    points = len(axes[0])
    about = max(1, _POINTS // math.prod(len(axis) for axis in axes[1:]))
    choices = range(math.ceil(about / 2), about * 3 // 2 + 1)
    return min(choices, key=lambda rows: (math.ceil(points / rows) * rows, -rows))


@dataclass(frozen=True, eq=False)
class Job:
    """A grid to be computed, all that a worker needs for it.

    looks: how often each point is looked at; more than once where values differ from look to look.
    memory: bytes for evaluations at several points at once, see `evaluator`.
    """

    objective: Objective
    plane: Plane
    metric: str
    axes: tuple[Axis, ...]
    looks: int = 1
    memory: int | None = None
    token: str = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def rows(self) -> int:
        """How many rows a chunk has."""
        return rows_of(self.axes)

    @property
    def chunks(self) -> int:
        """How many chunks there are."""
        return math.ceil(len(self.axes[0]) / self.rows)

    def part(self, chunk: int) -> slice:
        """The rows of a chunk."""
        return slice(chunk * self.rows, min((chunk + 1) * self.rows, len(self.axes[0])))

    def coordinates(self, chunk: int) -> Coordinates:
        """(α, β) of each point of a chunk, row by row."""
        axes = (self.axes[0][self.part(chunk)], *self.axes[1:])
        return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(axes))

    def __sizeof__(self) -> int:
        # Dask sends what is large to each worker once, and what is small with every task.
        return object.__sizeof__(self) + _bytes_of(self.objective) + _bytes_of(self.plane)


def _bytes_of(thing: Any) -> int:
    """About the size of the arrays in a record and in the records in it."""
    if isinstance(thing, np.ndarray):
        return thing.nbytes
    inner = fields(thing) if hasattr(thing, "__dataclass_fields__") else ()
    return sum((_bytes_of(getattr(thing, each.name)) for each in inner), sys.getsizeof(None))


def values_at(job: Job, coordinates: Coordinates) -> Values:
    """The job's metric at any points, in this process; the mean of several looks, if need be."""
    evaluate = _evaluator_of(job)
    if job.looks == 1:
        return evaluate(coordinates)
    looks = [evaluate(coordinates) for _ in range(job.looks)]
    values = np.stack([look.values for look in looks])
    sampling = np.mean([np.square(look.errors) for look in looks], axis=0)
    with np.errstate(invalid="ignore"):
        noise = values.var(axis=0, ddof=1) / job.looks
        return Values(values.mean(axis=0), np.sqrt(noise + sampling))


def values_of_chunk(job: Job, chunk: int) -> tuple[int, Values]:
    """The values of one chunk, with its number: a task."""
    coordinates = job.coordinates(chunk)
    missing = len(job.coordinates(0)) - len(coordinates)
    filled = np.pad(coordinates, ((0, missing), (0, 0)), mode="edge")
    values, errors = values_at(job, filled)
    return chunk, Values(values[: len(coordinates)], errors[: len(coordinates)])


def compute(job: Job, chunks: Iterable[int]) -> Iterator[tuple[int, Values]]:
    """The chunks with those numbers, in the order in which they are done.

    They go through joblib: without a choice of the user's, one after the other in this process;
    under `joblib.parallel_config(backend=…)` to its workers. A lost worker's chunks are done again.

    Raises SettingError where workers are lost again and again without a chunk done.
    """
    left, losses = list(chunks), 0
    while left:
        try:
            with closing(_in_parallel(job, list(left))) as found:
                for chunk, values in found:
                    left.remove(chunk)
                    losses = 0
                    yield chunk, values
        except _lost() as error:
            losses += 1
            if losses == _MOST_LOSSES:
                raise SettingError(
                    f"the backend lost its workers {losses} times in a row ({error}): give them "
                    f"more memory, or take fewer of them"
                ) from error
            _log.warning("koubai: a worker was lost, %d chunks are left: going on", len(left))


def release(job: Job) -> None:
    """Forgets what this process kept for a job."""
    _evaluators.pop(job.token, None)


def _in_parallel(job: Job, chunks: Sequence[int]) -> Generator[tuple[int, Values]]:
    backend, workers = cast("tuple[Any, int]", joblib.parallel.get_active_backend())
    at_once, given = len(chunks), "generator_unordered"
    if not backend.supports_return_generator:  # Ray's, say, which gives back all it was asked for
        at_once, given = _ROUND * backend.effective_n_jobs(workers), "list"
    one_by_one: Any = 1
    for start in range(0, len(chunks), at_once):
        parallel: Any = joblib.Parallel(return_as=given, batch_size=one_by_one)
        tasks = (joblib.delayed(values_of_chunk)(job, n) for n in chunks[start : start + at_once])
        yield from parallel(tasks)


def _evaluator_of(job: Job) -> Evaluate:
    with _building:
        if job.token not in _evaluators:
            _evaluators.clear()
        own = _evaluators.setdefault(job.token, {})
        if job.metric not in own:
            own[job.metric] = _build(job)
        return own[job.metric]


def _build(job: Job) -> Evaluate:
    if job.metric != "gradient":
        return evaluator(job.objective, job.plane, job.metric, job.memory)
    both = [
        evaluator(job.objective, job.plane, metric, job.memory) for metric in ("loss", "gradient")
    ]

    def evaluate(coordinates: Coordinates) -> Values:
        values, errors = zip(*(each(coordinates) for each in both), strict=True)
        return Values(np.hstack(values), np.hstack(errors))

    return evaluate


def _lost() -> tuple[type[BaseException], ...]:
    """What is raised when a worker is gone: loky's error, and Dask's where it is in use."""
    distributed: Any = sys.modules.get("distributed")
    dask = () if distributed is None else (distributed.scheduler.KilledWorker,)
    return (BrokenExecutor, CancelledError, *dask)
