"""MNIST: 70 000 handwritten digits, from a folder or downloaded once."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import UInt8

from koubai.data.checks import PathLike, cause, existing_folder, read_bytes
from koubai.data.dataset import Argument, Dataset, Source, Split
from koubai.data.idx import decompress, read_idx
from koubai.errors import DataError, MissingExtraError, missing_extra

# Each serves the four gzipped files under their first names; asked in this order.
MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://sagemaker-sample-files.s3.amazonaws.com/datasets/image/MNIST/",
)


class _File(NamedTuple):
    name: str
    sha256: str  # of the content without gzip, which no mirror can compress differently


_TRAIN_X = _File(
    "train-images-idx3-ubyte", "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"
)
_TRAIN_T = _File(
    "train-labels-idx1-ubyte", "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"
)
_TEST_X = _File(
    "t10k-images-idx3-ubyte", "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"
)
_TEST_T = _File(
    "t10k-labels-idx1-ubyte", "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"
)
_FILES = (_TRAIN_X, _TRAIN_T, _TEST_X, _TEST_T)


def mnist(folder: PathLike | None = None) -> Dataset:
    """60 000 training and 10 000 test images of handwritten digits, 28×28 pixels, ten classes.

    Read from `folder`, else from the folder that $KOUBAI_MNIST names, else from the user's
    cache, where `download` puts them the first time. The four files may be gzipped and may be
    called `train-images.idx3-ubyte` as well. Every byte is verified with SHA-256.

    Shapes: 784 inputs, image_shape (28, 28); x = pixel / 255.
    Raises DataError when a file is missing, damaged or not MNIST's, or no mirror answers;
    MissingExtraError when pooch is needed for the download and not installed.
    Reference: LeCun, Bottou, Bengio & Haffner (1998), Proceedings of the IEEE 86.
    """
    given = folder or os.environ.get("KOUBAI_MNIST")
    setting = "folder" if folder else "KOUBAI_MNIST"
    place = existing_folder(given, setting) if given else download()
    # A downloaded copy is found again by asking anew: another machine's cache lies elsewhere.
    arguments: dict[str, Argument] = {"folder": str(place)} if given else {}
    return Dataset(
        name="mnist",
        train=_split(place, _TRAIN_X, _TRAIN_T),
        test=_split(place, _TEST_X, _TEST_T),
        classes=tuple("0123456789"),
        source=Source("mnist", arguments),
        image_shape=(28, 28),
    )


def download(folder: PathLike | None = None, mirrors: Sequence[str] | None = None) -> Path:
    """Download what is not yet in the folder, and return the folder.

    folder: the user's cache unless given. mirrors: base URLs, tried in turn for each file.

    Raises DataError when no mirror serves a file as it should be, saying what each answered;
    MissingExtraError when pooch is not installed.
    """
    place = _cache() if folder is None else Path(folder).expanduser().absolute()
    missing = [file for file in _FILES if not _is_there(place, file)]
    for file in missing:
        _fetch(place, file, MIRRORS if mirrors is None else mirrors)
    return place


def mnist_is_there() -> bool:
    """Whether `mnist` without a folder has all its files at hand, so that nothing is downloaded."""
    given = os.environ.get("KOUBAI_MNIST")
    try:
        place = Path(given) if given else _cache()
        return all(_find(place, file).is_file() for file in _FILES)
    except (DataError, MissingExtraError):
        return False


def _cache() -> Path:
    try:
        import pooch
    except ImportError as error:
        raise missing_extra(
            "without folder=…, that of its four files, MNIST is downloaded, which", "mnist"
        ) from error
    return Path(pooch.os_cache("koubai")) / "mnist"


def _fetch(place: Path, file: _File, mirrors: Sequence[str]) -> None:
    faults: list[str] = []
    try:
        place.mkdir(parents=True, exist_ok=True)
        # Downloaded aside and moved when verified: two downloads at once do not disturb each other.
        with tempfile.TemporaryDirectory(dir=place) as aside:
            part = Path(aside) / f"{file.name}.gz"
            for mirror in mirrors:
                fault = _fetch_from(f"{mirror.rstrip('/')}/{part.name}", part, file)
                if fault is None:
                    part.replace(place / part.name)
                    return
                faults.append(fault)
    except OSError as error:
        raise DataError(
            f"MNIST cannot be stored in {place} ({cause(error)}): {_BY_HAND}"
        ) from error
    why = ", ".join(dict.fromkeys(faults))
    raise DataError(f"MNIST could not be downloaded ({why}): {_BY_HAND}")


def _fetch_from(url: str, part: Path, file: _File) -> str | None:
    """Download and verify one file; what is wrong with it, in a few words, or None."""
    try:
        import pooch
    except ImportError as error:
        raise missing_extra("downloading MNIST", "mnist") from error
    try:
        pooch.HTTPDownloader(timeout=30)(url, str(part), None)
        _verified(read_bytes(part), file, url)
    except DataError:
        return "damaged file"
    except OSError as error:  # every error of requests is one
        response = getattr(error, "response", None)
        return "no connection" if response is None else f"HTTP {response.status_code}"
    return None


_BY_HAND = "put its four .gz files into a folder and pass folder=…, or set KOUBAI_MNIST to it"


def _split(folder: Path, images: _File, labels: _File) -> Split:
    x = _read(_find(folder, images), images)
    t = _read(_find(folder, labels), labels)
    return Split(x.reshape(len(x), -1), t.astype(np.int32), scale=1 / 255)


def _find(folder: Path, file: _File) -> Path:
    dotted = file.name.replace("-idx", ".idx")
    for name in (file.name, f"{file.name}.gz", dotted, f"{dotted}.gz"):
        if (folder / name).is_file():
            return folder / name
    raise DataError(
        f"MNIST's {file.name} is not in {folder}, gzipped or not: put all four files there, "
        "or leave the folder out to download them"
    )


def _read(path: Path, file: _File) -> UInt8[np.ndarray, " *sizes"]:
    return _verified(read_bytes(path), file, str(path))


def _verified(content: bytes, file: _File, name: str) -> UInt8[np.ndarray, " *sizes"]:
    content = decompress(content, name)
    array = read_idx(content, name)
    came = hashlib.sha256(content).hexdigest()
    if came != file.sha256:
        raise DataError(
            f"{name} is not MNIST's {file.name}: its SHA-256 is {came[:12]}…, not "
            f"{file.sha256[:12]}…. Get it again; read another set with read_idx and arrays"
        )
    return array


def _is_there(folder: Path, file: _File) -> bool:
    try:
        _read(_find(folder, file), file)
    except DataError:
        return False
    return True
