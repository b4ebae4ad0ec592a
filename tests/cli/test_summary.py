from __future__ import annotations

import pytest

from koubai.cli.summary import duration


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0162, "16 ms"), (0.4, "0.4 s"), (2.51, "2.5 s"), (17.3, "17 s"), (185, "3 min 5 s")],
)
def test_a_duration_is_short(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_the_summary_names_compiling_and_counts_one_epoch(cli, tmp_path) -> None:
    out = cli("train", "xor", "--layers", "3", "--epochs", "1", "--out", tmp_path / "run").out
    assert "in 1 epoch," in out
    assert "of compiling), " in out


def test_without_an_epoch_the_summary_is_of_the_initial_weights(cli, tmp_path) -> None:
    out = cli("train", "xor", "--layers", "3", "--epochs", "0", "--out", tmp_path / "run").out
    assert "none: these are the initial weights" in out
    assert "iterations/s" not in out
