from __future__ import annotations

import inspect

import numpy as np
import pytest

from koubai.data import (
    Dataset,
    blobs,
    circles,
    line,
    load,
    moons,
    sine,
    spirals,
    xor,
)
from koubai.errors import SettingError

REGRESSIONS = (line, sine)
CLASSIFICATIONS = (xor, moons, circles, spirals, blobs)
TOYS = REGRESSIONS + CLASSIFICATIONS
every_toy = pytest.mark.parametrize("toy", TOYS, ids=lambda toy: toy.__name__)


def everything(data: Dataset) -> tuple[np.ndarray, np.ndarray]:
    return (
        np.concatenate([data.train.x, data.test.x]).astype(np.float64),
        np.concatenate([data.train.t, data.test.t]),
    )


@every_toy
def test_a_quarter_is_for_testing(toy) -> None:
    data = toy(n=200)
    assert (len(data.train), len(data.test)) == (150, 50)
    assert data.train.stored.dtype == np.float32
    assert data.inputs == (1 if toy in REGRESSIONS else 2)
    train = {point.tobytes() for point in data.train.stored}
    assert not any(point.tobytes() in train for point in data.test.stored)


@every_toy
def test_the_source_and_the_seed(toy) -> None:
    data = toy(n=40, noise=0.3, seed=9)
    assert load(data.source).digest == data.digest
    assert set(data.source.arguments) == set(inspect.signature(toy).parameters)
    assert toy(n=40, noise=0.3, seed=10).digest != data.digest


@pytest.mark.parametrize("toy", CLASSIFICATIONS, ids=lambda toy: toy.__name__)
def test_classes_are_balanced_in_both_splits(toy) -> None:
    data = toy(n=240)
    for split in (data.train, data.test):
        assert len(set(np.bincount(split.t, minlength=data.outputs).tolist())) == 1
    assert data.train.t.dtype == np.int32


@every_toy
def test_the_smallest(toy) -> None:
    smallest = 6 if toy in (spirals, blobs) else 4
    assert len(toy(n=smallest).train) + len(toy(n=smallest).test) == smallest
    with pytest.raises(SettingError, match=rf"n is {smallest - 1}: .* {smallest} or more"):
        toy(n=smallest - 1)


@every_toy
@pytest.mark.parametrize("n", [10.5, "ten", None, True, -1])
def test_bad_n(toy, n) -> None:
    with pytest.raises(SettingError, match=r"n is .*whole number"):
        toy(n=n)


@every_toy
@pytest.mark.parametrize("noise", [-0.1, float("nan"), float("inf"), "much", None])
def test_bad_noise(toy, noise) -> None:
    with pytest.raises(SettingError, match=r"noise is .*finite number, 0 or more"):
        toy(noise=noise)


@pytest.mark.parametrize("toy", [spirals, blobs])
def test_number_of_classes(toy) -> None:
    data = toy(n=100, classes=5)
    assert data.classes == ("0", "1", "2", "3", "4")
    with pytest.raises(SettingError, match=r"classes is 1: .* 2 or more"):
        toy(classes=1)
    with pytest.raises(SettingError, match=r"n is 9: .* 10 or more"):
        toy(n=9, classes=5)


def test_line_without_noise_is_the_line() -> None:
    x, t = everything(line(noise=0, slope=-3, intercept=7))
    np.testing.assert_allclose(t, -3 * x + 7, rtol=1e-6)


def test_line_with_noise_is_fitted_by_the_line() -> None:
    x, t = everything(line(n=4000, noise=0.5, slope=-3, intercept=7))
    slope, intercept = np.polyfit(x[:, 0], t[:, 0], 1)
    assert slope == pytest.approx(-3, abs=0.06)  # four standard errors
    assert intercept == pytest.approx(7, abs=0.04)
    assert np.std(t - slope * x - intercept) == pytest.approx(0.5, rel=0.05)


def test_bad_slope() -> None:
    with pytest.raises(SettingError, match=r"slope is nan: give a finite number"):
        line(slope=float("nan"))


def test_sine_without_noise_is_the_sine() -> None:
    x, t = everything(sine(noise=0))
    np.testing.assert_allclose(t, np.sin(np.pi * x), atol=1e-6)
    assert x.min() < -0.9
    assert x.max() > 0.9


def test_xor_without_noise() -> None:
    x, t = everything(xor(noise=0))
    np.testing.assert_array_equal(t, (x[:, 0] * x[:, 1] < 0).astype(int))
    assert len({(a > 0, b > 0) for a, b in x}) == 4


def test_moons_without_noise_are_half_circles() -> None:
    x, t = everything(moons(noise=0))
    upper, lower = x[t == 0], x[t == 1]
    np.testing.assert_allclose(np.hypot(*upper.T), 1, atol=1e-6)
    np.testing.assert_allclose(np.hypot(*(lower - [1, 0.5]).T), 1, atol=1e-6)
    assert (upper[:, 1] >= -1e-6).all()
    assert (lower[:, 1] <= 0.5 + 1e-6).all()


def test_circles_without_noise() -> None:
    x, t = everything(circles(noise=0))
    np.testing.assert_allclose(np.hypot(*x.T), np.where(t == 1, 0.5, 1), atol=1e-6)


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_spirals_without_noise_wind_once(classes: int) -> None:
    x, t = everything(spirals(noise=0, classes=classes))
    radius = np.hypot(*x.T)
    turn = np.arctan2(x[:, 1], x[:, 0]) / (2 * np.pi) - t / classes - radius
    np.testing.assert_allclose(turn, np.round(turn), atol=1e-5)
    assert radius.min() >= 0.1 - 1e-6
    assert radius.max() <= 1 + 1e-6


def test_blobs_have_their_centres_and_their_noise() -> None:
    x, t = everything(blobs(n=6000, noise=0.3, classes=3))
    for label in range(3):
        cloud = x[t == label]
        angle = 2 * np.pi * label / 3
        np.testing.assert_allclose(cloud.mean(axis=0), [np.cos(angle), np.sin(angle)], atol=0.03)
        np.testing.assert_allclose(cloud.std(axis=0), 0.3, rtol=0.06)
