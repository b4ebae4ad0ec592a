from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import koubai as kb
from koubai.data import digits, mnist, read_drawing, read_image
from koubai.errors import DataError, UnknownNameError


def on_paper(
    digit: np.ndarray,
    rng: np.random.Generator,
    times: int = 5,
    smooth: bool = False,
    noise: float = 0,
    shade: float = 0,
) -> np.ndarray:
    """A digit, 0 to 255, in grey ink somewhere on a larger sheet of grey paper."""
    how = Image.Resampling.BICUBIC if smooth else Image.Resampling.NEAREST
    height, width = (side * times for side in digit.shape)
    large = np.asarray(Image.fromarray(digit).resize((width, height), how)) / 255
    sheet = np.zeros((height + 97, width + 151))
    top, left = rng.integers(0, (97, 151))
    sheet[top : top + height, left : left + width] = large
    grey = 215 - 170 * sheet + noise * rng.normal(size=sheet.shape)
    grey += np.linspace(-shade, shade, sheet.shape[1])  # lit from the right
    return np.clip(np.round(grey), 0, 255).astype(np.uint8)


def save(file: Path, pixels: np.ndarray) -> Path:
    Image.fromarray(pixels).save(file)
    return file


def drawn(folder: Path, sheets: list[np.ndarray], like: str) -> np.ndarray:
    """What a network sees of them."""
    drawings = [read_drawing(save(folder / "a.png", sheet), like) for sheet in sheets]
    assert all(drawing.inverted and drawing.fitted for drawing in drawings)
    return np.stack([drawing.pixels for drawing in drawings]).astype(np.float32) / 255


def accuracy(run: kb.Run, x: np.ndarray, t: np.ndarray) -> float:
    return float(
        np.mean([label == str(digit) for label, digit in zip(run.classify(x), t, strict=True)])
    )


# --- Real digits


def test_mnist_digits_drawn_large_come_back(mnist_folder: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    x = mnist(mnist_folder).test.stored[:100].reshape(-1, 28, 28)
    found = drawn(tmp_path, [on_paper(digit, rng) for digit in x], "mnist")
    difference = np.abs(found.reshape(x.shape) - x / 255).mean(axis=(1, 2))
    # One in thirty comes back a pixel aside: its centre of mass lies between two.
    assert np.median(difference) < 0.005
    assert difference.mean() < 0.01


def test_a_network_recognises_photographed_digits_as_well_as_mnists_own(
    mnist_folder: Path, tmp_path: Path
) -> None:
    rng = np.random.default_rng(2)
    data = mnist(mnist_folder)
    run = kb.train(kb.Network([784, 50, 10]), data, "adam", epochs=1, batch_size=100, seed=0)
    x, t = data.test.x[:300], data.test.t[:300]
    sheets = [
        on_paper(digit.reshape(28, 28), rng, smooth=True, noise=5, shade=25)
        for digit in data.test.stored[:300]
    ]
    own = accuracy(run, x, t)
    assert own > 0.9
    assert accuracy(run, drawn(tmp_path, sheets, "mnist"), t) > own - 0.02
    resized = [
        255 - read_image(save(tmp_path / "a.png", sheet), (28, 28)) for sheet in sheets[:100]
    ]
    assert accuracy(run, np.float32(resized) / 255, t[:100]) < 0.6  # what fitting is for


def test_scikit_learns_digits_drawn_large_are_recognised(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    data = digits()
    run = kb.train(kb.Network([64, 50, 10]), data, "adam", epochs=40, batch_size=50, seed=0)
    x = np.round(data.test.x[:200] * 255).astype(np.uint8).reshape(-1, 8, 8)
    sheets = [on_paper(digit, rng, times=12, smooth=True) for digit in x]
    t = data.test.t[:200]
    own = accuracy(run, data.test.x[:200], t)
    assert own > 0.9
    # Sixteen levels on 8×8 say little of the 32×32 bitmap that they were counted from.
    assert accuracy(run, drawn(tmp_path, sheets, "digits"), t) > own - 0.1
    resized = [255 - read_image(save(tmp_path / "a.png", sheet), (8, 8)) for sheet in sheets]
    assert accuracy(run, np.float32(resized) / 255, t) < 0.5


# --- Geometry


def bar(height: int, width: int, top: int, left: int, ink: int = 255, paper: int = 0) -> np.ndarray:
    sheet = np.full((230, 310), paper, np.uint8)
    sheet[top : top + height, left : left + width] = ink
    return sheet


@pytest.mark.parametrize(("height", "width"), [(150, 60), (60, 150), (75, 75), (160, 8)])
def test_mnists_box_is_20_long_and_keeps_its_proportions(tmp_path, height, width) -> None:
    file = save(tmp_path / "bar.png", bar(height, width, 50, 90))
    found = read_drawing(file).pixels.reshape(28, 28)
    rows, columns = np.flatnonzero(found.any(axis=1)), np.flatnonzero(found.any(axis=0))
    longer = max(height, width)
    assert len(rows) == round(20 * height / longer)
    assert len(columns) == round(20 * width / longer)
    for side in (rows, columns):  # the centre of mass is at pixel 14, to half a pixel
        assert abs(side.mean() - 14) <= 0.5
    assert (found[rows[:, None], columns] == 255).all()


def test_the_centre_of_mass_is_what_is_centred(tmp_path: Path) -> None:
    """A plumb: a thin rod above a heavy block, whose box has its middle elsewhere."""
    sheet = bar(100, 10, 20, 200)
    sheet[100:120, 150:260] = 255
    found = read_drawing(save(tmp_path / "plumb.png", sheet)).pixels.reshape(28, 28) / 255
    pixels = np.arange(28)
    assert found.sum(axis=1) @ pixels / found.sum() == pytest.approx(14, abs=0.5)
    assert found.sum(axis=0) @ pixels / found.sum() == pytest.approx(14, abs=0.5)
    rows = np.flatnonzero(found.any(axis=1))
    assert (rows[0] + rows[-1]) / 2 < 12


@pytest.mark.parametrize("like", ["mnist", "digits"])
def test_place_size_and_shade_do_not_matter(tmp_path: Path, like: str) -> None:
    def seven(top: int, left: int, times: int, ink: int, paper: int) -> np.ndarray:
        small = np.zeros((10, 8), np.uint8)
        small[:3] = 1
        small[3:, 5:7] = 1
        sheet = np.zeros((260, 300), np.uint8)
        large = np.kron(small, np.ones((times, times), np.uint8))
        sheet[top : top + 10 * times, left : left + 8 * times] = large
        return np.where(sheet, ink, paper).astype(np.uint8)

    sheets = [seven(3, 160, 8, 255, 0), seven(100, 20, 16, 30, 220), seven(40, 40, 8, 140, 90)]
    first, *others = [read_drawing(save(tmp_path / "7.png", sheet), like) for sheet in sheets]
    assert not first.inverted
    assert others[0].inverted
    # An edge of the digits' bitmaps may come to lie a row aside: 4 of the 16 pixels in a block.
    level = 1 if like == "mnist" else 64
    for other in others:
        np.testing.assert_allclose(other.pixels / 1, first.pixels / 1, atol=level)


def test_dust_is_left_out(tmp_path: Path) -> None:
    clean = bar(120, 40, 60, 70, ink=20, paper=200)
    dusty = clean.copy()
    dusty[5:8, 290:293] = 20
    one, other = (read_drawing(save(tmp_path / "a.png", sheet)) for sheet in (clean, dusty))
    np.testing.assert_array_equal(one.pixels, other.pixels)


def test_a_stroke_that_touches_the_border_does_not_spoil_the_paper(tmp_path: Path) -> None:
    sheet = bar(230, 60, 0, 130, ink=20, paper=200)
    found = read_drawing(save(tmp_path / "one.png", sheet)).pixels.reshape(28, 28)
    np.testing.assert_array_equal(np.unique(found), [0, 255])
    assert (found == 255).sum() == 20 * 5


def test_a_slanted_bar_stands_upright_in_the_middle(tmp_path: Path) -> None:
    slanted = np.zeros((200, 260), np.uint8)
    for row in range(120):
        left = 150 - row // 2
        slanted[40 + row, left : left + 36] = 255
    found = read_drawing(save(tmp_path / "1.png", slanted), "digits").pixels.reshape(8, 8) / 255
    # 0.4 of 20×32 pixels of ink in 32 rows: 8 columns in the middle, blocks 3 and 4.
    expected = np.tile([0, 0, 0, 1, 1, 0, 0, 0], (8, 1))
    np.testing.assert_allclose(found.mean(axis=0), expected[0], atol=0.15)
    assert found.sum() == pytest.approx(0.4 * 20 * 32 / 16, rel=0.1)


@pytest.mark.parametrize("width", [3, 8, 20])
def test_a_narrow_one_is_not_stretched_to_a_block(tmp_path: Path, width: int) -> None:
    file = save(tmp_path / "1.png", bar(150, width, 30, 111, ink=20, paper=240))
    found = read_drawing(file, "digits").pixels.reshape(8, 8) / 255
    assert (found[:, [0, 1, 6, 7]] == 0).all()
    assert found[:, 3:5].mean() > 0.8


@pytest.mark.parametrize("pen", [3, 9, 20])
def test_every_pen_leaves_as_much_ink(tmp_path: Path, pen: int) -> None:
    sheet = np.full((210, 190), 255, np.uint8)  # a frame, as of a 0
    sheet[30:170, 40:130] = 0
    sheet[30 + pen : 170 - pen, 40 + pen : 130 - pen] = 255
    found = read_drawing(save(tmp_path / "0.png", sheet), "digits").pixels / 255
    assert found.sum() == pytest.approx(0.4 * 20 * 32 / 16, rel=0.2)


@pytest.mark.parametrize("like", ["mnist", "digits"])
@pytest.mark.parametrize("below", [0, 255])
def test_a_transparent_ground_is_read_as_white(tmp_path: Path, like: str, below: int) -> None:
    white = np.full((150, 170), 255, np.uint8)
    white[20:30, 50:120] = 0  # a 7 whose edge is soft
    for row in range(30, 130):
        left = 110 - (row - 30) // 2
        white[row, left : left + 10] = 0
        white[row, left - 1] = 128
    clear = np.full((150, 170, 4), below, np.uint8)
    clear[white < 255, :3] = 0
    clear[..., 3] = 255 - white
    one = read_drawing(save(tmp_path / "white.png", white), like)
    other = read_drawing(save(tmp_path / "clear.png", clear), like)
    assert (one.inverted, one.fitted) == (other.inverted, other.fitted) == (True, True)
    np.testing.assert_array_equal(one.pixels, other.pixels)


@pytest.mark.parametrize("like", ["mnist", "digits"])
def test_a_line_of_one_row_is_a_drawing_too(tmp_path: Path, like: str) -> None:
    file = save(tmp_path / "line.png", bar(1, 100, 80, 90))
    assert read_drawing(file, like).pixels.max() == 255


# --- What is taken as it is, and what is refused


@pytest.mark.parametrize(("like", "side", "levels"), [("mnist", 28, 256), ("digits", 8, 17)])
def test_an_image_of_the_datas_size_is_not_fitted(
    tmp_path: Path, like: str, side: int, levels: int
) -> None:
    rng = np.random.default_rng(5)
    image = np.zeros((side, side), np.uint8)
    image[1:4, 2:5] = rng.integers(0, levels, (3, 3)) * (255 // (levels - 1))  # in a corner
    for pixels, inverted in ((image, False), (255 - image, True)):
        drawing = read_drawing(save(tmp_path / "a.png", pixels), like)
        assert (drawing.inverted, drawing.fitted) == (inverted, False)
        np.testing.assert_array_equal(drawing.pixels, image.reshape(-1))


def test_invert_has_the_last_word(tmp_path: Path) -> None:
    file = save(tmp_path / "dark.png", bar(100, 50, 20, 30))
    assert not read_drawing(file).inverted
    small = save(tmp_path / "small.png", np.arange(64, dtype=np.uint8).reshape(8, 8))
    taken = read_drawing(small, "digits", invert=True)
    assert taken.inverted
    np.testing.assert_array_equal(taken.pixels, 255 - np.arange(64))
    assert not read_drawing(small, "digits", invert=False).inverted


def test_a_blank_sheet_is_refused(tmp_path: Path) -> None:
    for grey in (0, 128, 255):
        file = save(tmp_path / "blank.png", np.full((40, 30), grey, np.uint8))
        with pytest.raises(DataError, match=r"blank.png is blank: no digit can be seen in it"):
            read_drawing(file)
    rng = np.random.default_rng(6)
    noisy = np.clip(rng.normal(200, 1.5, (60, 50)), 0, 255).astype(np.uint8)
    with pytest.raises(DataError, match="is blank"):
        read_drawing(save(tmp_path / "noisy.png", noisy))


def test_other_data_and_no_file(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"data set of digits 'mnits'. Did you mean 'mnist'"):
        read_drawing(tmp_path / "a.png", "mnits")
    with pytest.raises(DataError, match="does not exist"):
        read_drawing(tmp_path / "a.png")
