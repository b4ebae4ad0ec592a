from __future__ import annotations

import csv
import statistics
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koubai.data import Column, load, read_rows, table
from koubai.errors import DataError, SettingError, UnknownNameError


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


@pytest.fixture
def houses(tmp_path: Path) -> Path:
    """Numbers far from 0 on unequal scales, a constant (whose std NumPy has as 6e-14), a text."""
    rng = np.random.default_rng(3)
    rows = [
        f"{rng.normal(5e6, 1e4):.3f},{rng.normal(-0.02, 1e-4):.7f},422.69,"
        f"{rng.choice(['tram', 'bus', 'none of them'])},{rng.normal(3e5, 2e4):.2f}"
        for _ in range(50)
    ]
    return write(tmp_path / "houses.csv", "\n".join(["area,slope,floor,way,price", *rows]))


@pytest.fixture
def flowers(tmp_path: Path) -> Path:
    rng = np.random.default_rng(4)
    kinds = ["setosa"] * 20 + ["virginica"] * 20 + ["versicolor"] * 10
    rows = [f"{rng.normal():.4f},{rng.normal():.4f},{kind}" for kind in kinds]
    return write(tmp_path / "flowers.csv", "\n".join(["length,width,kind", *rows]))


def columns_of(file: Path) -> dict[str, list[str]]:
    with file.open(encoding="utf-8") as lines:
        header, *rows = csv.reader(lines)
    return dict(zip(header, zip(*rows, strict=True), strict=True))


def test_training_columns_have_mean_0_and_std_1(houses: Path) -> None:
    data = table(houses, "price")
    x = data.train.x.astype(np.float64)
    np.testing.assert_allclose(x[:, :2].mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(x[:, :2].std(axis=0), 1, atol=1e-6)
    np.testing.assert_array_equal(x[:, 2], 0)  # constant: minus its mean, divided by 1
    assert data.columns[2].std == 1
    t = data.train.t.astype(np.float64)
    assert t.mean() == pytest.approx(0, abs=1e-6)
    assert t.std() == pytest.approx(1, abs=1e-6)


def test_test_columns_are_standardised_with_the_training_figures(houses: Path) -> None:
    data = table(houses, "price")
    raw = [float(value) for value in columns_of(houses)["area"]]
    area = data.columns[0]
    train, test = (
        split.x[:, 0].astype(np.float64) * area.std + area.mean for split in (data.train, data.test)
    )
    np.testing.assert_allclose(np.sort([*train, *test]), np.sort(raw), atol=5e-3)
    used = [value for value in raw if np.isclose(train, value, rtol=0, atol=5e-3).any()]
    assert len(used) == 40
    assert area.mean == pytest.approx(statistics.fmean(used), rel=1e-12)
    assert area.std == pytest.approx(statistics.pstdev(used), rel=1e-9)
    # The test column, by contrast, is not itself standardised.
    assert abs(data.test.x[:, 0].mean()) > 1e-3


def test_targets_lead_back_to_their_unit(houses: Path) -> None:
    data = table(houses, "price")
    assert data.classes is None
    assert data.target is not None
    assert data.target.name == "price"
    back = np.concatenate([data.train.t, data.test.t])[:, 0] * data.target.std + data.target.mean
    raw = [float(value) for value in columns_of(houses)["price"]]
    np.testing.assert_allclose(np.sort(back), np.sort(raw), rtol=1e-6)


def test_texts_become_one_input_for_each_category(houses: Path) -> None:
    data = table(houses, "price")
    way = data.columns[3]
    assert way == Column("way", categories=("bus", "none of them", "tram"))
    assert data.inputs == 3 + way.width
    codes = np.concatenate([data.train.x, data.test.x])[:, 3:]
    assert set(np.unique(codes)) == {0, 1}
    np.testing.assert_array_equal(codes.sum(axis=1), 1)
    ways = columns_of(houses)["way"]
    np.testing.assert_array_equal(codes.sum(axis=0), [ways.count(c) for c in way.categories or ()])


def test_text_targets_are_classes_split_by_share(flowers: Path) -> None:
    data = table(flowers, "kind")
    assert data.classes == ("setosa", "versicolor", "virginica")
    assert np.bincount(data.train.t).tolist() == [16, 8, 16]
    assert np.bincount(data.test.t).tolist() == [4, 2, 4]
    assert data.target == Column("kind", categories=data.classes)


@pytest.mark.parametrize("target", ["price", "way"])
def test_rows_keep_their_targets(houses: Path, target: str) -> None:
    data = table(houses, target)
    rows = read_rows(houses, data.columns)
    raw = columns_of(houses)[target]
    place = {row.tobytes(): value for row, value in zip(rows, raw, strict=True)}
    for split in (data.train, data.test):
        for x, t in zip(split.x, split.t, strict=True):
            if data.classes is not None:
                assert data.classes[t] == place[x.tobytes()]
            else:
                assert data.target is not None
                price = t[0] * data.target.std + data.target.mean
                assert price == pytest.approx(float(place[x.tobytes()]), rel=1e-6)


@pytest.mark.parametrize(
    ("values", "classes"),
    [
        (["0", "1"] * 20, ("0", "1")),
        (["10", "9", "-1", "2.0"] * 10, ("-1", "2", "9", "10")),  # by value, not as texts
        ([str(i) for i in range(20)] * 2, tuple(str(i) for i in range(20))),
        ([str(i) for i in range(21)] * 2, None),
        (["0.5", "1"] * 20, None),
        (["yes", "no"] * 20, ("no", "yes")),
    ],
)
def test_what_makes_a_class(tmp_path: Path, values: list[str], classes) -> None:
    rows = [f"{i},{value}" for i, value in enumerate(values)]
    file = write(tmp_path / "t.csv", "\n".join(["x,t", *rows]))
    assert table(file, "t").classes == classes


def test_the_task_overrules(tmp_path: Path, flowers: Path) -> None:
    rows = [f"{i},{i % 3}" for i in range(30)]
    file = write(tmp_path / "t.csv", "\n".join(["x,t", *rows]))
    assert table(file, "t", task="regression").train.t.shape == (24, 1)
    halves = write(tmp_path / "h.csv", "\n".join(["x,t", *(f"{i},{i % 2 / 2}" for i in range(30))]))
    assert table(halves, "t", task="classification").classes == ("0", "0.5")
    with pytest.raises(DataError, match=r"flowers.csv line 2, column 'kind': 'setosa' is not a n"):
        table(flowers, "kind", task="regression")
    with pytest.raises(UnknownNameError, match="Did you mean 'classification'"):
        table(flowers, "kind", task="classify")


def test_reload_and_seed(houses: Path, flowers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for file, target in ((houses, "price"), (flowers, "kind")):
        data = table(file, target, test_fraction=0.3, seed=5)
        assert load(data.source).digest == data.digest
        assert table(file, target, test_fraction=0.3, seed=6).digest != data.digest
    monkeypatch.chdir(houses.parent)
    assert table("houses.csv", "price").source.arguments["file"] == str(houses)


def test_the_spellings_of_csv(tmp_path: Path) -> None:
    rows = [(f"{i}", "a" if i % 2 else "b, c", "x" if i % 3 else "y") for i in range(30)]
    plain = "\n".join(["n,s,t", *(f'{n},"{s}",{t}' for n, s, t in rows)])
    digest = table(write(tmp_path / "plain.csv", plain), "t").digest
    spellings = {
        "bom.csv": ("﻿" + plain),
        "crlf.csv": plain.replace("\n", "\r\n") + "\r\n",
        "blank.csv": plain.replace("\n", "\n\n") + "\n\n",
        "spaces.csv": "\n".join([" n ,s , t", *(f' {n} ,"{s} ", {t}' for n, s, t in rows)]),
        "semicolons.csv": "\n".join(["n;s;t", *(f'{n};"{s}";{t}' for n, s, t in rows)]),
        "tabs.csv": "\n".join(["n\ts\tt", *(f"{n}\t{s}\t{t}" for n, s, t in rows)]),
    }
    for name, text in spellings.items():
        assert table(write(tmp_path / name, text), "t").digest == digest, name


GOOD = "1,a,0\n2,b,1\n3,a,0\n4,b,1\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty: its first line must name the columns"),
        ("n,s,t\n", "has a header but no rows"),
        ("n,n,t\n" + GOOD, "two columns called 'n'"),
        ("n,,t\n" + GOOD, "column 2 has no name"),
        ("n,s,t\n" + GOOD + "5,a\n", "line 6 has 2 values but the header names 3 columns"),
        ("n,s,t\n" + GOOD + "5,a,0,1\n", "line 6 has 4 values but the header names 3"),
        ("n,s,t\n" + GOOD + ",a,0\n", r"line 6, column 'n': the value is missing"),
        ("n,s,t\n" + GOOD + "NaN,a,0\n", r"line 6, column 'n': the value is missing"),
        ("n,s,t\n\n" + GOOD + "5, ,0\n", "line 7, column 's': the value is missing"),
        ("n,s,t\n" + GOOD + "5,a,NA\n", "line 6, column 't': the value is missing"),
        ("n,s,t\n" + GOOD + "inf,a,0\n", "line 6, column 'n': inf is not finite in float32"),
        ("n,s,t\n" + GOOD + "1e39,a,0\n", "line 6, column 'n': 1e39 is not finite in float32"),
        ("n,s,t\n" + GOOD * 5 + "12a,a,0\n", "line 22, column 'n': '12a' is not a number"),
        ('n,s,t\n1,"a\nb",0\n,b,1\n', "line 4, column 'n': the value is missing"),
        ('n,s,t\n1,"a,0\n2,b,1\n', "line 2 is not CSV"),
        ("n,s,t\n1,a,0\n2,b,0\n", "target 't' of .* holds one class only, 0"),
        ("n,s,t\n1,a,0\n", "holds one class only"),
        ("t\n0\n1\n", "no column but the target 't'"),
        (
            "id,s,t\n" + "".join(f"u{i},a,{i % 2}\n" for i in range(30)),
            "'id' .* has 30 different values in 30 rows: it looks like an identifier",
        ),
    ],
)
def test_bad_tables(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message) as info:
        table(write(tmp_path / "bad.csv", text), "t")
    assert "bad.csv" in str(info.value)


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere.csv does not exist"):
        table(tmp_path / "nowhere.csv", "t")
    with pytest.raises(DataError, match="is a folder"):
        table(tmp_path, "t")
    latin = write(tmp_path / "latin.csv", "n,t\n1,a\n2,é\n", encoding="latin-1")
    with pytest.raises(DataError, match=r"latin.csv line 3 is not UTF-8 \(byte 0xe9\)"):
        table(latin, "t")


def test_target_that_is_not_there(flowers: Path) -> None:
    with pytest.raises(DataError, match=r"'kinds' is not in .* Did you mean 'kind'\? It has: leng"):
        table(flowers, "kinds")


def test_bad_settings(flowers: Path) -> None:
    with pytest.raises(SettingError, match="test_fraction"):
        table(flowers, "kind", test_fraction=1)
    with pytest.raises(SettingError, match="seed"):
        table(flowers, "kind", seed=-1)


def test_a_few_texts_that_look_like_numbers_do_not_spoil_a_text_column(tmp_path: Path) -> None:
    rows = [f"{'7' if i % 5 == 0 else 'abc'[i % 3]},{i % 2}" for i in range(30)]
    data = table(write(tmp_path / "t.csv", "\n".join(["code,t", *rows])), "t")
    assert data.columns[0].categories == ("7", "a", "b", "c")


@settings(deadline=None, max_examples=50)
@given(
    values=st.lists(st.floats(-1e6, 1e6).map(lambda v: round(v, 3)), min_size=10, max_size=40),
    shift=st.sampled_from([0.0, 1e5, -3e7]),
)
def test_standardising_is_undone_exactly_by_column(tmp_path_factory, values, shift) -> None:
    path = tmp_path_factory.mktemp("table") / "v.csv"
    raw = [value + shift for value in values]
    rows = [f"{value!r},{i % 2}" for i, value in enumerate(raw)]
    data = table(write(path, "\n".join(["v,t", *rows])), "t")
    column = data.columns[0]
    back = read_rows(path, data.columns)[:, 0].astype(np.float64) * column.std + column.mean
    spread = column.std + np.abs(np.array(raw) - column.mean).max()
    np.testing.assert_allclose(back, raw, atol=1e-6 * spread + 1e-12 * abs(shift))


def test_read_rows_of_another_file(houses: Path, tmp_path: Path) -> None:
    data = table(houses, "price")
    area, slope, _, _ = data.columns
    new = write(tmp_path / "new.csv", "way,extra,area,floor,slope\ntram,?,5e6,423.69,-0.02\n")
    x = read_rows(new, data.columns)
    expected = [(5e6 - area.mean) / area.std, (-0.02 - slope.mean) / slope.std, 1.0, 0, 0, 1]
    np.testing.assert_allclose(x, [expected], rtol=1e-6)
    assert x.dtype == np.float32


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "area,slope,floor,way\n1,1,1,boat\n",
            "line 2, column 'way': 'boat' is unknown. Known: 'bus', 'none of them', 'tram'",
        ),
        ("area,slope,floor\n1,1,1\n", "column 'way' is not in"),
        ("areas,slope,floor,way\n1,1,1,bus\n", "'area' is not in .* Did you mean 'areas'"),
        ("area,slope,floor,way\nbig,1,1,bus\n", "line 2, column 'area': 'big' is not a number"),
        ("area,slope,floor,way\n,1,1,bus\n", "line 2, column 'area': the value is missing"),
    ],
)
def test_read_rows_that_do_not_fit(houses: Path, tmp_path: Path, text: str, message: str) -> None:
    columns = table(houses, "price").columns
    with pytest.raises(DataError, match=message):
        read_rows(write(tmp_path / "new.csv", text), columns)


def test_read_rows_without_columns(houses: Path) -> None:
    with pytest.raises(DataError, match="columns is empty"):
        read_rows(houses, ())
