"""What a picture is of: the function as the user gave it, its name, and its variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from koubai.descent.descend import Comparison
from koubai.descent.path import Path
from koubai.errors import SettingError
from koubai.figures.words import word
from koubai.functions.surfaces import Surface
from koubai.objectives.grid import Function
from koubai.objectives.objective import Objective

Paths = Path | Comparison | Sequence[Path] | Mapping[str, Path]


def known_surface(f: Any) -> Surface | None:
    """The surface that f is, or that an objective was made from."""
    inner = f.f if isinstance(f, Objective) else f
    return inner if isinstance(inner, Surface) else None


def variables(f: Any) -> tuple[str, ...]:
    """The names of the variables, for axes: the objective's own, or x₀ and x₁."""
    names = f.names if isinstance(f, Objective) else ()
    return tuple(f"${name}$" for name in names or ("x_0", "x_1"))


def title(f: Any) -> str:
    """The formula of a known surface, or that this is f."""
    surface = known_surface(f)
    return f"$f = {surface.formula}$" if surface else word("height", x=", ".join(variables(f)))


def named_paths(paths: Paths | None) -> dict[str, Path]:
    """Paths by the names that stand beside them."""
    if paths is None:
        return {}
    if isinstance(paths, Path):
        return {path_name(paths): paths}
    if isinstance(paths, Comparison):
        return dict(paths.paths)
    if isinstance(paths, Mapping):
        return {str(name): path for name, path in paths.items()}
    named: dict[str, Path] = {}
    for number, path in enumerate(paths, start=1):
        name = path_name(path)
        named[f"{name} ({number})" if name in named else name] = path
    return named


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
