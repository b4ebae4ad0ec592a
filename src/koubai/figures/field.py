"""The field of −∇f: where gradient descent would go from everywhere."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from koubai.figures import style
from koubai.figures.contours import draw_map, heights_of, map_size, name_axes
from koubai.figures.style import axes_or_new, in_style
from koubai.figures.subject import known_surface, letter
from koubai.figures.words import word
from koubai.functions.arguments import whole_number
from koubai.objectives.grid import Function, GradientGrid, Window, gradient_grid

# The steepest slope beside the middle one, from which on lengths are compressed.
_DECADES = 5


@in_style()
def gradient_field(
    f: Function,
    window: Window | None = None,
    size: int = 17,
    gradients: GradientGrid | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draws −∇f, the direction of steepest descent, as arrows in the middle of size × size cells.

    The lengths are to scale with ‖∇f‖; where it spans decades, with its cube root, which the
    picture says. Where the gradient is not finite there is no arrow.

    gradients: instead of computing them from f. Other arguments and errors as `contours`.
    """
    surface = known_surface(f)
    heights = heights_of(f, [], window)
    field = gradients or gradient_grid(f, _middles(heights.window, size), size)
    ax = axes_or_new(ax, *map_size(heights.window, 0))
    draw_map(heights, ax, values=False)  # arrows would lie over them
    scale = draw_field(field, ax)
    name_axes(surface or f, ax)
    ax.annotate(
        word(scale, f=letter(f)),
        (0.5, 0), xycoords="axes fraction", xytext=(0, -34), textcoords="offset points",
        ha="center", va="top", fontsize=style.SHEET["legend.fontsize"],
    )  # fmt: skip
    return ax


def _middles(window: Window, size: int) -> Window:
    """The window that goes through the middles of the outermost of size × size cells."""
    whole_number("size", size, 2)
    (left, right), (low, high) = (
        (a + (b - a) / size / 2, b - (b - a) / size / 2) for a, b in window
    )
    return (left, right), (low, high)


def draw_field(field: GradientGrid, ax: Axes) -> str:
    """Draws −∇f as arrows; returns the key of the words that say how long they are."""
    norms = np.linalg.norm(field.gradients, axis=2)
    finite = np.isfinite(norms) & (norms > 0)
    steep = norms[finite]
    decades = len(steep) > 0 and float(steep.max()) > _DECADES * float(np.median(steep))
    with np.errstate(invalid="ignore", divide="ignore"):
        scaled = (
            field.gradients
            / norms[..., None]
            * (np.cbrt if decades else np.array)(norms)[..., None]
        )
    arrows = -np.where(finite[..., None], scaled, np.nan)
    _draw_arrows(field, arrows, ax)
    return "field_cube_root" if decades else "field_to_scale"


def _draw_arrows(field: GradientGrid, arrows: np.ndarray, ax: Axes) -> None:
    """Arrows in directions as the axes show them, the longest as long as a cell is wide."""
    cell = np.array(
        [np.ptp(field.x0) / (len(field.x0) - 1), np.ptp(field.x1) / (len(field.x1) - 1)]
    )
    lengths = np.linalg.norm(arrows / cell, axis=2)
    if not np.isfinite(lengths).any():
        return
    arrows = arrows / float(np.nanmax(lengths))
    x0, x1 = np.meshgrid(field.x0, field.x1, indexing="ij")
    shown = np.isfinite(lengths)
    ax.quiver(
        x0[shown], x1[shown], arrows[shown, 0], arrows[shown, 1], angles="xy", scale_units="xy",
        scale=1.0, color=style.NAVY, width=0.0035, headwidth=4, headlength=4.5,
        minlength=0.3, pivot="mid", zorder=3, gid="arrows",
    )  # fmt: skip
