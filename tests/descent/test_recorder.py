"""A record under a budget: what it keeps, and that it can be gone back to."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import zarr
from hypothesis import given
from hypothesis import strategies as st
from zarr.storage import LocalStore, MemoryStore, WrapperStore

from koubai.descent.recorder import Record

COLUMNS = {"iteration": ("i8", ()), "point": ("f4", (3,))}
ROW_BYTES = 8 + 3 * 4


def rows_for(iterations):
    iterations = np.asarray(iterations)
    points = np.stack([iterations, -iterations, iterations**2], axis=1)
    return {"iteration": iterations, "point": points}


def new_record(budget_rows, stride=1):
    root = zarr.create_group(MemoryStore())
    return Record(root, "path", COLUMNS, budget_rows * ROW_BYTES, stride)


@given(
    budget_rows=st.integers(2, 40),
    pieces=st.lists(st.integers(1, 30), min_size=1, max_size=20),
    stride=st.integers(1, 5),
)
def test_a_full_record_keeps_every_strideth_row_from_the_first_on(budget_rows, pieces, stride):
    record = new_record(budget_rows, stride)
    total = 0
    for piece in pieces:
        record.append(**rows_for(np.arange(total, total + piece)))
        total += piece
    kept = record.read("iteration")
    assert kept.tolist() == list(range(0, total, record.stride))
    assert len(kept) == record.rows <= budget_rows
    np.testing.assert_array_equal(record.read("point"), rows_for(kept)["point"])


@given(total=st.integers(1, 300), budget_rows=st.integers(2, 40))
def test_the_stride_is_the_smallest_power_of_two_that_fits(total, budget_rows):
    record = new_record(budget_rows)
    for iteration in range(total):
        record.append(**rows_for([iteration]))
    needed = 1
    while -(-total // needed) > budget_rows:
        needed *= 2
    assert record.stride == needed


def test_it_can_be_gone_back_to_whatever_was_appended_since(tmp_path):
    root = zarr.create_group(LocalStore(tmp_path / "record.zarr"))
    record = Record(root, "path", COLUMNS, 16 * ROW_BYTES)
    record.append(**rows_for(np.arange(11)))
    record.flush()
    stride, rows = record.stride, record.rows
    record.append(**rows_for(np.arange(11, 70)))  # thins three times
    record.flush()
    assert record.stride > stride

    again = zarr.open_group(LocalStore(tmp_path / "record.zarr"))
    reopened = Record(again, "path", COLUMNS, 16 * ROW_BYTES, stride, rows)
    assert reopened.read("iteration").tolist() == list(range(11))
    reopened.append(**rows_for([11, 12]))
    assert reopened.read("iteration").tolist() == list(range(13))


class KilledError(Exception):
    pass


class Mortal(WrapperStore):
    """A store that dies after so many writes."""

    writes = math.inf

    async def set(self, key, value):
        if self.writes <= 0:
            raise KilledError
        self.writes -= 1
        await super().set(key, value)


@pytest.mark.parametrize("before", [0, 3, 8, 10])
def test_killed_at_any_write_it_can_be_gone_back_to(tmp_path, monkeypatch, before):
    monkeypatch.setattr("koubai.descent.recorder._CHUNK_BYTES", 4 * ROW_BYTES)
    for writes in itertools.count():
        path = tmp_path / f"{writes}.zarr"
        store = Mortal(LocalStore(path))
        record = Record(zarr.create_group(store), "path", COLUMNS, 14 * ROW_BYTES)
        record.append(**rows_for(np.arange(before)))
        record.flush()
        stride, rows = record.stride, record.rows
        store.writes = writes
        try:
            for first in range(before, before + 9, 3):  # over the ends of chunks, and of the budget
                record.append(**rows_for(np.arange(first, first + 3)))
                record.flush()
            survived = True
        except KilledError:
            survived = False
        again = zarr.open_group(LocalStore(path))
        reopened = Record(again, "path", COLUMNS, 14 * ROW_BYTES, stride, rows)
        assert reopened.read("iteration").tolist() == list(range(before))
        reopened.append(**rows_for(np.arange(before, before + 9)))
        reopened.flush()
        np.testing.assert_array_equal(
            reopened.read("point"), rows_for(reopened.read("iteration"))["point"]
        )
        assert reopened.stride == (2 if before + 9 > 14 else 1)
        if survived:
            break
    assert writes > 10


def test_flushing_often_changes_nothing(tmp_path):
    root = zarr.create_group(LocalStore(tmp_path / "record.zarr"))
    often, never = Record(root, "often", COLUMNS, 900), new_record(900 // ROW_BYTES)
    for iteration in range(200):
        for record in (often, never):
            record.append(**rows_for([iteration]))
        often.flush()
    assert often.stride == never.stride
    np.testing.assert_array_equal(often.read("point"), never.read("point"))


def test_rows_larger_than_a_chunk_are_kept():
    root = zarr.create_group(MemoryStore())
    columns = {"iteration": ("i8", ()), "point": ("f4", (400_000,))}
    record = Record(root, "path", columns, 2**30)
    points = np.random.default_rng(0).normal(size=(3, 400_000)).astype("f4")
    record.append(iteration=[0, 1, 2], point=points)
    np.testing.assert_array_equal(record.read("point"), points)


def test_a_chunk_of_zeros_is_not_taken_for_a_missing_one(tmp_path):
    root = zarr.create_group(LocalStore(tmp_path / "record.zarr"))
    record = Record(root, "path", COLUMNS, 2**20)
    record.append(iteration=[0], point=np.zeros((1, 3)))
    record.flush()
    again = Record(root, "path", COLUMNS, 2**20, stride=1, rows=1)
    assert again.read("point").tolist() == [[0, 0, 0]]


def test_earlier_strides_are_deleted_only_when_asked(tmp_path):
    root = zarr.create_group(LocalStore(tmp_path / "record.zarr"))
    record = Record(root, "path", COLUMNS, 8 * ROW_BYTES)
    record.append(**rows_for(np.arange(20)))
    assert {"path-1", "path-4"} <= set(root.group_keys())
    record.clean()
    assert set(root.group_keys()) == {"path-4"}


@pytest.mark.parametrize("damage", ["flip", "delete"])
def test_a_damaged_chunk_is_noticed(tmp_path, damage):
    root = zarr.create_group(LocalStore(tmp_path / "record.zarr"))
    record = Record(root, "path", COLUMNS, 2**20)
    record.append(**rows_for(np.arange(50)))
    record.flush()
    chunk = next((tmp_path / "record.zarr/path-1/point/c").rglob("0"))
    while chunk.is_dir():
        chunk = chunk / "0"
    if damage == "delete":
        chunk.unlink()
    else:
        content = bytearray(chunk.read_bytes())
        content[37] ^= 1
        chunk.write_bytes(content)
    with pytest.raises(ValueError, match=r"missing|checksum"):
        Record(root, "path", COLUMNS, 2**20, stride=1, rows=50)
