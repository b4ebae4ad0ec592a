"""The history of a run: the epoch where a loss was least."""

from __future__ import annotations

import numpy as np
import pytest

import koubai as kb
from koubai.errors import SettingError
from koubai.training.history import History

NONE = np.full(6, np.nan)


def history(test: list[float], validation: list[float] | None = None) -> History:
    return History(
        batch_iterations=np.arange(0),
        batch_losses=np.zeros(0, np.float32),
        batch_stride=1,
        epochs=np.arange(6),
        iterations=4 * np.arange(6),
        train_loss=np.array([6.0, 5, 4, 3, 2, 1]),
        train_accuracy=NONE,
        validation_loss=NONE if validation is None else np.array(validation),
        validation_accuracy=NONE,
        test_loss=np.array(test),
        test_accuracy=NONE,
    )


@pytest.mark.parametrize(
    ("losses", "best"),
    [
        ([3.0, 2.0, 1.5, 1.2, 1.4, 1.9], 3),
        ([3.0, 2.0, 1.5, 1.2, 1.1, 0.9], 5),
        ([0.5, 2.0, 1.5, 1.2, 1.1, 0.9], 0),
        ([3.0, 1.0, 1.5, 1.0, 1.4, 1.9], 1),
        ([3.0, 2.0, 1.5, np.nan, np.inf, np.nan], 2),
        ([3.0, -np.inf, 1.5, 1.6, 1.7, 1.8], 2),
    ],
)
def test_the_epoch_of_the_least_loss(losses: list[float], best: int) -> None:
    found = history(losses).best_epoch()
    assert found == best
    assert type(found) is int


def test_each_split_has_its_own() -> None:
    h = history([3.0, 2.0, 1.5, 1.2, 1.4, 1.9], [3.0, 1.0, 1.5, 1.2, 1.4, 1.9])
    assert [h.best_epoch(which) for which in ("train", "validation", "test")] == [5, 1, 3]


def test_bad_input() -> None:
    h = history([np.nan, np.inf] * 3)
    with pytest.raises(SettingError, match="choose 'train', 'validation' or 'test'"):
        h.best_epoch("loss")
    for which in ("test", "validation"):
        with pytest.raises(SettingError, match=f"which is '{which}', and there no loss"):
            h.best_epoch(which)


def test_a_few_examples_learnt_by_heart() -> None:
    """Thirty points with much noise, and a network of a thousand parameters."""
    data = kb.data.sine(n=40, noise=0.5, seed=2)
    network = kb.Network([1, 40, 1], hidden="tanh", output="identity")
    run = kb.train(
        network, data, optimizer="adam", learning_rate=0.05, batch_size=30, epochs=300, seed=0
    )
    best = run.history.best_epoch("test")
    assert 0 < best < 300
    assert run.history.test_loss[best] == run.history.test_loss.min()
    assert run.history.train_loss[-1] < run.history.train_loss[best]
