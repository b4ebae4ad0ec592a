"""`koubai train`: a network on data, from one line."""

from __future__ import annotations

import shlex
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from koubai.cli import options
from koubai.cli.options import build_network, load_data, parse_layers
from koubai.cli.terminal import complain, print_json
from koubai.errors import KoubaiError, SettingError

if TYPE_CHECKING:
    from koubai.training.run import Run

EXAMPLES = """
What is left out is chosen to suit the data. **Examples**

- `koubai train digits`

- `koubai train mnist --layers 50 --optimizer sgd --epochs 17`

- `koubai train houses.csv --target price --validation 0.1 --patience 10`

- `koubai train --resume runs/digits-20260401-120000 --epochs 80`
"""

# What may stand beside --resume: everything else was settled when the run began.
_BESIDE_RESUME = {"resume", "epochs", "json", "no_figures"}
_TRAINING, _OUTPUT = "Training", "Result"


def train(
    context: typer.Context,
    what: Annotated[
        str | None, typer.Argument(help=options.WHAT, show_default=False, metavar="WHAT")
    ] = None,
    target: options.Target = None,
    folder: options.MnistFolder = None,
    layers: options.Layers = None,
    hidden: options.Hidden = None,
    output: options.Output = None,
    initialiser: options.Initial = None,
    loss: options.LossName = None,
    optimizer: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="adam, sgd, momentum, nesterov, adagrad, rmsprop, adamw.",
            rich_help_panel=_TRAINING,
        ),
    ] = None,
    learning_rate: Annotated[
        float | None, typer.Option(metavar="η", help="Learning rate.", rich_help_panel=_TRAINING)
    ] = None,
    schedule: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="How the learning rate changes: constant, linear, cosine, exponential.",
            rich_help_panel=_TRAINING,
        ),
    ] = None,
    batch_size: Annotated[
        int | None,
        typer.Option(metavar="N", help="Examples in a mini-batch.", rich_help_panel=_TRAINING),
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="Times through the training data.", rich_help_panel=_TRAINING
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Decides initial weights and mini-batches. [default: 0]",
            rich_help_panel=_TRAINING,
        ),
    ] = None,
    weight_decay: Annotated[
        float | None,
        typer.Option(metavar="λ", help="L2 weight decay. [default: 0]", rich_help_panel=_TRAINING),
    ] = None,
    validation: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="Share of the training data held back to watch. [default: 0]",
            rich_help_panel=_TRAINING,
        ),
    ] = None,
    patience: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Stop after N epochs without a better validation loss.",
            rich_help_panel=_TRAINING,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Where to save the run. [default: runs/WHAT-date-time]",
            rich_help_panel=_OUTPUT,
        ),
    ] = None,
    force: Annotated[
        bool,
        typer.Option("--force", help="Overwrite a run in --out.", rich_help_panel=_OUTPUT),
    ] = False,
    resume: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Go on with this run instead; --epochs may give it more.",
            rich_help_panel=_OUTPUT,
        ),
    ] = None,
    record_every: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Iterations between points of the path. [default: for about 256 points]",
            rich_help_panel=_OUTPUT,
        ),
    ] = None,
    no_figures: Annotated[
        bool, typer.Option("--no-figures", help="Draw no pictures.", rich_help_panel=_OUTPUT)
    ] = False,
    json: Annotated[
        bool,
        typer.Option("--json", help="Print one JSON object instead.", rich_help_panel=_OUTPUT),
    ] = False,
) -> None:
    """Train a network on data and save the run."""
    progress = False if json else None
    if resume is not None:
        _refuse_beside_resume(context.params)
        from koubai.training.train import resume as go_on

        run = go_on(resume, epochs=epochs, progress=progress)
    else:
        if what is None:
            raise SettingError("WHAT is missing: name data, as in `koubai train digits`")
        from koubai.training.recipes import recipe
        from koubai.training.train import train as learn

        data = load_data(what, target, folder)
        usual = recipe(data)
        # The recipe's rate and schedule belong to its optimiser, and to each other.
        as_usual = learning_rate is None and optimizer in (None, usual.optimizer)
        units = usual.layers if layers is None else parse_layers(layers)
        network = build_network(data, units, hidden or usual.hidden, output, initialiser)
        run = learn(
            network,
            data,
            optimizer=optimizer or usual.optimizer,
            learning_rate=usual.learning_rate if as_usual else learning_rate,
            batch_size=usual.batch_size if batch_size is None else batch_size,
            epochs=usual.epochs if epochs is None else epochs,
            seed=seed or 0,
            loss=loss,
            schedule=schedule or (usual.schedule if as_usual else "constant"),
            weight_decay=weight_decay or 0.0,
            validation=validation or 0.0,
            patience=patience,
            out=out or _new_folder(data.name),
            force=force,
            record_every=record_every,
            progress=progress,
        )
    _finish(run, figures=not no_figures, json=json)


def _refuse_beside_resume(given: dict[str, Any]) -> None:
    for name, value in given.items():
        if name not in _BESIDE_RESUME and value is not None and value is not False:
            option = "WHAT" if name == "what" else f"--{name.replace('_', '-')}"
            raise SettingError(
                f"{option} is given together with --resume, which goes on as the run began: leave "
                f"it out, or train a new run (only --epochs may change)"
            )


def _new_folder(name: str) -> Path:
    """A folder under runs/ that is not there yet."""
    first = Path("runs") / f"{name}-{time.strftime('%Y%m%d-%H%M%S')}"
    folder, number = first, 2
    while folder.exists():
        folder, number = first.with_name(f"{first.name}-{number}"), number + 1
    return folder


def _finish(run: Run, figures: bool, json: bool) -> None:
    from koubai.cli.summary import facts, show

    drawn = _draw(run) if figures and run.stopped != "interrupted" else []
    if json:
        print_json(facts(run, drawn))
    else:
        show(run, drawn)
    if run.stopped == "diverged":
        complain(f"training diverged: {run.outcome.message}")
        raise typer.Exit(1)
    if run.stopped == "interrupted":
        complain(
            f"{run.outcome.message}; what was learnt is kept. To go on: "
            f"koubai train --resume {shlex.quote(str(run.folder))}"
        )
        raise typer.Exit(130)


def _draw(run: Run) -> list[Path]:
    """The pictures of a run; without them it is worth its summary still."""
    from koubai.figures import save_run_figures

    try:
        return save_run_figures(run, Path(str(run.folder)) / "figures")
    except KoubaiError as error:
        complain(f"no pictures: {error}")
        return []
