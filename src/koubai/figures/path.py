"""The pictures behind `path.plot()` and `comparison.plot()`: the one that suits a path."""

from __future__ import annotations

from matplotlib.axes import Axes

from koubai.descent.descend import Comparison
from koubai.descent.path import Path
from koubai.figures.contours import contours
from koubai.figures.curve import curve_and_path
from koubai.figures.subject import function_of
from koubai.figures.values import loss_against_step
from koubai.objectives.grid import Function, Window


def path_figure(
    path: Path, f: Function | None = None, window: Window | None = None, ax: Axes | None = None
) -> Axes:
    """Draws a path on the function that it descended; what `path.plot()` calls.

    In two variables on the contours, in one on the curve. In more there is no picture of f
    without choosing a plane, so the values are drawn against the step.

    f: instead of the function that the path knows. Raises SettingError where it knows none.
    """
    variables = path.points[0].size
    if variables == 1:
        interval = None if window is None else window[0]
        return curve_and_path(function_of(path, f), path, interval, ax)
    if variables == 2:
        return contours(function_of(path, f), path, window, ax)
    return loss_against_step(path, ax)


def comparison_figure(
    comparison: Comparison, window: Window | None = None, ax: Axes | None = None
) -> Axes:
    """Draws the paths of several optimisers on the same contours; see `contours`.

    In other than two variables their values against the step: see `loss_against_step`.
    """
    if comparison.objective.start.size == 2:
        return contours(comparison.objective, comparison, window, ax)
    return loss_against_step(comparison, ax)
