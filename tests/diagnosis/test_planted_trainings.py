"""Trainings with known diagnoses: each fault named rightly, no healthy one accused.

The rules were written by the seeds in TUNE alone; HELD_OUT judges them.
"""

from __future__ import annotations

import pytest
from planted.training import FAULTS, HEALTHY, HELD_OUT, TUNE, Training

SEEDS = (TUNE[0], HELD_OUT[0])
each_seed = pytest.mark.parametrize("seed", SEEDS)


@each_seed
@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_fault_is_named(fault: Training, seed: int) -> None:
    run = fault.train(seed)
    assert fault.shows(run), "it did not go wrong: nothing can be found"
    kinds = [finding.kind for finding in run.diagnose()]
    assert kinds[:1] == [fault.kind]
    assert {*kinds} <= {fault.kind, *fault.also}


@each_seed
@pytest.mark.parametrize("healthy", HEALTHY, ids=str)
def test_a_healthy_training_is_not_accused(healthy: Training, seed: int) -> None:
    run = healthy.train(seed)
    assert healthy.shows(run), "it went wrong: it may be accused"
    assert [str(finding) for finding in run.diagnose()] == []
