"""The picture of a Hessian's eigenvalues shows what was found."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import koubai as kb


def saddle(x: Any) -> Any:
    return x[0] ** 2 - 3 * x[1] ** 2 + 0.5 * x[2] ** 2


def found() -> Any:
    return kb.curvature(kb.objective(saddle, [1.0, 2.0, 3.0]), k=2)


def drawn(ax: Any, gid: str) -> Any:
    return next(artist for artist in ax.get_children() if artist.get_gid() == gid)


def test_it_shows_the_density_and_both_ends() -> None:
    ax = found().plot()
    x, y = drawn(ax, "density").get_data()
    for eigenvalue in (2, -6, 1):
        peak = 1 / (3 * 0.08 * np.sqrt(2 * np.pi))  # a third of a Gaussian, σ a hundredth of 8
        assert np.isclose(np.interp(eigenvalue, x, y), peak, rtol=0.01)
    assert [s[0][0] for s in drawn(ax, "spectrum_top").get_segments()] == pytest.approx([2, 1])
    assert [s[0][0] for s in drawn(ax, "spectrum_bottom").get_segments()] == pytest.approx([1, -6])
    assert ax.get_yscale() == "log"
    assert ax.get_title(loc="left") + ax.get_title() == "3 eigenvalues, sum −3"


def test_an_estimate_says_so() -> None:
    data = kb.data.digits().train
    network = kb.Network([64, 2, 10])
    curvature = kb.curvature(kb.objective(network, network.init(0), data), k=1, probes=3, steps=4)
    ax = curvature.plot()
    assert "±" in ax.get_title(loc="left") + ax.get_title()
    assert "3 random vectors" in ax.get_legend().get_title().get_text()
    with kb.figures.language("ja"):
        assert "3 本" in curvature.plot().get_legend().get_title().get_text()
