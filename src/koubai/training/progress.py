"""Progress on the terminal: a bar with loss, accuracy, speed and the time left."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager

from koubai.training.evaluate import Measure

Report = Callable[[int, int, float, Measure], None]


@contextmanager
def follow(show: bool | None, iterations: int, epochs: int, done: int) -> Generator[Report]:
    """Shows how training goes on, on standard error, and takes the bar away at the end.

    `show` None means only where standard error is a terminal. What is yielded takes the number
    of iterations and epochs done, the last mini-batch's loss, and the last measure on test data.
    """
    if not (sys.stderr.isatty() if show is None else show):
        yield lambda iteration, epoch, loss, test: None
        return

    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn("epoch {task.fields[epoch]}/{task.fields[epochs]}"),
        BarColumn(),
        TextColumn("loss {task.fields[loss]}{task.fields[accuracy]}"),
        TextColumn("{task.fields[speed]} it/s"),
        TimeRemainingColumn(compact=True),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task(
            "", total=iterations, completed=done,
            epoch=0, epochs=epochs, loss="…", accuracy="", speed="…",
        )  # fmt: skip

        def report(iteration: int, epoch: int, loss: float, test: Measure) -> None:
            accuracy = "" if test.accuracy is None else f"  test accuracy {test.accuracy:.4f}"
            speed = bar.tasks[task].speed
            bar.update(
                task, completed=iteration, epoch=epoch, loss=_shown(loss), accuracy=accuracy,
                speed="…" if speed is None else f"{speed:,.0f}",
            )  # fmt: skip

        yield report


def _shown(loss: float) -> str:
    """A loss without the sign of a rounded 0, and no longer than its column."""
    return f"{loss:z.4f}" if abs(loss) < 1e5 else f"{loss:.3g}"
