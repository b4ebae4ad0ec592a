"""What every picture has to be: not blank, not cut at its edges."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


def check_drawn(ax: Axes) -> None:
    """Draws the figure of these axes: there is ink, and none in the outermost pixels."""
    figure = ax.get_figure(root=True)
    assert isinstance(figure, Figure)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    pixels = np.array(canvas.buffer_rgba())[..., :3]
    assert (pixels.min(axis=2) < 128).mean() > 0.003
    edges = [pixels[:2], pixels[-2:], pixels[:, :2], pixels[:, -2:]]
    assert all((edge > 240).all() for edge in edges)
