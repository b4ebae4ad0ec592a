"""The command line: `koubai train | predict | runs | check | descend | landscape | report | play`.

One file a command. Nothing heavy is imported before a command needs it, so that help is there at
once.
"""

from __future__ import annotations

import io
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperOption
from typer.main import get_command

from koubai.cli import check, descend, landscape, play, predict, report, runs, train
from koubai.cli.commands import Command, Group, either_spelling
from koubai.cli.terminal import complain
from koubai.cli.wording import from_here, in_options, options_of
from koubai.errors import KoubaiError
from koubai.version import __version__

_EXAMPLES = """
**Examples**

- `koubai train digits` — a network that reads handwritten digits, in seconds

- `koubai train digits --layers 50,50 --optimizer sgd --learning-rate 0.1`

- `koubai train houses.csv --target price --out runs/houses`

- `koubai predict runs/houses new.csv`

- `koubai runs` — what was trained so far

- `koubai descend rosenbrock --optimizer sgd,adam --figure path.png` — descent, step by step

- `koubai landscape runs/digits --figure valley.png` — the valley that a run descended

- `koubai report runs/digits` — all about a run on one page, to turn in your hands

- `koubai play` — change a number, and watch a network learn

British and American spellings of an option both work: `--optimiser`, `--initializer`, `--color`.
"""

app = typer.Typer(
    name="koubai",
    cls=Group,
    epilog=_EXAMPLES,
    rich_markup_mode="markdown",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "token_normalize_func": either_spelling,
    },
)
app.command(cls=Command, epilog=train.EXAMPLES)(train.train)
app.command(cls=Command, epilog=predict.EXAMPLES)(predict.predict)
app.command(cls=Command)(runs.runs)
app.command(cls=Command)(check.check)
app.command(cls=Command, epilog=descend.EXAMPLES)(descend.descend)
app.command(cls=Command, epilog=landscape.EXAMPLES)(landscape.landscape)
app.command(cls=Command, epilog=report.EXAMPLES)(report.report)
app.command(cls=Command, epilog=play.EXAMPLES)(play.play)


@dataclass
class _Globals:
    debug: bool = False
    command: str = ""


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"koubai {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def koubai(
    context: typer.Context,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show Python's traceback when something fails.")
    ] = False,
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Trains neural networks by gradient descent and shows the descent."""
    context.obj.debug = debug
    context.obj.command = context.invoked_subcommand or ""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line and returns its exit code.

    0: all is well; 1: training or a descent diverged, or a gradient check failed; 2: bad input;
    70: a fault in koubai; 130: stopped by Ctrl-C; 143: stopped by SIGTERM.
    """
    settings = _Globals()
    command: Any = get_command(app)
    _print_anything(sys.stdout)
    try:
        code = command.main(arguments, prog_name="koubai", standalone_mode=False, obj=settings)
    except typer.TyperException as error:
        complain(f"{_usage(error)} See: {f'koubai {settings.command}'.strip()} --help")
        return error.exit_code
    except Exception as error:
        if settings.debug:
            traceback.print_exc()
        return _report(error, command.commands.get(settings.command))
    return int(code or 0)


def _usage(error: typer.TyperException) -> str:
    """What is wrong with the command line, in koubai's words where a value came."""
    if isinstance(error, typer.BadParameter) and isinstance(error.param, TyperOption):
        return f"{error.param.opts[0]} is {error.message}."
    message = error.format_message()
    return message if message.endswith((".", "?")) else f"{message}."


def _report(error: Exception, command: TyperCommand | None) -> int:
    """One line about what went wrong, and the exit code."""
    if isinstance(error, KoubaiError | OSError):
        options = options_of(command) if command else {}
        complain(from_here(in_options(str(error), options)))
        return 2
    complain(
        f"this is a fault in koubai: {type(error).__name__}: {error}. "
        f"`koubai --debug …` shows where"
    )
    return 70


def _print_anything(stream: object) -> None:
    """No name of a file or a class is to fail for a character that the terminal does not have."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
