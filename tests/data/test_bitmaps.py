from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from koubai.data import bitmaps, load
from koubai.errors import DataError


def rows_of(images: np.ndarray) -> set[bytes]:
    return {image.tobytes() for image in images}


def write(path: Path, rows: list[str], header: str | None = None) -> Path:
    header = header or ",".join([*(f"x{i}" for i in range(1, 13)), "class"])
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def test_counts() -> None:
    data = bitmaps()
    assert np.bincount(data.train.t).tolist() == [32, 32]
    assert np.bincount(data.test.t).tolist() == [8, 8]
    assert data.classes == ("0", "1")
    assert data.image_shape == (4, 3)
    assert set(np.unique(data.train.stored)) == {0, 1}
    np.testing.assert_array_equal(data.train.x, data.train.stored)


def test_all_images_differ_between_splits_and_classes_too() -> None:
    data = bitmaps()
    assert len(rows_of(data.train.stored)) == 64
    assert len(rows_of(np.concatenate([data.train.stored, data.test.stored]))) == 80


def test_zeros_are_rings_and_ones_are_strokes() -> None:
    data = bitmaps()
    images = np.concatenate([data.train.stored, data.test.stored]).reshape(-1, 4, 3)
    labels = np.concatenate([data.train.t, data.test.t])
    # A stroke has a column with at least two pixels and at most two pixels beside it.
    fullest = images.sum(axis=1).max(axis=1)
    beside = images.sum(axis=(1, 2)) - fullest
    assert (fullest[labels == 1] >= 2).all()
    assert (beside[labels == 1] <= 1).all()
    # A ring has both its sides, one pixel less at most, and a hole between them.
    sides = images[:, :, 0].sum(axis=1) + images[:, :, 2].sum(axis=1)
    assert (sides[labels == 0] >= 3).all()
    assert (images[labels == 0][:, 1:3, 1].min(axis=1) == 0).all()


def test_the_test_images_can_be_told_by_the_training_images() -> None:
    data = bitmaps()
    judge = LogisticRegression().fit(data.train.x, data.train.t)
    assert judge.score(data.test.x, data.test.t) >= 0.9


def test_reload(tmp_path: Path) -> None:
    assert load(bitmaps().source).digest == bitmaps().digest
    file = write(tmp_path / "book.csv", ["1,1,1,1,0,1,1,0,1,1,1,1,0", "0,1,0,0,1,0,0,1,0,0,1,0,1"])
    data = bitmaps(file)
    assert load(data.source).digest == data.digest


def test_the_books_own(tmp_path: Path) -> None:
    rows = ["1,1,1,1,0,1,1,0,1,1,1,1,zero", "0,1,0,0,1,0,0,1,0,0,1,0,one"]
    data = bitmaps(write(tmp_path / "book.csv", rows))
    assert data.classes == ("one", "zero")
    assert data.train.t.tolist() == [1, 0]
    assert data.train.stored[1].reshape(4, 3).tolist() == [[0, 1, 0]] * 4
    assert data.test is data.train


@pytest.mark.parametrize(
    ("rows", "header", "message"),
    [
        (["1,1,1,1,0,1,1,0,1,1,2,1,0"], None, r"book.csv line 2, column 'x11': '2' is not a pixel"),
        (["0,0,0,0,0,0,0,0,0,0,0,0,0"], None, "holds one class only, 0"),
        (["1,0"], "x1,class", "has 2 columns: bitmaps take 12"),
        (["0,0,0,0,0,0,0,0,0,0,0,0,"], None, "line 2, column 'class': the value is missing"),
    ],
)
def test_bad_files(tmp_path: Path, rows: list[str], header: str | None, message: str) -> None:
    with pytest.raises(DataError, match=message):
        bitmaps(write(tmp_path / "book.csv", rows, header))
