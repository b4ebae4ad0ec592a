"""`koubai report`: a run as one page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from koubai.cli import options
from koubai.cli.options import whole_number
from koubai.cli.terminal import complain, print_json

EXAMPLES = """
The page is one file that opens by double click, without a server or a network: the valley to turn,
learning curves, the network's inside, its mistakes, and how to repeat it.

**Examples**

- `koubai report runs/digits-20260401-120000`

- `koubai report runs/digits --out digits.html --language ja`
"""

# The name of the page in a run's folder.
REPORT = "report.html"


def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The run.", show_default=False)],
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The page. [default: report.html in the run]"),
    ] = None,
    title: Annotated[
        str, typer.Option(metavar="TEXT", help="What stands at the top. [default: data and layers]")
    ] = "",
    size: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            parser=whole_number,
            help="Points along each axis of the valley. [default: 51]",
        ),
    ] = None,
    language: options.Language = "en",
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
) -> None:
    """Write a run as one page that any browser opens."""
    from koubai.figures.save import check_suffix
    from koubai.report import scene_of, write_page
    from koubai.report.page import PAGES
    from koubai.training.run import load_run

    target = out or folder / REPORT
    check_suffix(target, PAGES)  # before what takes time
    scene = scene_of(load_run(folder), title, size)
    file = write_page(scene, target, language)
    missing = {part.part: part.why.en for part in scene.missing}
    if json:
        facts = {"run": str(folder), "report": str(file), "bytes": file.stat().st_size}
        print_json(facts | {"missing": missing})
        return
    for why in dict.fromkeys(missing.values()):
        parts = [part for part, own in missing.items() if own == why]
        *others, last = parts
        complain(f"without its {', '.join(others)}{' and ' if others else ''}{last}: {why}")
    typer.echo(f"wrote {file}")
