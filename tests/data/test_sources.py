from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import koubai.data
from koubai.data import Source, arrays, bitmaps, from_argument, load, single, spirals
from koubai.errors import DataError, SettingError, UnknownNameError

NAMES = (
    "digits", "bitmaps", "single", "line", "sine", "xor", "moons", "circles", "spirals", "blobs",
)  # fmt: skip


@pytest.fixture
def csv_file(tmp_path: Path) -> Path:
    file = tmp_path / "t.csv"
    file.write_text("\n".join(["a,b,c", *(f"{i},{i % 2},{'xy'[i % 2]}" for i in range(20))]))
    return file


@pytest.mark.parametrize("name", NAMES)
def test_names(name: str) -> None:
    assert from_argument(name).digest == getattr(koubai.data, name)().digest


def test_mnist_by_name(mnist_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOUBAI_MNIST", str(mnist_folder))
    assert from_argument("mnist").name == "mnist"


def test_csv_file(csv_file: Path) -> None:
    assert from_argument(str(csv_file)).classes == ("x", "y")  # the last column
    assert from_argument(csv_file, target="b").classes == ("0", "1")


def test_folder_of_images(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for i in range(3):
            Image.fromarray(np.full((2, 2), i, np.uint8)).save(tmp_path / name / f"{i}.png")
    assert from_argument(tmp_path).classes == ("a", "b")


def test_a_name_goes_before_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "xor").mkdir()
    assert from_argument("xor").name == "xor"
    with pytest.raises(DataError, match=r"has 0 sub-folders"):
        from_argument("./xor")


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(
        UnknownNameError, match=r"unknown data set 'spiral'. Did you mean 'spirals'"
    ):
        from_argument("spiral")
    for what in ("nowhere/at/all", "nowhere.csv", str(tmp_path / "no"), "digits.npz"):
        with pytest.raises(DataError, match=r"does not exist"):
            from_argument(what)
    (tmp_path / "notes.txt").touch()
    with pytest.raises(DataError, match=r"notes.txt is not data: give a .csv file"):
        from_argument(tmp_path / "notes.txt")


def test_target_without_a_table() -> None:
    with pytest.raises(SettingError, match=r"target is 'kind' but digits is not a .csv file"):
        from_argument("digits", target="kind")


def test_a_name_like_no_other_gets_no_guess() -> None:
    with pytest.raises(UnknownNameError) as info:
        from_argument("nope")
    assert str(info.value) == (
        "unknown data set 'nope'. Known: digits, mnist, bitmaps, single, line, sine, xor, moons, "
        "circles, spirals, blobs. Or give FILE.csv, or a FOLDER of images."
    )


def test_settings_reach_the_data_they_belong_to(
    csv_file: Path, tmp_path: Path, mnist_folder: Path
) -> None:
    assert from_argument(csv_file, "b").classes == ("0", "1")
    assert from_argument(csv_file, "b", task="regression").classes is None
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for i in range(3):
            pixels = np.full((2, 2, 3), 40 * i, np.uint8)
            Image.fromarray(pixels).save(tmp_path / name / f"{i}.png")
    assert from_argument(tmp_path, size="3x5").image_shape == (3, 5)
    assert from_argument(tmp_path, colour=True).image_shape == (2, 2, 3)
    folder = from_argument("mnist", folder=mnist_folder).source.arguments["folder"]
    assert folder == str(mnist_folder)


@pytest.mark.parametrize(
    ("what", "settings", "message"),
    [
        ("digits", {"task": "regression"}, "task is 'regression' but digits is not a .csv file"),
        ("digits", {"size": "8x8"}, "size is '8x8' but digits is not a folder of images"),
        ("t.csv", {"size": "8x8"}, "size is '8x8' but t.csv is not a folder of images"),
        ("xor", {"colour": True}, "colour is True but xor is not a folder of images"),
        ("digits", {"folder": "here"}, "folder is 'here' but digits is not mnist"),
        ("digits", {"folder": Path("here")}, "folder is 'here' but digits is not mnist"),
        (".", {"target": "t"}, "target is 't' but . is not a .csv file"),
        (".", {"folder": "here"}, "folder is 'here' but . is not mnist"),
        ("mnist", {"target": "t", "folder": "here"}, "target is 't' but mnist is not a .csv"),
    ],
)
def test_settings_that_belong_to_other_data(what: str, settings, message: str) -> None:
    with pytest.raises(SettingError, match=message + ".*: leave it out"):
        from_argument(what, **settings)


def test_what_is_unknown_goes_before_what_is_misplaced() -> None:
    with pytest.raises(UnknownNameError, match="unknown data set 'digitz'"):
        from_argument("digitz", target="t")


def test_load_refuses_what_it_cannot_load() -> None:
    x = np.arange(10.0)
    with pytest.raises(DataError, match=r"pass the same data again"):
        load(arrays(x, x).source)
    with pytest.raises(UnknownNameError, match=r"unknown loader 'digit'. Did you mean 'digits'"):
        load(Source("digit"))
    with pytest.raises(DataError, match=r"'digits' cannot be called with .*'sed'"):
        load(Source("digits", {"sed": 1}))
    with pytest.raises(DataError, match=r"'table' cannot be called with .*'file'"):
        load(Source("table"))


def test_load_gives_the_same_again() -> None:
    for data in (bitmaps(), single(), spirals(classes=4, seed=3)):
        assert load(data.source).digest == data.digest


def test_importing_is_light() -> None:
    heavy = ("jax", "sklearn", "scipy", "PIL", "pooch", "requests", "matplotlib")
    code = f"import sys, koubai.data; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
