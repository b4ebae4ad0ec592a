from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koubai.data import arrays
from koubai.errors import DataError, SettingError

RNG = np.random.default_rng(11)
X = RNG.normal(50, 3, (20, 4))
LABELS = np.arange(20) % 3


def test_labels() -> None:
    data = arrays(X, LABELS)
    assert data.classes == ("0", "1", "2")
    assert (len(data.train), len(data.test)) == (16, 4)
    assert data.train.stored.dtype == np.float32
    assert data.train.scale == 1
    assert data.train.t.dtype == np.int32
    assert data.image_shape is None


@settings(deadline=None)
@given(
    labels=st.lists(st.sampled_from([-1, 3, 7]), min_size=6, max_size=30).filter(
        lambda labels: len(set(labels)) > 1
    ),
    seed=st.integers(0, 1000),
)
def test_each_example_keeps_its_label(labels: list[int], seed: int) -> None:
    """x carries the label, so what comes out can be compared."""
    data = arrays(np.array(labels, dtype=np.float32), labels, seed=seed)
    assert data.classes == tuple(str(label) for label in sorted(set(labels)))
    seen = 0
    for split in (data.train, data.test):
        assert [data.classes[t] for t in split.t] == [str(int(x)) for x in split.x[:, 0]]
        seen += len(split)
    assert seen == len(labels)


def test_texts() -> None:
    names = np.array(["owl", "cat", "ant"])[LABELS]
    for t in (names, names.tolist(), names.astype(object)):
        data = arrays(LABELS[:, None], t)
        assert data.classes == ("ant", "cat", "owl")
        np.testing.assert_array_equal(data.train.t, 2 - data.train.x[:, 0])


def test_booleans_are_labels() -> None:
    assert arrays(X, LABELS == 0).classes == ("0", "1")


def test_values() -> None:
    data = arrays(X, X.sum(axis=1))
    assert data.classes is None
    assert data.train.t.shape == (16, 1)
    assert data.train.t.dtype == np.float32
    np.testing.assert_allclose(data.test.x.sum(axis=1), data.test.t[:, 0], rtol=1e-6)
    assert arrays(X, X[:, :2]).outputs == 2
    every = np.concatenate([arrays(X, X[:, :2]).train.t, arrays(X, X[:, :2]).test.t])
    np.testing.assert_allclose(np.sort(every, axis=0), np.sort(X[:, :2], axis=0), rtol=1e-6)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, int, np.uint8, bool])
def test_one_hot_rows_are_labels(dtype) -> None:
    one_hot = np.eye(4)[LABELS].astype(dtype)  # four classes, the last one of no example
    data = arrays(X, one_hot)
    assert data.classes == ("0", "1", "2", "3")
    plain = arrays(X, LABELS)
    np.testing.assert_array_equal(data.train.t, plain.train.t)
    np.testing.assert_array_equal(data.test.stored, plain.test.stored)
    named = arrays(X, one_hot, classes=("dog", "ant", "cat", "bee"), test=(X[:2], one_hot[:2]))
    assert named.classes == ("dog", "ant", "cat", "bee")
    np.testing.assert_array_equal(named.train.t, LABELS)


@pytest.mark.parametrize(
    "spoilt", [0.5, 2.0, 1.0]
)  # in a row that has its 1 elsewhere; a share, a count, two classes at once
def test_rows_that_are_nearly_one_hot_are_values(spoilt: float) -> None:
    t = np.eye(3)[LABELS]
    t[4, 0] = spoilt
    assert arrays(X, t).classes is None
    t[4] = 0
    assert arrays(X, t).classes is None  # nor are all zeros
    assert arrays(X, (LABELS == 0)[:, None].astype(float)).classes is None  # nor one column


def test_named_classes() -> None:
    names = ("dog", "ant", "cat", "bee")  # in an order of their own
    data = arrays(X, LABELS, classes=names)
    assert (data.classes, data.outputs) == (names, 4)
    assert sorted([*data.train.t, *data.test.t]) == sorted(LABELS)
    texts = np.array(["cat", "ant", "bee"])[LABELS]
    data = arrays(LABELS[:, None], texts, classes=names)
    np.testing.assert_array_equal(data.train.t, np.array([2, 1, 3])[data.train.x[:, 0].astype(int)])


@pytest.mark.parametrize("shape", [(5, 6), (5, 6, 1), (5, 6, 3)])
def test_images_keep_their_shape(shape: tuple[int, ...]) -> None:
    x = RNG.integers(0, 256, (20, *shape), dtype=np.uint8)
    data = arrays(x, LABELS, test=(x, LABELS))
    assert data.image_shape == shape
    assert data.train.stored.dtype == np.uint8
    np.testing.assert_array_equal(data.train.stored, x.reshape(20, -1))
    np.testing.assert_allclose(data.train.x, x.reshape(20, -1) / 255, rtol=1e-6)


def test_more_dimensions_are_flattened() -> None:
    data = arrays(RNG.normal(size=(20, 2, 3, 5)), LABELS)
    assert (data.inputs, data.image_shape) == (30, None)


def test_test_data_of_ones_own() -> None:
    data = arrays(X, LABELS, test=(X[:5] + 1, LABELS[:5]))
    assert (len(data.train), len(data.test)) == (20, 5)
    np.testing.assert_allclose(data.test.x, X[:5] + 1, rtol=1e-6)
    np.testing.assert_array_equal(data.train.t, LABELS)
    # A class that only the test data have is a class all the same.
    assert arrays(X, LABELS, test=(X[:1], [9])).classes == ("0", "1", "2", "9")


@pytest.mark.parametrize("dtype", [np.float32, np.uint8])
def test_the_callers_arrays_are_copied(dtype) -> None:
    x, t = X.astype(dtype), LABELS.astype(np.int32)
    data = arrays(x, t, test=(x, t))
    bytes_before = data.train.stored.tobytes()
    x[:] = 0
    t[:] = 0
    assert data.train.stored.tobytes() == bytes_before
    assert data.test.t.max() == 2


def test_split_by_share_and_seed() -> None:
    data = arrays(X, LABELS, test_fraction=0.3, seed=1)
    assert np.bincount(data.test.t).tolist() == [2, 2, 2]
    assert data.digest == arrays(X, LABELS, test_fraction=0.3, seed=1).digest
    assert data.digest != arrays(X, LABELS, test_fraction=0.3, seed=2).digest
    train = {x.tobytes() for x in data.train.stored}
    assert not any(x.tobytes() in train for x in data.test.stored)


def with_at(place: tuple[int, int], value: float) -> np.ndarray:
    x = X.copy()
    x[place] = value
    return x


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"x": [[1, 2], [3]], "t": [0, 1]}, "x is not an array .*rows of one length"),
        ({"x": 3.0, "t": [0]}, r"x has shape \(\)"),
        ({"x": np.zeros((0, 3)), "t": []}, r"x has shape \(0, 3\)"),
        ({"x": [["a"], ["b"]], "t": [0, 1]}, "x holds <U1: give real numbers"),
        ({"x": X * 1j, "t": LABELS}, "x holds complex128"),
        ({"x": with_at((3, 2), np.nan), "t": LABELS}, r"x\[3, 2\] is nan"),
        (
            {"x": with_at((3, 2), 1e39), "t": LABELS},
            r"x\[3, 2\] is 1e\+39, which is not finite in f",
        ),
        ({"x": X, "t": LABELS[:-1]}, "t has 19 targets but there are 20 examples"),
        ({"x": X, "t": np.full((20, 3), 2)}, r"t is int64 of shape \(20, 3\): .* one-hot rows"),
        (
            {"x": X, "t": np.eye(3)[LABELS], "test": (X, np.eye(4)[LABELS])},
            "t and test t are of different kinds",
        ),
        (
            {"x": X, "t": np.eye(3)[LABELS], "classes": ("a", "b")},
            "t holds the label 2, but classes names 2",
        ),
        ({"x": X, "t": np.zeros((20, 2, 2))}, r"t is float64 of shape \(20, 2, 2\)"),
        ({"x": X, "t": with_at((0, 1), np.inf)}, r"t\[0, 1\] is inf"),
        ({"x": X, "t": ["a"] * 19 + [None]}, r"t\[19\] is None among texts"),
        ({"x": X, "t": np.zeros(20, int)}, "t holds one class only, 0"),
        ({"x": np.arange(60), "t": np.arange(60)}, r"60 different labels .* t.astype\(float\)"),
        ({"x": X, "t": LABELS, "classes": ("a", "b")}, "t holds the label 2, but classes names 2"),
        ({"x": X, "t": LABELS, "classes": ("a", "b", "a")}, "classes names one twice"),
        ({"x": X, "t": X[:, 0], "classes": ("a", "b")}, "classes are named but t holds floats"),
        ({"x": X, "t": LABELS, "test": (X, LABELS, X)}, "test has 3 parts"),
        ({"x": X, "t": LABELS, "test": (X[:, :2], LABELS)}, r"test x .* \(2,\) .* but x .*\(4,\)"),
        (
            {"x": X, "t": LABELS, "test": (X.astype("u1"), LABELS)},
            "test x holds uint8 .* x float32",
        ),
        ({"x": X, "t": LABELS, "test": (X, X[:, 0])}, "t and test t are of different kinds"),
        ({"x": X, "t": LABELS, "test": (X, LABELS[:3])}, "test t has 3 targets"),
        ({"x": X[:1], "t": [1.0]}, "1 example cannot be split"),
    ],
)
def test_what_does_not_fit(arguments, message: str) -> None:
    with pytest.raises(DataError, match=message):
        arrays(**arguments)


def test_bad_fraction() -> None:
    with pytest.raises(SettingError, match="test_fraction is 0"):
        arrays(X, LABELS, test_fraction=0)


def test_texts_that_are_numbers_are_in_their_order() -> None:
    labels = ["10", "2", "1"] * 4
    data = arrays(np.array(labels, float), labels, test_fraction=0.5)
    assert data.classes == ("1", "2", "10")
    assert [float(data.classes[t]) for t in data.train.t] == data.train.x[:, 0].tolist()
