"""What training is telling, drawn: the learning-rate range, and where gradients vanish."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from drawn import check_drawn
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from koubai import figures
from koubai.diagnosis.vanishing import LayerGradients, VanishingGradients
from koubai.errors import ShapeError
from koubai.training.rate_range import RateRange


def check_saved(ax: Axes, file: Path) -> None:
    check_drawn(ax)
    assert figures.save(ax, file).stat().st_size < 150_000


def texts(ax: Axes) -> str:
    return " ".join(text.get_text() for text in ax.texts)


# --- the learning-rate range


def rate_range(edge: float = 0.07) -> RateRange:
    """A loss of 5 that falls to 2 at η = 0.1 and rises to 20."""
    rates = np.geomspace(1e-5, 10, 121).astype(np.float32)
    at = np.log10(rates.astype(np.float64)) + 1
    losses = 5 - 3 * np.exp(-2 * at**2) + 15 / (1 + np.exp(-12 * (at - 1.2)))
    return RateRange(rates, losses, 0.03, 0.1, edge, 0.055, "the reason")


def mark(ax: Axes, gid: str) -> tuple[float, float]:
    [line] = [line for line in ax.lines if line.get_gid() == gid]
    x, y = (np.asarray(part, float) for part in line.get_data())
    return float(x[0]), float(y[0])


def test_the_loss_against_the_rate_with_its_points(tmp_path: Path) -> None:
    found = rate_range()
    ax = figures.learning_rate_range(found)
    assert ax.get_xscale() == "log"
    assert ax.get_xlim() == pytest.approx((1e-5, 10))
    [curve] = [line for line in ax.lines if line.get_gid() == "losses"]
    np.testing.assert_array_equal(curve.get_ydata(), found.losses)
    for gid, rate in [("steepest_fall", 0.03), ("suggested", 0.055), ("least_loss", 0.1)]:
        x, y = mark(ax, gid)
        assert x == rate
        at = np.log10(rate) + 1
        assert y == pytest.approx(5 - 3 * np.exp(-2 * at**2), rel=2e-2)  # on the curve
    assert mark(ax, "suggestion")[0] == 0.055
    assert mark(ax, "edge")[0] == 0.07
    key = ax.get_legend()
    assert key is not None
    said = " ".join(text.get_text() for text in key.get_texts())
    for value in ("= 0.03", "= 0.055", "= 0.1", r"2/\lambda_{\max}$ = 0.07"):
        assert value in said
    check_saved(ax, tmp_path / "range.png")


def test_the_fall_fills_the_panel_whatever_the_rise() -> None:
    low, high = figures.learning_rate_range(rate_range()).get_ylim()
    assert 1 < low < 2
    assert 5 < high < 8


@pytest.mark.parametrize("edge", [1e-7, 300.0, np.inf])
def test_an_edge_outside_the_range_is_left_out(edge: float) -> None:
    ax = figures.learning_rate_range(rate_range(edge))
    assert not [line for line in ax.lines if line.get_gid() == "edge"]
    assert ax.get_xlim() == pytest.approx((1e-5, 10))


# --- where gradients vanish


def gradients(depth: int, activation: str, initialiser: str, learnt: int = 40) -> LayerGradients:
    factor = {"sigmoid": 0.1, "relu": 0.9}[activation]
    start = 2.0 * factor ** np.arange(depth, -1, -1)
    later = np.zeros(depth + 1) if (activation, initialiser) == ("relu", "he") else start / 3
    return LayerGradients(depth, activation, initialiser, start, later, learnt)


def vanishing(learnt: int = 40) -> VanishingGradients:
    kinds = (2, 6), ("sigmoid", "relu"), ("xavier", "he", "lecun")
    return VanishingGradients(
        *kinds,
        iterations=40,
        networks=tuple(
            gradients(depth, activation, initialiser, learnt)
            for depth in kinds[0]
            for activation in kinds[1]
            for initialiser in kinds[2]
        ),
    )


def test_a_panel_for_each_activation_and_initialiser(tmp_path: Path) -> None:
    found = vanishing()
    axes = figures.vanishing_gradients(found)
    assert [ax.get_title(loc="left") for ax in axes] == [
        f"{activation}, {initialiser}"
        for activation in ("sigmoid", "relu")
        for initialiser in ("xavier", "he", "lecun")
    ]
    for ax, (activation, initialiser) in zip(
        axes, [title.split(", ") for title in (ax.get_title(loc="left") for ax in axes)],
        strict=True,
    ):  # fmt: skip
        assert ax.get_yscale() == "log"
        assert (ax.get_xlim(), ax.get_ylim()) == (axes[0].get_xlim(), axes[0].get_ylim())
        for depth in (2, 6):
            one = found.of(depth, activation, initialiser)
            [line] = [line for line in ax.lines if line.get_gid() == f"start {depth}"]
            assert [*np.asarray(line.get_xdata())] == list(range(2, depth + 3))
            np.testing.assert_array_equal(line.get_ydata(), one.start)
    assert r"first/last = $1.00 \times 10^{-6}$" in texts(axes[0])
    assert "first/last = 0.531" in texts(axes[3])  # 0.9⁶
    check_saved(axes[0], tmp_path / "vanishing.png")


def test_a_gradient_of_0_is_a_triangle_at_the_edge() -> None:
    *_, relu_he, _ = figures.vanishing_gradients(vanishing())
    [zero] = [line for line in relu_he.lines if line.get_gid() == "zero later 6"]
    assert [*np.asarray(zero.get_xdata())] == list(range(2, 9))
    assert not [line for line in relu_he.lines if str(line.get_gid()).startswith("zero start")]
    [later] = [line for line in relu_he.lines if line.get_gid() == "later 6"]
    assert np.isnan(np.asarray(later.get_ydata(), float)).all()


def test_what_diverged_says_so() -> None:
    assert "diverged" not in texts(figures.vanishing_gradients(vanishing())[0])
    ax = figures.vanishing_gradients(vanishing(learnt=11))[0]
    assert "\n2 layers: diverged after 11\n6 layers: diverged after 11" in texts(ax)


def test_ones_own_axes_and_too_few_of_them(japanese: None, tmp_path: Path) -> None:
    own = list(Figure(figsize=(9, 6), layout="constrained").subplots(2, 3).ravel())
    with figures.language("ja"):
        assert figures.vanishing_gradients(vanishing(), own) == tuple(own)
        check_saved(figures.vanishing_gradients(vanishing())[0], tmp_path / "vanishing.png")
        check_saved(figures.learning_rate_range(rate_range()), tmp_path / "range.png")
    with pytest.raises(ShapeError, match="5 axes, but there are 6 panels"):
        figures.vanishing_gradients(vanishing(), own[:5])


def test_axes_of_a_figure_without_layout() -> None:
    """Warnings are errors here."""
    own = list(Figure(figsize=(9, 6)).subplots(2, 3).ravel())
    figures.vanishing_gradients(vanishing(), own)
    FigureCanvasAgg(own[0].figure).draw()


def test_the_key_of_a_single_panel_lies_within_the_figure() -> None:
    found = VanishingGradients((1,), ("relu",), ("he",), 40, (gradients(1, "relu", "he"),))
    [ax] = figures.vanishing_gradients(found)
    check_drawn(ax)
    figure = ax.get_figure(root=True)
    assert isinstance(figure, Figure)
    [key] = figure.legends
    assert "1 hidden layer" in [text.get_text() for text in key.get_texts()]


def test_no_gradient_at_all_has_no_share() -> None:
    none = LayerGradients(2, "step", "zeros", np.zeros(3), np.zeros(3), 40)
    [ax] = figures.vanishing_gradients(VanishingGradients((2,), ("step",), ("zeros",), 40, (none,)))
    assert "nan" not in texts(ax)
    assert "gradient 0" in texts(ax)
