"""Initial weights: the moments and the form of every distribution, against its formula."""

from __future__ import annotations

import math

import numpy as np
import pytest

import koubai as kb
from koubai.engine import float64
from koubai.errors import SettingError, UnknownNameError
from koubai.networks.initialisers import Initialiser

INPUTS, UNITS = 400, 300
N = INPUTS * UNITS

VARIANCES = {
    "normal": 0.01**2,
    "uniform": 0.1**2 / 3,
    "xavier": 2 / 700,
    "xavier_uniform": 2 / 700,
    "he": 2 / 400,
    "he_uniform": 2 / 400,
    "lecun": 1 / 400,
    "lecun_uniform": 1 / 400,
    "normal(0.05)": 0.05**2,
    "uniform(2)": 4 / 3,
}
KURTOSIS = {"normal": 3.0, "uniform": 1.8}  # E[(w/σ)⁴]; what tells the two distributions apart
every_name = pytest.mark.parametrize("name", VARIANCES)


def drawn(name: str, seed: int = 0) -> np.ndarray:
    weights = kb.initialisers[name].draw(np.random.default_rng(seed), INPUTS, UNITS)
    assert weights.shape == (INPUTS, UNITS)
    assert weights.dtype == np.float32
    return np.asarray(weights, np.float64).ravel()


@every_name
def test_mean_and_variance_are_within_5_standard_errors_of_the_formula(name: str) -> None:
    w, variance = drawn(name), VARIANCES[name]
    kurtosis = KURTOSIS[kb.initialisers[name].distribution]
    assert abs(w.mean()) < 5 * math.sqrt(variance / N)
    assert abs(w.var() / variance - 1) < 5 * math.sqrt((kurtosis - 1) / N)


@every_name
def test_the_distribution_is_the_one_that_the_name_says(name: str) -> None:
    w = drawn(name) / math.sqrt(VARIANCES[name])
    if "uniform" in name:
        assert abs((w**4).mean() - 1.8) < 0.02
        assert 0.999 * math.sqrt(3) < np.abs(w).max() <= math.sqrt(3) * (1 + 1e-6)
    else:
        assert abs((w**4).mean() - 3) < 5 * math.sqrt(96 / N)  # Var of w⁴ is 96
        assert 4 < np.abs(w).max() < 6.5


def test_zeros_are_zeros() -> None:
    assert not drawn("zeros").any()


def test_every_initialiser_is_tested_here() -> None:
    assert {*VARIANCES, "zeros"} >= set(kb.initialisers)


@every_name
def test_a_seed_gives_the_same_weights_again_and_another_seed_others(name: str) -> None:
    first = drawn(name, seed=4)
    np.testing.assert_array_equal(drawn(name, seed=4), first)
    assert (drawn(name, seed=5) != first).mean() > 0.99
    with float64():
        np.testing.assert_array_equal(drawn(name, seed=4), first)


@pytest.mark.parametrize(
    ("name", "scale", "printed"),
    [
        ("normal", 0.01, "normal(0.01)"),
        ("normal(0.05)", 0.05, "normal(0.05)"),
        (" normal( 1e-3 ) ", 0.001, "normal(0.001)"),
        ("uniform(2)", 2.0, "uniform(2)"),
        ("he", 0.0, "he"),
    ],
)
def test_a_name_may_carry_a_scale(name: str, scale: float, printed: str) -> None:
    initialiser = kb.initialisers[name]
    assert initialiser.scale == scale
    assert str(initialiser) == printed
    assert repr(initialiser) == f"<initialiser {printed}>"
    assert kb.initialisers[str(initialiser)] == initialiser
    assert isinstance(initialiser, Initialiser)


@pytest.mark.parametrize("scale", ["0", "-1", "nan", "inf", "1e200", "small", "1,2"])
def test_a_scale_that_is_no_positive_number_is_refused(scale: str) -> None:
    with pytest.raises(SettingError, match=r"'normal\(.*\)' needs a number above 0"):
        kb.initialisers[f"normal({scale})"]


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("xaviar", "xavier"), ("he(3)", "he"), ("nrmal(0.1)", "normal"), ("normal()", "normal")],
)
def test_an_unknown_name_is_answered_with_the_nearest(name: str, nearest: str) -> None:
    with pytest.raises(UnknownNameError, match=f"Did you mean '{nearest}'"):
        kb.initialisers[name]
