"""Schedules: where they begin, where they end, and what they are in between."""

from __future__ import annotations

import math

import numpy as np
import optax
import pytest

import koubai as kb
from koubai.errors import UnknownNameError

CLOSED_FORMS = {
    "constant": lambda s: 1.0,
    "linear": lambda s: 1 - s,
    "cosine": lambda s: math.cos(math.pi * s / 2) ** 2,  # the half-angle form of (1 + cos πs) / 2
    "exponential": lambda s: math.exp(-2 * math.log(10) * s),
}
ENDS = {"constant": (1, 1), "linear": (1, 0), "cosine": (1, 0), "exponential": (1, 0.01)}
MIDDLES = {"constant": 1, "linear": 0.5, "cosine": 0.5, "exponential": 0.1}
every_name = pytest.mark.parametrize("name", list(kb.schedules))


def test_every_schedule_is_written_out() -> None:
    assert set(CLOSED_FORMS) == set(ENDS) == set(MIDDLES) == set(kb.schedules)


@every_name
def test_beginning_middle_and_end(name: str) -> None:
    begin, middle, end = kb.schedules[name].factor(np.array([0.0, 0.5, 1.0]))
    assert begin == ENDS[name][0] == 1
    assert math.isclose(middle, MIDDLES[name], rel_tol=1e-15)
    assert math.isclose(end, ENDS[name][1], rel_tol=1e-15, abs_tol=1e-15)


@every_name
def test_the_closed_form(name: str) -> None:
    s = np.linspace(0, 1, 97, endpoint=False)
    factors = kb.schedules[name].factor(s)
    assert factors.shape == s.shape
    np.testing.assert_allclose(factors, [CLOSED_FORMS[name](one) for one in s], rtol=1e-12)
    assert (np.diff(factors) <= 0).all()
    assert (factors > 0).all()  # s stays below 1, and no step is wasted on η = 0


@pytest.mark.parametrize(
    ("name", "twin"),
    [
        ("constant", optax.constant_schedule(0.3)),
        ("linear", optax.linear_schedule(0.3, 0.0, 40)),
        ("cosine", optax.cosine_decay_schedule(0.3, 40)),
        ("exponential", optax.exponential_decay(0.3, 40, 0.01)),
    ],
)
def test_optax_has_the_same(name: str, twin: optax.Schedule) -> None:
    ours = 0.3 * kb.schedules[name].factor(np.arange(40) / 40)
    np.testing.assert_allclose(ours, [float(twin(k)) for k in range(40)], atol=1e-7)


def test_an_unknown_schedule() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown schedule 'cosin'\. Did you mean 'cosine'"):
        kb.schedules["cosin"]
