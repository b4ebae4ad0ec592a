"""What a terminal gets, and what a file or a pipe gets."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

COLOUR = re.compile(r"\x1b\[3\d(;5;\d+)?m")


def on_a_terminal(folder: Path, *arguments: str, **environment: str) -> str:
    """What the command prints on a terminal, standard error with it."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "koubai", *arguments],
        cwd=folder,
        stdout=theirs,
        stderr=theirs,
        stdin=theirs,
        env={"PATH": os.environ["PATH"], "TERM": "xterm-256color"} | environment,
    )
    os.close(theirs)
    printed = b""
    try:
        while chunk := os.read(ours, 65536):
            printed += chunk
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(ours)
    assert process.wait() == 0
    return printed.decode()


@pytest.fixture
def broken(spirals: Path) -> Path:
    """A folder with a run that is reported in red."""
    (spirals / "run.json").write_text("{")
    return spirals.parents[1]


def test_colour_on_a_terminal_alone(broken, cli):
    assert COLOUR.search(on_a_terminal(broken, "runs"))
    assert "\x1b" not in cli("runs").out


def test_no_color_is_respected(broken):
    printed = on_a_terminal(broken, "runs", NO_COLOR="1")
    assert "damaged" in printed
    assert not COLOUR.search(printed)


def test_progress_on_a_terminal(tmp_path):
    printed = on_a_terminal(tmp_path, "train", "line", "--no-figures", "--epochs=20")
    assert "it/s" in printed
    assert "20/20" in printed


def test_json_has_no_progress(tmp_path):
    printed = on_a_terminal(tmp_path, "train", "line", "--no-figures", "--epochs=20", "--json")
    assert printed.startswith("{")
    assert "it/s" not in printed
    assert "\x1b" not in printed


def test_names_that_the_output_cannot_hold(cli, tmp_path):
    rows = [f"{i},{'猫犬'[i % 2]}" for i in range(20)]
    (tmp_path / "pets.csv").write_text("\n".join(["age,kind", *rows]), encoding="utf-8")
    cli("train", "pets.csv", "--out=run", "--epochs=1", "--no-figures")
    done = subprocess.run(
        [sys.executable, "-m", "koubai", "predict", "run", "pets.csv"],
        cwd=tmp_path,
        capture_output=True,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert rb"\u732b" in done.stdout
