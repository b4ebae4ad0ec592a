from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from PIL import Image

from koubai.data import from_argument, images, mnist, read_image, table
from koubai.errors import DataError


@pytest.fixture
def locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder and files that cannot be read, as they are to someone who may not."""
    folder = tmp_path / "locked"
    folder.mkdir()
    (folder / "t.csv").touch()
    Image.new("L", (2, 2)).save(folder / "a.png")

    def refuse(path: Path, *arguments: object, **settings: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    for method in ("open", "read_bytes", "iterdir"):
        monkeypatch.setattr(Path, method, refuse)
    monkeypatch.setattr("builtins.open", refuse)
    return folder


@pytest.mark.parametrize(
    "read",
    [
        lambda folder: table(folder / "t.csv", "t"),
        lambda folder: read_image(folder / "a.png", (2, 2)),
        lambda folder: images(folder),
        lambda folder: from_argument(folder),
        lambda folder: from_argument(folder / "t.csv"),
    ],
)
def test_no_permission_is_said_in_words(locked: Path, read) -> None:
    with pytest.raises(DataError, match=r"locked\S* cannot be read \(permission denied\)") as info:
        read(locked)
    assert "Errno" not in str(info.value)


def test_no_permission_to_look_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, **settings: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "stat", refuse)
    for read in (lambda path: table(path, "t"), mnist, from_argument):
        with pytest.raises(DataError, match=r"x.csv cannot be read \(permission denied\)"):
            read("/elsewhere/x.csv")


def test_a_name_too_long_for_the_system() -> None:
    with pytest.raises(DataError, match=r"cannot be read \(file name too long\)"):
        table("x" * 5000 + ".csv", "t")
