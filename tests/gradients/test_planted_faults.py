"""Each planted fault is named rightly and no healthy gradient is accused, on seeds that the
verdicts were written with and on others.
"""

from __future__ import annotations

import pytest
from planted.gradients import FAULTS, HEALTHY, HELD_OUT, TUNE, WrongGradient

SEEDS = [TUNE[0], *HELD_OUT[:2]]  # all seven take some minutes

ACCUSED = {"factor", "transposed", "missing bias", "missing derivative", "differs"}

UNTOLD = {"step", "float32", "random", "vacuous", "undecided"}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_planted_fault_is_named(fault: WrongGradient, seed: int) -> None:
    check = fault.case(seed).check()
    assert check.kind in (fault.kind, *fault.also), check.verdict
    assert not (check.passed and check.kind in ACCUSED | UNTOLD)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("healthy", HEALTHY, ids=str)
def test_no_healthy_gradient_is_accused(healthy: WrongGradient, seed: int) -> None:
    check = healthy.case(seed).check()
    assert check.kind in (healthy.kind, *healthy.also), check.verdict
    assert check.passed is (check.kind == "agrees")
