"""Which examples train, in which order, and which are held back."""

from __future__ import annotations

import numpy as np
from jaxtyping import Int

from koubai.errors import SettingError

Indices = Int[np.ndarray, " examples"]


def split_off(
    examples: int, share: float, seed: int
) -> tuple[Int[np.ndarray, " train"], Int[np.ndarray, " held_back"]]:
    """The examples to train on and those held back for validation, both in ascending order."""
    order = np.random.default_rng([seed, 0]).permutation(examples).astype(np.int32)
    held_back = round(share * examples)
    if share > 0 and not 0 < held_back < examples:
        raise SettingError(
            f"validation is {share}, which is {held_back} of {examples} examples: both parts "
            f"need at least one"
        )
    return np.sort(order[held_back:]), np.sort(order[:held_back])


def epoch_order(members: Indices, seed: int, epoch: int) -> Indices:
    """The training examples in the order of that epoch, each once.

    It depends on the seed and the number of the epoch alone, so that a run can be resumed in the
    middle of one.
    """
    return np.random.default_rng([seed, 1, epoch]).permutation(members)


def whole_batches(
    examples: int, batch_size: int, iterations: int, seed: int, first_epoch: int = 0
) -> Int[np.ndarray, "iterations batch"]:
    """So many mini-batches, epoch after epoch; what is left of an epoch makes no smaller one."""
    an_epoch = examples // batch_size
    orders = [
        epoch_order(np.arange(examples), seed, first_epoch + epoch)[: an_epoch * batch_size]
        for epoch in range(-(-iterations // an_epoch))
    ]
    return np.concatenate(orders).reshape(-1, batch_size)[:iterations]
