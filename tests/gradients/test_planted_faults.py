"""Each planted fault is named rightly and no healthy gradient is accused, on seeds that the
verdicts were not written with.
"""

from __future__ import annotations

import pytest
from planted.gradients import (
    FAULTS,
    HEALTHY,
    HELD_OUT,
    LATER_FAULTS,
    LATER_HEALTHY,
    WrongGradient,
)

# One of them for each set: all seeds take some minutes.
SEED, LATER_SEED = HELD_OUT[0], HELD_OUT[3]

ACCUSED = {"factor", "transposed", "missing bias", "missing derivative", "differs"}

UNTOLD = {"step", "float32", "random", "vacuous", "undecided"}


def cases(first: list[WrongGradient], later: list[WrongGradient]) -> pytest.MarkDecorator:
    pairs = [(case, SEED) for case in first] + [(case, LATER_SEED) for case in later]
    return pytest.mark.parametrize(("case", "seed"), pairs, ids=str)


@cases(FAULTS, LATER_FAULTS)
def test_a_planted_fault_is_named(case: WrongGradient, seed: int) -> None:
    check = case.case(seed).check()
    assert check.kind in (case.kind, *case.also), check.verdict
    assert not (check.passed and check.kind in ACCUSED | UNTOLD)


@cases(HEALTHY, LATER_HEALTHY)
def test_no_healthy_gradient_is_accused(case: WrongGradient, seed: int) -> None:
    check = case.case(seed).check()
    assert check.kind in (case.kind, *case.also), check.verdict
    assert check.passed is (check.kind in {"agrees", "kink"})
