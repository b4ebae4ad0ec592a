"""What the loaders check of the settings and the paths that they are given."""

from __future__ import annotations

import math
import os
import stat
from numbers import Integral, Real
from pathlib import Path

import numpy as np

from koubai.errors import DataError, SettingError
from koubai.told import Told

PathLike = str | os.PathLike[str]


def whole_number(name: str, value: object, least: int) -> int:
    """`value` as an int; SettingError unless it is a whole number of at least `least`."""
    if not isinstance(value, bool) and isinstance(value, Integral) and int(value) >= least:
        return int(value)
    raise SettingError(
        Told(
            f"{name} is {value!r}: give a whole number, {least} or more",
            f"{name} が {value!r} です。{least} 以上の整数にしてください",
        )
    )


def real_number(name: str, value: object, least: float = -math.inf) -> float:
    """`value` as a float; SettingError unless it is finite and at least `least`."""
    if not isinstance(value, bool) and isinstance(value, Real):
        number = float(value)
        if math.isfinite(number) and number >= least:
            return number
    bound, bound_ja = (
        (f", {least:g} or more", f"{least:g} 以上の") if least > -math.inf else ("", "")
    )
    raise SettingError(
        Told(
            f"{name} is {value!r}: give a finite number{bound}",
            f"{name} が {value!r} です。{bound_ja}有限な数にしてください",
        )
    )


def fraction(name: str, value: object) -> float:
    """`value` as a float; SettingError unless it lies strictly between 0 and 1."""
    if isinstance(value, Real) and 0 < float(value) < 1:
        return float(value)
    raise SettingError(f"{name} is {value!r}: give a number between 0 and 1, such as 0.2")


def generator(seed: object, stream: int = 0) -> np.random.Generator:
    """Random numbers from a seed. Different streams of one seed are independent.

    Raises SettingError when the seed is not a whole number of at least 0.
    """
    key = np.random.SeedSequence(whole_number("seed", seed, 0), spawn_key=(stream,))
    return np.random.default_rng(key)


def kind(path: Path) -> str | None:
    """What is there, "file" or "folder", or None; DataError when the system does not say."""
    try:
        return "folder" if stat.S_ISDIR(path.stat().st_mode) else "file"
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise unreadable(path, error) from error


def existing_file(file: PathLike) -> Path:
    """The file's absolute path; DataError when there is none or it is a folder."""
    path = Path(file).expanduser().absolute()
    what = kind(path)
    if what == "folder":
        raise DataError(f"{path} is a folder: give the path of a file in it")
    if what is None:
        raise DataError(f"{path} does not exist: check the path")
    return path


def existing_folder(folder: PathLike, setting: str = "folder") -> Path:
    """The folder's absolute path; DataError when there is none or it is a file."""
    path = Path(folder).expanduser().absolute()
    what = kind(path)
    if what == "file":
        raise DataError(f"{setting} {path} is a file: give the folder it lies in")
    if what is None:
        raise DataError(f"{setting} {path} does not exist: check the path")
    return path


def read_bytes(file: Path) -> bytes:
    """The file's content; DataError when the system does not let us read it."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise unreadable(file, error) from error


def unreadable(path: Path, error: OSError) -> DataError:
    """The error for a path that the system refuses to read."""
    return DataError(f"{path} cannot be read ({cause(error)}): check the path and who may read it")


def cause(error: OSError) -> str:
    """Why, in words: "permission denied", without number or path."""
    return error.strerror.lower() if error.strerror else str(error)
