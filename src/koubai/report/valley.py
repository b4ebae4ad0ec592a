"""A landscape as the viewer takes it."""

from __future__ import annotations

from koubai.figures.landscape import axis_label, landscape_facts, landscape_title
from koubai.landscapes.result import Landscape, PathOnPlane
from koubai.report.pack import exact, single
from koubai.report.scene import Axis, Text, Trail, Valley
from koubai.report.text import both


def valley_of(land: Landscape) -> Valley:
    """The surface or the profile, the paths beside it, and what they rest on."""
    directions = land.plane.directions
    return Valley(
        title=_title(land),
        axes=tuple(
            Axis(
                both(lambda i=i: axis_label(land, i)),
                both(lambda i=i: axis_label(land, i, short=True)),
                exact(values),
            )
            for i, values in enumerate(land.axes)
        ),
        metric=_metric(land),
        values=exact(land.surface),
        errors=None if land.errors is None else single(land.errors),
        slopes=single(land.slopes()),
        gram=exact(directions @ directions.T),
        trails=tuple(_trail(name, path) for name, path in land.paths.items()),
        about=() if _is_the_function(land) else _about(land),
    )


def _title(land: Landscape) -> Text:
    if not _is_the_function(land):
        return both(lambda: landscape_title(land))
    names = land.plane.labels
    return Text(f"f over {' and '.join(names)}", f"{'、'.join(names)} の関数 f")


def _is_the_function(land: Landscape) -> bool:
    """Whether a plain function is drawn over its own variables: there is nothing to be trusted."""
    return _metric(land) == "value" and land.plane.directions.shape[1] == land.plane.dimensions


def _about(land: Landscape) -> tuple[Text, ...]:
    count = len(landscape_facts(land))
    return tuple(both(lambda i=i: landscape_facts(land)[i]) for i in range(count))


def _metric(land: Landscape) -> str:
    if land.metric not in ("loss", "gradient"):
        return land.metric
    return "loss" if "digest" in land.about else "value"  # a plain function has no data


def _trail(name: str, path: PathOnPlane) -> Trail:
    return Trail(
        name=name,
        coordinates=exact(path.coordinates),
        iterations=exact(path.iterations),
        values=exact(path.values),
        beneath=exact(path.beneath),
        distances=exact(path.distances),
        share=path.share,
    )
