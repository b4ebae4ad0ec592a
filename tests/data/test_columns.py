from __future__ import annotations

from pathlib import Path

import pytest

from koubai.data import read_rows, table
from koubai.errors import DataError


def write(path: Path, header: str, rows: list[str]) -> Path:
    path.write_text("\n".join([header, *rows]), encoding="utf-8")
    return path


# --- Decimal commas


def test_decimal_commas_are_diagnosed(tmp_path: Path) -> None:
    rows = [f"{i};{i},5;{i % 2}" for i in range(2, 42)]
    file = write(tmp_path / "t.csv", "n;size;t", rows)
    expected = (
        "column 'size' of .*t.csv looks like numbers with decimal commas \\('2,5' on line 2; "
        "40 of 40 rows\\): write them with a point, 2.5"
    )
    for target in ("t", "size"):
        with pytest.raises(DataError, match=expected):
            table(file, target)
    pointed = write(tmp_path / "pointed.csv", "n;size;t", [row.replace(",", ".") for row in rows])
    with pytest.raises(DataError, match=expected):
        read_rows(file, table(pointed, "t").columns)


def test_a_few_decimal_commas_among_points(tmp_path: Path) -> None:
    rows = [f"{i}.5;{i % 2}" for i in range(30)]
    rows[6] = "6,5;0"
    with pytest.raises(DataError, match=r"'6,5' on line 8; 1 of 30 rows\): .* 6.5"):
        table(write(tmp_path / "t.csv", "size;t", rows), "t")


def test_texts_with_commas_are_texts(tmp_path: Path) -> None:
    rows = [f"{['red, green', 'blue', '1,5 m'][i % 3]};{i % 2}" for i in range(30)]
    data = table(write(tmp_path / "t.csv", "colour;t", rows), "t")
    assert data.columns[0].categories == ("1,5 m", "blue", "red, green")


def test_a_comma_that_separates_where_it_should_not(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"line 2 has 3 values .* 2 columns: .*, or a decimal comma"
    ):
        table(write(tmp_path / "t.csv", "size,t", ["1,5,0", "2,5,1"]), "t")


# --- Identifiers


def with_texts(folder: Path, texts: list[str]) -> Path:
    return write(folder / "t.csv", "n,s,t", [f"{i},{s},{i % 2}" for i, s in enumerate(texts)])


@pytest.mark.parametrize(
    ("rows", "distinct", "refused"),
    [
        (20, 20, True),
        (20, 11, True),
        (20, 10, False),  # each occurs in two rows
        (6, 6, True),
        (5, 5, False),  # a table to play with
        (300, 151, True),
        (300, 150, False),
    ],
)
def test_a_text_column_in_which_most_rows_differ(tmp_path, rows, distinct, refused) -> None:
    file = with_texts(tmp_path, [f"s{i % distinct}" for i in range(rows)])
    if not refused:
        assert table(file, "t").inputs == 1 + distinct
        return
    message = rf"'s' of .*t.csv has {distinct} different values in {rows} rows: .* identifier"
    with pytest.raises(DataError, match=message):
        table(file, "t")
    with pytest.raises(DataError, match=message):
        table(file, "s")  # as a target no better


def test_a_few_rows_of_different_whole_numbers_are_values(tmp_path: Path) -> None:
    """Twelve prices are no twelve classes."""
    file = write(tmp_path / "t.csv", "n,price", [f"{i},{100 + 7 * i}" for i in range(12)])
    assert table(file, "price").classes is None
    with pytest.raises(DataError, match=r"'price' .* 12 different numbers in 12 rows.*regr"):
        table(file, "price", task="classification")
