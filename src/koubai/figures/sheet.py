"""Every named surface at a glance."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.axes import Axes

from koubai.errors import SettingError
from koubai.figures.contours import draw_map, draw_minima, heights_of
from koubai.figures.style import StyledFigure, in_style
from koubai.functions.surfaces import Surface, surfaces

_COLUMNS = 4
_DPI = 100  # so many maps would take much space


@in_style()
def surface_sheet(names: Sequence[str | Surface] = tuple(surfaces)) -> tuple[Axes, ...]:
    """Draws small maps of surfaces, all in `kb.surfaces` or those given, a star at each minimum.

    Returns the axes, one for each. Raises UnknownNameError for an unknown name, SettingError
    for none.
    """
    records = [surfaces.find(name) for name in names]
    if not records:
        raise SettingError(f"names is empty: give some of {', '.join(surfaces)}")
    columns = min(_COLUMNS, len(records))
    rows = math.ceil(len(records) / columns)
    figure = StyledFigure(figsize=(2.4 * columns, 2.35 * rows), dpi=_DPI)
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for ax in panels[len(records) :]:
        ax.set_axis_off()
    for record, ax in zip(records, panels[: len(records)], strict=True):
        draw_map(heights_of(record, [], None), ax, values=False)
        draw_minima(record, record.window, ax)
        ax.set_title(record.name, fontsize=9)
        ax.tick_params(labelsize=7)
    return tuple(panels[: len(records)])
