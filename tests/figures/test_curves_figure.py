from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from koubai.errors import ShapeError
from koubai.figures import accuracy_curves, learning_curves, loss_curves
from koubai.training.history import History


def history(iterations: int = 60, epochs: int = 6, **changes: Any) -> History:
    """Losses that fall from 2 to 1, and accuracies that rise; no validation."""
    ends = np.arange(epochs + 1) * iterations // max(epochs, 1)
    none = np.full(epochs + 1, np.nan)
    rng = np.random.default_rng(0)
    parts: dict[str, Any] = {
        "batch_iterations": np.arange(iterations),
        "batch_losses": rng.uniform(1, 2, iterations).astype(np.float32),
        "batch_stride": 1,
        "epochs": np.arange(epochs + 1),
        "iterations": ends,
        "train_loss": np.linspace(2.0, 1.0, epochs + 1),
        "test_loss": np.linspace(2.1, 1.2, epochs + 1),
        "validation_loss": none,
        "train_accuracy": np.linspace(0.1, 0.9, epochs + 1),
        "test_accuracy": np.linspace(0.1, 0.8125, epochs + 1),
        "validation_accuracy": none,
    }
    return History(**parts | changes)


def lines(ax: Axes) -> dict[object, np.ndarray]:
    """The points of every line by its name, marks of what is not finite joined."""
    named: dict[object, np.ndarray] = {}
    for line in ax.lines:
        points = np.asarray(line.get_xydata())
        before = named.get(line.get_gid(), np.empty((0, 2)))
        named[line.get_gid()] = np.concatenate([before, points])
    return named


def texts(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


def drawn(ax: Axes) -> Figure:
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()
    return figure


def test_the_lines_are_those_of_the_history() -> None:
    h = history()
    loss, accuracy = learning_curves(h)
    assert lines(loss).keys() == {"batches", "train", "test"}
    assert lines(accuracy).keys() == {"train", "test"}
    expected = {
        (loss, "batches"): (h.batch_iterations, h.batch_losses),
        (loss, "train"): (h.iterations, h.train_loss),
        (loss, "test"): (h.iterations, h.test_loss),
        (accuracy, "train"): (h.iterations, h.train_accuracy),
        (accuracy, "test"): (h.iterations, h.test_accuracy),
    }
    for (ax, name), points in expected.items():
        np.testing.assert_array_equal(lines(ax)[name], np.stack(points, axis=1))


def test_validation_is_drawn_where_there_is_any() -> None:
    values = np.linspace(1.9, 1.1, 7)
    loss, accuracy = learning_curves(
        history(validation_loss=values, validation_accuracy=values / 2)
    )
    np.testing.assert_array_equal(lines(loss)["validation"][:, 1], values)
    np.testing.assert_array_equal(lines(accuracy)["validation"][:, 1], values / 2)


def test_a_regression_has_only_a_loss() -> None:
    none = np.full(7, np.nan)
    h = history(train_accuracy=none, test_accuracy=none)
    assert len(learning_curves(h)) == 1
    assert texts(accuracy_curves(h)) == ["no classes, hence no accuracy"]


def test_the_final_values_are_written() -> None:
    loss, accuracy = learning_curves(history())
    assert texts(loss) == ["training 1", "test 1.2", "mini-batches"]
    assert texts(accuracy) == ["training 90.00%", "test 81.25%"]


def test_the_epochs_are_marked_where_they_end() -> None:
    ax = loss_curves(history(iterations=60, epochs=6))
    drawn(ax)
    [above] = ax.child_axes
    assert list(above.get_xticks()) == [0, 10, 20, 30, 40, 50, 60]
    assert [tick.get_text() for tick in above.get_xticklabels()] == ["epoch 0", *"123456"]


@pytest.mark.parametrize(("lowest", "scale"), [(0.5, "linear"), (0.001, "log")])
def test_the_axis_is_logarithmic_where_the_loss_spans_decades(lowest: float, scale: str) -> None:
    h = history(train_loss=np.geomspace(2, lowest, 7))
    assert loss_curves(h).get_yscale() == scale


def test_a_loss_below_zero_keeps_the_axis_linear() -> None:
    assert loss_curves(history(train_loss=np.linspace(1000, -1, 7))).get_yscale() == "linear"


def test_lucky_mini_batches_do_not_stretch_the_axis() -> None:
    train = np.geomspace(2, 0.1, 7)
    ax = loss_curves(history(train_loss=train, batch_losses=np.geomspace(2, 1e-30, 60)))
    assert ax.get_yscale() == "log"
    assert 0.005 < ax.get_ylim()[0] < 0.01


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_is_a_gap_and_a_cross(bad: float) -> None:
    train, batches = np.linspace(2.0, 1.0, 7), np.linspace(2.0, 1.0, 60)
    train[6] = batches[41] = bad
    ax = loss_curves(history(train_loss=train, batch_losses=batches))
    np.testing.assert_array_equal(lines(ax)["train"][:, 1], train)
    np.testing.assert_array_equal(lines(ax)["batches"][:, 1], batches)
    assert lines(ax)["not finite"][:, 0].tolist() == [41, 60]
    assert "training: not finite" in texts(ax)
    assert "× NaN or Inf" in texts(ax)
    drawn(ax)


def test_a_value_from_before_the_loss_was_lost_says_of_which_epoch_it_is() -> None:
    batches = np.linspace(2.0, 1.0, 60)
    batches[-1] = np.nan
    loss, accuracy = learning_curves(history(batch_losses=batches))
    assert {"training 1 (epoch 6)", "test 1.2 (epoch 6)"} <= {*texts(loss)}
    assert "training 90.00% (epoch 6)" in texts(accuracy)
    assert "training 1" in texts(loss_curves(history()))


def test_nothing_finite_is_said() -> None:
    none = np.full(7, np.nan)
    ax = loss_curves(history(train_loss=none, test_loss=none, batch_losses=np.full(60, np.inf)))
    assert "no finite value" in texts(ax)
    assert len(ax.get_yticks()) == 0
    drawn(ax)


@pytest.mark.parametrize(("iterations", "epochs"), [(0, 0), (1, 1), (2, 1), (100_000, 100)])
def test_few_and_many_iterations(iterations: int, epochs: int) -> None:
    ax = learning_curves(history(iterations, epochs))[0]
    assert len(lines(ax)["batches"]) == iterations
    low, high = ax.get_xlim()
    assert low < 0
    assert high > iterations
    drawn(ax)


def test_a_thinned_history_says_so() -> None:
    assert "1 in 4 mini-batches" in texts(loss_curves(history(batch_stride=4)))


@pytest.mark.parametrize("end", [1.0, 1.2, 2.0])
def test_labels_neither_overlap_nor_leave_the_figure(end: float) -> None:
    same = np.linspace(2.0, end, 7)
    axes = learning_curves(
        history(train_loss=same, test_loss=same, validation_loss=same, train_accuracy=same / 2)
    )
    figure = drawn(axes[0])
    for ax in axes:
        extents = np.array([text.get_window_extent().extents for text in ax.texts])
        from_below = extents[np.argsort(extents[:, 1])]
        assert (from_below[1:, 1] > from_below[:-1, 3] - 1).all()
        assert (extents >= 0).all()
        assert (extents[:, 2] <= figure.bbox.width).all()


def test_on_axes_of_the_users() -> None:
    axes = Figure().subplots(2)
    assert learning_curves(history(), axes=list(axes)) == tuple(axes)
    ax = Figure().add_subplot()
    assert loss_curves(history(), ax=ax) is ax
    assert accuracy_curves(history(), ax=ax) is ax


def test_too_few_axes() -> None:
    with pytest.raises(ShapeError, match="1 axes, but this history has 2 panels"):
        learning_curves(history(), axes=[Figure().add_subplot()])
