"""Writing a picture to a file, in the format that its suffix names."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from koubai.errors import SettingError
from koubai.figures.style import save_png
from koubai.functions.arguments import expect

PICTURES = (".png", ".svg", ".pdf")


def save(picture: Figure | Axes | Sequence[Axes], file: str | os.PathLike[str]) -> Path:
    """Writes a picture to a file, over one of the same name: .png, .svg or .pdf by its suffix.

    picture: a figure, or axes in it, such as every function in `koubai.figures` returns. Folders
    that are missing are made. A PNG has 256 colours, which keeps it small.

    Returns the file. Raises SettingError for another suffix, for a file that cannot be written, and
    for what is no picture.
    """
    expect(file, (str, os.PathLike), "file", "the path of a picture, such as 'picture.png'")
    target = Path(file)
    check_suffix(target, PICTURES)
    figure = figure_of(picture)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.suffix.lower() == ".png":
            save_png(figure, target)
        else:
            figure.savefig(target, format=target.suffix.lower()[1:])
    except OSError as error:
        raise unwritable(target, error) from None
    return target


def check_suffix(file: Path, supported: Sequence[str]) -> None:
    """Raises SettingError unless the file's suffix is one of those supported."""
    if file.suffix.lower() not in supported:
        *others, last = supported
        raise SettingError(
            f"file is {str(file)!r}, and {file.suffix or 'a name without a suffix'} is not "
            f"supported: choose {', '.join(others)}{' or ' if others else ''}{last}"
        )


def unwritable(file: Path, error: OSError) -> SettingError:
    """The error for a file that cannot be written."""
    reason = error.strerror or str(error)
    return SettingError(
        f"file is {str(file)!r}, which cannot be written ({reason}): choose another place"
    )


def figure_of(picture: Figure | Axes | Sequence[Axes]) -> Figure:
    """The figure that axes are in. Raises SettingError for what is no picture."""
    if isinstance(picture, Figure):
        return picture
    first = picture[0] if isinstance(picture, Sequence) and len(picture) else picture
    expect(first, Axes, "picture", "a figure, or axes in it, such as path.plot()")
    return cast(Figure, cast(Axes, first).get_figure(root=True))
