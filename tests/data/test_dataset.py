from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from koubai.data import Dataset, Source, Split, bitmaps, digits
from koubai.errors import DataError


def small(stored: np.ndarray, t: np.ndarray, classes: tuple[str, ...] | None) -> Dataset:
    return Dataset("small", Split(stored, t), Split(stored, t), classes, Source("arrays"))


def test_digest_changes_with_one_pixel() -> None:
    data = bitmaps()
    stored = data.test.stored.copy()
    stored[3, 7] ^= 1
    changed = dataclasses.replace(data, test=dataclasses.replace(data.test, stored=stored))
    assert changed.digest != data.digest


def test_digest_changes_with_one_label_and_with_the_scale_and_with_a_name() -> None:
    data = bitmaps()
    t = data.train.t.copy()
    t[0] = 1 - t[0]
    digests = {
        data.digest,
        dataclasses.replace(data, train=dataclasses.replace(data.train, t=t)).digest,
        dataclasses.replace(data, train=dataclasses.replace(data.train, scale=0.5)).digest,
        dataclasses.replace(data, classes=("0", "one")).digest,
    }
    assert len(digests) == 4


def test_x_is_scale_times_stored() -> None:
    train = digits().train
    np.testing.assert_array_equal(train.x * 16, train.stored)
    assert train.x.dtype == np.float32


def test_split_is_found_by_name_only() -> None:
    data = bitmaps()
    assert data.split("test") is data.test
    with pytest.raises(DataError, match="choose 'train' or 'test'"):
        data.split("validation")


def test_repr_tells_what_there_is() -> None:
    text = repr(bitmaps())
    assert "64 training and 16 test" in text
    assert "12 inputs, 2 classes" in text


@pytest.mark.parametrize(
    ("stored", "t", "classes", "message"),
    [
        (np.zeros((0, 2), np.float32), np.zeros(0, np.int32), ("a", "b"), "is empty"),
        (np.zeros((3, 2), np.float32), np.zeros(2, np.int32), ("a", "b"), "3 examples but 2"),
        (
            np.zeros((2, 2), np.float32),
            np.array([0, 2], np.int32),
            ("a", "b"),
            r"label 2 at t\[1\]",
        ),
        (
            np.array([[0, np.nan]], np.float32),
            np.zeros((1, 1), np.float32),
            None,
            r"nan at x\[0, 1",
        ),
        (
            np.zeros((1, 2), np.float32),
            np.full((1, 1), np.inf, np.float32),
            None,
            r"inf at t\[0, 0",
        ),
    ],
)
def test_what_cannot_be_learnt_from_is_refused(stored, t, classes, message) -> None:
    with pytest.raises(DataError, match=message):
        small(stored, t, classes)
