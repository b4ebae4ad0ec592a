"""What a cell of a CSV file may hold: a number, a number with a decimal comma, nothing, a text."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

_MISSING = frozenset(("", "nan", "na", "n/a", "null", "?"))
_COMMA = re.compile(r"[+-]?(\d+|\d{1,3}([. '’]\d{3})+),\d+([eE][+-]?\d+)?")


def is_missing(text: str) -> bool:
    """Whether nothing is written there, or a sign that nothing is known."""
    return text.lower() in _MISSING


def number(text: str) -> float | None:
    """The number that is written there, or None where none is; inf is one, NaN is missing."""
    try:
        value = float(text)
    except ValueError:
        return None
    # float() reads 1_000 too, which in a table is a code.
    return None if "_" in text or math.isnan(value) else value


def in_order(texts: Iterable[str]) -> list[str]:
    """The texts sorted; by their numbers where all of them are some, so that 10 comes after 2."""
    alphabetic = sorted(texts)
    values = [value for text in alphabetic if (value := number(text)) is not None]
    if len(values) < len(alphabetic):
        return alphabetic
    return [text for _, text in sorted(zip(values, alphabetic, strict=True))]


def with_point(text: str) -> str | None:
    """How a number with a decimal comma is written with a point, or None where none is.

    123,4 becomes 123.4, and 1.234,5 becomes 1234.5.
    """
    if not _COMMA.fullmatch(text):
        return None
    whole, _, decimals = text.partition(",")
    return f"{re.sub(r'[^0-9+-]', '', whole)}.{decimals}"


def looks_numeric(text: str) -> bool:
    """Whether a number was meant, with a point or with a decimal comma."""
    return number(text) is not None or with_point(text) is not None
