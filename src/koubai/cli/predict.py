"""`koubai predict`: what a trained network says about new examples."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from koubai.cli.terminal import complain, console, grid, print_json

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Float

    from koubai.data import Outside
    from koubai.training.run import Run

EXAMPLES = """
A **table's** run takes a CSV with the same columns; the target may be absent. Any other run
takes rows of numbers, in the unit of its data (digits 0 to 16, MNIST 0 to 255), with or without
a header.

An **image** is made grey and resized as the run needs it. A **digit** may be drawn or photographed
as you like: where its border is light it is inverted, then cropped and centred as the training
data are, and a line says so. An image of the training data's size is not cropped.

**Examples**

- `koubai predict runs/houses new.csv`

- `koubai predict runs/digits-20260401-120000 seven.png eight.png --all`
"""

_MOST_PROBABLE = 3
_ON_A_LINE = 5


def predict(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The run.", show_default=False)],
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", help="CSV files or images.", show_default=False),
    ],
    every: Annotated[
        bool, typer.Option("--all", help="Show every class, not the three most probable.")
    ] = False,
    invert: Annotated[
        bool | None,
        typer.Option(
            "--invert/--as-is",
            help="Swap light and dark, or never do. [default: where digits have a light border]",
            show_default=False,
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
) -> None:
    """Predict a class, or a value, for new rows or images."""
    import numpy as np

    from koubai.cli.inputs import read_inputs
    from koubai.data import out_of_range
    from koubai.training.run import load_run

    run = load_run(folder)
    inputs = [read_inputs(run.about, file, invert) for file in files]
    names = [name for part in inputs for name in part.names]
    x = np.concatenate([part.x for part in inputs])
    _mention([f"{part.names[0]} ({part.changes})" for part in inputs if part.changes])
    _warn(names, out_of_range(x, run.about.scale, run.about.columns))
    if json:
        print_json({"run": str(folder), "predictions": _facts(run, names, x)})
    else:
        _show(run, names, x, None if every else _MOST_PROBABLE)


def _mention(changed: list[str]) -> None:
    if changed:
        complain(
            f"changed to look like the training data: {', '.join(changed)}; "
            f"--as-is takes an image as it is"
        )


def _warn(names: list[str], outside: Outside | None) -> None:
    if outside is None:
        return
    strange = [name for name, out in zip(names, outside.rows, strict=True) if out]
    more = f" (and {len(strange) - 1:,} more)" if len(strange) > 1 else ""
    complain(
        f"{strange[0]}{more} is far from all that the network was trained on, so its answer means "
        f"little: {outside.first}"
    )


def _facts(run: Run, names: list[str], x: Float[np.ndarray, "n inputs"]) -> list[dict[str, Any]]:
    if run.about.classes is None:
        outputs = run.predict(x).tolist()
        return [
            {"input": name, "value": values[0] if len(values) == 1 else values}
            for name, values in zip(names, outputs, strict=True)
        ]
    return [
        {"input": name, "class": label, _meaning(run): scores}
        for name, label, scores in zip(names, run.classify(x), _scores(run, x), strict=True)
    ]


def _show(run: Run, names: list[str], x: Float[np.ndarray, "n inputs"], most: int | None) -> None:
    if run.about.classes is None:
        table = grid("", "value" if run.about.target is None else run.about.target.name)
        for name, values in zip(names, run.predict(x), strict=True):
            table.add_row(name, ", ".join(f"{value:.6g}" for value in values))
    else:
        table = grid("", "class", _meaning(run))
        for name, label, scores in zip(names, run.classify(x), _scores(run, x), strict=True):
            table.add_row(name, label, _listed(scores, most))
    console().print(table)


def _scores(run: Run, x: Float[np.ndarray, "n inputs"]) -> list[dict[str, float]]:
    """The output for each class, by its name."""
    return [dict(zip(run.about.classes or (), row, strict=True)) for row in run.scores(x).tolist()]


def _meaning(run: Run) -> str:
    """Outputs are probabilities where they sum to 1; several sigmoid units do not make them."""
    sum_to_1 = run.network.output.name == "softmax" or (
        run.network.output.name == "sigmoid" and run.network.sizes[-1] == 1
    )
    return "probabilities" if sum_to_1 else "outputs"


def _listed(scores: dict[str, float], most: int | None) -> str:
    """The largest first, a few on each line."""
    ranked = sorted(scores, key=lambda label: -scores[label])[:most]
    texts = [f"{label} {scores[label]:.4f}" for label in ranked]
    lines = [texts[start : start + _ON_A_LINE] for start in range(0, len(texts), _ON_A_LINE)]
    return ",\n".join(", ".join(line) for line in lines)
