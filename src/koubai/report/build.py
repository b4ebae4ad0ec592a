"""Scenes of runs, landscapes and descents."""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch
from typing import Any

import numpy as np
from msgspec.structs import replace

from koubai.descent.descend import Comparison
from koubai.descent.path import Path
from koubai.descent.rates import LearningRates
from koubai.descent.window import interval_of, window_of
from koubai.errors import SettingError, counted
from koubai.figures.rates import RATE_VERDICTS
from koubai.figures.words import word
from koubai.functions.arguments import shown
from koubai.functions.expressions import Expression
from koubai.functions.surfaces import Surface
from koubai.landscapes.landscape import landscape
from koubai.landscapes.plane import Plane
from koubai.landscapes.result import Landscape
from koubai.objectives.objective import Objective
from koubai.report.curves import curves_of
from koubai.report.findings import findings_of
from koubai.report.missing import data_gone, no_valley
from koubai.report.mistakes import mistakes_of
from koubai.report.network import network_of
from koubai.report.reproduce import reproduce_run
from koubai.report.scene import Missing, Part, Scene, Text, Valley
from koubai.report.summary import summary_of
from koubai.report.text import both
from koubai.report.valley import valley_of
from koubai.training.run import Run
from koubai.version import __version__

# Points along each axis: of a run's valley, each of which is a pass over all its data, and of a
# function's.
_SIZE, _FUNCTION_SIZE = 51, 101
# Why a path ended, where it did not come to the last of its steps.
_STOPPED = {"converged": (", converged", "で収束"), "diverged": (", diverged", "で発散")}


@singledispatch
def scene_of(subject: Any, title: str = "", size: int | None = None) -> Scene:
    """The scene that shows a run, a landscape, a path or a comparison.

    title: without it what the subject is called. size: points along each axis of a valley that is
    computed for it; without it 51 for a run and 101 for a function.

    Raises SettingError for anything else, and for a descent that no longer knows its function;
    RunError where the record of a run is damaged. A run whose data are gone has a page without what
    needs them.
    """
    raise SettingError(
        f"subject is {shown(subject)}: give a run, a landscape, or a path of kb.descend"
    )


@scene_of.register
def _(subject: Run, title: str = "", size: int | None = None) -> Scene:
    name = "-".join(map(str, subject.network.sizes))
    gone = data_gone(subject)
    flat = gone or no_valley(subject)
    findings = None if gone else findings_of(subject)
    overfits = any(finding.kind == "over-fitting" for finding in findings or ())
    missing = dict[Part, Text]()
    if gone:
        missing |= dict.fromkeys(_needing_data(subject), gone)
    if flat:
        missing["valley"] = flat
    return Scene(
        koubai=__version__,
        title=title or f"{subject.about.name}: {name}",
        subtitle=Text(
            f"A network of {subject.network.parameter_count:,} parameters, trained with "
            f"{subject.settings.optimizer}",
            f"パラメータ {subject.network.parameter_count:,} 個のネットワークを "
            f"{subject.settings.optimizer} で訓練",
        ),
        summary=summary_of(subject),
        findings=findings,
        valley=None if flat else _valley_of_run(subject, _SIZE if size is None else size),
        curves=curves_of(subject.history, overfits),
        network=network_of(subject),
        mistakes=None if gone else mistakes_of(subject),
        reproduce=reproduce_run(subject),
        missing=tuple(Missing(part, why) for part, why in missing.items()),
    )


def _needing_data(run: Run) -> tuple[Part, ...]:
    """The parts that a page has by the data, beside its valley."""
    return ("findings",) if run.about.classes is None else ("findings", "mistakes")


def _valley_of_run(run: Run, size: int) -> Valley:
    return valley_of(landscape(run, Plane.of_path(run.path), size))


@scene_of.register
def _(subject: Landscape, title: str = "", size: int | None = None) -> Scene:
    valley = valley_of(subject)
    return Scene(
        koubai=__version__,
        title=title or subject.about.get("data", "").rpartition(", ")[0] or "Landscape",
        subtitle=valley.title,
        valley=valley,
    )


@scene_of.register
def _(subject: Path, title: str = "", size: int | None = None) -> Scene:
    if subject.objective is None:
        raise SettingError(
            "the path does not know its function: draw land = kb.landscape(objective, path=path)"
        )
    return _of_descents(subject.objective, {"": subject}, title, size)


@scene_of.register
def _(subject: Comparison, title: str = "", size: int | None = None) -> Scene:
    return _of_descents(subject.objective, subject.paths, title, size)


@scene_of.register
def _(subject: LearningRates, title: str = "", size: int | None = None) -> Scene:
    names = [f"η = {path.learning_rate:.4g}" for path in subject.paths]
    paths = dict(zip(names, subject.paths, strict=True))
    staying = [path for path in subject.paths if path.first_bad_step is None]
    ends = [
        both(lambda name=name, verdict=verdict: f"{name}: {word(RATE_VERDICTS[verdict])}")
        for name, verdict in zip(names, subject.verdicts, strict=True)
    ]
    scene = _of_descents(subject.objective, paths, title, size, staying or subject.paths)
    return replace(scene, subtitle=_joined([_bound(subject), *ends]))


def _of_descents(
    objective: Objective,
    paths: dict[str, Path],
    title: str,
    size: int | None,
    seen: Sequence[Path] | None = None,
) -> Scene:
    """A function of one or two variables over the variables themselves, any other on a plane.

    seen: the paths that must be inside the picture; without them all.
    """
    variables, points = objective.start.size, _FUNCTION_SIZE if size is None else size
    shown = dict[str, Path]()
    if variables > 2:
        land = landscape(objective, _plane_of(paths), points, path=paths)
    else:
        names = objective.names or tuple(f"x{i}" for i in range(variables))
        plane = Plane(np.zeros(variables), np.eye(variables), "parameters", tuple(names))
        span = _span(objective, seen or list(paths.values()))
        shown = {name: _inside(path, span) for name, path in paths.items()}
        land = landscape(objective, plane, points, span, path=shown)
    ends = [_end(name or path.optimizer, path, shown.get(name)) for name, path in paths.items()]
    return Scene(
        koubai=__version__,
        title=title or _name(objective),
        subtitle=_joined(ends),
        valley=valley_of(land),
    )


def _bound(rates: LearningRates) -> Text:
    bound = rates.stable_learning_rate
    if bound is None:
        return both(lambda: word("no_bound"))
    return Text(f"stable below η = {bound:.4g}", f"η < {bound:.4g} で安定")


def _joined(texts: Sequence[Text]) -> Text:
    return Text("; ".join(text.en for text in texts), "、".join(text.ja for text in texts))


def _plane_of(paths: dict[str, Path]) -> Plane:
    """The plane through the paths; the line, where they lie on one."""
    try:
        return Plane.of_path(*paths.values())
    except SettingError:
        return Plane.of_path(*paths.values(), dimensions=1)


def _inside(path: Path, span: Any) -> Path:
    """A path as far as its first point outside the picture, by more than the picture's size."""
    box = np.atleast_2d(np.asarray(span, np.float64))
    size = box[:, 1] - box[:, 0]
    points = path.points.reshape(len(path), -1)
    far = ~((points > box[:, 0] - size) & (points < box[:, 1] + size)).all(axis=1)
    kept = slice(int(far.argmax()) + 1 if far.any() else None)
    return Path(path.points[kept], path.values[kept], path.iterations[kept], path.stopped)


def _end(name: str, path: Path, shown: Path | None) -> Text:
    """What became of a path: adam: 200 steps, converged."""
    en, ja = _STOPPED.get(path.stopped, ("", ""))
    steps = int(path.iterations[-1])
    if shown is not None and len(shown) < len(path):
        left = int(shown.iterations[-1])
        en, ja = f"{en}, leaves the picture at step {left:,}", f"{ja}、ステップ {left:,} で図の外へ"
    return Text(f"{name}: {counted(steps, 'step')}{en}", f"{name}：{steps:,} ステップ{ja}")


def _span(objective: Objective, paths: Sequence[Path]) -> Any:
    if objective.start.size == 1:
        ends = [interval_of(path) for path in paths]
        return min(low for low, _ in ends), max(high for _, high in ends)
    return window_of(paths, objective.f if isinstance(objective.f, Surface) else None)


def _name(objective: Objective) -> str:
    if isinstance(objective.f, Expression):
        return objective.f.text
    name = str(getattr(objective.f, "name", "") or getattr(objective.f, "__name__", ""))
    return name if name.isidentifier() else "f(x)"  # a lambda has none
