"""Trainings with known diagnoses: each fault named rightly, no healthy one accused.

The rules were written by the seeds in TUNE alone; HELD_OUT judges them.
"""

from __future__ import annotations

import pytest
from planted.training import (
    FAULTS,
    HEALTHY,
    HELD_OUT,
    LATER_FAULTS,
    LATER_HEALTHY,
    Training,
)

# One of them for each set: all seeds take some minutes.
SEED, LATER_SEED = HELD_OUT[0], HELD_OUT[3]


def cases(first: list[Training], later: list[Training]) -> pytest.MarkDecorator:
    pairs = [(case, SEED) for case in first] + [(case, LATER_SEED) for case in later]
    return pytest.mark.parametrize(("case", "seed"), pairs, ids=str)


@cases(FAULTS, LATER_FAULTS)
def test_a_fault_is_named(case: Training, seed: int) -> None:
    run = case.train(seed)
    assert case.shows(run), "it did not go wrong: nothing can be found"
    kinds = [finding.kind for finding in run.diagnose()]
    assert kinds[:1] == [case.kind]
    assert {*kinds} <= {case.kind, *case.also}


@cases(HEALTHY, LATER_HEALTHY)
def test_a_healthy_training_is_not_accused(case: Training, seed: int) -> None:
    run = case.train(seed)
    assert case.shows(run), "it went wrong: it may be accused"
    assert [str(finding) for finding in run.diagnose()] == []
