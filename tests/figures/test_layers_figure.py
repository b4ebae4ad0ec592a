"""What each layer did: the curves are the recorded numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.axes import Axes

import koubai as kb
from koubai.errors import SettingError
from koubai.figures import language, layer_curves
from koubai.training.history import History
from koubai.training.layers import QUANTITIES, Layers


@pytest.fixture(scope="module")
def history() -> History:
    network = kb.Network([2, 7, 5, 3], hidden=["tanh", "relu"])
    return kb.train(network, kb.data.spirals(n=83, seed=4), batch_size=9, epochs=6).history


def curve(ax: Axes, layer: int) -> np.ndarray:
    [found] = [line for line in ax.lines if line.get_gid() == f"layer {layer}"]
    return np.array(found.get_data()).T


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_every_layer_has_its_curve(history: History, quantity: str) -> None:
    ax = layer_curves(history, quantity)
    ax.figure.canvas.draw()
    values = getattr(history.layers, quantity)
    for layer in (2, 3, 4):
        drawn, expected = curve(ax, layer), values[:, layer - 2].astype(float)
        np.testing.assert_array_equal(drawn[:, 0], history.layers.iterations)
        there = np.isfinite(drawn[:, 1])
        np.testing.assert_array_equal(drawn[there, 1], expected[there])
        assert there.all() or not expected[~there].any()  # on a logarithmic axis 0 is a gap
    assert {text.get_text() for text in ax.texts} == {"layer 2", "layer 3", "layer 4"}


def test_shares_are_in_percent_and_norms_in_powers(history: History) -> None:
    flat, norm = layer_curves(history, "flat"), layer_curves(history, "gradient_norm")
    flat.figure.canvas.draw()
    assert "100%" in [tick.get_text() for tick in flat.get_yticklabels()]
    assert (flat.get_yscale(), norm.get_yscale()) == ("linear", "log")


def test_what_is_not_finite_or_nothing_is_a_gap(history: History) -> None:
    values = history.layers.error_signal.copy()
    values[1, 0], values[2, 1] = np.inf, np.nan
    values[:, 2] = 0
    ax = layer_curves(
        replace(history, layers=replace(history.layers, error_signal=values)), "error_signal"
    )
    ax.figure.canvas.draw()
    assert np.isnan(curve(ax, 2)[1, 1])
    assert np.isnan(curve(ax, 3)[2, 1])
    assert np.isnan(curve(ax, 4)[:, 1]).all()
    [nothing] = [text for text in ax.texts if text.get_text() == "layer 4: 0"]
    assert nothing.xy[1] == 0  # at the lower edge


def test_some_of_many_layers_are_named() -> None:
    iterations, shape = np.array([0, 10]), (2, 40)
    many = Layers(iterations, *[np.full(shape, 0.5, np.float32)] * len(QUANTITIES))
    run = kb.train(kb.Network([2, 3, 2]), kb.data.moons(n=40), epochs=1)
    ax = layer_curves(replace(run.history, layers=many), "dead")
    names = [text.get_text() for text in ax.texts]
    assert len(ax.lines) == 40
    assert names[:2] == ["layer 2", "layer 6"]
    assert len(names) == 10


def test_japanese(history: History, japanese: None) -> None:
    with language("ja"):
        ax = layer_curves(history)
    assert ax.get_title(loc="left") + ax.get_title() == (
        r"勾配のノルム $\|\partial L / \partial w\|$"
    )
    assert ax.get_xlabel() == "反復"


def test_bad_input(history: History) -> None:
    with pytest.raises(SettingError, match="quantity is 'loss': choose one of gradient_norm"):
        layer_curves(history, "loss")
    with pytest.raises(SettingError, match="history has no record of the layers"):
        layer_curves(replace(history, layers=Layers.none()))
