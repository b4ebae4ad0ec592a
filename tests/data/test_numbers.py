from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from koubai.data import read_numbers
from koubai.errors import DataError

NUMBERS = [[1.5, -2, 300], [0.25, 1e-3, -7]]


def write(path: Path, text: str) -> Path:
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize(
    "text",
    [
        "1.5,-2,300\n0.25,1e-3,-7\n",
        "x,y,z\n1.5,-2,300\n0.25,1e-3,-7\n",
        "1.5;-2;300\r\n\r\n0.25;1e-3;-7",
        "\ufeff1.5\t -2 \t300\n0.25\t1e-3\t-7\n",
        '"1.5","-2","300"\n"0.25","1e-3","-7"\n',
    ],
)
def test_rows_of_numbers(tmp_path: Path, text: str) -> None:
    x = read_numbers(write(tmp_path / "n.csv", text), 3)
    assert x.dtype == np.float32
    np.testing.assert_allclose(x, NUMBERS, rtol=1e-6)
    scaled = read_numbers(tmp_path / "n.csv", 3, scale=1 / 16)
    np.testing.assert_allclose(scaled, np.array(NUMBERS) / 16, rtol=1e-6)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "n.csv is empty: give rows of 3 numbers"),
        ("x,y,z\n", "n.csv is empty: give rows of 3 numbers"),
        ("1,2,3\n4,5\n", "line 2 has 2 values where the network takes 3"),
        ("x,y,z\n1,2,3\n\n4,5,six\n", "line 4: 'six' is not a finite number"),
        ("1,2,nan\n", "line 1: 'nan' is not a finite number"),
        ("1,2,1e39\n", "line 1: '1e39' is not a finite number"),
        ("1,5;2;3\n", "line 1: '1,5' has a decimal comma: write it with a point, 1.5"),
        ('1,2,"3\n', "line 1 is not CSV"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_numbers(write(tmp_path / "n.csv", text), 3)
