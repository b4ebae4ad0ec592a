from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from koubai.data import images, load, read_image
from koubai.errors import DataError, SettingError


def draw(path: Path, pixels: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


def pixels_of(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("L"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ten cats and five dogs of 6×4 random pixels, each different, in three formats."""
    rng = np.random.default_rng(0)
    place = tmp_path / "pets"
    for name, count in (("dog", 5), ("cat", 10)):
        for i in range(count):
            suffix = ("png", "bmp", "gif")[i % 3]
            draw(place / name / f"{i}.{suffix}", rng.integers(0, 256, (6, 4), dtype=np.uint8))
    (place / "cat" / "notes.txt").write_text("not an image")
    (place / ".hidden").mkdir()
    return place


def test_counts_and_meaning(folder: Path) -> None:
    data = images(folder)
    assert data.classes == ("cat", "dog")
    assert np.bincount(data.train.t).tolist() == [8, 4]
    assert np.bincount(data.test.t).tolist() == [2, 1]
    assert data.image_shape == (6, 4)
    assert data.train.stored.dtype == np.uint8
    np.testing.assert_allclose(data.train.x, data.train.stored / 255, rtol=1e-6)


def test_each_image_keeps_its_class(folder: Path) -> None:
    data = images(folder)
    found = {
        (pixels_of(file).tobytes(), file.parent.name)
        for name in ("cat", "dog")
        for file in (folder / name).glob("*.[pbg]*")
    }
    ours = {
        (x.tobytes(), data.classes[t])
        for split in (data.train, data.test)
        for x, t in zip(split.stored, split.t, strict=True)
    }
    assert ours == found
    assert len(ours) == 15


@pytest.mark.parametrize(
    "settings", [{}, {"size": (3, 5)}, {"colour": True, "seed": 4, "test_fraction": 0.4}]
)
def test_reload(folder: Path, settings) -> None:
    data = images(folder, **settings)
    assert load(data.source).digest == data.digest


def test_size_as_a_text_is_the_same(folder: Path) -> None:
    assert images(folder, size="3x5").digest == images(folder, size=(3, 5)).digest
    assert images(folder, size="3x5").image_shape == (3, 5)


def test_colour(tmp_path: Path) -> None:
    red = np.zeros((2, 3, 3), np.uint8)
    red[..., 0] = 255
    for name, pixels in (("red", red), ("blue", red[..., ::-1])):
        for i in range(2):
            draw(tmp_path / name / f"{i}.png", np.ascontiguousarray(pixels))
    data = images(tmp_path, colour=True, test_fraction=0.5)
    assert data.image_shape == (2, 3, 3)
    assert data.classes == ("blue", "red")
    by_class = {
        data.classes[t]: x.reshape(2, 3, 3)[0, 0].tolist()
        for x, t in zip(data.train.stored, data.train.t, strict=True)
    }
    assert by_class == {"red": [255, 0, 0], "blue": [0, 0, 255]}
    grey = images(tmp_path, test_fraction=0.5)
    assert set(np.unique(grey.train.stored)) == {76, 29}  # ITU-R 601: .299 and .114 of 255


def test_another_size_is_named(folder: Path) -> None:
    file = draw(folder / "dog" / "9.png", np.zeros((5, 4), np.uint8))
    smallest = draw(folder / "dog" / "99.png", np.zeros((3, 5), np.uint8))
    with pytest.raises(
        DataError,
        match=r"9.png has 5x4 pixels \(height x width\), but .*0.png has 6x4: pass size='3x5', say",
    ):
        images(folder)
    assert images(folder, size="3x5").image_shape == (3, 5)
    smallest.unlink()
    assert images(folder, size=(6, 4)).image_shape == (6, 4)
    file.unlink()


def test_damaged_images_are_named(folder: Path) -> None:
    whole = (folder / "cat" / "0.png").read_bytes()
    for content in (
        b"",
        b"not an image",
        whole[:40],
        whole[: len(whole) // 2],
        whole[:30] + b"\0" * 30,
    ):
        (folder / "cat" / "zz.png").write_bytes(content)
        with pytest.raises(DataError, match=r"zz.png cannot be read as an image"):
            images(folder)


def test_sixteen_bits_are_refused_rather_than_cut_off(folder: Path) -> None:
    draw(folder / "cat" / "deep.png", np.full((6, 4), 40_000, np.uint16))
    with pytest.raises(DataError, match=r"deep.png has more than 8 bits a pixel"):
        images(folder)


def test_folders_without_classes(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nowhere does not exist"):
        images(tmp_path / "nowhere")
    file = draw(tmp_path / "one" / "a.png", np.zeros((2, 2), np.uint8))
    with pytest.raises(DataError, match="is a file"):
        images(file)
    with pytest.raises(DataError, match="has 1 sub-folder of images"):
        images(tmp_path)
    (tmp_path / "two").mkdir()
    with pytest.raises(DataError, match="two holds no image"):
        images(tmp_path)


@pytest.mark.parametrize("size", ["28", "axb", (28,), (0, 28), (2.5, 3), "28x28x3", ()])
def test_bad_size(folder: Path, size) -> None:
    with pytest.raises(SettingError, match="size is"):
        images(folder, size=size)


def test_read_image_as_it_is(folder: Path) -> None:
    file = folder / "cat" / "0.png"
    pixels = pixels_of(file)
    read = read_image(file, (6, 4))
    assert read.dtype == np.uint8
    np.testing.assert_array_equal(read, pixels.ravel())
    np.testing.assert_array_equal(read_image(file, (6, 4, 3)), np.repeat(pixels.ravel(), 3))


def test_read_image_resizes(tmp_path: Path) -> None:
    halves = np.zeros((40, 20), np.uint8)
    halves[20:] = 200
    file = draw(tmp_path / "halves.png", halves)
    small = read_image(file, (4, 3)).reshape(4, 3)
    assert (small[0] == 0).all()
    assert (small[3] == 200).all()


def test_what_is_transparent_becomes_white(tmp_path: Path) -> None:
    pixels = np.zeros((2, 2, 4), np.uint8)
    pixels[0, 0, 3] = 255  # one black pixel that is not transparent
    file = draw(tmp_path / "stroke.png", pixels)
    assert read_image(file, (2, 2)).tolist() == [0, 255, 255, 255]


def test_a_photograph_is_turned_upright(tmp_path: Path) -> None:
    pixels = np.zeros((8, 16), np.uint8)
    pixels[:, 8:] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # taken with the camera on its side: turn by 90° clockwise
    Image.fromarray(pixels).save(tmp_path / "photo.jpg", exif=exif, quality=100)
    upright = read_image(tmp_path / "photo.jpg", (16, 8)).reshape(16, 8)
    assert upright[:7].max() < 50
    assert upright[9:].min() > 200


@pytest.mark.parametrize("shape", [(), (8,), (8, 8, 2), (8, 8, 1), (8, 8, 3, 1)])
def test_bad_image_shape(folder: Path, shape: tuple[int, ...]) -> None:
    with pytest.raises(SettingError, match="image_shape is"):
        read_image(folder / "cat" / "0.png", shape)


def test_read_image_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist"):
        read_image(tmp_path / "no.png", (8, 8))


def test_classes_that_are_numbers_are_in_their_order(tmp_path: Path) -> None:
    for name in ("1", "2", "10"):
        for i in range(3):
            draw(tmp_path / name / f"{i}.png", np.full((3, 3), 20 * int(name), np.uint8))
    data = images(tmp_path)
    assert data.classes == ("1", "2", "10")
    seen = zip(data.train.stored[:, 0] // 20, data.train.t, strict=True)
    assert {(x, int(data.classes[t])) for x, t in seen} == {(1, 1), (2, 2), (10, 10)}


@pytest.mark.parametrize("size", ["0x5", "5x0", (0, 0)])
def test_sides_are_at_least_1(folder: Path, size: str) -> None:
    with pytest.raises(SettingError, match=r"size is .*: give sides of at least 1 pixel"):
        images(folder, size)
