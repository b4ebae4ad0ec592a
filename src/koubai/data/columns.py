"""The columns of a table as inputs of a network: numbers standardised, texts one-hot."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from koubai.data.cells import in_order, looks_numeric, number, with_point
from koubai.data.dataset import Column
from koubai.data.rows import Rows
from koubai.errors import DataError

_LARGEST = float(np.finfo(np.float32).max)


def learn(rows: Rows, name: str, train: Int[np.ndarray, " train"]) -> Column:
    """What there is to know of a column: mean and std of its training rows, or its categories.

    A numeric column that is constant in the training rows has std 1. Categories are sorted, and
    are those of the whole file.

    Raises DataError for one number misspelt among many, decimal commas, or an identifier.
    """
    return learn_numbers(rows, name, train) if is_numeric(rows, name) else learn_texts(rows, name)


def learn_numbers(rows: Rows, name: str, train: Int[np.ndarray, " train"]) -> Column:
    """A numeric column with the mean and the standard deviation of its training rows."""
    values = numbers(rows, name)[train]
    # Rounding gives a constant column of 0.1s a std of 1e-17: hence not `std() == 0`.
    constant = values.min() == values.max()
    mean = values[0] if constant else values.mean()
    return Column(name, mean=float(mean), std=1.0 if constant else float(values.std()))


def learn_texts(rows: Rows, name: str) -> Column:
    """A column of texts with its sorted categories; DataError when it looks like an identifier."""
    categories = tuple(in_order(set(rows.column(name))))
    refuse_identifier(rows, name, len(categories))
    return Column(name, categories=categories)


def refuse_identifier(rows: Rows, name: str, distinct: int) -> None:
    """DataError when most of the values occur once: nothing is learnt from those."""
    if mostly_different(distinct, len(rows)):
        raise DataError(
            f"column {name!r} of {rows.path} has {distinct} different values in {len(rows)} rows: "
            "it looks like an identifier, which teaches nothing. Remove the column, or write "
            "groups in it that several rows share"
        )


def mostly_different(distinct: int, rows: int) -> bool:
    """Whether a value occurs in fewer than two rows on average; five may do so in a tiny table."""
    return distinct > 5 and 2 * distinct > rows


def encode(rows: Rows, column: Column) -> Float[np.ndarray, "rows width"]:
    """The column as a network sees it: (value − mean) / std, or one input for each category.

    Raises DataError for a value that is missing, not a number, or of no known category.
    """
    if column.categories is None:
        values = (numbers(rows, column.name) - column.mean) / column.std
        return values[:, None].astype(np.float32)
    inputs = np.zeros((len(rows), column.width), dtype=np.float32)
    inputs[np.arange(len(rows)), codes(rows, column.name, column.categories)] = 1
    return inputs


def codes(rows: Rows, name: str, categories: tuple[str, ...]) -> list[int]:
    """The position of each cell's category; DataError for a category that is not among them."""
    positions = {category: i for i, category in enumerate(categories)}
    texts = rows.column(name)
    for row, text in enumerate(texts):
        if text not in positions:
            raise DataError(
                f"{rows.where(row, name)}: {text!r} is unknown. "
                f"Known: {', '.join(map(repr, categories))}."
            )
    return [positions[text] for text in texts]


def is_numeric(rows: Rows, name: str) -> bool:
    """Whether the column holds numbers: at least nine of ten do, and `numbers` insists on all.

    A column of texts is not spoilt by a few that look like numbers, nor are numbers turned into
    hundreds of categories by one that is misspelt, or by decimal commas.
    """
    texts = rows.column(name)
    return sum(looks_numeric(text) for text in texts) >= 0.9 * len(texts)


def numbers(rows: Rows, name: str) -> Float[np.ndarray, " rows"]:
    """The numbers of a column in float64.

    Raises DataError where decimal commas are written, something is no number, or it is none of
    float32's.
    """
    texts = rows.column(name)
    _refuse_commas(rows, name, texts)
    return np.array([_finite(rows, name, row, text) for row, text in enumerate(texts)])


def _refuse_commas(rows: Rows, name: str, texts: list[str]) -> None:
    commas = [row for row, text in enumerate(texts) if with_point(text) is not None]
    if commas and is_numeric(rows, name):
        first = texts[commas[0]]
        raise DataError(
            f"column {name!r} of {rows.path} looks like numbers with decimal commas ({first!r} on "
            f"line {rows.lines[commas[0]]}; {len(commas)} of {len(texts)} rows): write them with "
            f"a point, {with_point(first)}"
        )


def _finite(rows: Rows, name: str, row: int, text: str) -> float:
    value = number(text)
    if value is None:
        raise DataError(
            f"{rows.where(row, name)}: {text!r} is not a number, though the column is one "
            "of numbers: correct it"
        )
    if not abs(value) <= _LARGEST:
        raise DataError(
            f"{rows.where(row, name)}: {text} is not finite in float32: "
            "remove the row or change the unit"
        )
    return value
