"""What a picture is of: the function as the user gave it, its name, and its variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from koubai.descent.descend import Comparison
from koubai.descent.path import Path
from koubai.errors import SettingError
from koubai.figures.words import word
from koubai.functions.arguments import expect
from koubai.functions.expressions import Expression
from koubai.functions.surfaces import Surface
from koubai.objectives.grid import Function, Grid, values_at
from koubai.objectives.neuron import Neuron
from koubai.objectives.objective import Objective

_A_PATH = "a Path, which kb.descend returns"

Paths = Path | Comparison | Sequence[Path] | Mapping[str, Path]


def known_surface(f: Any) -> Surface | None:
    """The surface that f is, or that an objective was made from."""
    inner = _bare(f)
    return inner if isinstance(inner, Surface) else None


def variables(f: Any) -> tuple[str, ...]:
    """The names of the variables, for axes: the objective's or formula's own, or x₀ and x₁."""
    return tuple(f"${name}$" for name in _names(f))


def title(f: Any) -> str:
    """The formula of a known surface or of an expression, or that this is f, or a neuron's loss."""
    inner = _bare(f)
    if isinstance(inner, Surface):
        return f"$f = {inner.formula}$"
    if isinstance(inner, Expression):
        return f"$f = {inner.formula}$"
    return word("height" if letter(f) == "f" else "neuron_loss", x=", ".join(_names(f)))


def letter(f: Any) -> str:
    """What the height is called: l, the loss, for one neuron, else f."""
    return "l" if isinstance(f, Neuron) else "f"


def _names(f: Any) -> tuple[str, ...]:
    names = f.names if isinstance(f, Objective) else ()
    inner = _bare(f)
    if not names and isinstance(inner, Expression) and "x0" not in inner.variables:
        names = inner.variables
    return names if len(names) == 2 else ("x_0", "x_1")


def named_paths(paths: Paths | None) -> dict[str, Path]:
    """Paths by the names that stand beside them."""
    if paths is None:
        return {}
    if isinstance(paths, Path):
        return {path_name(paths): paths}
    if isinstance(paths, Comparison):
        return {path_name(path): path for path in paths.paths.values()}
    if isinstance(paths, Mapping):
        for path in paths.values():
            expect(path, Path, "a path", _A_PATH)
        return {str(name): path for name, path in paths.items()}
    expect(paths, Sequence, "paths", f"{_A_PATH}, several, or a Comparison")
    named: dict[str, Path] = {}
    for number, path in enumerate(paths, start=1):
        expect(path, Path, "a path", _A_PATH)
        name = path_name(path)
        named[f"{name} ({number})" if name in named else name] = path
    return named


def paths_on(f: Function | Grid, paths: Paths | None) -> dict[str, Path]:
    """Paths by name, on the heights of f: a path that descended another function has its own."""
    named = named_paths(paths)
    if isinstance(f, Grid):
        return named
    return {name: _on(f, path) for name, path in named.items()}


def _on(f: Function, path: Path) -> Path:
    own = path.objective
    if own is None or path.points[0].size != 2 or _bare(f) == own.f:
        return path
    points = np.asarray(path.points, np.float64)
    values = values_at(f, points.reshape(len(points), 2))
    return replace(path, values=values, objective=None)


def _bare(f: Function) -> Any:
    return f.f if isinstance(f, Objective) else f


def path_name(path: Path) -> str:
    """The optimiser of a path and its learning rate."""
    if not path.optimizer:
        return word("path")
    if path.learning_rate is None:
        return path.optimizer
    return word("path_name", optimizer=path.optimizer, rate=f"{path.learning_rate:.3g}")


def function_of(path: Path, f: Function | None) -> Function:
    """What the path descended, or the f given in its place. Raises SettingError without any."""
    if f is not None:
        return f
    if path.objective is None:
        raise SettingError(
            "f is missing: this path does not know what it descended; give path.plot(f=...)"
        )
    return path.objective
