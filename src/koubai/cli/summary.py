"""The summary of a run, to read and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from koubai.cli.terminal import console, grid
from koubai.training.describe import describe_network

if TYPE_CHECKING:
    from koubai.training.describe import DataDescription, NetworkDescription
    from koubai.training.evaluate import Measure
    from koubai.training.run import Run
    from koubai.training.settings import Settings
    from koubai.training.storage import Outcome


def facts(run: Run, figures: Sequence[Path]) -> dict[str, Any]:
    """Everything that the summary says, and the settings."""
    network: dict[str, Any] = msgspec.to_builtins(describe_network(run.network))
    return {
        "run": run.folder,
        "network": network | {"parameters": run.network.parameter_count},
        "data": run.about,
        "settings": run.settings,
        "outcome": run.outcome,
        "iterations_per_second": _speed(run.outcome),
        "path_stride": run.records.path.stride,
        "figures": [str(figure) for figure in figures],
    }


def show(run: Run, figures: Sequence[Path]) -> None:
    """Prints the summary."""
    screen = console()
    lines = grid("", "")
    for name, text in _lines(run, figures):
        lines.add_row(name, text)
    screen.print(measures(run.outcome))
    screen.print()
    screen.print(lines)


def measures(outcome: Outcome) -> Any:
    """A table of loss and accuracy on each split."""
    splits = {
        "train": outcome.train,
        "validation": outcome.validation,
        "test": outcome.test,
    }
    known = {name: measure for name, measure in splits.items() if measure is not None}
    table = grid("", *known, right=tuple(known))
    if outcome.test.accuracy is not None:
        table.add_row("accuracy", *(f"{measure.accuracy:.4f}" for measure in known.values()))
    table.add_row("loss", *(_loss(measure) for measure in known.values()))
    return table


def shape(network: NetworkDescription) -> str:
    """The sizes of the layers: 64-100-10."""
    return "-".join(str(size) for size in network.sizes)


def duration(seconds: float) -> str:
    """As short as it can be: 2.5 s, 17 s, 3 min 5 s."""
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
        ("training", _training(run.settings)),
        ("iterations", f"{outcome.iterations:,} in {outcome.epochs} epochs, {seed}"),
        *_stop(outcome),
        ("time", f"{duration(outcome.seconds)}, {_speed(outcome):,.0f} iterations/s"),
        ("path", _path(run)),
        ("run", str(run.folder)),
        *zip(["pictures", *[""] * len(figures)], map(str, figures), strict=False),
    ]


def _data(data: DataDescription) -> str:
    counts = f"{data.train_examples:,} training and {data.test_examples:,} test examples"
    kind = f", {len(data.classes)} classes" if data.classes is not None else ""
    return f"{data.name}, {counts}{kind}"


def _training(settings: Settings) -> str:
    schedule = "" if settings.schedule == "constant" else f" ({settings.schedule})"
    rate = f"learning rate {settings.learning_rate:g}{schedule}"
    return f"{settings.optimizer}, {rate}, batches of {settings.batch_size}"


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
