"""A folder of images: one sub-folder a class."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import UInt8

from koubai.data.cells import in_order
from koubai.data.checks import PathLike, existing_file, existing_folder, unreadable, whole_number
from koubai.data.dataset import Dataset, Source
from koubai.data.splits import split_examples
from koubai.errors import DataError, SettingError, counted

if TYPE_CHECKING:
    from PIL import Image

_SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif")


def images(
    folder: PathLike,
    size: tuple[int, int] | str | None = None,
    colour: bool = False,
    test_fraction: float = 0.2,
    seed: int = 0,
) -> Dataset:
    """The images of a folder whose sub-folders are the classes, in the order of their names.

    Names that are all numbers are in the order of these: 2 before 10.

    PNG, JPEG, BMP and GIF (its first frame) are read, other files and hidden ones passed over.
    What is transparent becomes white.

    size: (height, width) or "28x28", to resize them to; without it they must all have the size
    of the first. colour: keep red, green and blue; otherwise they become grey.

    Shapes: image_shape (height, width), or (height, width, 3) in colour; uint8, x = pixel / 255.
    Raises DataError when the folder lacks two classes of images or an image is damaged or of
    another size, and names the file; SettingError for a bad size, test_fraction or seed.
    """
    place = existing_folder(folder)
    wanted = None if size is None else _parse_size(size)
    files = _files(place)
    first = read_pixels(files[0][0], colour, wanted)
    stored = np.empty((len(files), first.size), dtype=np.uint8)
    for row, (file, _) in zip(stored, files, strict=True):
        pixels = read_pixels(file, colour, wanted)
        if pixels.shape != first.shape:
            raise _mixed_sizes(file, [path for path, _ in files])
        row[:] = pixels.reshape(-1)
    classes = tuple(dict.fromkeys(file.parent.name for file, _ in files))
    t = np.array([label for _, label in files], dtype=np.int32)
    train, test = split_examples(stored, t, test_fraction, seed, scale=1 / 255)
    source = Source(
        "images",
        {
            "folder": str(place),
            "size": None if wanted is None else f"{wanted[0]}x{wanted[1]}",
            "colour": colour,
            "test_fraction": float(test_fraction),
            "seed": int(seed),
        },
    )
    return Dataset(place.name, train, test, classes, source, image_shape=first.shape)


def read_image(file: PathLike, image_shape: tuple[int, ...]) -> UInt8[np.ndarray, " features"]:
    """One image as a network's inputs: grey or in colour, resized to fit the image_shape.

    Shapes: (height · width,) or (height · width · 3,), uint8 0 to 255, whatever the scale of the
    data was: the network sees x = pixel / 255.
    Raises DataError when the file is missing or not an image; SettingError for an image_shape
    that is not (height, width) or (height, width, 3).
    """
    if len(image_shape) not in (2, 3) or image_shape[2:] not in ((), (3,)):
        raise SettingError(f"image_shape is {image_shape}: give (height, width) or (…, …, 3)")
    size = _parse_size((image_shape[0], image_shape[1]))
    return read_pixels(existing_file(file), len(image_shape) == 3, size).reshape(-1)


def _parse_size(size: tuple[int, int] | str) -> tuple[int, int]:
    parts = tuple(size)
    if isinstance(size, str):
        written = re.fullmatch(r"(\d+)\s*[x×,]\s*(\d+)", size.strip())
        parts = tuple(int(part) for part in written.groups()) if written else ()
    if len(parts) != 2:
        raise SettingError(f"size is {size!r}: give height and width, such as '28x28'")
    if 0 in parts:
        raise SettingError(f"size is {size!r}: give sides of at least 1 pixel, such as '28x28'")
    height, width = (whole_number("size", part, 1) for part in parts)
    return height, width


def _files(folder: Path) -> list[tuple[Path, int]]:
    """Every image with its label."""
    names = [path.name for path in _entries(folder) if path.is_dir()]
    names = in_order(name for name in names if not name.startswith((".", "__")))
    if len(names) < 2:
        raise DataError(
            f"{folder} has {counted(len(names), 'sub-folder')} of images: make one for each "
            "class, two or more"
        )
    files: list[tuple[Path, int]] = []
    for label, name in enumerate(names):
        found = [path for path in _entries(folder / name) if _is_image(path)]
        if not found:
            raise DataError(
                f"{folder / name} holds no image ({', '.join(_SUFFIXES)}): add some or remove it"
            )
        files += [(path, label) for path in found]
    return files


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise unreadable(folder, error) from error


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in _SUFFIXES and not path.name.startswith(".") and path.is_file()


def read_pixels(
    file: Path, colour: bool, size: tuple[int, int] | None = None
) -> UInt8[np.ndarray, " *shape"]:
    """An image, upright and on white: (height, width), or (height, width, 3) in colour.

    Raises DataError when it is not an image, or has more than 8 bits a pixel.
    """
    from PIL import Image

    try:
        with Image.open(file) as image:
            image.load()
            return _pixels(file, image, "RGB" if colour else "L", size)
    except DataError:
        raise
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        if isinstance(error, OSError) and error.errno is not None:  # the system's, not Pillow's
            raise unreadable(file, error) from error
        raise DataError(f"{file} cannot be read as an image ({error}): replace it") from error


def _pixels(
    file: Path, image: Image.Image, mode: str, size: tuple[int, int] | None
) -> UInt8[np.ndarray, " *shape"]:
    from PIL import Image, ImageOps

    if image.mode[0] in "IF":
        raise DataError(
            f"{file} has more than 8 bits a pixel (mode {image.mode}), which would be cut off: "
            "convert it to 8 bits, or read it yourself and pass it to arrays(x, t)"
        )
    upright = ImageOps.exif_transpose(image)
    if "A" in upright.getbands() or "transparency" in upright.info:
        white = Image.new("RGBA", upright.size, "white")
        upright = Image.alpha_composite(white, upright.convert("RGBA"))
    pixels = upright.convert(mode)
    if size is not None:
        pixels = pixels.resize((size[1], size[0]), Image.Resampling.BILINEAR)
    return np.array(pixels, dtype=np.uint8)


def _mixed_sizes(file: Path, files: list[Path]) -> DataError:
    """The error for a file of another size than the first; it offers the smallest of all."""
    shapes = {path: read_pixels(path, colour=False).shape for path in files}
    sizes = {path: f"{height}x{width}" for path, (height, width) in shapes.items()}
    smallest = min(files, key=lambda path: math.prod(shapes[path]))
    return DataError(
        f"{file} has {sizes[file]} pixels (height x width), but {files[0]} has "
        f"{sizes[files[0]]}: pass size='{sizes[smallest]}', say, to resize them all"
    )
