from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from koubai import figures
from koubai.errors import SettingError
from koubai.objectives.sample import BatchCurves, BatchLosses

RNG = np.random.default_rng(5)
RATES = np.linspace(-0.5, 3.0, 15)
FULL = 1.0 + (RATES - 1.2) ** 2
CURVES = BatchCurves(
    batch_size=20,
    learning_rates=RATES,
    full=FULL,
    batches=FULL + RNG.normal(size=(7, 1)) * 0.1 + RNG.normal(size=(7, 1)) * 0.2 * RATES,
)
EXAMPLES = RNG.gamma(2.0, size=600)


def sample(size: int, count: int = 300) -> BatchLosses:
    members = [RNG.choice(600, size, replace=False) for _ in range(count)]
    return BatchLosses(size, EXAMPLES[members].mean(axis=1), EXAMPLES)


SAMPLES = [sample(5), sample(50), sample(500)]


def line(ax: Axes, gid: str) -> np.ndarray:
    [found] = [line for line in ax.lines if line.get_gid() == gid]
    return np.array(found.get_data()).T


def texts(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


def test_the_curves_are_those_handed_in() -> None:
    ax = figures.batch_curves(CURVES)
    np.testing.assert_array_equal(line(ax, "full"), np.column_stack([RATES, FULL]))
    for index, losses in enumerate(CURVES.batches):
        np.testing.assert_array_equal(line(ax, f"batch {index}")[:, 1], losses)
    assert set(line(ax, "here")[:, 0]) == {0.0}
    assert ax.get_xlim() == (-0.5, 3.0)
    assert ax.get_title(loc="left") == "Loss of 7 mini-batches of 20 examples"
    assert texts(ax) == ["all data", "mini-batches"]


def test_the_place_of_the_parameters_is_marked_where_it_is_in_sight() -> None:
    ahead = BatchCurves(20, RATES + 1, FULL, CURVES.batches)
    assert "here" not in {line.get_gid() for line in figures.batch_curves(ahead).lines}


def test_every_loss_is_counted_in_its_histogram() -> None:
    ax = figures.batch_losses(SAMPLES)
    for row, each in enumerate(SAMPLES):
        [stairs] = [patch for patch in ax.patches if patch.get_gid() == f"histogram {row}"]
        heights, edges, baseline = stairs.get_data()  # pyright: ignore[reportAttributeAccessIssue]
        assert baseline == -row
        assert (edges[0], edges[-1]) == (each.losses.min(), each.losses.max())
        counts, _ = np.histogram(each.losses, edges)
        shares = (heights + row) / (heights + row).max()
        np.testing.assert_allclose(shares, counts / counts.max(), atol=1e-12)
        assert set(line(ax, f"full {row}")[:, 0]) == {EXAMPLES.mean()}


def test_the_spread_is_drawn_and_written() -> None:
    ax = figures.batch_losses(SAMPLES)
    for row, each in enumerate(SAMPLES):
        [ends] = ax.containers[row].lines[2][0].get_segments()  # pyright: ignore
        np.testing.assert_allclose(ends[:, 0], each.losses.mean() + np.array([-1, 1]) * each.spread)
        assert f"spread {each.spread:.3g}\ntheory {each.expected_spread:.3g}" == texts(ax)[row]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == [
        "$N$ = 5", "$N$ = 50", "$N$ = 500"
    ]  # fmt: skip


def test_all_examples_at_once_have_no_spread_and_no_histogram() -> None:
    """Nor where they differ in rounding alone."""
    for losses in (np.full(3, EXAMPLES.mean()), EXAMPLES.mean() * (1 + 2e-16 * np.arange(3))):
        ax = figures.batch_losses([BatchLosses(600, losses, EXAMPLES)])
        assert not [patch for patch in ax.patches if patch.get_gid() == "histogram 0"]
        assert texts(ax)[0].endswith("theory 0")


@pytest.mark.parametrize("chosen", ["en", "ja"])
@pytest.mark.parametrize("which", ["curves", "losses", "one"])
def test_nothing_is_cut(chosen: str, which: str, japanese, tmp_path) -> None:
    with figures.language(chosen):
        ax = {
            "curves": lambda: figures.batch_curves(CURVES),
            "losses": lambda: figures.batch_losses(SAMPLES),
            "one": lambda: figures.batch_losses(SAMPLES[:1]),
        }[which]()
    figure = ax.get_figure(root=True)
    assert isinstance(figure, Figure)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    pixels = np.array(canvas.buffer_rgba())[..., :3]
    assert all((e > 240).all() for e in (pixels[:2], pixels[-2:], pixels[:, :2], pixels[:, -2:]))
    assert figures.save(ax, tmp_path / "picture.png").stat().st_size < 150_000
    assert ("損失" in ax.get_title(loc="left")) is (chosen == "ja")


def test_axes_of_the_users_own_are_drawn_on() -> None:
    for draw, what in [(figures.batch_curves, CURVES), (figures.batch_losses, SAMPLES)]:
        ax = Figure().add_subplot()
        assert draw(what, ax=ax) is ax  # pyright: ignore[reportArgumentType]


def test_bad_input() -> None:
    with pytest.raises(SettingError, match="samples is empty"):
        figures.batch_losses([])
    lost = BatchLosses(2, np.array([np.nan, 1.0]), np.array([1.0, np.inf, 2.0]))
    with pytest.raises(SettingError, match="not finite"):
        figures.batch_losses([*SAMPLES, lost])
