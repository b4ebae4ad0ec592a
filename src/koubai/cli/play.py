"""`koubai play`: the playground, in a browser."""

from __future__ import annotations

import os
import sys
import threading
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from koubai.cli.options import language_name, whole_number
from koubai.cli.terminal import complain
from koubai.errors import unknown_name

if TYPE_CHECKING:
    from koubai.play.lessons import Lesson
    from koubai.play.messages import Hello
    from koubai.play.server import Server

EXAMPLES = """
The page talks to this program alone, which does the arithmetic, and whoever has the address that
is printed may use it. It ends with Ctrl-C.

**Examples**

- `koubai play`

- `koubai play --lesson learning-rate --lang ja`

- `koubai play --data houses.csv`
"""

_SERVER = "Server"


def play(
    lesson: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Lesson to open: slope, learning-rate, activations, neuron, …"
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Data of one's own: a .csv file, or a folder with one sub-folder of images for "
            "each class.",
        ),
    ] = None,
    lang: Annotated[
        str,
        typer.Option(
            "--lang",
            "--language",
            parser=language_name,
            metavar="NAME",
            help="Language that the page opens in: en or ja.",
        ),
    ] = "en",
    port: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            parser=whole_number,
            help="Port to listen at. [default: a free one]",
            rich_help_panel=_SERVER,
        ),
    ] = None,
    host: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Address of this computer to listen at, for other computers to come. "
            "[default: 127.0.0.1, for this one alone]",
            rich_help_panel=_SERVER,
        ),
    ] = None,
    no_browser: Annotated[
        bool,
        typer.Option(
            "--no-browser",
            help="Print the address alone, and open it nowhere.",
            rich_help_panel=_SERVER,
        ),
    ] = False,
) -> None:
    """Open the playground: change a number, and watch a network learn."""
    from koubai.play.lessons import LESSONS
    from koubai.training.interrupt import exit_code

    if lesson is not None and lesson not in LESSONS:
        raise unknown_name("lesson", lesson, LESSONS)
    server = _server(lesson, data, lang, host, port)

    def ready() -> None:
        typer.echo(f"the playground is at {server.address}")
        typer.echo("Ctrl-C ends it")
        sys.stdout.flush()  # who reads it from a pipe waits for it
        if not no_browser:  # one that is a program in the terminal takes until it is left
            threading.Thread(target=_open, args=(server.address,), daemon=True).start()

    signal, ended = server.run(ready)
    complain(f"stopped by {signal}")
    if not ended:
        # A thread computes still: Python would end under it, which XLA does not survive in peace.
        os._exit(exit_code(signal))
    raise typer.Exit(exit_code(signal))


def _server(
    lesson: Lesson | None, data: Path | None, lang: str, host: str | None, port: int | None
) -> Server:
    from msgspec.structs import replace

    from koubai.data import from_argument
    from koubai.play.benches import Benches
    from koubai.play.datasets import Datasets
    from koubai.play.page import play_page
    from koubai.play.server import HOST, Server
    from koubai.play.sessions import Sessions

    datasets = Datasets(None if data is None else from_argument(data))

    def greeted(hello: Hello) -> Hello:
        return replace(hello, language=lang, lesson=lesson)

    sessions = Sessions(lambda: Benches(datasets), greeted)
    return Server(play_page(lang), sessions, HOST if host is None else host, port)


def _open(address: str) -> None:
    try:
        opened = webbrowser.open(address)
    except webbrowser.Error:
        opened = False
    if not opened:
        complain("no browser could be opened: open that address in one")
