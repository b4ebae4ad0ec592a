"""The order of rooms, and what every module in them owes its reader."""

from __future__ import annotations

import ast
import importlib
import inspect
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import koubai as kb

SOURCE = Path(__file__).parents[1] / "src" / "koubai"
MODULES = sorted(SOURCE.rglob("*.py"))
every_module = pytest.mark.parametrize(
    "module", MODULES, ids=lambda module: str(module.relative_to(SOURCE))
)

# A room imports from itself and from the rooms before it.
ROOMS = [
    "errors", "told", "version", "engine",
    "functions", "networks", "gradients", "data", "objectives", "descent", "training",
    "landscapes", "diagnosis", "adapters", "figures", "report", "play", "cli",
]  # fmt: skip
# These two are the doors: everything is reached through them, and nothing inside leads to them.
DOORS = {"__init__", "__main__"}
# The only late imports that lead up, each within a method that is named for what it does: a result
# draws or explains itself, `path.plot()` and `run.diagnose()`, and until then its room knows
# nothing of the room above.
_SHOWN = {"koubai.report.save.save_shown", "koubai.report.notebook.mimebundle"}
LATE = {
    "descent/path.py": {"koubai.figures.path.path_figure"} | _SHOWN,
    "descent/descend.py": {"koubai.figures.path.comparison_figure"} | _SHOWN,
    "descent/rates.py": {"koubai.figures.rates.learning_rates"} | _SHOWN,
    "training/run.py": {
        "koubai.diagnosis.diagnose.diagnose",
        "koubai.report.page.save_page",
        "koubai.report.notebook.mimebundle",
    },
    "landscapes/curvature.py": {"koubai.figures.spectrum.spectrum"},
    "landscapes/result.py": {"koubai.figures.landscape.landscape_figure"} | _SHOWN,
    "diagnosis/finding.py": {"koubai.figures"},
    "diagnosis/vanishing.py": {"koubai.figures.vanishing.vanishing_gradients"},
    "gradients/paths.py": {"koubai.figures.chain.chain_paths"},
    "training/rate_range.py": {"koubai.figures.rate_range.learning_rate_range"},
}


def room_of(module: Path) -> str:
    return module.relative_to(SOURCE).parts[0].removesuffix(".py")


def imports(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every name that is imported anywhere in a module, at its top or late, in full."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: write imports in full"
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node.lineno
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            yield ast.unparse(node.args[0]).strip("\"'"), node.lineno


def upward_imports(source: str, room: str) -> list[str]:
    """Imports that lead up the order, or to a room that nobody knows."""
    found: list[str] = []
    for name, line in imports(ast.parse(source)):
        if name.split(".")[0] != "koubai":
            continue
        target = [*name.split("."), "__init__"][1]
        if target not in ROOMS or ROOMS.index(target) > ROOMS.index(room):
            found.append(f"line {line}: {room} imports {name}")
    return found


def test_every_room_has_its_place() -> None:
    assert {room_of(module) for module in MODULES} <= {*ROOMS, *DOORS}


@every_module
def test_imports_run_down_the_order_of_rooms(module: Path) -> None:
    if room_of(module) not in DOORS:
        late = LATE.get(str(module.relative_to(SOURCE)), set())
        found = upward_imports(module.read_text(), room_of(module))
        assert {line.split(" imports ")[1] for line in found} == late
        top = ast.parse(module.read_text()).body
        at_top = [node for node in top if isinstance(node, ast.Import | ast.ImportFrom | ast.If)]
        assert upward_imports(ast.unparse(ast.Module(at_top, [])), room_of(module)) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import koubai.data.toy", True),
        ("from koubai.descent.path import Path", True),
        ("def late():\n    from koubai.training import train", True),
        ("if TYPE_CHECKING:\n    from koubai.cli import main", True),
        ("from koubai import data", True),
        ("import koubai", True),
        ("from koubai import Network", True),
        ("importlib.import_module('koubai.figures')", True),
        ("from koubai.nowhere import thing", True),
        ("from koubai.networks.network import Network", False),
        ("from koubai.gradients.check import Check\nimport jax", False),
        ("from koubai import errors", False),
    ],
)
def test_an_upward_import_would_be_noticed(source: str, found: bool) -> None:
    assert bool(upward_imports(source, "gradients")) is found


def run_python(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout


def test_importing_koubai_imports_nothing_heavy() -> None:
    heavy = ("jax", "numpy", "optax", "matplotlib", "sklearn", "zarr", "torch", "scipy", "rich")
    loaded = run_python(
        "import sys, koubai; koubai.__version__; dir(koubai); print(*sys.modules)"
    ).split()
    assert "koubai" in loaded
    assert not {*heavy} & {name.split(".")[0] for name in loaded}


# --- Public names


def door() -> ast.Module:
    return ast.parse((SOURCE / "__init__.py").read_text())


def test_all_is_sorted_and_complete() -> None:
    lazily = {*kb._HOMES, *kb._ROOMS}
    assert kb.__all__ == sorted(kb.__all__)
    assert len(kb.__all__) == len(set(kb.__all__))
    assert set(kb.__all__) == lazily
    assert set(dir(kb)) == {*kb.__all__, "__version__"}


def test_what_a_type_checker_sees_is_what_python_imports() -> None:
    guarded = [
        node
        for branch in door().body
        if isinstance(branch, ast.If) and ast.unparse(branch.test) == "TYPE_CHECKING"
        for node in branch.body
    ]
    seen = {
        alias.asname or alias.name: node.module
        for node in guarded
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert all(isinstance(node, ast.ImportFrom) for node in guarded)
    assert seen == {**kb._HOMES, **dict.fromkeys(kb._ROOMS, "koubai")}


@pytest.mark.parametrize("name", kb.__all__)
def test_every_public_name_resolves_and_is_documented(name: str) -> None:
    thing = getattr(kb, name)
    assert inspect.getdoc(thing)
    if name in kb._HOMES:
        assert thing is getattr(importlib.import_module(kb._HOMES[name]), name)
        module = getattr(thing, "__module__", "")
        if inspect.isclass(thing) or inspect.isfunction(thing):
            assert module == kb._HOMES[name]  # its home, and not a place on the way


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="unknown name in koubai 'trian'"):
        kb.trian  # noqa: B018
    assert not hasattr(kb, "Nothing")


# --- What every module owes its reader

Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def public(node: ast.Module | ast.ClassDef, name: str) -> Iterator[tuple[str, Documented]]:
    """The module or class, and the public classes, functions and methods in it: no closures."""
    yield name, node
    for child in node.body:
        if isinstance(child, Documented) and not child.name.startswith("_"):
            if isinstance(child, ast.ClassDef):
                yield from public(child, f"{name}.{child.name}")
            elif not any(ast.unparse(d).endswith("overload") for d in child.decorator_list):
                yield f"{name}.{child.name}", child


def undocumented(source: str) -> list[str]:
    tree = ast.parse(source)
    nodes = public(tree, "module") if tree.body else []  # an empty __init__.py has nothing to say
    return [name for name, node in nodes if not ast.get_docstring(node)]


@every_module
def test_everything_public_has_a_docstring(module: Path) -> None:
    assert undocumented(module.read_text()) == []


def test_a_missing_docstring_would_be_noticed() -> None:
    source = "'M.'\nclass A:\n    'A.'\n    def f(self): ...\n    def _g(self): ...\ndef h(): ..."
    assert undocumented(source) == ["module.A.f", "module.h"]
    assert undocumented("x = 1") == ["module"]
    assert undocumented("") == []


@every_module
def test_nothing_is_validated_by_an_assertion(module: Path) -> None:
    """They vanish under `python -O`."""
    tree = ast.parse(module.read_text())
    assert [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Assert)] == []


def test_every_error_is_koubais_own_and_documented() -> None:
    errors = [
        thing
        for thing in vars(kb.errors).values()
        if inspect.isclass(thing) and thing.__module__ == "koubai.errors"
    ]
    assert len(errors) >= 8
    for error in errors:
        assert issubclass(error, kb.errors.KoubaiError)
        assert error.__doc__
        assert str(error("what to do")) == "what to do"  # KeyError, for one, would quote it
