"""`koubai landscape`: the valley that a run descended."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from koubai.cli.options import Language, whole_number
from koubai.cli.terminal import complain, console, grid, print_json
from koubai.errors import RunError, SettingError, unknown_name

if TYPE_CHECKING:
    from koubai.landscapes.plane import Plane
    from koubai.landscapes.result import Landscape
    from koubai.training.run import Run

EXAMPLES = """
What is found is kept in the run's folder, or in the one that `--out` names: after Ctrl-C, or a
kill, the same command goes on where it stopped.

**Examples**

- `koubai landscape runs/digits --figure valley.png`

- `koubai landscape runs/digits --plane random --metric accuracy --data test --span 1`

- `koubai landscape runs/sgd runs/adam --figure valley.png`

- `koubai landscape runs/digits --size 201 --cluster tcp://192.168.0.2:8786`
"""

PLANES = ("path", "random", "curvature")
_GRID, _VALUES, _OUTPUT = "Plane", "Values", "Result"


def landscape(
    folders: Annotated[
        list[Path],
        typer.Argument(
            metavar="DIR...",
            help="The run; or several of one network on the same data, whose paths are drawn on "
            "one surface.",
            show_default=False,
        ),
    ],
    plane: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="path: through the run's path; random: in random directions; curvature: where "
            "the loss bends most.",
            rich_help_panel=_GRID,
        ),
    ] = "path",
    size: Annotated[
        str,
        typer.Option(
            metavar="N", help="Points along each axis, or 51,31 for both.", rich_help_panel=_GRID
        ),
    ] = "51",
    span: Annotated[
        str | None,
        typer.Option(
            metavar="X",
            help="How far to either side, or from,to as -1,2. [default: what the path needs]",
            rich_help_panel=_GRID,
        ),
    ] = None,
    normalise: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Length of random directions: filter, layer, or none. [default: filter]",
            rich_help_panel=_GRID,
        ),
    ] = None,
    seed: Annotated[
        int,
        typer.Option(
            metavar="N",
            parser=whole_number,
            help="Seed of random directions, and of --examples.",
            rich_help_panel=_GRID,
        ),
    ] = 0,
    metric: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="loss, accuracy, gradient_norm, or gradient for arrows.",
            rich_help_panel=_VALUES,
        ),
    ] = "loss",
    data: Annotated[
        str,
        typer.Option(metavar="NAME", help="train, test, or validation.", rich_help_panel=_VALUES),
    ] = "train",
    examples: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            parser=whole_number,
            help="Look at so many examples, drawn at random. [default: all]",
            rich_help_panel=_VALUES,
        ),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Compute on a Dask cluster, as tcp://scheduler:8786.",
            rich_help_panel=_VALUES,
        ),
    ] = None,
    figure: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Draw it: .png, .svg or .pdf.", rich_help_panel=_OUTPUT),
    ] = None,
    three_d: Annotated[
        bool,
        typer.Option("--three-d", help="Draw the surface in space.", rich_help_panel=_OUTPUT),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder for the values, in Zarr, as valley.zarr. [default: in the run]",
            rich_help_panel=_OUTPUT,
        ),
    ] = None,
    language: Language = "en",
    json: Annotated[
        bool,
        typer.Option("--json", help="Print one JSON object instead.", rich_help_panel=_OUTPUT),
    ] = False,
) -> None:
    """Look at the loss on a plane through a run's parameters, with its path.

    Of several runs the loss is that of the first.
    """
    if plane not in PLANES:
        raise unknown_name("plane", plane, PLANES)
    if normalise is not None and plane != "random":
        raise SettingError(
            f"normalise is {normalise!r}, which is for random directions, and the plane "
            f"{plane!r} has others: leave --normalise out, or give --plane random"
        )
    _check_figure(figure, three_d, metric)
    from koubai.landscapes.cluster import on_cluster
    from koubai.landscapes.landscape import landscape as values_on
    from koubai.landscapes.landscape import paths_of
    from koubai.training.run import load_run

    runs = {name: load_run(folder) for name, folder in _names(folders).items()}
    paths = paths_of(runs, needed=plane == "path")
    length = normalise or "filter"
    missing = [name for name in runs if name not in paths]
    asked = [plane, size, span, length, seed, metric, data, examples, *missing]
    place = out or _place(folders, asked)
    try:
        with nullcontext() if cluster is None else on_cluster(cluster):
            land = values_on(
                runs,
                _plane(list(runs.values()), plane, data, length, seed),
                size=_size(size),
                span=_span(span),
                metric=metric,
                path=paths,
                data=data,
                examples=examples,
                seed=seed,
                out=place,
            )
    except KeyboardInterrupt:
        complain(f"interrupted: {_kept(place)}")
        raise typer.Exit(130) from None
    if figure is not None:
        _draw(land, figure, three_d, language)
    facts = _facts(land, folders, place, figure)
    if json:
        print_json(facts)
    else:
        _show(land, facts)


def _draw(land: Landscape, figure: Path, three_d: bool, chosen: str) -> None:
    from koubai.figures.languages import language

    with language(chosen):
        land.save(figure, **({"three_d": True} if three_d else {}))


# --- what is asked ------------------------------------------------------------------------------


def _check_figure(figure: Path | None, three_d: bool, metric: str) -> None:
    if figure is not None:
        from koubai.figures.save import PICTURES, check_suffix

        check_suffix(figure, PICTURES)
    elif three_d:
        raise SettingError("--figure is missing: give a file to draw the surface in")
    if three_d and metric == "gradient":
        raise SettingError("--three-d is given, and the metric gradient is arrows on a map: "
                           "leave one of them out")  # fmt: skip


def _names(folders: Sequence[Path]) -> dict[str, Path]:
    """What the runs are called: a single one has no name, several that of their folder."""
    if len(folders) == 1:
        return {"": folders[0]}
    names = [folder.name for folder in folders]
    if len(set(names)) < len(names):
        names = [str(folder) for folder in folders]
    if len(set(names)) < len(names):
        raise SettingError(f"DIR names {names[0]!r} more than once: name each run once")
    return dict(zip(names, folders, strict=True))


def _plane(runs: Sequence[Run], name: str, data: str, normalise: str, seed: int) -> Plane:
    from koubai.landscapes.landscape import objective_of
    from koubai.landscapes.plane import Plane

    if name == "path":
        return Plane.of_path(*(run.path for run in runs))
    objective = objective_of(runs[0], data)
    if name == "random":
        return Plane.random(objective, seed, normalise)
    return Plane.of_curvature(objective)


def _size(text: str) -> tuple[int, ...] | int:
    sizes = [part.strip() for part in text.split(",")]
    if not all(size.isdecimal() for size in sizes):
        raise SettingError(f"size is {text!r}: give a whole number, or two as 51,31")
    return int(sizes[0]) if len(sizes) == 1 else tuple(int(size) for size in sizes)


def _span(text: str | None) -> Any:
    if text is None:
        return None
    try:
        ends = [float(part) for part in text.split(",")]
    except ValueError:
        raise SettingError(f"span is {text!r}: give a number, or two as -1,2") from None
    return ends[0] if len(ends) == 1 else tuple(ends)


def _place(folders: Sequence[Path], asked: Sequence[object]) -> Path:
    """Where the values of this question about these runs are kept: in the first one's folder."""
    from koubai.training.storage import read_description

    content = repr([*(read_description(folder).state_sha256 for folder in folders), *asked])
    name = "-".join(str(part) for part in (asked[0], asked[5], asked[6]))
    return (
        folders[0]
        / "landscapes"
        / f"{name}-{hashlib.sha256(content.encode()).hexdigest()[:8]}.zarr"
    )


# --- what comes of it ---------------------------------------------------------------------------


def _kept(place: Path) -> str:
    from koubai.landscapes.storage import GridFolder

    try:
        kept, points = GridFolder(place).points
    except RunError:
        return "there is nothing to keep yet"
    return (
        f"{kept:,} of {points:,} points are kept in {place}, and the same command goes on from "
        f"there"
    )


def _facts(
    land: Landscape, folders: Sequence[Path], place: Path, figure: Path | None
) -> dict[str, Any]:
    import numpy as np

    heights = land.values if land.heights is None else land.heights
    finite = np.where(np.isfinite(heights), heights, np.inf)
    lowest = np.unravel_index(finite.argmin(), heights.shape)
    return {
        "runs": [str(folder) for folder in folders],
        "plane": land.plane.kind,
        "directions": list(land.plane.labels),
        "cosine": land.plane.cosine,
        "metric": land.metric,
        "size": [len(axis) for axis in land.axes],
        "axes": [[float(axis[0]), float(axis[-1])] for axis in land.axes],
        "least": float(heights[lowest]),
        "least_at": [float(axis[i]) for axis, i in zip(land.axes, lowest, strict=True)],
        "greatest": float(np.where(np.isfinite(heights), heights, -np.inf).max()),
        "not_finite": int(np.sum(~np.isfinite(heights))),
        "error": None if land.errors is None else float(np.nanmax(land.errors)),
        "paths": {
            name: {
                "share": path.share,
                "farthest": float(path.distances.max()),
                "start": float(path.values[0]),
                "beneath_start": float(path.beneath[0]),
                "end": float(path.values[-1]),
            }
            for name, path in land.paths.items()
        },
        "about": land.about,
        "kept": str(place),
        "figure": None if figure is None else str(figure),
    }  # fmt: skip


def _show(land: Landscape, facts: dict[str, Any]) -> None:
    about = facts["about"]
    lines = grid("", "")
    lines.add_row("plane", f"{facts['plane']}: {', '.join(facts['directions'])}")
    for name, path in facts["paths"].items():
        lines.add_row(f"path {name}".strip(), f"{path['share']:.1%} of its movement lies in the "
                      f"plane, up to {path['farthest']:.3g} off it")  # fmt: skip
        lines.add_row("loss at the start", f"{path['start']:.4g}, on the plane beneath it "
                      f"{path['beneath_start']:.4g}")  # fmt: skip
    of = f" of {about['of']:,}" if "of" in about else ""
    lines.add_row("data", f"{about['data']}: {about['examples']:,}{of} examples, "
                  f"sha256 {about['digest'][:12]}")  # fmt: skip
    named = "loss" if land.heights is not None else facts["metric"]
    place = ", ".join(f"{at:.4g}" for at in facts["least_at"])
    lines.add_row(f"{named}, least", f"{facts['least']:.4g} at ({place})")
    lines.add_row(f"{named}, greatest", f"{facts['greatest']:.4g}")
    if facts["error"] is not None:
        lines.add_row("standard error", f"up to {facts['error']:.2g}")
    if facts["not_finite"]:
        lines.add_row("not finite", f"{facts['not_finite']:,} of {land.values.size:,} values")
    lines.add_row("kept in", facts["kept"])
    if facts["figure"] is not None:
        lines.add_row("figure", facts["figure"])
    console().print(lines)
