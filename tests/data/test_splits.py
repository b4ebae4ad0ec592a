from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koubai.data.checks import generator
from koubai.data.splits import split_indices
from koubai.errors import DataError, SettingError

fractions = st.floats(0.01, 0.99)
seeds = st.integers(0, 2**32)


@settings(deadline=None)
@given(examples=st.integers(2, 300), fraction=fractions, seed=seeds)
def test_every_example_is_in_one_split(examples: int, fraction: float, seed: int) -> None:
    train, test = split_indices(examples, fraction, seed)
    assert sorted([*train, *test]) == list(range(examples))
    assert len(train) >= 1
    assert len(test) >= 1
    assert abs(len(test) - fraction * examples) <= 1


@settings(deadline=None)
@given(counts=st.lists(st.integers(2, 60), min_size=2, max_size=8), fraction=fractions, seed=seeds)
def test_each_class_gives_its_share(counts: list[int], fraction: float, seed: int) -> None:
    labels = np.repeat(np.arange(len(counts)), counts)
    train, test = split_indices(len(labels), fraction, seed, labels)
    assert sorted([*train, *test]) == list(range(len(labels)))
    given_up = np.bincount(labels[test], minlength=len(counts))
    # The total is rounded up to a whole example first, which moves a class by less than one.
    assert (np.abs(given_up - np.array(counts) * fraction) < 2).all()
    assert (np.bincount(labels[train], minlength=len(counts)) >= 1).all()


def test_shares_are_exact_where_they_can_be() -> None:
    labels = np.repeat([0, 1, 2], [10, 20, 70])
    _, test = split_indices(100, 0.3, seed=5, labels=labels)
    assert np.bincount(labels[test]).tolist() == [3, 6, 21]


def test_a_class_of_one_example_trains() -> None:
    labels = np.array([0, 1, 1, 1, 1, 1, 1, 1, 1, 1])
    for seed in range(20):
        train, test = split_indices(10, 0.5, seed, labels)
        assert 0 in train
        assert len(test) == 5


def test_classes_of_one_example_each_are_split_anyhow() -> None:
    train, test = split_indices(10, 0.2, 0, np.arange(10))
    assert (len(train), len(test)) == (8, 2)


def test_no_example_too_many_from_rounding() -> None:
    assert len(split_indices(100, 0.07)[1]) == 7


def test_the_seed_decides() -> None:
    first, again, other = (split_indices(100, 0.2, seed)[1].tolist() for seed in (1, 1, 2))
    assert first == again != other


@pytest.mark.parametrize("fraction", [0, 1, -0.1, 1.5, float("nan"), "0.2", None])
def test_bad_fraction(fraction) -> None:
    with pytest.raises(SettingError, match=r"test_fraction is .*between 0 and 1"):
        split_indices(10, fraction)


@pytest.mark.parametrize("seed", [-1, 0.5, True, None, "0"])
def test_bad_seed(seed) -> None:
    with pytest.raises(SettingError, match=r"seed is .*whole number, 0 or more"):
        split_indices(10, 0.2, seed)


def test_one_example_cannot_be_split() -> None:
    with pytest.raises(DataError, match="1 example cannot be split"):
        split_indices(1)


def test_streams_of_one_seed_differ() -> None:
    draws = {generator(seed, stream).random() for seed in range(5) for stream in range(2)}
    assert len(draws) == 10
