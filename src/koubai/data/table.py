"""A table in a CSV file: one row an example, one column the target."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int

from koubai.data.checks import PathLike
from koubai.data.columns import (
    codes,
    encode,
    is_numeric,
    learn,
    learn_numbers,
    learn_texts,
    mostly_different,
    numbers,
)
from koubai.data.dataset import Column, Dataset, Source, Split
from koubai.data.rows import Rows, read_csv
from koubai.data.splits import split_indices
from koubai.errors import DataError, unknown_name

_MOST_INTEGER_CLASSES = 20

_Labels = Int[np.ndarray, " rows"]


def table(
    file: PathLike,
    target: str,
    task: str | None = None,
    test_fraction: float = 0.2,
    seed: int = 0,
) -> Dataset:
    """The rows of a CSV file as examples; the column `target` is what is to be learnt.

    A numeric column enters as (value − mean) / std, with the mean and std of the training rows
    alone (std 1 for a constant column); a column of texts as one input for each of its
    categories, sorted; a column in which most rows differ is refused, for it is an identifier.
    The target is a class when it is text or has at most 20 different whole numbers, each in two
    rows or more on average, else a value, standardised like the inputs: `data.target` leads back
    to its unit.

    file: CSV in UTF-8 whose first line names the columns. task: "classification" or
    "regression", to overrule that. The split is stratified for classes.

    Shapes: one input for each numeric column and each category; float32.
    Raises DataError for anything in the file that cannot be learnt from, with line and column;
    UnknownNameError for another task; SettingError for a bad test_fraction or seed.
    """
    rows = read_csv(file)
    names = _input_names(rows, target)
    labels, classes = None, None
    if _is_classification(rows, target, task):
        labels, classes = _classes(rows, target)
    train, test = split_indices(len(rows), test_fraction, seed, labels)
    columns = tuple(learn(rows, name, train) for name in names)
    column = learn_numbers(rows, target, train) if classes is None else Column(target, classes)
    x = np.hstack([encode(rows, column) for column in columns])
    t = encode(rows, column) if labels is None else labels
    return Dataset(
        name=rows.path.stem,
        train=Split(x[train], t[train]),
        test=Split(x[test], t[test]),
        classes=classes,
        source=Source(
            "table",
            {
                "file": str(rows.path),
                "target": target,
                "task": task,
                "test_fraction": float(test_fraction),
                "seed": int(seed),
            },
        ),
        columns=columns,
        target=column,
    )


def read_rows(file: PathLike, columns: Sequence[Column]) -> Float[np.ndarray, "rows inputs"]:
    """The rows of another CSV file as inputs of a network that was trained with these columns.

    The file may have more columns, in any order, and needs no target.

    Shapes: (rows, inputs), one input for each numeric column and each category; float32.
    Raises DataError when a column is absent or a value missing, not a number, or of a category
    that the training data did not have.
    """
    rows = read_csv(file)
    if not columns:
        raise DataError("columns is empty: pass data.columns of the table that was trained on")
    rows.refuse_missing(column.name for column in columns)
    return np.hstack([encode(rows, column) for column in columns])


def _input_names(rows: Rows, target: str) -> list[str]:
    rows.column(target)  # raises when it is absent
    names = [name for name in rows.header if name != target]
    if not names:
        raise DataError(f"{rows.path} has no column but the target {target!r}: add the inputs")
    rows.refuse_missing(rows.header)
    return names


def _is_classification(rows: Rows, target: str, task: str | None) -> bool:
    if task not in (None, "classification", "regression"):
        raise unknown_name("task", task, ("classification", "regression"))
    if task is not None:
        return task == "classification"
    if not is_numeric(rows, target):
        return True
    distinct = np.unique(numbers(rows, target))
    whole = bool((distinct == np.round(distinct)).all())
    few = len(distinct) <= _MOST_INTEGER_CLASSES and not mostly_different(len(distinct), len(rows))
    return whole and few


def _classes(rows: Rows, target: str) -> tuple[_Labels, tuple[str, ...]]:
    if is_numeric(rows, target):
        values, labels = np.unique(numbers(rows, target), return_inverse=True)
        classes = tuple(_written(float(value)) for value in values)
        _refuse_values(rows, target, len(classes))
    else:
        classes = learn_texts(rows, target).categories or ()
        labels = codes(rows, target, classes)
    if len(classes) < 2:
        raise DataError(
            f"the target {target!r} of {rows.path} holds one class only, {', '.join(classes)}: "
            "there is nothing to tell apart. Choose another column or add rows"
        )
    return np.asarray(labels, dtype=np.int32), classes


def _refuse_values(rows: Rows, target: str, distinct: int) -> None:
    if mostly_different(distinct, len(rows)):
        raise DataError(
            f"the target {target!r} of {rows.path} has {distinct} different numbers in "
            f"{len(rows)} rows, too many for classes: choose task='regression' to predict values"
        )


def _written(value: float) -> str:
    return str(int(value)) if value.is_integer() else str(value)
