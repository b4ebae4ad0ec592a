"""The pictures of a whole run, in a folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import cast

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from koubai.errors import RunError
from koubai.figures.confusion import confusion_matrix
from koubai.figures.curves import learning_curves
from koubai.figures.mistakes import mistakes
from koubai.figures.style import save_png
from koubai.training.mistakes import find_mistakes
from koubai.training.run import Run


def save_run_figures(run: Run, folder: str | os.PathLike[str]) -> list[Path]:
    """Writes the pictures of a run as PNG files to a folder, over those of the same name.

    curves.png: the learning curves. With classes also confusion.png: which of the test data was
    taken for what. With images also mistakes.png: the most confident mistakes on the test data.

    Returns the files. Raises RunError when they cannot be written, and DataError when the run's
    data is needed and no longer there.
    """
    target = Path(folder)
    files = [_save(learning_curves(run.history)[0], target / "curves.png")]
    if run.about.classes is not None:
        ax = confusion_matrix(run.confusion(), run.about.classes)
        files.append(_save(ax, target / "confusion.png"))
        if run.about.image_shape is not None:
            files.append(_save(_mistakes(run, run.about.classes), target / "mistakes.png"))
    return files


def _mistakes(run: Run, classes: tuple[str, ...]) -> Axes:
    found = find_mistakes(run)
    return mistakes(
        found.x,
        found.truth,
        found.taken_for,
        found.outputs,
        classes,
        among=found.among,
        are_probabilities=found.are_probabilities,
    )


def _save(ax: Axes, file: Path) -> Path:
    figure = cast(Figure, ax.get_figure(root=True))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        save_png(figure, file)
    except OSError as error:
        raise RunError(
            f"folder is {str(file.parent)!r}, which cannot be written: {error}"
        ) from None
    return file
