"""`koubai runs`: what was trained so far."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from koubai.cli.terminal import UNLIMITED, console, grid, print_json, short
from koubai.errors import RunError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from koubai.training.evaluate import Measure
    from koubai.training.storage import Description

_COLUMNS = ("run", "data", "network", "epochs", "iterations", "test", "stopped", "time")
_LAYOUTS = (  # the first that fits the terminal
    (_COLUMNS, 2),
    (_COLUMNS, 1),
    (tuple(name for name in _COLUMNS if name != "data"), 1),  # runs are usually named for it
)
_NUMBERS = ("epochs", "iterations", "test", "time")


def runs(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="DIR", help="Folder of runs. [default: runs]", show_default=False),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
) -> None:
    """List the runs in a folder, the newest last.

    The column "test" holds the accuracy on the test data, or R² where there are no classes; of a
    run that has neither, the loss.
    """
    found = [(run, _read(run)) for run in _runs_in(folder)]
    if json:
        print_json({"runs": [_facts(run, description) for run, description in found]})
    elif found:
        _show(found)
    else:
        typer.echo(f"No runs in {folder or 'runs'} yet. To make one: koubai train digits")


def _runs_in(folder: Path | None) -> list[Path]:
    """The folder itself and its sub-folders, as far as they hold a run, in order of time."""
    from koubai.training.storage import DESCRIPTION

    place = folder or Path("runs")
    if folder is None and not place.exists():
        return []
    if not place.is_dir():
        raise RunError(f"{str(place)!r} is not a folder: give one that runs were saved in")
    folders = [path for path in (place, *place.iterdir()) if (path / DESCRIPTION).exists()]
    return sorted(folders, key=lambda path: (_written(path), path))


def _written(run: Path) -> datetime:
    from koubai.training.storage import DESCRIPTION

    return datetime.fromtimestamp((run / DESCRIPTION).stat().st_mtime, tz=UTC)


def _read(run: Path) -> Description | RunError:
    from koubai.training.storage import read_description

    try:
        return read_description(run)
    except RunError as error:
        return error


def _facts(run: Path, description: Description | RunError) -> dict[str, Any]:
    if isinstance(description, RunError):
        return {"run": str(run), "error": str(description)}
    return {
        "run": str(run),
        "written": _written(run),
        "data": description.data.name,
        "network": description.network,
        "settings": description.settings,
        "outcome": description.outcome,
    }


def _show(found: list[tuple[Path, Description | RunError]]) -> None:
    screen = console()
    rows = [{"run": run.resolve().name} | _cells(description) for run, description in found]
    tables = [_table(rows, columns, gap) for columns, gap in _LAYOUTS]
    screen.print(next((table for table in tables if _fits(table, screen)), tables[-1]))
    for _, description in found:
        if isinstance(description, RunError):
            screen.print(f"\n{description}", style="red")


def _fits(table: Table, screen: Console) -> bool:
    unlimited = screen.options.update(max_width=UNLIMITED)
    return screen.measure(table, options=unlimited).maximum <= screen.width


def _table(rows: list[dict[str, str]], columns: tuple[str, ...], gap: int) -> Table:
    table = grid(*columns, right=_NUMBERS, gap=gap)
    for row in rows:
        table.add_row(*(row.get(column, "") for column in columns))
    return table


def _cells(description: Description | RunError) -> dict[str, str]:
    from koubai.cli.summary import duration, shape

    if isinstance(description, RunError):
        return {"stopped": "unreadable"}
    outcome = description.outcome
    return {
        "data": description.data.name,
        "network": shape(description.network),
        "epochs": str(outcome.epochs),
        "iterations": str(outcome.iterations),
        "test": _test(outcome.test),
        "stopped": outcome.stopped,
        "time": duration(outcome.seconds),
    }


def _test(measure: Measure) -> str:
    """The accuracy as a percentage where there are classes, else R² or, without it, the loss."""
    if measure.accuracy is not None:
        return f"{measure.accuracy:.2%}"
    if measure.r_squared is not None:
        return f"R² {short(measure.r_squared)}"
    return "not finite" if measure.loss is None else f"loss {measure.loss:.3g}"
