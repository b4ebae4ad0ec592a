from __future__ import annotations

from pathlib import Path

import pytest

from koubai.cli.wording import Option, from_here, in_options

OPTIONS = {
    "learning_rate": Option("--learning-rate", "η"),
    "validation": Option("--validation", "SHARE"),
    "size": Option("--size", "HxW"),
    "folder": Option("--folder", "DIR"),
    "output": Option("--output", "NAME"),
    "loss": Option("--loss", "NAME"),
    "force": Option("--force", ""),
    "colour": Option("--colour", ""),
}


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("learning_rate is 0: give more", "--learning-rate is 0: give more"),
        ("learning_rates has 2 entries", "--learning-rate has 2 entries"),
        ("a smaller learning_rate, or more epochs", "a smaller --learning-rate, or more epochs"),
        ("add validation=0.1.", "add --validation 0.1."),
        ("pass size=(height, width) to resize", "pass --size HxW to resize"),
        ("pass folder=…, or set KOUBAI", "pass --folder DIR, or set KOUBAI"),
        ("use output='identity' and loss='huber'", "use --output identity and --loss huber"),
        ("overwrite it with force=True", "overwrite it with --force"),
        ("colour is True but x is a table", "--colour is given but x is a table"),
        ("loss 'x' needs classes", "--loss 'x' needs classes"),
    ],
)
def test_an_argument_becomes_its_option(message, expected):
    assert in_options(message, OPTIONS) == expected


@pytest.mark.parametrize(
    "message",
    [
        "the loss became nan, and the output of size 3 with it",
        "out is 'loss=3', which is taken",
        'data is "size=2"',
        "pass it again, resume(folder, loss=…)",
        "loss.csv line 3: the value is missing",
        "data/learning_rate/1.png cannot be read",
        "MNIST's loss, not the run's 'loss=2'",
    ],
)
def test_what_is_no_argument_stays(message):
    assert in_options(message, OPTIONS) == message


def test_without_options_nothing_changes():
    assert in_options("seed is -1", {}) == "seed is -1"


def test_paths_below_the_current_folder_are_seen_from_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    elsewhere = tmp_path.parent / "b.csv"
    message = f"{Path.cwd() / 'a.csv'} and {elsewhere} do not agree"
    assert from_here(message) == f"a.csv and {elsewhere} do not agree"
