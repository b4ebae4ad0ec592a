from __future__ import annotations

import numpy as np
import pytest

import koubai as kb
from koubai.errors import SettingError
from koubai.training.mistakes import find_mistakes


@pytest.mark.parametrize("which", ["train", "test"])
def test_they_are_the_off_diagonal_of_the_confusion(which: str) -> None:
    run = kb.train(kb.Network([12, 3, 2]), kb.data.bitmaps(), epochs=0)
    found, split = find_mistakes(run, which), run.data.split(which)
    counted = np.zeros((2, 2), dtype=int)
    np.add.at(counted, (found.truth, found.taken_for), 1)
    confusion = run.confusion(which)
    np.testing.assert_array_equal(counted, confusion - np.diag(np.diag(confusion)))
    assert found.among == len(split)
    np.testing.assert_array_equal(found.truth, split.t[found.indices])
    np.testing.assert_array_equal(found.x, split.x[found.indices].reshape(-1, 4, 3))


def test_outputs_are_those_of_the_class_taken() -> None:
    run = kb.train(kb.Network([2, 4, 3]), kb.data.spirals(), epochs=0)
    found = find_mistakes(run)
    np.testing.assert_array_equal(found.outputs, run.outputs().max(axis=1)[found.indices])
    assert found.are_probabilities
    assert found.x.shape == (len(found.indices), 2)


def test_a_single_output_is_the_probability_of_class_1() -> None:
    run = kb.train(kb.Network([2, 1], output="sigmoid"), kb.data.xor(), epochs=0)
    found = find_mistakes(run)
    y = run.outputs()[found.indices, 0]
    assert len(found.indices) > 0
    np.testing.assert_array_equal(found.outputs, np.where(found.taken_for == 1, y, 1 - y))
    assert (found.outputs >= 0.5).all()


def test_outputs_that_are_no_probabilities() -> None:
    network = kb.Network([2, 3], output="identity")
    run = kb.train(network, kb.data.spirals(), loss="squared_error", epochs=0)
    assert not find_mistakes(run).are_probabilities


def test_values_are_not_mistaken() -> None:
    network = kb.Network([1, 1], output="identity")
    run = kb.train(network, kb.data.line(), loss="squared_error", epochs=0)
    with pytest.raises(SettingError, match="values, not classes"):
        find_mistakes(run)
