from __future__ import annotations

from pathlib import Path

import pytest

from koubai.data import bitmaps, read_rows, table
from koubai.data.rows import read_csv
from koubai.errors import DataError


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


# --- The first line


IRIS = "5.1,3.5,setosa\n4.9,3.0,setosa\n6.3,2.8,virginica\n"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("1,2,3\n4,5,6\n7,8,9\n", "line 1 looks like data (1, 2, 3)"),
        ("1,1,0\n0,1,1\n", "line 1 looks like data (1, 1, 0)"),  # not: two columns called 1
        ("\n\n1,2,3,4\n4,5,6,7\n", "line 3 looks like data (1, 2, 3, …)"),
        ("1,5;2,5\n3,5;4,5\n", "line 1 looks like data (1,5, 2,5)"),
        ("1,2\n4,?\n,6\n", "line 1 looks like data (1, 2)"),
        (IRIS, "line 1 looks like data (5.1, 3.5, setosa)"),
        ("red,round\ngreen,round\nred,long\n", "line 1 looks like data (red, round)"),
        ("20,5.5,100\n", "line 1 looks like data (20, 5.5, 100)"),  # a file of one row
        ("20,north,100\n", "line 1 looks like data (20, north, 100)"),
    ],
)
def test_data_without_a_header_are_refused(tmp_path: Path, text: str, seen: str) -> None:
    file = write(tmp_path / "bare.csv", text)
    for read in (read_csv, lambda file: table(file, "t"), bitmaps):
        with pytest.raises(DataError) as info:
            read(file)
        assert f"bare.csv {seen}, but the first line must name the columns" in str(info.value)
        assert "add a line with their names above it" in str(info.value)


def test_new_rows_without_a_header_are_refused(tmp_path: Path) -> None:
    """One of them, or all but the first, would be lost in silence."""
    named = write(tmp_path / "t.csv", "a,b,t\n" + "".join(f"{i},{-i},{i % 2}\n" for i in range(9)))
    columns = table(named, "t").columns
    for text in ("1,2\n", "1,2\n3,4\n"):
        with pytest.raises(DataError, match=r"line 1 looks like data \(1, 2\)"):
            read_rows(write(tmp_path / "bare.csv", text), columns)
    with pytest.raises(DataError, match=r"has a header but no rows below it: add some"):
        read_rows(write(tmp_path / "empty.csv", "a,b\n"), columns)


@pytest.mark.parametrize(
    "text",
    [
        "country,2019,2020\nFrance,1,2\nJapan,3,4\n",  # years name columns of numbers
        "1,2\nred,north\nblue,south\n",  # numbers above texts
        "area,price\n1,2\n",
        "price,kind\n3,price\n4,kind\n",  # a text that recurs, but beside a name above numbers
    ],
)
def test_headers_that_are_unusual(tmp_path: Path, text: str) -> None:
    rows = read_csv(write(tmp_path / "t.csv", text))
    assert rows.header == text.split("\n")[0].split(",")
    assert len(rows) == text.count("\n") - 1


def test_decimal_commas_do_not_separate_where_semicolons_do(tmp_path: Path) -> None:
    rows = read_csv(write(tmp_path / "t.csv", "price, EUR;area, m2, net;kind\n1;2;3,5\n"))
    assert rows.header == ["price, EUR", "area, m2, net", "kind"]
    assert rows.cells == [["1", "2", "3,5"]]


# --- Missing values


def test_missing_values_are_counted_in_every_column(tmp_path: Path) -> None:
    lines = ["age,size,side,price", *(f"{i},{i / 2},north,{i}.5" for i in range(30))]
    for at in range(4, 14):  # line 1 is the header
        lines[at - 1] = lines[at - 1].replace(f"{at - 2},", "NA,", 1)
    for at in (9, 20, 30):
        cells = lines[at - 1].split(",")
        lines[at - 1] = ",".join([cells[0], "", *cells[2:]])
    file = write(tmp_path / "houses.csv", "\n".join(lines))
    expected = (
        "houses.csv has 13 missing values, in columns 'age' (10, first on line 4) and "
        "'size' (3, first on line 9): fill them in, or remove these rows or columns"
    )
    with pytest.raises(DataError) as info:
        table(file, "price")
    assert str(info.value).endswith(expected)
    columns = table(write(tmp_path / "whole.csv", "age,size,t\n1,2,0\n3,4,1\n"), "t").columns
    with pytest.raises(DataError) as info:
        read_rows(file, columns)
    assert str(info.value).endswith(expected)
    with pytest.raises(DataError, match=r"13 missing .* 'age' \(10, first on line 4\) and 'size'"):
        table(file, "age")  # the target is one of them


def test_missing_values_of_columns_that_are_not_used_do_not_matter(tmp_path: Path) -> None:
    columns = table(write(tmp_path / "t.csv", "a,t\n1,0\n2,1\n3,0\n"), "t").columns
    new = write(tmp_path / "new.csv", "note,a\n?,1\n?,2\n")
    assert read_rows(new, columns).shape == (2, 1)


def test_one_column_and_many(tmp_path: Path) -> None:
    rows = read_csv(write(tmp_path / "t.csv", "a,b\n1,\n2,?\n"))
    with pytest.raises(DataError, match=r"2 missing values, in column 'b' \(2, first on line 2\):"):
        rows.refuse_missing(rows.header)
    header = ",".join(f"c{i}" for i in range(9))
    rows = read_csv(write(tmp_path / "t.csv", header + "\n" + "," * 8 + "\n"))
    with pytest.raises(
        DataError, match=r"9 missing values, .*'c4' \(1, first on line 2\) and 4 mo"
    ):
        rows.refuse_missing(rows.header)
