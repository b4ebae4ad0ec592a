from __future__ import annotations

from pathlib import Path as FilePath
from typing import Any

import numpy as np
import pytest
from drawn import check_drawn
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import koubai as kb
from koubai import figures
from koubai.descent.window import window_of
from koubai.errors import SettingError, ShapeError, UnknownNameError

ELLIPSE = kb.surfaces["ellipse"]
RATES = kb.compare_learning_rates(ELLIPSE, [-7.0, 2.0], steps=20)
PAIR = kb.compare(ELLIPSE, ["sgd", "momentum", "adam"], [-7.0, 2.0], steps=30)


def line(ax: Axes, gid: str) -> np.ndarray:
    [found] = [line for line in ax.lines if line.get_gid() == gid]
    return np.array(found.get_data()).T


def title(ax: Axes) -> str:
    return ax.get_title(loc="left")


def check_saved(axes: tuple[Axes, ...], file: FilePath) -> None:
    """Nothing is cut, nothing is blank, and the file is small."""
    check_drawn(axes[0])
    assert figures.save(axes, file).stat().st_size < 150_000


# --- learning rates


def test_each_learning_rate_has_a_map_and_a_line() -> None:
    *maps, values = figures.learning_rates(RATES)
    verdicts = ["too small", "falls well", "swings", "diverges"]
    for index, (ax, path) in enumerate(zip(maps, RATES.paths, strict=True)):
        np.testing.assert_array_equal(line(ax, f"path {index}"), path.points)
        assert f"{path.learning_rate:g}" in title(ax)
        assert verdicts[index] in title(ax)
        drawn = line(values, f"values {index}")
        np.testing.assert_array_equal(drawn, np.stack([path.iterations, path.values], axis=1))
        assert (ax.get_xlim(), ax.get_ylim()) == window_of(RATES.paths[:3])
    figure: Any = values.get_figure(root=True)
    assert "= 1" in figure.get_suptitle()


def test_values_span_few_decades_and_none_of_the_curves_is_another() -> None:
    """On a bowl the right rate falls by 42 decades, which would press the others together."""
    rates = kb.compare_learning_rates(kb.surfaces.bowl)
    values = rates.plot()[-1]
    low, high = values.get_ylim()
    assert 1e-6 < low / 25 < 1e-3
    assert 2 < high / 25 < 10
    slow, swinging = (np.log(line(values, f"values {index}")[-1, 1]) for index in (0, 2))
    assert slow - swinging > 0.1 * np.log(high / low)


def test_a_window_of_ones_own_and_no_bound() -> None:
    rates = kb.compare_learning_rates(lambda x: -(x**2).sum(), [0.5, 0.1], [0.1, 0.2, 0.3], 5)
    axes = figures.learning_rates(rates, ((-1.0, 3.0), (-2.0, 2.0)))
    assert len(axes) == 4
    assert all(ax.get_xlim() == (-1, 3) for ax in axes[:-1])
    figure: Any = axes[0].get_figure(root=True)
    assert "several learning rates" in figure.get_suptitle()


def test_in_more_variables_there_are_the_values_only() -> None:
    rates = kb.compare_learning_rates(lambda x: (x**2).sum(), np.arange(1.0, 4.0), steps=5)
    [ax] = figures.learning_rates(rates)
    assert len([line for line in ax.lines if str(line.get_gid()).startswith("values")]) == 4


@pytest.mark.parametrize("language", ["en", "ja"])
def test_pictures_are_whole_and_small(language: str, japanese: None, tmp_path: FilePath) -> None:
    with figures.language(language):
        check_saved(figures.learning_rates(RATES), tmp_path / "rates.png")
        check_saved(figures.optimiser_memory(PAIR), tmp_path / "memory.png")
        check_saved(figures.surface_sheet(), tmp_path / "sheet.png")


def test_axes_of_the_users_own() -> None:
    axes = list(Figure().subplots(5))
    assert figures.learning_rates(RATES, axes=axes) == tuple(axes)
    with pytest.raises(ShapeError, match="4 axes, but there are 5 panels"):
        figures.learning_rates(RATES, axes=axes[:4])
    assert figures.optimiser_memory(PAIR, axes=axes[:3]) == tuple(axes[:3])
    with pytest.raises(ShapeError, match="1 axes, but there are 3 panels"):
        figures.optimiser_memory(PAIR, axes=axes[:1])


# --- what optimisers keep


def test_the_velocity_is_the_recurrence() -> None:
    path = PAIR.paths["momentum"]
    [ax] = figures.optimiser_memory(path)
    velocity = np.zeros(2)
    gradients: Any = path.gradients
    for k in range(len(path)):
        drawn = [line(ax, f"memory {index}")[k] for index in (0, 1)]
        np.testing.assert_allclose(drawn, [[k, velocity[0]], [k, velocity[1]]], rtol=1e-9)
        velocity = 0.9 * velocity + gradients[k]


def test_a_panel_for_each_quantity_of_each_path() -> None:
    axes = figures.optimiser_memory(PAIR)
    momentum, adam = (
        f"{name} (η = {PAIR.paths[name].learning_rate:.3g})" for name in ("momentum", "adam")
    )
    assert [title(ax) for ax in axes] == [
        f"{momentum}: velocity", f"{adam}: velocity", f"{adam}: squared gradients",
    ]  # fmt: skip
    squares = np.stack([line(axes[2], f"memory {index}")[:, 1] for index in (0, 1)], axis=1)
    np.testing.assert_array_equal(squares, PAIR.paths["adam"].memory["squared gradients"])
    assert [text.get_text() for text in axes[0].texts] == ["$x_0$", "$x_1$"]


def test_of_many_variables_the_length_is_drawn() -> None:
    path = kb.descend(lambda x: (x**2).sum(), np.arange(7.0), 0.01, steps=5, optimizer="momentum")
    [ax] = figures.optimiser_memory(path)
    velocity = path.memory["velocity"]
    np.testing.assert_allclose(
        line(ax, "memory 0")[:, 1], np.sqrt((velocity**2).sum(axis=1)), rtol=1e-12
    )


def test_of_a_diverging_path_the_beginning_is_seen() -> None:
    path = kb.descend(ELLIPSE, [-7.0, 2.0], 5.0, steps=400, optimizer="momentum")
    [ax] = figures.optimiser_memory(path)
    assert "diverges" in title(ax)
    assert ax.get_xlim()[1] < 20
    assert np.abs(ax.get_ylim()).max() < 1e9


def test_plain_gradient_descent_keeps_nothing() -> None:
    with pytest.raises(SettingError, match="momentum"):
        figures.optimiser_memory(PAIR.paths["sgd"])


# --- the sheet


def test_every_surface_has_a_map_with_its_minima() -> None:
    axes = figures.surface_sheet()
    assert [title(ax) for ax in axes] == list(kb.surfaces)
    for ax, surface in zip(axes, kb.surfaces.values(), strict=True):
        assert (ax.get_xlim(), ax.get_ylim()) == surface.window
        stars = [line.get_data() for line in ax.lines if line.get_gid() == "minimum"]
        assert [(float(x[0]), float(y[0])) for x, y in stars] == list(surface.minima)


def test_surfaces_are_chosen() -> None:
    axes = figures.surface_sheet(["saddle", kb.surfaces["bowl"]])
    assert [title(ax) for ax in axes] == ["saddle", "bowl"]
    with pytest.raises(UnknownNameError):
        figures.surface_sheet(["sadle"])
    with pytest.raises(SettingError, match="names is empty"):
        figures.surface_sheet([])
