from __future__ import annotations

import builtins
import itertools
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from koubai import figures
from koubai.descent.descend import descend
from koubai.errors import MissingExtraError, SettingError, ShapeError
from koubai.functions.surfaces import surfaces

PATH = descend(surfaces["himmelblau"], [-0.5, -1.0], 0.01, 6)
ONE = descend(lambda x: x**2, 1.5, 0.2, 5)


@pytest.mark.parametrize(
    ("suffix", "head"), [(".png", b"\x89PNG"), (".SVG", b"<?xml"), (".pdf", b"%PDF")]
)
def test_a_picture_is_saved_by_its_suffix(tmp_path: Path, suffix: str, head: bytes) -> None:
    file = tmp_path / "new" / f"picture{suffix}"
    assert figures.save(figures.surface(surfaces["himmelblau"], PATH), file) == file
    assert file.read_bytes().startswith(head)
    assert file.stat().st_size < 150_000


@pytest.mark.parametrize("name", ["rosenbrock", "himmelblau", "beale"])
def test_a_drawing_of_contours_is_small(tmp_path: Path, name: str) -> None:
    path = descend(surfaces[name])
    for draw in (figures.contours, figures.surface):
        file = figures.save(draw(surfaces[name], path), tmp_path / "drawing.svg")
        assert file.stat().st_size < 150_000


def test_the_colours_of_large_areas_are_kept(tmp_path: Path) -> None:
    ax = figures.contours(surfaces["bowl"])
    ax.get_figure(root=True).savefig(tmp_path / "all.png")  # pyright: ignore
    figures.save(ax, tmp_path / "few.png")
    every, few = (
        np.array(Image.open(tmp_path / name).convert("RGB")).astype(int)
        for name in ("all.png", "few.png")
    )
    assert np.abs(every - few).mean() < 0.5


def test_figures_and_axes_are_taken(tmp_path: Path) -> None:
    ax = PATH.plot()
    for picture in (ax, ax.get_figure(root=True), (ax,)):
        assert figures.save(picture, tmp_path / "a.png").stat().st_size < 150_000  # pyright: ignore


@pytest.mark.parametrize("name", ["picture.jpg", "picture", "picture.gif"])
def test_other_suffixes_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingError, match=r"\.png, \.svg or \.pdf"):
        figures.save(PATH.plot(), tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_unwritable_places(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingError, match="cannot be written"):
        figures.save(PATH.plot(), tmp_path / "file" / "picture.png")
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(SettingError, match="cannot be written"):
        figures.save(PATH.plot(), tmp_path / "folder.png")
    for suffix in (".gif", ".mp4"):
        with pytest.raises(SettingError, match="cannot be written"):
            figures.animate(PATH, None, tmp_path / "file" / f"ball{suffix}")


def frames(file: Path) -> list[np.ndarray]:
    with Image.open(file) as image:
        found: list[np.ndarray] = []
        for index in range(image.n_frames):  # pyright: ignore[reportAttributeAccessIssue]
            image.seek(index)
            found.append(np.array(image.convert("RGB")))
        return found


@pytest.mark.parametrize(("path", "three_d"), [(PATH, False), (PATH, True), (ONE, False)])
def test_the_ball_rolls(tmp_path: Path, path: Any, three_d: bool) -> None:
    file = figures.animate(path, None, tmp_path / "ball.gif", three_d=three_d)
    pictures = frames(file)
    assert len(pictures) > len(path)
    moved = [(a != b).any() for a, b in itertools.pairwise(pictures)]
    assert sum(moved) > 0.9 * len(moved)
    assert (pictures[0][:3] == 255).all()
    assert file.stat().st_size < 150_000


def test_a_long_path_has_few_frames(tmp_path: Path) -> None:
    path = descend(surfaces["bowl"], [3.0, 4.0], 1e-3, 2000)
    assert len(frames(figures.animate(path, None, tmp_path / "ball.gif"))) <= 181


def test_a_diverging_path_is_followed_while_it_can_be(tmp_path: Path) -> None:
    path = descend(surfaces["bowl"], [3.0, 4.0], 1e6, 20)
    assert figures.animate(path, None, tmp_path / "ball.gif").stat().st_size > 0


def test_a_video(tmp_path: Path) -> None:
    pytest.importorskip("imageio_ffmpeg", reason="needs koubai[video]")
    file = figures.animate(PATH, None, tmp_path / "ball.mp4")
    assert file.read_bytes()[4:8] == b"ftyp"
    assert [entry.name for entry in tmp_path.iterdir()] == ["ball.mp4"]


def test_a_video_without_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    imported = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "imageio_ffmpeg":
            raise ImportError(name)
        return imported(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    monkeypatch.delitem(sys.modules, "imageio_ffmpeg", raising=False)
    with pytest.raises(MissingExtraError, match=r"\.\[video\]"):
        figures.animate(PATH, None, tmp_path / "ball.mp4")


def test_what_cannot_be_animated(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"\.gif or \.mp4"):
        figures.animate(PATH, None, tmp_path / "ball.png")
    with pytest.raises(SettingError, match="frames_per_second is 0"):
        figures.animate(PATH, None, tmp_path / "ball.gif", frames_per_second=0)
    with pytest.raises(ShapeError, match="1 variable,"):
        figures.animate(ONE, None, tmp_path / "ball.gif", three_d=True)
    with pytest.raises(ShapeError, match="5 variables"):
        figures.animate(
            descend(lambda x: (x**2).sum(), np.ones(5), 0.1, 3), None, tmp_path / "ball.gif"
        )


def test_progress_is_shown_when_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    figures.animate(ONE, None, tmp_path / "ball.gif")
    assert capsys.readouterr() == ("", "")
    monkeypatch.setenv("TTY_COMPATIBLE", "1")  # for rich, which looks for a terminal of its own
    figures.animate(ONE, None, tmp_path / "ball.gif", show_progress=True)
    assert "frames" in capsys.readouterr().err
