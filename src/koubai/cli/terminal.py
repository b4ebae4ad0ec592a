"""What the commands print with: tables on standard output, one line about errors, JSON."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

# Wide enough that nothing is ever folded or cut in a file or a pipe.
UNLIMITED = 10_000


def complain(message: str) -> None:
    """One line on standard error."""
    typer.echo(f"koubai: {' '.join(message.splitlines())}", err=True)


def print_json(content: Any) -> None:
    """One JSON object on standard output; what is not a finite number is null."""
    import msgspec

    typer.echo(msgspec.json.format(msgspec.json.encode(content), indent=2).decode())


def console() -> Console:
    """Standard output: names are printed as they are, and in colour on a terminal alone."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else UNLIMITED
    return Console(width=width, markup=False, emoji=False, highlight=False)


def short(number: float) -> str:
    """A score in four decimals, unless it is far off."""
    return f"{number:.4f}" if abs(number) < 1e4 else f"{number:.3g}"


def grid(*columns: str, right: tuple[str, ...] = (), gap: int = 2) -> Table:
    """A table without lines, that folds a long cell and never cuts it."""
    from rich.table import Table

    table = Table(
        box=None,
        padding=(0, gap, 0, 0),
        pad_edge=False,
        show_header=any(columns),
        header_style="bold",
    )
    for name in columns:
        table.add_column(name, justify="right" if name in right else "left", overflow="fold")
    return table
