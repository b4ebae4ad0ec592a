from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits

from koubai.data import digits, load
from koubai.errors import SettingError


def test_counts() -> None:
    data = digits()
    assert (len(data.train), len(data.test)) == (1437, 360)
    assert (data.inputs, data.outputs) == (64, 10)
    assert data.classes == tuple("0123456789")
    assert data.image_shape == (8, 8)


def test_the_pixels_are_those_of_scikit_learn() -> None:
    data, bundled = digits(), load_digits()
    ours = np.concatenate([data.train.stored, data.test.stored])
    labels = np.concatenate([data.train.t, data.test.t])
    assert ours.dtype == np.uint8
    assert labels.dtype == np.int32
    rows = {(*image, label) for image, label in zip(ours.tolist(), labels.tolist(), strict=True)}
    assert rows == {(*x, t) for x, t in zip(bundled.data, bundled.target, strict=True)}


def test_x_lies_between_0_and_1() -> None:
    x = digits().train.x
    assert (x.min(), x.max()) == (0, 1)


def test_no_image_is_in_both_splits() -> None:
    data = digits()
    train = {image.tobytes() for image in data.train.stored}
    assert not any(image.tobytes() in train for image in data.test.stored)


def test_classes_keep_their_proportions() -> None:
    data = digits()
    counts = np.bincount(load_digits().target)
    np.testing.assert_allclose(np.bincount(data.test.t), counts * 360 / 1797, atol=1)


def test_reload() -> None:
    data = digits(test_fraction=0.3, seed=7)
    assert load(data.source).digest == data.digest
    assert digits(seed=8).digest != digits(seed=7).digest


def test_bad_fraction() -> None:
    with pytest.raises(SettingError, match="test_fraction is 2"):
        digits(test_fraction=2)
