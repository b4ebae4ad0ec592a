"""The summary of a run, to read and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from koubai.cli.terminal import console, grid, short
from koubai.errors import counted
from koubai.training.describe import describe_network

if TYPE_CHECKING:
    from rich.table import Table

    from koubai.diagnosis.finding import Finding
    from koubai.training.describe import DataDescription, NetworkDescription
    from koubai.training.evaluate import Measure
    from koubai.training.run import Run
    from koubai.training.storage import Outcome


def facts(
    run: Run, figures: Sequence[Path], findings: Sequence[Finding], report: Path | None
) -> dict[str, Any]:
    """Everything that the summary says, and the settings."""
    network: dict[str, Any] = msgspec.to_builtins(describe_network(run.network))
    return {
        "run": run.folder,
        "network": network | {"parameters": run.network.parameter_count},
        "data": run.about,
        "settings": run.settings,
        "outcome": run.outcome,
        "fit": _fit(run),
        "iterations_per_second": _speed(run.outcome),
        "path_stride": run.records.path.stride,
        "figures": [str(figure) for figure in figures],
        "report": None if report is None else str(report),
        "findings": [
            {
                "kind": finding.kind,
                "layer": finding.layer,
                "evidence": str(finding.evidence),
                "advice": str(finding.advice),
                "figure": finding.figure,
            }
            for finding in findings
        ],
    }


def show(run: Run, figures: Sequence[Path], findings: Sequence[str], report: Path | None) -> None:
    """Prints the summary, and the findings in a line each."""
    screen = console()
    lines = grid("", "")
    for name, text in _lines(run, figures):
        lines.add_row(name, text)
    if report is not None:
        lines.add_row("report", str(report))
    screen.print(_measures(run))
    screen.print()
    screen.print(lines)
    if findings:
        screen.print()
    for finding in findings:
        screen.print(finding)


def _measures(run: Run) -> Table:
    """How good the network is on each split; a typical error is in the unit of the target."""
    splits = _splits(run.outcome)
    table = grid("", *splits, right=tuple(splits))
    if run.about.classes is not None:
        table.add_row("accuracy", *(f"{measure.accuracy:.4f}" for measure in splits.values()))
    else:
        table.add_row("typical error", *(f"{run.typical_error(name):.4g}" for name in splits))
        table.add_row("R²", *(short(float(run.r_squared(name))) for name in splits))
    table.add_row("loss", *(_loss(measure) for measure in splits.values()))
    return table


def _splits(outcome: Outcome) -> dict[str, Measure]:
    splits = {"train": outcome.train, "validation": outcome.validation, "test": outcome.test}
    return {name: measure for name, measure in splits.items() if measure is not None}


def _fit(run: Run) -> dict[str, dict[str, Any]] | None:
    """What a regression has in place of an accuracy."""
    if run.about.classes is not None:
        return None
    return {
        name: {"typical_error": run.typical_error(name), "r_squared": run.r_squared(name)}
        for name in _splits(run.outcome)
    }


def shape(network: NetworkDescription) -> str:
    """The sizes of the layers: 64-100-10."""
    return "-".join(str(size) for size in network.sizes)


def duration(seconds: float) -> str:
    """As short as it can be: 16 ms, 2.5 s, 17 s, 3 min 5 s."""
    if seconds < 0.095:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 120:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


def _lines(run: Run, figures: Sequence[Path]) -> list[tuple[str, str]]:
    network, outcome = describe_network(run.network), run.outcome
    count = f"{run.network.parameter_count:,} parameters"
    seed = f"seed {run.settings.seed}"
    return [
        ("network", f"{shape(network)} ({', '.join(network.activations)}), {count}"),
        ("data", _data(run.about)),
        ("training", _training(run)),
        ("iterations", _length(outcome, seed)),
        *_stop(outcome),
        *_time(outcome),
        ("path", _path(run)),
        ("run", str(run.folder)),
        *zip(["pictures", *[""] * len(figures)], map(str, figures), strict=False),
    ]


def _data(data: DataDescription) -> str:
    counts = f"{data.train_examples:,} training and {data.test_examples:,} test examples"
    kind = f", {len(data.classes)} classes" if data.classes is not None else ""
    return f"{data.name}, {counts}{kind}"


def _training(run: Run) -> str:
    settings = run.settings
    schedule = "" if settings.schedule == "constant" else f" ({settings.schedule})"
    rate = f"learning rate {settings.learning_rate:g}{schedule}"
    by = "" if settings.gradient == "backprop" else f", {settings.gradient} gradients"
    batch = min(settings.batch_size, len(run.split("train")))
    return f"{settings.optimizer}, {rate}, batches of {batch}{by}"


def _length(outcome: Outcome, seed: str) -> str:
    if outcome.iterations == 0:
        return f"none: these are the initial weights, {seed}"
    return f"{outcome.iterations:,} in {counted(outcome.epochs, 'epoch')}, {seed}"


def _time(outcome: Outcome) -> list[tuple[str, str]]:
    """Training alone, on which the speed is based, and what went before it."""
    if outcome.iterations == 0:
        return []
    both = f"{duration(outcome.seconds)} (and {duration(outcome.compile_seconds)} of compiling)"
    return [("time", f"{both}, {_speed(outcome):,.0f} iterations/s")]


def _stop(outcome: Outcome) -> list[tuple[str, str]]:
    """Why training stopped before its end; what is an error is explained after the summary."""
    if outcome.stopped == "epochs":
        return []
    return [("stopped", outcome.message if outcome.stopped == "early" else outcome.stopped)]


def _path(run: Run) -> str:
    stride, asked = run.records.path.stride, run.settings.record_every
    text = "a point every iteration" if stride == 1 else f"a point every {stride} iterations"
    return f"{text}, not every {asked}: the record was full" if stride > asked else text


def _speed(outcome: Outcome) -> float:
    return outcome.iterations / outcome.seconds


def _loss(measure: Measure) -> str:
    return "not finite" if measure.loss is None else f"{measure.loss:.4g}"
