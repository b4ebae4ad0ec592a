from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from koubai.errors import SettingError, ShapeError
from koubai.figures import language, overfitting, save
from koubai.training.history import History

NONE = np.full(8, np.nan)
TRAIN = np.array([2.0, 1.5, 1.0, 0.7, 0.5, 0.3, 0.2, 0.1])
RISING = np.array([2.1, 1.7, 1.3, 1.25, 1.4, 1.5, 1.7, 2.0])  # least at epoch 3
FALLING = np.linspace(2.1, 1.2, 8)


def history(**changes: Any) -> History:
    parts: dict[str, Any] = {
        "batch_iterations": np.arange(35),
        "batch_losses": np.ones(35, np.float32),
        "batch_stride": 1,
        "epochs": np.arange(8),
        "iterations": 5 * np.arange(8),
        "train_loss": TRAIN,
        "test_loss": RISING,
        "validation_loss": NONE,
        "train_accuracy": np.linspace(0.1, 1.0, 8),
        "test_accuracy": np.linspace(0.1, 0.75, 8),
        "validation_accuracy": NONE,
    }
    return History(**parts | changes)


def line(ax: Axes, gid: str) -> np.ndarray:
    [found] = [line for line in ax.lines if line.get_gid() == gid]
    return np.array(found.get_data()).T


def shaded(ax: Axes) -> np.ndarray | None:
    """The corners of the shaded gap."""
    found = [c for c in ax.collections if c.get_gid() == "over-fitting"]
    return np.asarray(found[0].get_paths()[0].vertices) if found else None


def texts(ax: Axes) -> str:
    return "\n".join(text.get_text() for text in ax.texts)


def test_the_curves_are_those_of_the_history_by_epochs() -> None:
    h = history()
    loss, accuracy = overfitting(h)
    for ax, measure in [(loss, "loss"), (accuracy, "accuracy")]:
        for split in ("train", "test"):
            expected = np.column_stack([h.epochs, getattr(h, f"{split}_{measure}")])
            np.testing.assert_array_equal(line(ax, split), expected)


def test_the_least_test_loss_is_marked_and_the_gap_behind_it_shaded() -> None:
    loss, accuracy = overfitting(history())
    np.testing.assert_array_equal(line(loss, "least"), [[3, 1.25]])
    for ax in (loss, accuracy):
        assert set(line(ax, "best")[:, 0]) == {3.0}
        gap = shaded(ax)
        assert gap is not None
        assert (gap[:, 0].min(), gap[:, 0].max()) == (3, 7)
    gap = shaded(loss)
    assert gap is not None
    assert (gap[:, 1].min(), gap[:, 1].max()) == (0.1, 2.0)
    assert "over-fitting:\ntest loss 1.25 → 2" in texts(loss)
    assert loss.get_title(loc="left") == "Loss: least on the test data at epoch 3"


def test_a_network_that_does_not_overfit() -> None:
    loss, accuracy = overfitting(history(test_loss=FALLING))
    assert shaded(loss) is shaded(accuracy) is None
    assert "over-fitting" not in texts(loss)
    assert loss.get_title(loc="left") == "Loss: least on the test data at the last epoch"
    np.testing.assert_array_equal(line(loss, "least"), [[7, FALLING[-1]]])


@pytest.mark.parametrize(("last", "named"), [(1.04, False), (1.06, True)])
def test_a_rise_of_less_than_five_per_cent_has_no_name(last: float, named: bool) -> None:
    losses = np.array([2.0, 1.8, 1.6, 1.4, 1.2, 1.0, 1.02, last])
    loss, _ = overfitting(history(test_loss=losses))
    assert (shaded(loss) is not None) is named
    assert line(loss, "least")[0, 0] == 5  # marked all the same


def test_the_validation_data_in_place_of_the_test_data() -> None:
    h = history(validation_loss=RISING[::-1], validation_accuracy=np.linspace(0.2, 0.5, 8))
    loss, accuracy = overfitting(h, "validation")
    np.testing.assert_array_equal(line(loss, "validation")[:, 1], RISING[::-1])
    assert line(loss, "least")[0, 0] == 4
    assert not [each for each in accuracy.lines if each.get_gid() == "test"]


def test_a_regression_has_only_a_loss() -> None:
    assert len(overfitting(history(train_accuracy=NONE, test_accuracy=NONE))) == 1


def test_a_run_that_diverged_keeps_what_was_finite() -> None:
    test = np.array([2.1, 1.7, 1.3, 1.25, 1.4, 1.5, np.nan, np.nan])
    loss, _ = overfitting(history(test_loss=test))
    assert "1.25 → 1.5" in texts(loss)
    assert line(loss, "least")[0, 0] == 3


@pytest.mark.parametrize("chosen", ["en", "ja"])
@pytest.mark.parametrize("test_loss", [RISING, FALLING, RISING * 0.01 + 1.9])
def test_nothing_is_cut(chosen: str, test_loss: np.ndarray, japanese, tmp_path) -> None:
    with language(chosen):
        axes = overfitting(history(test_loss=test_loss))
    figure = axes[0].get_figure(root=True)
    assert isinstance(figure, Figure)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    pixels = np.array(canvas.buffer_rgba())[..., :3]
    assert all((e > 240).all() for e in (pixels[:2], pixels[-2:], pixels[:, :2], pixels[:, -2:]))
    assert save(axes, tmp_path / "picture.png").stat().st_size < 150_000
    words = " ".join(ax.get_title(loc="left") for ax in axes)
    assert ("損失" in words) is (chosen == "ja")


def test_a_narrow_gap_is_named_above_it() -> None:
    narrow = TRAIN + np.linspace(0.0, 0.12, 8)
    narrow[2] = 0.05  # the least
    loss, _ = overfitting(history(test_loss=narrow))
    [name] = [text for text in loss.texts if "over-fitting" in text.get_text()]
    assert name.get_va() == "bottom"


def test_bad_input() -> None:
    for which in ("train", "tests"):
        with pytest.raises(SettingError, match="choose 'test' or 'validation'"):
            overfitting(history(), which)
    with pytest.raises(SettingError, match="'validation', and there no loss"):
        overfitting(history(), "validation")
    with pytest.raises(ShapeError, match="axes has 1 axes"):
        overfitting(history(), axes=[Figure().add_subplot()])
