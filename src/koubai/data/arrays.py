"""Arrays that the caller already has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Int, Num
from numpy.typing import ArrayLike

from koubai.data.cells import in_order
from koubai.data.dataset import Dataset, Source, Split
from koubai.data.splits import split_examples
from koubai.errors import DataError

_Array = np.ndarray[Any, np.dtype[Any]]
_Stored = Num[np.ndarray, "examples features"]
_Targets = Int[np.ndarray, " examples"] | Float[np.ndarray, "examples outputs"]


def arrays(
    x: ArrayLike,
    t: ArrayLike,
    test: tuple[ArrayLike, ArrayLike] | None = None,
    classes: Sequence[str] | None = None,
    test_fraction: float = 0.2,
    seed: int = 0,
) -> Dataset:
    """Examples x and their targets t from arrays, copied; anything that NumPy takes.

    The type of t decides: whole numbers or texts, (n,), are labels (classification), and so are
    one-hot rows, (n, classes), a single 1 in each and 0 elsewhere, whole numbers or floats;
    other floats, (n,) or (n, outputs), are values (regression).

    test: (x, t) of the test data; without it test_fraction of the examples is split off with
    the seed. classes: the names of the classes; labels then count from 0. Without it each
    different label is a class, sorted, and so is each column of one-hot rows.

    Shapes: x (n, …), flattened to (n, features); uint8 stays so and the network sees x / 255,
    anything else becomes float32. (n, height, width) and (n, height, width, 1, 3 or 4) are
    images and keep their image_shape.
    Raises DataError when x and t do not fit each other or hold what cannot be learnt from;
    SettingError for a bad test_fraction or seed.
    """
    examples = _examples("x", x)
    parts = [("", examples, _targets("t", t, len(examples)))]
    if test is not None:
        parts.append(("test ", *_test(test, examples)))
    names, targets = _coded([t for _, _, t in parts], classes)
    scale = 1 / 255 if examples.dtype == np.uint8 else 1.0
    flat = [x.reshape(len(x), -1) for _, x, _ in parts]
    if test is None:
        train, held = split_examples(flat[0], targets[0], test_fraction, seed, scale)
    else:
        train, held = (Split(x, t, scale) for x, t in zip(flat, targets, strict=True))
    shape = examples.shape[1:]
    is_image = len(shape) == 2 or (len(shape) == 3 and shape[2] in (1, 3, 4))
    return Dataset(
        "arrays", train, held, names, Source("arrays"), image_shape=shape if is_image else None
    )


def _array(name: str, given: ArrayLike) -> _Array:
    try:
        array = np.asarray(given)
    except (ValueError, TypeError) as error:
        raise DataError(f"{name} is not an array ({error}): give rows of one length") from error
    if array.ndim == 0 or array.size == 0:
        raise DataError(f"{name} has shape {array.shape}: give at least one example")
    return array


def _examples(name: str, given: ArrayLike) -> _Array:
    array = _array(name, given)
    if array.dtype.kind not in "biuf":
        raise DataError(f"{name} holds {array.dtype}: give real numbers, such as float32 or uint8")
    array = array[:, None] if array.ndim == 1 else array
    return array.copy() if array.dtype == np.uint8 else _narrowed(name, array)


def _narrowed(name: str, array: _Array) -> _Array:
    with np.errstate(over="ignore"):  # what overflows is reported below, with its place
        narrow = array.astype(np.float32)
    bad = np.argwhere(~np.isfinite(narrow))
    if len(bad):
        place = tuple(int(i) for i in bad[0])
        raise DataError(
            f"{name}{list(place)} is {array[place]}, which is not finite in float32 "
            f"({len(bad)} such values): remove these examples or fill them in"
        )
    return narrow


def _targets(name: str, given: ArrayLike, examples: int) -> _Array:
    """Whole numbers or texts in one dimension, or float32 in two (values, or one-hot rows)."""
    array = _array(name, given)
    if len(array) != examples:
        raise DataError(f"{name} has {len(array)} targets but there are {examples} examples in x")
    if _is_one_hot(array):
        return array.astype(np.float32)
    if array.dtype.kind == "f" and array.ndim <= 2:
        return _narrowed(name, array.reshape(examples, -1))
    if array.dtype.kind in "biu" and array.ndim == 1:
        return array.astype(np.int64)
    if array.dtype.kind in "UOT" and array.ndim == 1:
        return _texts(name, array)
    raise DataError(
        f"{name} is {array.dtype} of shape {array.shape}: labels are whole numbers or texts, "
        "(n,), or one-hot rows, (n, classes); values are floats, (n,) or (n, outputs)"
    )


def _is_one_hot(t: _Array) -> bool:
    if t.ndim != 2 or t.shape[1] < 2 or t.dtype.kind not in "biuf":
        return False
    return bool(((t == 0) | (t == 1)).all() and (t.sum(axis=1) == 1).all())


def _texts(name: str, array: _Array) -> _Array:
    for i, text in enumerate(array):
        if not isinstance(text, str):
            raise DataError(f"{name}[{i}] is {text!r} among texts: make every label a text")
    return array.astype(np.str_)


def _test(test: tuple[ArrayLike, ArrayLike], train: _Array) -> tuple[_Array, _Array]:
    if len(test) != 2:
        raise DataError(f"test has {len(test)} parts: give the pair (x, t)")
    x = _examples("test x", test[0])
    if x.shape[1:] != train.shape[1:] or x.dtype != train.dtype:
        raise DataError(
            f"test x holds {x.dtype} of shape {x.shape[1:]} for each example, "
            f"but x {train.dtype} of {train.shape[1:]}: prepare both alike"
        )
    return x, _targets("test t", test[1], len(x))


def _coded(
    targets: list[_Array], classes: Sequence[str] | None
) -> tuple[tuple[str, ...] | None, list[_Array]]:
    """The names of the classes, and labels from 0 in int32; or None, and the values as they are."""
    if len({(t.dtype.kind, t.shape[1:]) for t in targets}) > 1:
        raise DataError("t and test t are of different kinds: give both as labels or as values")
    if all(_is_one_hot(t) for t in targets):
        columns = [str(column) for column in range(targets[0].shape[1])]
        return _coded([t.argmax(axis=1) for t in targets], columns if classes is None else classes)
    if targets[0].dtype.kind == "f":
        if classes is not None:
            raise DataError("classes are named but t holds floats: give t.astype(int) for labels")
        return None, targets
    every = np.concatenate(targets)
    known, names = _distinct(every) if classes is None else _named(every, classes)
    if len(names) < 2:
        raise DataError(f"t holds one class only, {', '.join(names)}: there is nothing to learn")
    order = np.argsort(known)
    return names, [order[np.searchsorted(known, t, sorter=order)].astype(np.int32) for t in targets]


def _distinct(labels: _Array) -> tuple[_Array, tuple[str, ...]]:
    known = np.unique(labels)
    if labels.dtype.kind == "U":
        known = np.array(in_order(known.tolist()))
    if len(known) > 20 and 2 * len(known) > len(labels):
        raise DataError(
            f"t has {len(known)} different labels for {len(labels)} examples: for values, "
            "rather than classes, pass t.astype(float)"
        )
    return known, tuple(str(label) for label in known)


def _named(labels: _Array, classes: Sequence[str]) -> tuple[_Array, tuple[str, ...]]:
    names = tuple(str(name) for name in classes)
    if len(set(names)) < len(names):
        raise DataError(f"classes names one twice: {', '.join(names)}. Give each its own")
    known = np.array(names) if labels.dtype.kind == "U" else np.arange(len(names))
    outside = labels[~np.isin(labels, known)]
    if len(outside):
        raise DataError(
            f"t holds the label {outside[0]}, but classes names {len(names)}: {', '.join(names)}. "
            "Whole numbers count them from 0, texts are their names"
        )
    return known, names
