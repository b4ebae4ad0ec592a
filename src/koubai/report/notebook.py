"""The viewer in a notebook's cell."""

from __future__ import annotations

import io
from typing import Any

import msgspec

from koubai.figures.curves import learning_curves
from koubai.figures.save import figure_of
from koubai.figures.style import save_png
from koubai.report.build import scene_of
from koubai.report.modules import module_source
from koubai.training.run import Run

_RENDER = """
export default {
  render({ model, el }) {
    return mount(el, JSON.parse(model.get('scene')));
  },
};
"""


def mimebundle(subject: Any) -> Any:
    """What a notebook shows of a run, a path, a comparison or a landscape.

    The viewer, where anywidget is installed (pip install 'koubai[notebook]'); else its picture.
    """
    try:
        return widget(subject)._repr_mimebundle_()
    except ModuleNotFoundError as error:
        if error.name != "anywidget":
            raise
    return {"image/png": _picture(subject)}


def widget(subject: Any) -> Any:
    """An anywidget with the viewer of a subject. Raises ModuleNotFoundError without anywidget."""
    import anywidget
    import traitlets

    class Viewer(anywidget.AnyWidget):
        _esm = module_source("viewer") + _RENDER
        scene = traitlets.Unicode().tag(sync=True)

    return Viewer(scene=msgspec.json.encode(scene_of(subject)).decode())


def _picture(subject: Any) -> bytes:
    drawn = learning_curves(subject.history)[0] if isinstance(subject, Run) else subject.plot()
    file = io.BytesIO()
    save_png(figure_of(drawn), file)
    return file.getvalue()
