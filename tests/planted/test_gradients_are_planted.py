"""The planted gradients are as wrong, or as right, as their names say."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from planted.cases import HELD_OUT, TUNE, FunctionCase, NetworkCase, WrongGradient
from planted.gradients import FAULTS, HEALTHY, LATER_FAULTS, LATER_HEALTHY

import koubai as kb

SEEDS = (*TUNE, *HELD_OUT)
WRONG = {"factor", "transposed", "missing bias", "missing derivative", "differs"}


def _flat(gradients: Any) -> np.ndarray[Any, Any]:
    return np.concatenate([np.ravel(np.asarray(part)) for layer in gradients for part in layer])


@functools.cache
def _derivative(network: kb.Network, loss: str | kb.Loss | None) -> Callable[..., Any]:
    """Compiled once for all seeds of a case."""
    usual = "cross_entropy" if network.output.name == "softmax" else "squared_error"
    of = loss if isinstance(loss, kb.Loss) else kb.losses[loss or usual]
    return jax.jit(jax.grad(lambda params, x, t: of(network.forward(params, x).output, t)))


def _by_jax(case: NetworkCase) -> np.ndarray[Any, Any]:
    """The right gradient, by JAX's automatic differentiation in float64."""
    with jax.enable_x64(True):
        params = jax.tree.map(jnp.asarray, case.params)
        return _flat(
            _derivative(case.network, case.loss)(params, np.asarray(case.x), np.asarray(case.t))
        )


def test_wrong_gradients_are_wrong_and_right_ones_right() -> None:
    for number, fault in enumerate((*FAULTS, *HEALTHY)):
        case = fault.case(SEEDS[number % len(SEEDS)])
        if not isinstance(case, NetworkCase) or case.facts.get("z") == 0:
            continue  # exactly on a kink every slope between the two sides is right
        right, mine = _by_jax(case), _flat(case.gradients)
        error = np.abs(mine - right).max() / (np.abs(right).max() or 1.0)
        if fault.kind in WRONG:
            assert error > 0.01, (fault, error)
        elif fault.kind == "constant in log":
            assert 1e-8 < error < 1e-2, (fault, error)
        else:
            assert error < 1e-7, (fault, error)


def test_those_of_the_second_set_are_wrong_and_right_too() -> None:
    for fault in (*LATER_FAULTS, *LATER_HEALTHY):
        case = fault.case(HELD_OUT[3])
        if isinstance(case, NetworkCase):
            right, mine = _by_jax(case), _flat(case.gradients)
            error = np.abs(mine - right).max() / (np.abs(right).max() or 1.0)
            if fault.kind in WRONG | {"constant in log"}:
                assert not error < 1e-5, (fault, error)
            else:
                assert error < (1e-12 if mine.dtype == np.float64 else 1e-6), (fault, error)


@pytest.mark.parametrize("fault", [f for f in FAULTS if f.kind == "factor"], ids=str)
def test_the_factor_of_a_fault_is_the_one_it_names(fault: WrongGradient) -> None:
    for seed in (TUNE[1], HELD_OUT[0]):
        case = fault.case(seed)
        if isinstance(case, NetworkCase):
            right, mine = _by_jax(case), _flat(case.gradients)
        else:
            right = kb.numerical_gradient(case.f, case.x).ravel()
            mine = np.ravel(case.grad_f(case.x))
        ratio = mine / case.facts["factor"]
        scaled = np.isclose(ratio, right, rtol=1e-5, atol=1e-6 * np.abs(right).max())
        same = np.isclose(mine, right, rtol=1e-5, atol=1e-9)
        assert scaled.any(), (fault, seed)
        assert (scaled | same).all(), (fault, seed)


@pytest.mark.parametrize("name", ["kink", "step"])
def test_right_gradients_look_wrong_at_the_step_of_the_check(name: str) -> None:
    for fault in (f for f in FAULTS if f.kind == name):
        for seed in (TUNE[2], HELD_OUT[1]):
            case = fault.case(seed)
            if isinstance(case, FunctionCase):
                seen = kb.numerical_gradient(case.f, case.x, step=case.step)
                mine = np.asarray(case.grad_f(case.x))
            else:
                seen = _flat(
                    kb.finite_differences(
                        case.network, case.params, case.x, case.t, case.loss, case.step
                    )
                )
                mine = _flat(case.gradients)
            assert np.abs(mine - seen).max() > 1e-4 * np.abs(mine).max(), (fault, seed)


def test_the_seeds_to_look_at_and_those_to_judge_by_are_disjoint() -> None:
    assert not set(TUNE) & set(HELD_OUT)


def test_every_kind_is_planted() -> None:
    assert {fault.kind for fault in FAULTS} == WRONG | {
        "kink",
        "step",
        "float32",
        "random",
        "vacuous",
        "constant in log",
    }
    assert len(HEALTHY) >= 10
