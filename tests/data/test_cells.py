from __future__ import annotations

import math

import pytest

from koubai.data.cells import in_order, is_missing, looks_numeric, number, with_point


@pytest.mark.parametrize(
    ("text", "pointed"),
    [
        ("123,4", "123.4"),
        ("-0,05", "-0.05"),
        ("1.234,5", "1234.5"),
        ("1 234 567,8", "1234567.8"),
        ("3,2e-4", "3.2e-4"),
        ("123.4", None),
        ("1,234,567", None),
        ("1,", None),
        (",5", None),
        ("a,5", None),
        ("1, 5", None),
        ("", None),
    ],
)
def test_decimal_commas(text: str, pointed: str | None) -> None:
    found = with_point(text)
    assert found is None if pointed is None else float(found or "nan") == float(pointed)
    assert looks_numeric(text) is (pointed is not None or text == "123.4")


@pytest.mark.parametrize(
    ("text", "value"),
    [("1e3", 1000), ("-.5", -0.5), ("inf", math.inf), ("1_000", None), ("nan", None), ("x", None)],
)
def test_numbers(text: str, value: float | None) -> None:
    assert number(text) == value


def test_missing() -> None:
    assert all(is_missing(text) for text in ("", "NaN", "NA", "n/a", "null", "?"))
    assert not any(is_missing(text) for text in ("0", "none", "Nathan", "-"))


def test_numbers_are_in_their_own_order() -> None:
    assert in_order({"10", "2", "1"}) == ["1", "2", "10"]
    assert in_order({"10", "2", "b"}) == ["10", "2", "b"]
