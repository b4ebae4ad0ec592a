"""The learning rate of every iteration, from a number and a schedule or a function of one's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from koubai.descent.schedules import schedules
from koubai.errors import SettingError
from koubai.told import Told

LearningRate = float | Callable[[int], float]

_LARGEST = float(np.finfo(np.float32).max)


def learning_rates(
    rate: LearningRate, schedule: str, iterations: Int[np.ndarray, " iterations"], planned: int
) -> Float[np.ndarray, " iterations"]:
    """η of each of these iterations, in float32.

    rate: η, which the schedule of that name changes over the `planned` iterations of the run, or
    a function of the iteration. Raises SettingError when it returns no finite number from 0 on.
    """
    if callable(rate):
        return np.asarray([rate_at(rate, int(k)) for k in iterations], np.float32)
    return (rate * schedules[schedule].factor(iterations / planned)).astype(np.float32)


def rate_at(rate: Callable[[int], float], iteration: int) -> float:
    """What a function of the user's own says of one iteration; SettingError as `learning_rates`."""
    try:
        answer = rate(iteration)
    except (ArithmeticError, TypeError, ValueError) as error:
        raise SettingError(
            f"learning_rate({iteration}) failed ({error}): give a number, or a function of the "
            f"iteration, such as an Optax schedule"
        ) from error
    number = as_number(answer)
    if number is None or not 0 <= number <= _LARGEST:
        raise SettingError(
            f"learning_rate({iteration}) returned {answer!r}: let it return a finite number, 0 or "
            f"more"
        )
    return number


def checked_rate(rate: LearningRate) -> LearningRate:
    """A learning rate as it was given; SettingError unless it is a number above 0, or a function.

    A function is asked about the first iteration, where it may say 0, as a warm-up does.
    """
    if callable(rate):
        rate_at(rate, 0)
        return rate
    number = as_number(rate)
    if number is None or not 0 < number <= _LARGEST:
        raise SettingError(
            Told(
                f"learning_rate is {rate!r}: give a number above 0, finite in float32",
                f"learning_rate が {rate!r} です。0 より大きく、float32 で有限な数にしてください",
            )
        )
    return number


def as_number(value: Any) -> float | None:
    """A single real number of Python, NumPy or JAX as a float; None for anything else."""
    try:
        array = np.asarray(value)
    except (TypeError, ValueError):
        return None
    return float(array) if array.shape == () and array.dtype.kind in "iuf" else None
