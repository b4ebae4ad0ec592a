from __future__ import annotations

import re

import numpy as np
import pytest
from drawn import check_drawn

import koubai as kb
from koubai import figures
from koubai.figures.words import WORDS
from koubai.gradients.findings import Check

X = np.array([0.7, -1.3, 2.1])


def f(x):
    return np.sum(np.sin(x) * x**3)


def gradient(x):
    return np.cos(x) * x**3 + 3 * x**2 * np.sin(x)


def line(ax, gid: str):
    return next((line for line in ax.get_lines() if line.get_gid() == gid), None)


def test_the_curve_of_a_right_gradient_is_a_v_with_its_bottom_marked() -> None:
    check = kb.check_gradient(f, gradient, X)
    ax = figures.step_sizes(check)
    np.testing.assert_array_equal(line(ax, "errors").get_xdata(), check.curve.steps)
    np.testing.assert_array_equal(line(ax, "errors").get_ydata(), check.curve.errors)
    ((h,), (least,)) = line(ax, "best").get_data()
    assert least == np.nanmin(check.curve.errors)
    truncation, rounding = line(ax, "truncation"), line(ax, "rounding")
    assert truncation.get_xdata().min() == rounding.get_xdata().max() == h
    for arm, power in ((truncation, 2), (rounding, -1)):
        slope, _ = np.polyfit(np.log(arm.get_xdata()), np.log(arm.get_ydata()), 1)
        assert slope == pytest.approx(power)
    # The measured error grows beside the arm of truncation: f''' is the same for both.
    far = check.curve.errors[check.curve.steps > 1e-4]
    near = truncation.get_ydata()[truncation.get_xdata() > 1e-4]
    assert np.all((far / near > 0.2) & (far / near < 5))


def test_a_wrong_gradient_is_as_wrong_at_every_step_and_has_no_bottom() -> None:
    ax = figures.step_sizes(kb.check_gradient(f, lambda x: 2 * gradient(x), X))
    np.testing.assert_allclose(line(ax, "errors").get_ydata(), 0.5, rtol=0.1)
    assert line(ax, "best") is line(ax, "truncation") is line(ax, "rounding") is None
    assert line(ax, "tolerance").get_ydata()[0] == kb.check_gradient(f, gradient, X).tolerance


@pytest.mark.parametrize("language", ["en", "ja"])
def test_of_a_network(language: str, tmp_path) -> None:
    network = kb.Network([5, 4, 3])
    x = np.random.default_rng(0).normal(size=(7, 5))
    check = kb.check_gradients(network, network.init(0), x, np.arange(7) % 3)
    with figures.language(language):
        ax = figures.step_sizes(check)
        assert {"en": "agrees", "ja": "一致"}[language] in ax.get_title(loc="left")
        check_drawn(ax)
        figures.save(ax, tmp_path / "check.png")
    assert (tmp_path / "check.png").stat().st_size > 10_000


def test_where_no_number_is_finite_the_panel_says_so() -> None:
    ax = figures.step_sizes(kb.check_gradient(f, lambda x: gradient(x) * np.nan, X))
    assert [text.get_text() for text in ax.texts] == ["no finite value"]
    low, high = ax.get_xlim()
    assert low < 1e-8 < 1e-2 < high
    check_drawn(ax)


def test_an_error_of_0_is_no_bottom_from_which_arms_rise() -> None:
    ax = figures.step_sizes(kb.check_gradient(lambda x: np.sum(x**2), lambda x: 2 * x, [0.0, 0.0]))
    assert line(ax, "truncation") is line(ax, "rounding") is line(ax, "best") is None


def test_every_kind_of_check_has_its_words() -> None:
    kinds = re.findall(r"^    \| (\S[\w ]*) \|", str(Check.__doc__), re.MULTILINE)
    assert len(kinds) > 10
    for kind in kinds[1:]:
        assert f"check_{kind.replace(' ', '_')}" in WORDS
