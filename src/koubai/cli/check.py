"""`koubai check`: backpropagation against central differences, on data."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from koubai.cli import options
from koubai.cli.options import build_network, parse_layers, real_number, whole_number
from koubai.cli.terminal import complain, console, grid, print_json
from koubai.errors import SettingError

if TYPE_CHECKING:
    from rich.table import Table

    from koubai.data import Split
    from koubai.gradients.check import Check
    from koubai.networks.network import Network

_OUTPUT = "Result"


def check(
    what: Annotated[str, typer.Argument(help=options.WHAT, show_default=False, metavar="WHAT")],
    target: options.Target = None,
    task: options.Task = None,
    size: options.Size = None,
    colour: options.Colour = False,
    folder: options.MnistFolder = None,
    layers: options.Layers = None,
    hidden: options.Hidden = None,
    output: options.Output = None,
    initialiser: options.Initial = None,
    loss: options.LossName = None,
    examples: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            parser=whole_number,
            help="How many training examples to look at. [default: 20]",
        ),
    ] = None,
    step: Annotated[
        float | None,
        typer.Option(
            metavar="H",
            parser=real_number,
            help="Step of the central differences. [default: one that suits each parameter]",
        ),
    ] = None,
    seed: Annotated[
        int,
        typer.Option(metavar="N", parser=whole_number, help="Decides the initial weights."),
    ] = 0,
    figure: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Draw the error against the step: .png, .svg or .pdf.",
            rich_help_panel=_OUTPUT,
        ),
    ] = None,
    language: options.Language = "en",
    json: Annotated[
        bool,
        typer.Option("--json", help="Print one JSON object instead.", rich_help_panel=_OUTPUT),
    ] = False,
) -> None:
    """Check the gradient of a network on data, layer by layer.

    The network has one hidden layer of 20 sigmoid units, unless told otherwise. Says why where
    backpropagation and central differences disagree, or where nothing can be told, and exits with
    1 then. Below is how far they are apart at other steps: large ones truncate, small ones round.
    """
    from koubai.data import from_argument
    from koubai.gradients.check import check_gradients

    if figure is not None:
        from koubai.figures.save import PICTURES, check_suffix

        check_suffix(figure, PICTURES)
    data = from_argument(what, target, task=task, size=size, colour=colour, folder=folder)
    units = parse_layers("20" if layers is None else layers)
    network = build_network(data, units, hidden, "sigmoid", output, initialiser)
    some = _first(data.train, examples)
    result = check_gradients(network, network.init(seed), some.x, some.t, loss, step)
    if figure is not None:
        _draw(result, figure, language)
    if json:
        print_json(_facts(network, len(some), result, figure))
    else:
        _show(network, f"{data.name}, {len(some)} examples", result)
        if figure is not None:
            console().print(f"saved {figure.resolve()}")
    raise typer.Exit(0 if result.passed else 1)


def _first(split: Split, examples: int | None) -> Split:
    from koubai.data import Split

    if examples is not None and examples < 1:
        raise SettingError(f"examples is {examples}: give a whole number above 0")
    if examples is not None and examples > len(split):
        complain(f"--examples is {examples}, but there are {len(split)}: all of them are looked at")
    count = 20 if examples is None else examples
    return Split(split.stored[:count], split.t[:count], split.scale)


def _draw(result: Check, file: Path, chosen: str) -> None:
    from koubai.figures.languages import language
    from koubai.figures.save import save
    from koubai.figures.step_sizes import step_sizes

    with language(chosen):
        save(step_sizes(result), file)


def _facts(network: Network, examples: int, result: Check, figure: Path | None) -> dict[str, Any]:
    return {
        "network": {
            "sizes": network.sizes,
            "activations": [activation.name for activation in network.activations],
            "parameters": network.parameter_count,
        },
        "examples": examples,
        "passed": result.passed,
        "kind": result.kind,
        "verdict": str(result.verdict),
        "tolerance": result.tolerance,
        "differences": [
            {
                "name": difference.name,
                "relative_error": difference.error,
                "tolerance": difference.tolerance,
                "verdict": difference.verdict,
            }
            for difference in result.layers
        ],
        "steps": result.curve.steps.tolist(),
        "errors": result.curve.errors.tolist(),
        "figure": None if figure is None else str(figure),
    }


def _show(network: Network, data: str, result: Check) -> None:
    screen = console()
    screen.print(f"{network}\n\nBackpropagation and central differences on {data}:\n")
    numbers = ("derivatives", "relative error", "tolerance")
    table = grid("layer", "parameter", *numbers, "verdict", right=("layer", *numbers))
    for difference in result.layers:
        _, layer, parameter = difference.name.split()
        errors = (f"{difference.error:.1e}", f"{difference.tolerance:.1e}")
        size = f"{difference.gradient.size:,}"
        table.add_row(layer, parameter, size, *errors, difference.verdict)
    screen.print(table)
    screen.print()
    screen.print(_by_step(result))
    screen.print(f"\n{result.verdict}", style="green" if result.passed else "red")


def _by_step(result: Check) -> Table:
    """The V: relative error against the step, with a bar for each factor of ten above 10⁻¹²."""
    table = grid("step", "relative error", "", right=("step", "relative error"))
    for step, error in zip(*result.curve, strict=True):
        decades = round(math.log10(max(error, 1e-12)) + 12) if math.isfinite(error) else 0
        table.add_row(f"{step:.0e}", f"{error:.1e}", "▪" * decades)
    return table
