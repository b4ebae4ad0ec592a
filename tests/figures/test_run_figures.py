from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from matplotlib import pyplot as plt
from PIL import Image

import koubai as kb
from koubai.errors import RunError
from koubai.figures import save_run_figures


def check_pictures(files: list[Path], names: list[str]) -> None:
    assert [file.name for file in files] == names
    for file in files:
        with Image.open(file) as image:
            assert np.asarray(image.convert("L")).std() > 5
            assert min(image.size) > 150
        assert file.stat().st_size < 150_000


def test_images(tmp_path: Path) -> None:
    run = kb.train(kb.Network([64, 10, 10]), kb.data.digits(), epochs=0)
    files = save_run_figures(run, tmp_path / "new" / "folder")
    check_pictures(files, ["curves.png", "confusion.png", "mistakes.png"])
    assert all(file.parent == tmp_path / "new" / "folder" for file in files)
    assert plt.get_fignums() == []


def test_classes_without_images(tmp_path: Path) -> None:
    run = kb.train(kb.Network([2, 4, 3]), kb.data.spirals(), epochs=0)
    check_pictures(save_run_figures(run, tmp_path), ["curves.png", "confusion.png"])


def test_values(tmp_path: Path) -> None:
    network = kb.Network([1, 4, 1], output="identity")
    run = kb.train(network, kb.data.sine(), loss="squared_error", epochs=0)
    check_pictures(save_run_figures(run, tmp_path), ["curves.png"])


def test_a_run_that_diverged(tmp_path: Path) -> None:
    network = kb.Network([2, 4, 3], hidden="relu", output="identity")
    run = kb.train(network, kb.data.spirals(), loss="squared_error", learning_rate=1e30)
    assert run.stopped == "diverged"
    check_pictures(save_run_figures(run, tmp_path), ["curves.png", "confusion.png"])


def test_an_untrained_run(tmp_path: Path) -> None:
    run = kb.train(kb.Network([12, 3, 1], output="sigmoid"), kb.data.bitmaps(), epochs=0)
    check_pictures(save_run_figures(run, tmp_path), ["curves.png", "confusion.png", "mistakes.png"])


def test_a_folder_that_cannot_be_written() -> None:
    run = kb.train(
        kb.Network([1, 1], output="identity"), kb.data.line(), epochs=0, loss="squared_error"
    )
    with tempfile.NamedTemporaryFile() as file, pytest.raises(RunError, match="cannot be written"):
        save_run_figures(run, file.name)
