from __future__ import annotations

import json
import os
import shutil
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

import koubai as kb
from koubai.cli import runs as runs_command


def age(run: Path, seconds: int) -> None:
    at = (run / "run.json").stat().st_mtime - seconds
    os.utime(run / "run.json", (at, at))


def test_lists_runs_by_their_time(cli, spirals):
    older = Path(shutil.copytree(spirals, spirals.with_name("zero")))
    age(older, 100)
    result = cli("runs")
    assert (result.code, result.err) == (0, "")
    header, *rows = result.out.splitlines()
    assert header.split() == [
        "run", "data", "network", "epochs", "iterations", "test", "stopped", "time",
    ]  # fmt: skip
    run = kb.load_run(spirals)
    assert [row.split()[0] for row in rows] == ["zero", "spirals"]
    assert rows[0].split()[1:7] == [
        "spirals", "2-5-3", "2", "10", f"{run.accuracy('test'):.2%}", "epochs",
    ]  # fmt: skip


def test_json(cli, spirals):
    (found,) = cli("runs", "--json").json["runs"]
    run = kb.load_run(spirals)
    assert found["run"] == "runs/spirals"
    assert found["settings"]["optimizer"] == "adam"
    assert found["outcome"]["iterations"] == run.outcome.iterations


def test_the_folder_itself_may_be_a_run(cli, spirals):
    assert cli("runs", spirals).out.splitlines()[1].startswith("spirals ")


def test_values_show_their_r_squared_or_their_loss(cli):
    cli("train", "line", "--epochs=1", "--out=runs/line", "--no-figures")
    run = kb.load_run("runs/line")
    assert f" R² {run.r_squared():.4f} " in cli("runs").out
    file = Path("runs/line/run.json")  # as an older koubai wrote it
    older = json.loads(file.read_text())
    del older["outcome"]["test"]["r_squared"]
    file.write_text(json.dumps(older | {"format": 2}))
    assert f" loss {run.outcome.test.loss:.3g} " in cli("runs").out


def test_a_damaged_run_is_a_row(cli, spirals):
    broken = spirals.with_name("broken")
    broken.mkdir()
    (broken / "run.json").write_text((spirals / "run.json").read_text()[:100])
    result = cli("runs")
    assert result.code == 0
    rows = {line.split()[0]: line for line in result.out.splitlines() if line}
    assert "epochs" in rows["spirals"]
    assert "unreadable" in rows["broken"]
    assert "'runs/broken/run.json' is damaged" in result.out
    errors = [run.get("error") for run in cli("runs", "--json").json["runs"]]
    assert sum(error is not None and "damaged" in error for error in errors) == 1


def test_a_newer_run_is_a_row_that_says_so(cli, spirals):
    description = spirals / "run.json"
    description.write_text(description.read_text().replace('"format": 3', '"format": 99'))
    assert "upgrade koubai" in cli("runs").out


@pytest.mark.parametrize("folder", [(), ("empty",)])
def test_nothing_there_is_no_error(cli, folder):
    Path("empty").mkdir()
    result = cli("runs", *folder)
    assert (result.code, result.err) == (0, "")
    assert "No runs in" in result.out
    assert cli("runs", *folder, "--json").json == {"runs": []}


@pytest.mark.parametrize(("width", "data"), [(72, False), (80, True), (100, True)])
def test_nothing_is_cut_on_a_terminal(cli, spirals, monkeypatch, width, data):
    name = "diabetes-20260401-120000"
    spirals.rename(spirals.with_name(name))
    screen = Console(file=StringIO(), width=width)
    monkeypatch.setattr(runs_command, "console", lambda: screen)
    cli("runs")
    header, row = screen.file.getvalue().splitlines()
    assert max(len(header), len(row)) <= width
    assert row.startswith(name)
    assert row.rstrip().endswith("s")
    assert ("data" in header.split()) == data
