"""What `train` and `check` both ask for, and how it is read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from koubai.errors import SettingError

if TYPE_CHECKING:
    from koubai.data import Dataset
    from koubai.networks.network import Network

WHAT = (
    "digits, mnist, bitmaps, a toy problem (line, sine, xor, moons, circles, spirals, blobs), "
    "FILE.csv, or a FOLDER with one sub-folder of images for each class."
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
MnistFolder = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Where MNIST's four IDX files are. [default: downloaded once]",
        rich_help_panel=_DATA,
    ),
]


def load_data(what: str, target: str | None, folder: Path | None) -> Dataset:
    """The data that the command line means."""
    from koubai import data

    if folder is None:
        return data.from_argument(what, target)
    if what != "mnist" or target is not None:
        raise SettingError(f"folder is {str(folder)!r}, which belongs to mnist alone: leave it out")
    return data.mnist(folder)


def build_network(
    data: Dataset,
    layers: tuple[int, ...],
    hidden: str,
    output: str | None,
    initialiser: str | None,
) -> Network:
    """A network that fits the data; a comma separates what is meant for each layer."""
    from koubai.networks.network import Network

    return Network(
        [data.inputs, *layers, data.outputs],
        hidden=_one_or_each(hidden),
        output=output or ("identity" if data.classes is None else "softmax"),
        initialiser=None if initialiser is None else _one_or_each(initialiser),
    )


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
