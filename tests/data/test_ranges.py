from __future__ import annotations

import numpy as np
import pytest

from koubai.data import Column, out_of_range


def test_inputs_with_a_scale_lie_from_0_to_1() -> None:
    levels = np.array([[0, 16], [3, 5], [256, 2], [1, -1]], np.float32)
    outside = out_of_range(levels / 16, 1 / 16)
    assert outside is not None
    np.testing.assert_array_equal(outside.rows, [False, False, True, True])
    assert outside.first == "it has 256, where the training data have 0 to 16"
    assert out_of_range(levels[:2] / 16, 1 / 16) is None
    full = np.full((1, 3), 255, np.float32) * np.float32(1 / 255)
    assert out_of_range(full, 1 / 255) is None


def test_columns_lie_within_ten_standard_deviations() -> None:
    town = Column("town", categories=("west", "east"))
    columns = (town, Column("area", mean=80.0, std=20.0))
    x = np.array([[1, 0, 9.9], [0, 1, -12], [1, 0, 0]], np.float32)
    outside = out_of_range(x, 1.0, columns)
    assert outside is not None
    np.testing.assert_array_equal(outside.rows, [False, True, False])
    assert outside.first == "column 'area' has -160, where the training data have 80 ± 20"
    assert out_of_range(x[[0, 2]], 1.0, columns) is None


@pytest.mark.parametrize("value", [1e9, -1e9])
def test_of_other_data_no_range_is_known(value: float) -> None:
    assert out_of_range(np.array([[value]], np.float32), 1.0) is None
