"""Examples split into training and test data: seeded, and stratified where there are classes."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float, Int, Num

from koubai.data.checks import fraction, generator
from koubai.data.dataset import Split
from koubai.errors import DataError


def split_indices(
    examples: int,
    test_fraction: float = 0.2,
    seed: int = 0,
    labels: Int[np.ndarray, " examples"] | None = None,
) -> tuple[Int[np.ndarray, " train"], Int[np.ndarray, " test"]]:
    """Which examples train and which test: every index once, in an order set by the seed.

    ⌈test_fraction · examples⌉ are for testing. With labels each class gives its share, rounded
    so that the sum holds; a class never gives its last example, so with many tiny classes the
    test data may be fewer. Where every class has one example only, the labels are disregarded.

    Shapes: labels (examples,), whole numbers from 0.
    Raises SettingError for a test_fraction outside (0, 1) or a bad seed, DataError for fewer
    than two examples.
    """
    wanted = _test_count(examples, fraction("test_fraction", test_fraction))
    order = generator(seed).permutation(examples)
    chosen = order[:wanted]
    if labels is not None:
        shares = _shares(np.bincount(labels), wanted)
        if shares.sum() > 0:
            chosen = _first_of_each(order, labels, shares)
    is_test = np.isin(order, chosen)
    return order[~is_test], order[is_test]


def split_examples(
    stored: Num[np.ndarray, "examples features"],
    t: Int[np.ndarray, " examples"] | Float[np.ndarray, "examples outputs"],
    test_fraction: float,
    seed: int,
    scale: float = 1.0,
) -> tuple[Split, Split]:
    """The training and the test split of some examples; stratified when t holds labels.

    Shapes: stored (examples, features), t (examples,) labels or (examples, outputs).
    Raises what `split_indices` raises.
    """
    labels = t if np.issubdtype(t.dtype, np.integer) else None
    train, test = split_indices(len(stored), test_fraction, seed, labels)
    return Split(stored[train], t[train], scale), Split(stored[test], t[test], scale)


def _test_count(examples: int, test_fraction: float) -> int:
    if examples < 2:
        raise DataError(
            f"{examples} example{'' if examples == 1 else 's'} cannot be split into training and "
            "test data: give at least 2"
        )
    # Rounded first: 0.07 · 100 is 7.000000000000001, and no reason for an eighth example.
    wanted = math.ceil(round(test_fraction * examples, 9))
    return min(max(wanted, 1), examples - 1)


def _shares(counts: Int[np.ndarray, " classes"], wanted: int) -> Int[np.ndarray, " classes"]:
    """How many examples each class gives: its quota's whole part, then the largest remainders."""
    quotas = counts * wanted / counts.sum()
    shares = np.floor(quotas).astype(np.int64)
    remainders = np.where(shares + 1 < counts, quotas - shares, -1.0)
    candidates = np.argsort(-remainders, kind="stable")[: wanted - shares.sum()]
    shares[candidates[remainders[candidates] >= 0]] += 1
    return shares


def _first_of_each(
    order: Int[np.ndarray, " examples"],
    labels: Int[np.ndarray, " examples"],
    shares: Int[np.ndarray, " classes"],
) -> Int[np.ndarray, " test"]:
    chosen = [order[labels[order] == c][:share] for c, share in enumerate(shares)]
    return np.concatenate(chosen)
