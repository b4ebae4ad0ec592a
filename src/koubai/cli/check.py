"""`koubai check`: backpropagation against central differences, on data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from koubai.cli import options
from koubai.cli.options import build_network, load_data, parse_layers
from koubai.cli.terminal import console, grid, print_json
from koubai.errors import SettingError

if TYPE_CHECKING:
    from koubai.data import Split
    from koubai.gradients.check import Check
    from koubai.networks.network import Network


def check(
    what: Annotated[str, typer.Argument(help=options.WHAT, show_default=False, metavar="WHAT")],
    target: options.Target = None,
    folder: options.MnistFolder = None,
    layers: options.Layers = "20",
    hidden: options.Hidden = "sigmoid",
    output: options.Output = None,
    initialiser: options.Initial = None,
    loss: options.LossName = None,
    examples: Annotated[
        int, typer.Option(metavar="N", help="How many training examples to look at.")
    ] = 20,
    seed: Annotated[int, typer.Option(metavar="N", help="Decides the initial weights.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
) -> None:
    """Check the gradient of a network on data, layer by layer.

    Exits with 1 when backpropagation and central differences disagree. A network with a kink
    (relu) may be reported where an input lies on it: the derivative has two values there.
    """
    from koubai.gradients.check import check_gradients

    data = load_data(what, target, folder)
    network = build_network(data, parse_layers(layers or ""), hidden or "", output, initialiser)
    some = _first(data.train, examples)
    result = check_gradients(network, network.init(seed), some.x, some.t, loss)
    if json:
        print_json(_facts(network, len(some), result))
    else:
        _show(network, f"{data.name}, {len(some)} examples", result)
    raise typer.Exit(0 if result.passed else 1)


def _first(split: Split, examples: int) -> Split:
    from koubai.data import Split

    if examples < 1:
        raise SettingError(f"examples is {examples}: give a whole number above 0")
    return Split(split.stored[:examples], split.t[:examples], split.scale)


def _facts(network: Network, examples: int, result: Check) -> dict[str, Any]:
    return {
        "network": {
            "sizes": network.sizes,
            "activations": [activation.name for activation in network.activations],
            "parameters": network.parameter_count,
        },
        "examples": examples,
        "passed": result.passed,
        "verdict": result.verdict,
        "tolerance": result.tolerance,
        "differences": [
            {"name": difference.name, "relative_error": difference.error}
            for difference in result.layers
        ],
    }


def _show(network: Network, data: str, result: Check) -> None:
    screen = console()
    screen.print(f"{network}\n\nBackpropagation and central differences on {data}:\n")
    table = grid("", "derivatives", "relative error", right=("derivatives", "relative error"))
    for difference in result.layers:
        table.add_row(difference.name, f"{difference.gradient.size:,}", f"{difference.error:.1e}")
    screen.print(table)
    screen.print(f"\n{result.verdict}", style="green" if result.passed else "red")
