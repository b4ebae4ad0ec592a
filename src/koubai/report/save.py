"""Writing what is shown to a file: a page or a picture, by its suffix."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from koubai.figures.save import PICTURES, check_suffix, save
from koubai.functions.arguments import expect
from koubai.report.page import PAGES, save_page


def save_shown(
    subject: Any, file: str | os.PathLike[str], others: Sequence[str] = (), **options: Any
) -> Path:
    """Writes a landscape, a path or a comparison: .html is its page, .png, .svg, .pdf its picture.

    The options are those of its `plot` for a picture, of `save_page` for a page. Returns the file.
    Raises SettingError for another suffix, naming `others` that the caller serves, and for a file
    that cannot be written.
    """
    expect(file, (str, os.PathLike), "file", "a path, such as 'picture.png' or 'page.html'")
    check_suffix(Path(file), (*PICTURES, *PAGES, *others))
    if Path(file).suffix.lower() in PAGES:
        return save_page(subject, file, **options)
    return save(subject.plot(**options), file)
