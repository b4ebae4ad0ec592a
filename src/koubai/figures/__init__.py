"""Figures: one picture a function, drawn from what it is handed.

They are matplotlib figures outside pyplot: `ax.figure.savefig("picture.png")`.
"""

from __future__ import annotations

from koubai.figures.angle import step_and_contour
from koubai.figures.animation import animate
from koubai.figures.confusion import confusion_matrix
from koubai.figures.contours import contours
from koubai.figures.curve import curve_and_path
from koubai.figures.curves import accuracy_curves, learning_curves, loss_curves
from koubai.figures.directions import circle_of_directions
from koubai.figures.field import gradient_field
from koubai.figures.languages import language
from koubai.figures.mistakes import mistakes
from koubai.figures.path import comparison_figure, path_figure
from koubai.figures.run import save_run_figures
from koubai.figures.save import save
from koubai.figures.style import in_style
from koubai.figures.surface import surface
from koubai.figures.tangent import tangent_line
from koubai.figures.values import loss_against_step

__all__ = [  # noqa: RUF022 (grouped by what they are for)
    # a function, and the descent of it
    "contours",
    "surface",
    "curve_and_path",
    "path_figure",
    "comparison_figure",
    "loss_against_step",
    "animate",
    # the gradient
    "gradient_field",
    "circle_of_directions",
    "step_and_contour",
    "tangent_line",
    # how learning went
    "learning_curves",
    "loss_curves",
    "accuracy_curves",
    # how right a network is
    "confusion_matrix",
    "mistakes",
    # all of a run
    "save_run_figures",
    # to a file
    "save",
    # the look
    "in_style",
    "language",
]
