"""Arrays as text: what JavaScript will read from the base64."""

from __future__ import annotations

import base64
import struct

import numpy as np
import pytest

from koubai.report.pack import exact, rough, single


def raw(packed, letter):
    """The numbers by Python's own struct."""
    data = base64.b64decode(packed.data)
    return np.array(struct.unpack(f"<{len(data) // struct.calcsize(letter)}{letter}", data))


def test_exact_keeps_every_bit():
    values = np.array([[1 / 3, np.nan], [-np.inf, 5e-324]])
    packed = exact(values)
    assert (packed.type, packed.shape, packed.scale, packed.offset) == ("f8", (2, 2), 1, 0)
    np.testing.assert_array_equal(raw(packed, "d"), values.ravel())
    assert exact(np.float32([0.1])).type == "f4"
    counts = exact(np.array([3, -1, 2**31 - 1]))
    assert counts.type == "i4"
    assert raw(counts, "i").tolist() == [3, -1, 2**31 - 1]
    # Columns first in memory: row by row all the same.
    assert raw(exact(np.arange(6).reshape(2, 3).T), "i").tolist() == [0, 3, 1, 4, 2, 5]


def test_single_has_seven_digits():
    packed = single([np.pi * 1e-20, np.nan])
    np.testing.assert_allclose(raw(packed, "f")[0], np.pi * 1e-20, rtol=6e-8)
    assert np.isnan(raw(packed, "f")[1])


@pytest.mark.parametrize("values", [[-3.0, 0.1, 7.5], [2.0, 2.0], [0.0]])
def test_rough_is_off_by_half_a_step_at_most(values):
    packed = rough(values)
    found = packed.offset + packed.scale * raw(packed, "B")
    step = (max(values) - min(values)) / 255
    assert np.abs(found - values).max() <= step / 2 + 1e-12


def test_rough_has_no_place_for_what_is_not_finite():
    packed = rough([1.0, np.nan, 3.0, np.inf, -np.inf])
    found = packed.offset + packed.scale * raw(packed, "B")
    np.testing.assert_allclose(found, [1, 1, 3, 3, 1])
    assert raw(rough([np.nan]), "B").tolist() == [0]
