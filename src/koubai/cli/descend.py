"""`koubai descend`: down a formula or a known surface, step by step."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from koubai.cli.options import Language, real_number, whole_number
from koubai.cli.terminal import complain, console, grid, print_json
from koubai.errors import FunctionError, SettingError

if TYPE_CHECKING:
    from koubai.descent.descend import Comparison
    from koubai.descent.path import Path as Descent
    from koubai.functions.expressions import Expression
    from koubai.functions.surfaces import Surface
    from koubai.objectives.objective import Objective

EXAMPLES = """
**Examples**

- `koubai descend "x0**2 + x1**2" --start 3,4 --learning-rate 0.1`

- `koubai descend "x**4 - 3*x^2 + x" --start 2 --table`

- `koubai descend rosenbrock --optimizer sgd,momentum,adam --steps 500 --figure valley.png`

- `koubai descend himmelblau --figure ball.gif`

A formula that begins with a minus stands behind two: `koubai descend --start 1 -- "-cos(x)"`
"""

_DESCENT, _OUTPUT = "Descent", "Result"
# A table of more points shows so many of the first and of the last.
_ROWS_AT_AN_END = 10
_A_POINT = "numbers, such as 3,4"


def descend(
    what: Annotated[
        str,
        typer.Argument(
            help="a formula of x0 and x1 (or x and y), or the name of a surface: bowl, ellipse, "
            "rosenbrock, himmelblau, beale, saddle, …",
            show_default=False,
            metavar="WHAT",
        ),
    ],
    start: Annotated[
        str | None,
        typer.Option(
            metavar="X,X",
            help="Where to start, as 3,4. [default: the surface's own start]",
            rich_help_panel=_DESCENT,
        ),
    ] = None,
    learning_rate: Annotated[
        str | None,
        typer.Option(
            metavar="η",
            help="Learning rate; with several optimizers one for all, or one for each as 0.1,0.01. "
            "[default: the usual one, or less where f is curved, halved until f falls; for "
            "adagrad, rmsprop, adam and adamw 4 · max(1, |start|) / min(steps, 100)]",
            rich_help_panel=_DESCENT,
        ),
    ] = None,
    steps: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            parser=whole_number,
            help="Steps at most. [default: 100, or as many as the surface takes]",
            rich_help_panel=_DESCENT,
        ),
    ] = None,
    optimizer: Annotated[
        str,
        typer.Option(
            metavar="NAME,…",
            help="sgd, momentum, nesterov, adagrad, rmsprop, adam, adamw; several to compare them.",
            rich_help_panel=_DESCENT,
        ),
    ] = "sgd",
    gradient: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="exact or numerical.", rich_help_panel=_DESCENT),
    ] = None,
    step: Annotated[
        float | None,
        typer.Option(
            metavar="H",
            parser=real_number,
            help="The h of the numerical gradient. [default: what rounding allows]",
            rich_help_panel=_DESCENT,
        ),
    ] = None,
    tolerance: Annotated[
        float,
        typer.Option(
            metavar="T",
            parser=real_number,
            help="Stop once the gradient is not longer than this.",
            rich_help_panel=_DESCENT,
        ),
    ] = 0.0,
    figure: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Draw the path: .png, .svg or .pdf; .gif or .mp4 for an animation.",
            rich_help_panel=_OUTPUT,
        ),
    ] = None,
    three_d: Annotated[
        bool,
        typer.Option("--three-d", help="Draw the surface in space.", rich_help_panel=_OUTPUT),
    ] = False,
    table: Annotated[
        bool,
        typer.Option(
            "--table",
            help="Print x, f, ∇f and, in two variables, the angles to the contour of each step.",
            rich_help_panel=_OUTPUT,
        ),
    ] = False,
    every: Annotated[
        bool,
        typer.Option("--all", help="Leave no row of the table out.", rich_help_panel=_OUTPUT),
    ] = False,
    language: Language = "en",
    json: Annotated[
        bool,
        typer.Option("--json", help="Print one JSON object instead.", rich_help_panel=_OUTPUT),
    ] = False,
) -> None:
    """Descend a function of one or two variables, and say what happened.

    Exits with 1 when a descent diverged, upwards or to the bottomless.
    """
    f = _function(what)
    names = [name.strip() for name in optimizer.split(",")]
    if figure is not None:
        _check_figure(figure, three_d, len(names), f)
    elif three_d:
        raise SettingError("--figure is missing: give a file to draw the surface in")
    from koubai.descent.descend import compare

    rates = _rates(learning_rate, names)
    objective = _objective(f, start)
    comparison = compare(
        objective,
        names,
        steps=steps,
        learning_rates=rates,
        gradient=gradient or ("exact" if step is None else "numerical"),
        step=step,
        tolerance=tolerance,
    )
    if figure is not None:
        _draw(comparison, figure, three_d, language)
    if json:
        print_json(_facts(what, f, comparison.paths, table, figure))
    else:
        _show(what, f, comparison, figure)
        if table:
            _show_tables(comparison, every)
    for name, path in comparison.paths.items():
        if path.stable_learning_rate is not None or path.stopped == "diverged":
            complain(f"{name}: {path.message}")
    diverged = any(path.stopped == "diverged" for path in comparison.paths.values())
    raise typer.Exit(1 if diverged else 0)


# --- what is asked ------------------------------------------------------------------------------


def _function(what: str) -> Surface | Expression:
    """The surface of that name, or the formula."""
    from koubai.functions.expressions import VARIABLES, expression
    from koubai.functions.surfaces import surfaces

    name = what.strip().replace(" ", "_").replace("-", "_")  # as in "six-hump camel"
    if name in surfaces or (what.isidentifier() and what not in VARIABLES):
        return surfaces[name]
    try:
        return expression(what)
    except FunctionError as error:
        reason, *picture = str(error).splitlines()
        complain(reason)
        typer.echo("\n".join(picture), err=True)
        raise typer.Exit(2) from error


def _objective(f: Surface | Expression, start: str | None) -> Objective:
    from koubai.functions.expressions import Expression
    from koubai.objectives.objective import Objective, as_start

    if isinstance(f, Expression):
        if start is None:
            example = ",".join("34"[: len(f.variables)])
            raise SettingError(f"start is missing: give a point, such as --start {example}")
        names = () if f.variables[0] == "x0" else f.variables
        return Objective(f, as_start(_numbers("start", start, _A_POINT)), names)
    return Objective(f, as_start(f.start if start is None else _numbers("start", start, _A_POINT)))


def _numbers(name: str, text: str, wanted: str) -> list[float]:
    try:
        return [float(number) for number in text.split(",")]
    except ValueError:
        raise SettingError(f"{name} is {text!r}: give {wanted}") from None


def _rates(text: str | None, names: list[str]) -> list[float] | None:
    if text is None:
        return None
    rates = _numbers("learning_rate", text, "a number, such as 0.1")
    if len(rates) not in (1, len(names)):
        given = "one optimizer" if len(names) == 1 else f"{len(names)} optimizers"
        raise SettingError(
            f"learning_rate is {text!r}, {len(rates)} numbers for {given}: give one for all, or "
            f"one for each of --optimizer {','.join(names)}"
        )
    return rates * len(names) if len(rates) == 1 else rates


# --- what comes of it ---------------------------------------------------------------------------


def _check_figure(file: Path, three_d: bool, optimizers: int, f: Surface | Expression) -> None:
    from koubai.figures.animation import ANIMATIONS
    from koubai.figures.save import PICTURES, check_suffix

    check_suffix(file, (*PICTURES, *ANIMATIONS))
    moves = file.suffix.lower() in ANIMATIONS
    if three_d and len(getattr(f, "variables", ("x0", "x1"))) == 1:
        raise SettingError(
            "--three-d draws a function of two variables, and this one has one: leave it out for "
            "the curve"
        )
    if optimizers > 1 and moves:
        raise SettingError(
            f"optimizer names {optimizers}, and an animation shows one path: name one, or give "
            f".png, .svg or .pdf"
        )


def _draw(comparison: Comparison, file: Path, three_d: bool, chosen: str) -> None:
    from koubai.figures.animation import ANIMATIONS, animate
    from koubai.figures.languages import language
    from koubai.figures.path import comparison_figure, path_figure
    from koubai.figures.save import save
    from koubai.figures.surface import surface

    first, *others = comparison.paths.values()
    with language(chosen):
        if file.suffix.lower() in ANIMATIONS:
            animate(first, file=file, f=None, three_d=three_d)
        elif three_d:
            save(surface(comparison.objective, comparison), file)
        else:
            save(comparison_figure(comparison) if others else path_figure(first), file)


def _show(what: str, f: Surface | Expression, comparison: Comparison, figure: Path | None) -> None:
    paths = comparison.paths
    first = next(iter(paths.values()))
    lines = grid("", "")
    lines.add_row("function", what)
    for name, minima in _minima(f):
        lines.add_row(name, minima)
    lines.add_row("start", f"{_value(first.values[0])} at {_point(first.points[0])}")
    lines.add_row("gradient", first.gradient)
    if figure is not None:
        lines.add_row("saved", str(figure.resolve()))
    screen = console()
    screen.print(lines)
    screen.print()
    results = grid("optimizer", "η", "end", "f", "steps", "stopped", right=("η", "f", "steps"))
    for name, path in paths.items():
        results.add_row(
            name,
            f"{path.learning_rate:.4g}",
            _point(path.points[-1]),
            _value(path.values[-1]) if math.isfinite(path.values[-1]) else "not finite",
            f"{len(path) - 1:,}",
            _stopped(path),
        )
    screen.print(results)


def _minima(f: Surface | Expression) -> Iterator[tuple[str, str]]:
    """The minima of a surface, those of the same height in one line."""
    from koubai.functions.surfaces import Surface

    known = f.minima if isinstance(f, Surface) else ()
    heights = [_value(round(float(f(point)), 12)) for point in known]
    for height in dict.fromkeys(heights):
        points = [_point(point) for point, at in zip(known, heights, strict=True) if at == height]
        yield ("minima" if len(points) > 1 else "minimum"), f"{height} at {', '.join(points)}"


def _stopped(path: Descent) -> str:
    bound, bad = path.stable_learning_rate, path.first_bad_step
    stable = "" if bound is None else f", stable η < {bound:.3g}"
    if bad is None and stable:
        return f"{path.stopped}, swings{stable}"
    if bad is None:
        return "steps, still falls" if path.stopped == "steps" and path.message else path.stopped
    if path.message.startswith("the value falls for ever"):
        return f"falls for ever, out of bounds at {bad}"
    return f"diverged at {bad}{stable}"


def _show_tables(comparison: Comparison, every: bool) -> None:
    screen = console()
    angles = "; angles with the contour, in degrees" if comparison.objective.start.size > 1 else ""
    for name, path in comparison.paths.items():
        screen.print(f"\n{name}, η = {path.learning_rate:.4g}{angles}")
        screen.print(_table(comparison.objective, path, every))


def _table(objective: Objective, path: Descent, every: bool) -> Any:
    x = objective.names or [f"x{i}" for i in range(objective.start.size)]
    angles = ("leaves", "arrives") if len(x) > 1 else ()  # no angle in one variable
    columns = ("step", *x, "f", *(f"∂f/∂{name}" for name in x), *angles)
    table = grid(*columns, right=columns, gap=1)
    rows = [
        (f"{step}", *map(_value, values), *turns[: len(angles)])
        for step, values, turns in _rows(path)
    ]
    short = every or len(rows) <= 2 * _ROWS_AT_AN_END
    for row in rows if short else rows[:_ROWS_AT_AN_END]:
        table.add_row(*row)
    if not short:
        table.add_row(*["…"] * len(columns))
        for row in rows[-_ROWS_AT_AN_END:]:
            table.add_row(*row)
    return table


def _rows(path: Descent) -> Iterator[tuple[int, list[float], tuple[str, str]]]:
    """The step, then x, f and ∇f, then the angles with which the path arrives and leaves."""
    leaves = [*map(_angle, path.departure_angles), ""]
    arrives = ["", *map(_angle, path.arrival_angles)]
    for k, (x, value) in enumerate(zip(path.points, path.values, strict=True)):
        slopes = [] if path.gradients is None else path.gradients[k].ravel().tolist()
        yield k, [*x.ravel().tolist(), float(value), *slopes], (leaves[k], arrives[k])


def _facts(
    what: str,
    f: Surface | Expression,
    paths: Mapping[str, Descent],
    table: bool,
    figure: Path | None,
) -> dict[str, Any]:
    return {
        "function": what,
        "formula": f.formula,
        "figure": None if figure is None else str(figure),
        "descents": [_fact(name, path, table) for name, path in paths.items()],
    }


def _fact(name: str, path: Descent, table: bool) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "optimizer": name,
        "learning_rate": path.learning_rate,
        "gradient": path.gradient,
        "start": path.points[0].tolist(),
        "end": path.points[-1].tolist(),
        "first_value": float(path.values[0]),
        "value": float(path.values[-1]),
        "steps": len(path) - 1,
        "stopped": path.stopped,
        "message": path.message,
        "first_bad_step": path.first_bad_step,
        "stable_learning_rate": path.stable_learning_rate,
    }
    if table:
        facts |= {
            "points": path.points.tolist(),
            "values": path.values.tolist(),
            "gradients": None if path.gradients is None else path.gradients.tolist(),
            "departure_angles": path.departure_angles.tolist(),
            "arrival_angles": path.arrival_angles.tolist(),
        }
    return facts


def _point(point: Any) -> str:
    numbers = [point] if getattr(point, "ndim", 1) == 0 else point
    return f"({', '.join(_value(number) for number in numbers)})"


def _value(number: float) -> str:
    return f"{number:.4g}"


def _angle(degrees: float) -> str:
    return f"{degrees:.1f}" if degrees == degrees else ""
