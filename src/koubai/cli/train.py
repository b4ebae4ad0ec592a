"""`koubai train`: a network on data, from one line."""

from __future__ import annotations

import shlex
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from koubai.cli import options
from koubai.cli.options import (
    AUTO,
    Rate,
    build_network,
    parse_layers,
    parse_rate,
    real_number,
    whole_number,
)
from koubai.cli.terminal import complain, print_json
from koubai.cli.wording import Option, in_options, options_of
from koubai.errors import KoubaiError, RunError, SettingError

if TYPE_CHECKING:
    from typer.core import TyperCommand

    from koubai.data import Dataset
    from koubai.diagnosis.finding import Finding
    from koubai.networks.network import Network
    from koubai.training.run import Run

EXAMPLES = """
What is left out is chosen to suit the data. **Examples**

- `koubai train digits`

- `koubai train mnist --layers 50 --optimizer sgd --epochs 17`

- `koubai train houses.csv --target price --validation 0.1 --patience 10`

- `koubai train digits --optimizer sgd --learning-rate auto`

- `koubai train --resume runs/digits-20260401-120000 --epochs 80`
"""

# What may stand beside --resume: everything else was settled when the run began.
_BESIDE_RESUME = {"resume", "epochs", "json", "no_figures", "language", "report"}
_TRAINING, _OUTPUT = "Training", "Result"


def train(
    context: typer.Context,
    what: Annotated[
        str | None, typer.Argument(help=options.WHAT, show_default=False, metavar="WHAT")
    ] = None,
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
    optimizer: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="adam, sgd, momentum, nesterov, adagrad, rmsprop, adamw.",
            rich_help_panel=_TRAINING,
        ),
    ] = None,
    learning_rate: Annotated[
        Rate | None,
        typer.Option(
            metavar="η",
            parser=parse_rate,
            help="Learning rate; auto tries many and takes the one that suits.",
            rich_help_panel=_TRAINING,
        ),
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
        typer.Option(
            metavar="N",
            parser=whole_number,
            help="Examples in a mini-batch.",
            rich_help_panel=_TRAINING,
        ),
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            parser=whole_number,
            help="Times through the training data.",
            rich_help_panel=_TRAINING,
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            parser=whole_number,
            help="Decides initial weights and mini-batches. [default: 0]",
            rich_help_panel=_TRAINING,
        ),
    ] = None,
    weight_decay: Annotated[
        float | None,
        typer.Option(
            metavar="λ",
            parser=real_number,
            help="L2 weight decay. [default: 0]",
            rich_help_panel=_TRAINING,
        ),
    ] = None,
    validation: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            parser=real_number,
            help="Share of the training data held back to watch. [default: 0]",
            rich_help_panel=_TRAINING,
        ),
    ] = None,
    patience: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            parser=whole_number,
            help="Stop after N epochs without a better validation loss.",
            rich_help_panel=_TRAINING,
        ),
    ] = None,
    gradient: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="backprop, or numerical: by finite differences alone. [default: backprop]",
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
        typer.Option(
            "--force",
            help="Write into --out whatever it holds, a run too.",
            rich_help_panel=_OUTPUT,
        ),
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
            parser=whole_number,
            help="Iterations between points of the path. [default: for about 256 points]",
            rich_help_panel=_OUTPUT,
        ),
    ] = None,
    language: options.Language = "en",
    no_figures: Annotated[
        bool,
        typer.Option(
            "--no-figures",
            help="Draw no pictures; to be said again with --resume.",
            rich_help_panel=_OUTPUT,
        ),
    ] = False,
    report: Annotated[
        bool,
        typer.Option(
            "--report",
            help="Write report.html into the run: all about it on one page.",
            rich_help_panel=_OUTPUT,
        ),
    ] = False,
    json: Annotated[
        bool,
        typer.Option("--json", help="Print one JSON object instead.", rich_help_panel=_OUTPUT),
    ] = False,
) -> None:
    """Train a network on data and save the run."""
    progress = False if json else None
    place = None  # where a run is, once training has it
    try:
        if resume is not None:
            _refuse_beside_resume(context.params)
            from koubai.training.train import resume as go_on

            place = resume
            run = go_on(resume, epochs=epochs, progress=progress)
            if epochs is not None and run.settings.schedule != "constant":
                complain(
                    f"the {run.settings.schedule} schedule was laid over all {epochs} epochs anew"
                )
        else:
            if what is None:
                raise SettingError("WHAT is missing: name data, as in `koubai train digits`")
            from koubai.data import from_argument
            from koubai.training.recipes import recipe
            from koubai.training.train import train as learn

            data = from_argument(what, target, task=task, size=size, colour=colour, folder=folder)
            usual = recipe(data)
            # The recipe's rate and schedule belong to its optimiser, and to each other; a rate
            # that is found is one to begin with, as the recipe's is.
            own_optimizer = optimizer in (None, usual.optimizer)
            as_usual = learning_rate is None and own_optimizer
            scheduled = learning_rate in (None, AUTO) and own_optimizer
            units = usual.layers if layers is None else parse_layers(layers)
            network = build_network(data, units, hidden, usual.hidden, output, initialiser)
            optimizer = optimizer or usual.optimizer
            batch_size_or_usual = usual.batch_size if batch_size is None else batch_size
            rate = usual.learning_rate if as_usual else learning_rate and learning_rate.value
            if learning_rate == AUTO:
                rate = _found_rate(network, data, optimizer, batch_size_or_usual, seed or 0, loss)
            place = out or _new_folder(data.name)
            run = learn(
                network,
                data,
                optimizer=optimizer,
                learning_rate=rate,
                batch_size=batch_size_or_usual,
                epochs=usual.epochs if epochs is None else epochs,
                seed=seed or 0,
                loss=loss,
                schedule=schedule or (usual.schedule if scheduled else "constant"),
                weight_decay=weight_decay or 0.0,
                validation=validation or 0.0,
                patience=patience,
                gradient=gradient or "backprop",
                out=place,
                force=force,
                record_every=record_every,
                progress=progress,
            )
            _mention_whole_batches(run, batch_size)
    except KeyboardInterrupt:
        complain(_what_is_left(place))
        raise typer.Exit(130) from None
    own = options_of(cast("TyperCommand", context.command))
    page = _write_report(run, language) if report and run.stopped != "interrupted" else None
    _finish(run, None if no_figures else language, page, json, own)


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


def _mention_whole_batches(run: Run, batch_size: int | None) -> None:
    """Says that what was asked for is more than there is."""
    if batch_size is not None and batch_size > (examples := len(run.split("train"))):
        complain(
            f"--batch-size is {batch_size}, but there are {examples} training examples: each "
            f"mini-batch is all of them"
        )


def _found_rate(
    network: Network, data: Dataset, optimizer: str, batch_size: int, seed: int, loss: str | None
) -> float:
    """The learning rate that a sweep over many of them suggests; says why."""
    from koubai.training.rate_range import learning_rate_range

    found = learning_rate_range(network, data, optimizer, batch_size, seed, loss=loss)
    complain(f"learning rate {found.suggestion:g}: {found.reason}")
    return found.suggestion


def _what_is_left(place: Path | None) -> str:
    """What there is after a Ctrl-C that came before training began, or a second one during it."""
    nothing = "interrupted before the first iteration: nothing was learnt"
    if place is None:  # perhaps while modules were imported, which must not be tried again
        return nothing
    from koubai.training.storage import read_description

    try:
        iterations = read_description(place).outcome.iterations
    except RunError:
        return nothing
    if iterations == 0:
        return nothing
    return (
        f"interrupted; {str(place)!r} holds the run as it was saved last, after {iterations} "
        f"iterations. {_to_go_on(place)}"
    )


def _to_go_on(folder: object) -> str:
    return f"To go on: koubai train --resume {shlex.quote(str(folder))}"


def _write_report(run: Run, language: str) -> Path | None:
    """The page of a run; without it the run is worth its summary still."""
    from koubai.cli.report import REPORT
    from koubai.report import save_page

    try:
        return save_page(run, Path(str(run.folder)) / REPORT, language=language)
    except KoubaiError as error:
        complain(f"no report: {error}")
    except KeyboardInterrupt:
        complain(f"no report: interrupted; the run is in {str(run.folder)!r}")
    return None


def _finish(
    run: Run,
    language: str | None,
    report: Path | None,
    json: bool,
    options: Mapping[str, Option],
) -> None:
    from koubai.cli.summary import facts, show
    from koubai.training.interrupt import exit_code

    drawn = _draw(run, language) if language else []
    # Whoever interrupts wants to be gone soon, and half a training has no end to be judged.
    findings = _diagnose(run) if run.stopped != "interrupted" else []
    if json:
        print_json(facts(run, drawn, findings, report))
    else:
        show(run, drawn, [in_options(str(finding), options) for finding in findings], report)
    if run.stopped == "diverged":
        complain(f"training diverged: {run.outcome.message}")
        raise typer.Exit(1)
    if run.stopped == "interrupted":
        complain(f"{run.outcome.message}; what was learnt is kept. {_to_go_on(run.folder)}")
        raise typer.Exit(exit_code(run.outcome.message))


def _diagnose(run: Run) -> list[Finding]:
    """What goes wrong in the training, if anything."""
    try:
        return run.diagnose()
    except KeyboardInterrupt:
        complain(f"no diagnosis: interrupted; the run is in {str(run.folder)!r}")
    return []


def _draw(run: Run, chosen: str) -> list[Path]:
    """The pictures of a run; without them it is worth its summary still."""
    from koubai.figures import language, save_run_figures
    from koubai.training.storage import FIGURES

    try:
        with language(chosen):
            return save_run_figures(run, Path(str(run.folder)) / FIGURES)
    except KoubaiError as error:
        complain(f"no pictures: {error}")
    except KeyboardInterrupt:
        complain(f"no pictures: interrupted; the run is in {str(run.folder)!r}")
    return []
