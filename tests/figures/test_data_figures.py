"""What is wrong with the data: its scale, its classes, its labels."""

from __future__ import annotations

import numpy as np
import pytest
from drawn import check_drawn
from matplotlib.axes import Axes

from koubai import figures


def line(ax: Axes, gid: str) -> np.ndarray:
    [found] = [line for line in ax.get_lines() if line.get_gid() == gid]
    return np.asarray(found.get_ydata(), float)


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("inputs", [1, 5, 784])
def test_the_scale_of_every_input(language: str, inputs: int, tmp_path) -> None:
    rng = np.random.default_rng(inputs)
    means, stds = -rng.uniform(50, 200, inputs), rng.uniform(1e-3, 3, inputs)
    stds[-1] = 0
    with figures.language(language):
        ax = figures.input_scales(means, stds)
        check_drawn(ax)
        figures.save(ax, tmp_path / "scales.png")
    np.testing.assert_array_equal(line(ax, "means"), -means)
    np.testing.assert_array_equal(line(ax, "stds")[:-1], stds[:-1])
    assert np.isnan(line(ax, "stds")[-1])
    low, high = ax.get_ylim()
    assert low < 1 < high
    assert low < np.nanmin(line(ax, "stds"), initial=1)
    assert -means.min() < high


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_rare_class_comes_last_with_what_is_recognised_of_it(language: str) -> None:
    with figures.language(language):
        ax = figures.class_shares([12, 900, 80], [0.0, 0.99, 0.5], ["owl", "cat", "dog"])
        check_drawn(ax)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["cat", "dog", "owl"]
    widths = {
        gid: [bar.get_width() for bar in ax.patches if bar.get_gid() == gid]
        for gid in ("examples", "recognised")
    }
    assert widths == {"examples": [900, 80, 12], "recognised": [891, 40, 0]}
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # from the top


def test_of_many_classes_the_rarest_are_drawn() -> None:
    names = [f"class {number}" for number in range(43)]
    ax = figures.class_shares(np.arange(43) + 5, np.ones(43), names)
    shown = [label.get_text() for label in ax.get_yticklabels()]
    assert shown == names[19::-1]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_shuffled_labels_are_on_the_line_of_chance(language: str) -> None:
    with figures.language(language):
        ax = figures.against_guessing(0.981, 0.102, 0.098, 0.11)
        check_drawn(ax)
    assert [bar.get_width() for bar in ax.patches] == [0.981, 0.102, 0.098]
    [chance] = [line for line in ax.get_lines() if line.get_gid() == "chance"]
    assert list(np.asarray(chance.get_xdata())) == [0.11, 0.11]
