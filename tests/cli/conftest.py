"""The command line in this process, and a run to use it on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import koubai as kb
from koubai.cli import main


@dataclass
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def cli(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Result]:
    """Runs a command line in an empty folder, the current one."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> Result:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return run


@pytest.fixture(scope="session")
def _spirals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "spirals"
    network = kb.Network([2, 5, 3], hidden="tanh")
    kb.train(network, kb.data.spirals(), "adam", epochs=2, batch_size=50, out=folder)
    return folder


@pytest.fixture
def spirals(_spirals: Path, tmp_path: Path) -> Path:
    """A run of two epochs on the spirals, in runs/spirals of the current folder."""
    return Path(shutil.copytree(_spirals, tmp_path / "runs" / "spirals"))


@pytest.fixture
def houses(tmp_path: Path) -> Path:
    """A table: three columns, one of them with categories, and a price."""
    rows = [
        f"{20 + i},{['north', 'south'][i % 2]},{100 + 7 * i + 50 * (i % 2)}.5" for i in range(40)
    ]
    file = tmp_path / "houses.csv"
    file.write_text("\n".join(["area,side,price", *rows]) + "\n")
    return file
