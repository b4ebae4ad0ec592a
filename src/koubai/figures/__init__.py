"""Figures: one picture a function, drawn from what it is handed.

They are matplotlib figures outside pyplot: `ax.figure.savefig("picture.png")`.
"""

from __future__ import annotations

from koubai.figures.confusion import confusion_matrix
from koubai.figures.curves import accuracy_curves, learning_curves, loss_curves
from koubai.figures.mistakes import mistakes
from koubai.figures.run import save_run_figures
from koubai.figures.style import in_style

__all__ = [  # noqa: RUF022 (grouped by what they are for)
    # how learning went
    "learning_curves",
    "loss_curves",
    "accuracy_curves",
    # how right a network is
    "confusion_matrix",
    "mistakes",
    # all of a run
    "save_run_figures",
    # the look
    "in_style",
]
