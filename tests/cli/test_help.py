from __future__ import annotations

import subprocess
import sys

import pytest

import koubai

HEAVY = ("jax", "numpy", "optax", "sklearn", "matplotlib", "zarr", "msgspec")


@pytest.mark.parametrize("arguments", [["--help"], ["train", "--help"], ["--version"], []])
def test_help_imports_nothing_heavy(arguments):
    program = (
        f"import sys; from koubai.cli import main; code = main({arguments!r})\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stderr.strip() == "[]"


def test_module_is_the_command():
    done = subprocess.run(
        [sys.executable, "-m", "koubai", "--version"], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, f"koubai {koubai.__version__}\n")


def test_help_names_every_command_in_one_line(cli):
    lines = cli("--help").out.splitlines()
    for command in ("train", "predict", "runs", "check", "descend"):
        assert sum(line.strip(" │").startswith(f"{command} ") for line in lines) == 1


def test_no_arguments_is_help(cli):
    bare, helped = cli(), cli("--help")
    assert (bare.code, bare.err) == (0, "")
    assert bare.out.split() == helped.out.split()


@pytest.mark.parametrize("command", ["train", "predict", "runs", "check", "descend"])
def test_each_command_has_help(cli, command):
    result = cli(command, "--help")
    assert result.code == 0
    assert f"koubai {command}" in result.out
    assert "--json" in result.out


@pytest.mark.parametrize("command", [(), ("train",), ("predict",), ("runs",), ("check",)])
def test_help_fits_80_columns_and_names_no_python_types(cli, command, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    out = cli(*command, "--help").out
    assert max(map(len, out.splitlines())) <= 80
    assert "<" not in out
    assert "…\n" not in out
    assert "[[" not in out


def test_help_shows_one_spelling_and_mentions_the_other(cli):
    assert "--optimiser" not in cli("train", "--help").out
    assert "--optimiser" in cli("--help").out
