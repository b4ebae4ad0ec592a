"""Progress on the terminal: a bar with the points done and the time left."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager


@contextmanager
def follow(
    show: bool | None, what: str, total: int | None, done: int = 0
) -> Generator[Callable[[int], None]]:
    """Shows on standard error how long work goes on, and takes the bar away at the end.

    show: None means only where standard error is a terminal. what: is counted; total: of them,
    None where nobody knows. What is yielded takes the number of those that were just done.
    """
    if not (sys.stderr.isatty() if show is None else show):
        yield lambda count: None
        return

    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as TimeLeft

    columns = (MofNCompleteColumn(), TextColumn(what), BarColumn(), TimeLeft(compact=True))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total, completed=done)
        yield lambda count: bar.advance(task, count)
