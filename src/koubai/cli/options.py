"""What several commands ask for, and how it is read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from koubai.cli.terminal import complain
from koubai.errors import SettingError

if TYPE_CHECKING:
    from koubai.data import Dataset
    from koubai.networks.network import Network

WHAT = (
    "digits, mnist, bitmaps, a toy problem (single, line, sine, xor, moons, circles, spirals, "
    "blobs), FILE.csv, or a FOLDER with one sub-folder of images for each class."
)
_NETWORK, _DATA = "Network", "Data"

Layers = Annotated[
    str | None,
    typer.Option(
        metavar="N,N,…",
        help="Units of the hidden layers, as 50,50; 0 for none.",
        rich_help_panel=_NETWORK,
    ),
]
Hidden = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Activation of the hidden layers: relu, sigmoid, tanh, …",
        rich_help_panel=_NETWORK,
    ),
]
Output = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Activation of the output layer. [default: softmax for classes, else identity]",
        rich_help_panel=_NETWORK,
    ),
]
Initial = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Initial weights: he, xavier, normal(0.01), … [default: what suits the activation]",
        rich_help_panel=_NETWORK,
    ),
]
LossName = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Loss: cross_entropy, squared_error, … [default: what belongs to the output]",
        rich_help_panel=_NETWORK,
    ),
]
Target = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN",
        help="Column of a table that is to be learnt. [default: the last]",
        rich_help_panel=_DATA,
    ),
]
Task = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="What a table's target is: classification or regression. [default: texts, and at "
        "most 20 different whole numbers, are classes; other numbers are values]",
        rich_help_panel=_DATA,
    ),
]
Size = Annotated[
    str | None,
    typer.Option(
        metavar="HxW",
        help="Height and width to resize images to, as 28x28. [default: as they are]",
        rich_help_panel=_DATA,
    ),
]
Colour = Annotated[
    bool,
    typer.Option(
        "--colour",
        help="Keep the colour of images, which become grey otherwise.",
        rich_help_panel=_DATA,
    ),
]
MnistFolder = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Where MNIST's four IDX files are. [default: downloaded once]",
        rich_help_panel=_DATA,
    ),
]


def language_name(text: str) -> str:
    """An option's language."""
    if text not in ("en", "ja"):
        raise typer.BadParameter(f"{text!r}: give en or ja")
    return text


Language = Annotated[
    str,
    typer.Option(
        parser=language_name,
        metavar="NAME",
        help="Language of the pictures: en or ja.",
        rich_help_panel="Result",
    ),
]


def whole_number(text: str) -> int:
    """An option's whole number."""
    try:
        return int(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r}: give a whole number") from None


def real_number(text: str) -> float:
    """An option's number."""
    try:
        return float(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r}: give a number, such as 0.1") from None


class Rate(NamedTuple):
    """A learning rate as it was asked for; None where it is to be found."""

    value: float | None


AUTO = Rate(None)


def parse_rate(text: str) -> Rate:
    """The learning rate: a number, or "auto"."""
    if text == "auto":
        return AUTO
    try:
        return Rate(float(text))
    except ValueError:
        raise typer.BadParameter(f"{text!r}: give a number, such as 0.1, or auto") from None


def build_network(
    data: Dataset,
    layers: tuple[int, ...],
    hidden: str | None,
    usual_hidden: str,
    output: str | None,
    initialiser: str | None,
) -> Network:
    """A network that fits the data; a comma separates what is meant for each layer."""
    from koubai.networks.network import Network

    if hidden is not None and not layers:
        raise SettingError(
            f"hidden is {hidden!r}, but the network has no hidden layer: give --layers some "
            f"units, such as --layers 20, or leave --hidden out"
        )
    network = Network(
        [data.inputs, *layers, data.outputs],
        hidden=_one_or_each(hidden or usual_hidden),
        output=output or ("identity" if data.classes is None else "softmax"),
        initialiser=None if initialiser is None else _one_or_each(initialiser),
    )
    if any(activation.name == "step" for activation in network.activations):
        complain(
            "the derivative of step is 0 everywhere: weights into a layer of it, or below one, "
            "stay as they were drawn"
        )
    return network


def parse_layers(text: str) -> tuple[int, ...]:
    """The hidden layers: "50,50" is (50, 50); "" and "0" are none."""
    if text.strip() in ("", "0"):
        return ()
    if not re.fullmatch(r"\s*[1-9]\d*\s*(,\s*[1-9]\d*\s*)*", text):
        raise SettingError(f"layers is {text!r}: give units as in 50,50, or 0 for no hidden layer")
    return tuple(int(units) for units in text.split(","))


def _one_or_each(names: str) -> str | list[str]:
    each = [name.strip() for name in names.split(",")]
    return each if len(each) > 1 else each[0]
