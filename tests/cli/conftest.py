"""The command line in this process, and a run to use it on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

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


@pytest.fixture
def counted(tmp_path: Path) -> Path:
    """A table whose target is a whole number from 4 to 6: three classes, unless told otherwise."""
    file = tmp_path / "counted.csv"
    file.write_text("\n".join(["width,rooms", *(f"{i}.5,{4 + i // 9}" for i in range(27))]) + "\n")
    return file


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder of red and of blue images, 6 to 9 pixels high and 5 wide."""
    for name, colour in (("blue", (10, 20, 220)), ("red", (220, 20, 10))):
        folder = tmp_path / "pictures" / name
        folder.mkdir(parents=True)
        for i in range(10):
            Image.new("RGB", (5, 6 + i % 4), colour).save(folder / f"{i}.png")
    return tmp_path / "pictures"
