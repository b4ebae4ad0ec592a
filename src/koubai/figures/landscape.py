"""A landscape: the values on a plane or along a line, the path there, and what they rest on."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.transforms import Bbox
from mpl_toolkits.mplot3d import Axes3D

from koubai.descent.path import Path
from koubai.errors import SettingError
from koubai.figures import style
from koubai.figures.contours import (
    KEY_COLUMNS,
    draw_contours,
    draw_key,
    key_under,
    path_colour,
)
from koubai.figures.field import draw_field
from koubai.figures.heights import compression
from koubai.figures.style import axes_or_new, in_style, inches
from koubai.figures.surface import draw_surface
from koubai.figures.words import columns, number, word
from koubai.landscapes.result import Landscape, PathOnPlane
from koubai.objectives.grid import GradientGrid, Grid

# Kinds of planes whose origin is known by itself.
_ORIGINS = ("path", "points")
# Arrows along each axis, at most.
_ARROWS = 17
# The size of the facts below, in points, and from one line to the next.
_FACT, _LINE = 7.5, 1.5
# Inches round the picture; and those at the end of an axis for what its ticks are multiples of.
_AROUND, _POWER = 0.08, 0.8
_HALO = [withStroke(linewidth=2.5, foreground="white")]
# Directions are said to be skewed from this cosine on, or where their lengths differ so much.
_SKEWED = 0.01
# A path so near to its plane, beside the length of its parameters, is off it by rounding alone.
_ROUNDING = 1e-7
# By so much of itself a loss on the plane differs where a path is off it after all.
_APART = 1e-3


@in_style()
def landscape_figure(land: Landscape, three_d: bool = False, ax: Axes | None = None) -> Axes:
    """Draws a landscape: a map with the path on it, or with three_d a surface; a line's profile.

    The metric "gradient" is drawn as arrows down the slope, on the map of the loss. A profile has
    a band of its standard error. Where a value is not finite it is hatched.

    A + marks the origin where no path ends there; a, b and c the points that a plane was laid
    through. Below it stands how far the picture can be trusted: the share of the path's movement
    that lies in the plane, how far the path is off it, the loss at its start beside the plane's,
    which data, in which mode, the standard error, and how many values are not finite.

    Raises SettingError for the metric "gradient" in space or along a line.
    """
    if land.metric == "gradient" and (three_d or land.heights is None or len(land.axes) == 1):
        raise SettingError("metric is 'gradient', which is drawn on a map: take another metric")
    figure_of_its_own = ax is None
    ax = _profile(land, ax) if len(land.axes) == 1 else _map(land, three_d, ax)
    title = landscape_title(land)
    size, room = style.SHEET["axes.titlesize"], inches(ax)[0] + 0.8
    ax.set_title(title, fontsize=min(size, size * room / (0.62 * columns(title) * size / 72)))
    facts = landscape_facts(land)
    if land.metric == "gradient":
        facts.insert(0, word(draw_field(_field(land), ax), f="L"))
    if isinstance(ax, Axes3D) and land.metric == "loss" and land.paths:
        facts.insert(0, word("landscape_true_height"))
    _write_below(facts, ax)
    if figure_of_its_own:
        _fit(ax)
    return ax


# --- the picture --------------------------------------------------------------------------------


def _map(land: Landscape, three_d: bool, ax: Axes | None) -> Axes:
    values = land.surface
    paths = {name: _as_path(path) for name, path in land.paths.items()}
    alpha, beta = land.axes
    grid = Grid(alpha, beta, values)
    if three_d:
        # On a surface of anything else the path's losses would hang in the air.
        space = draw_surface(grid, paths if land.metric == "loss" else None, None, ax, symbol="L")
        height = _metric(land)
        if compression(values) is not None:
            height = word("landscape_compressed", metric=height)
        space.set_xlabel(axis_label(land, 0, short=True), labelpad=6)
        space.set_ylabel(axis_label(land, 1, short=True), labelpad=11)
        space.set_zlabel(height, labelpad=9)
        return space
    places = _places(land)
    drawn = draw_contours(
        grid, paths, None, ax, symbol="L",
        values=land.metric != "gradient",  # arrows would lie over them
        avoid=[np.array([place], np.float64) for place in places.values()],
    )  # fmt: skip
    if places:
        _mark(places, drawn)
        draw_key(list(paths.values()), drawn, symbol="L")
    names = _fitting(land, drawn)
    drawn.set_xlabel(names[0])
    drawn.set_ylabel(names[1], rotation=90, labelpad=6, va="bottom")
    return drawn


def _places(land: Landscape) -> dict[str, tuple[float, float]]:
    """What is marked, by the letter beside it: the origin, or a, b and c, where they are seen."""
    if land.paths and land.plane.kind == "path":
        return {}  # a path's end is there
    through = {"a": (0.0, 0.0), "b": (1.0, 0.0), "c": (0.0, 1.0)}
    places = through if land.plane.kind == "points" else {"": (0.0, 0.0)}
    return {
        name: place for name, place in places.items()
        if all(axis[0] <= x <= axis[-1] for axis, x in zip(land.axes, place, strict=True))
    }  # fmt: skip


def _mark(places: Mapping[str, tuple[float, float]], ax: Axes) -> None:
    """A + at each place, with its letter on the side where the map is."""
    for name, place in places.items():
        ax.plot(
            *place, "+", color=style.INK, markersize=8, markeredgewidth=1.1, zorder=4,
            path_effects=_HALO, gid="point" if name else "origin", clip_on=False,
        )  # fmt: skip
        right, upper = place[0] > sum(ax.get_xlim()) / 2, place[1] > sum(ax.get_ylim()) / 2
        ax.annotate(
            name, place, (-4 if right else 4, -4 if upper else 4), textcoords="offset points",
            ha="right" if right else "left", va="top" if upper else "bottom", zorder=4,
            path_effects=_HALO,
        )  # fmt: skip


def _fitting(land: Landscape, ax: Axes) -> list[str]:
    """The names of the axes of a map, in short where it has no room for more."""
    width, height = inches(ax)
    wide, high = (float(np.ptp(axis)) for axis in land.axes)
    if ax.get_aspect() != "auto":  # true to scale, it may take less than its room
        width, height = min(width, height * wide / high), min(height, width * high / wide)
    names = [axis_label(land, index) for index in (0, 1)]
    letter = 0.62 * style.SHEET["axes.labelsize"] / 72
    return [
        name if letter * columns(name) < room else axis_label(land, index, short=True)
        for index, (name, room) in enumerate(zip(names, (width - _POWER, height), strict=True))
    ]


def _as_path(path: PathOnPlane) -> Path:
    return Path(path.coordinates, path.values, path.iterations, stopped="steps")


def _field(land: Landscape) -> GradientGrid:
    """The direction up the slope in the plane, at some of the points.

    G⁻¹ · (∂f/∂α, ∂f/∂β), with the metric Gᵢⱼ = dᵢ · dⱼ of the plane.
    """
    some = [_inner(len(axis)) for axis in land.axes]
    gram = land.plane.directions @ land.plane.directions.T
    slopes = land.values[np.ix_(*some)]
    up = np.linalg.solve(gram, slopes[..., None])[..., 0]
    return GradientGrid(land.axes[0][some[0]], land.axes[1][some[1]], up)


def _inner(points: int) -> np.ndarray:
    """Which points of an axis have an arrow: none so near to its ends that it would be cut."""
    every = math.ceil(points / _ARROWS)
    room = math.ceil(every / 2)
    return np.arange(room, points - room, every) if points > 3 else np.arange(points)


def _profile(land: Landscape, ax: Axes | None) -> Axes:
    ax = axes_or_new(ax, 6.4, 4.2)
    alpha, values = land.axes[0], land.values
    if land.errors is not None:
        ax.fill_between(
            alpha, values - land.errors, values + land.errors, color=style.SKY, alpha=0.4,
            linewidth=0, label=word("landscape_band"), gid="errors",
        )  # fmt: skip
    ax.plot(alpha, values, color=style.NAVY, gid="values")
    for index, (name, path) in enumerate(land.paths.items()):
        if land.metric == "loss":
            ax.plot(
                path.coordinates[:, 0], path.values, "o", color=path_colour(index), markersize=3,
                gid="path", label=f"{name}{name and word('of')}{word('landscape_true')}",
            )  # fmt: skip
    _hatch(land, ax)
    if land.plane.kind == "points":
        _mark_ends(land, ax)
    ax.set_xlabel(axis_label(land, 0))
    ax.set_ylabel(_metric(land))
    key = ax.get_legend_handles_labels()[0]
    if key:
        key_under(key, ax, min(len(key), KEY_COLUMNS))
    return ax


def _mark_ends(land: Landscape, ax: Axes) -> None:
    """Shows where along a line a and b are."""
    for at, name in enumerate("ab"):
        if land.axes[0][0] <= at <= land.axes[0][-1]:
            ax.axvline(at, color=style.CLOUD, linewidth=1, linestyle=(0, (4, 3)), zorder=0.9)
            ax.annotate(
                name, (at, 1), (3, -2), xycoords=("data", "axes fraction"), va="top",
                textcoords="offset points", path_effects=_HALO,
            )  # fmt: skip


def _hatch(land: Landscape, ax: Axes) -> None:
    """Shows where along a line the values are not finite."""
    alpha, bad = land.axes[0], ~np.isfinite(land.values)
    half = (alpha[1] - alpha[0]) / 2
    label = word("not_finite")
    for at in alpha[bad]:
        ax.axvspan(
            at - half, at + half, facecolor="white", edgecolor=style.CLOUD, hatch="////",
            linewidth=0, zorder=0, label=label, gid="not finite",
        )  # fmt: skip
        label = "_"
    ax.set_xlim(alpha[0], alpha[-1])


# --- the words ----------------------------------------------------------------------------------


def _metric(land: Landscape) -> str:
    return word(f"landscape_{land.metric}")


def _place(land: Landscape) -> str:
    return word("landscape_line" if len(land.axes) == 1 else "landscape_plane")


def landscape_title(land: Landscape) -> str:
    """What is drawn over what, in the chosen language."""
    return word("landscape_title", metric=_metric(land), place=_place(land))


def axis_label(land: Landscape, index: int, short: bool = False) -> str:
    """What the plane says of an axis, in the chosen language; `short` where room is scarce."""
    plane, form = land.plane, "_short" if short else ""
    if plane.kind == "path":
        share = f"{plane.shares[index]:.1%}"
        return word(f"landscape_axis_path{form}", number=index + 1, share=share)
    if plane.kind == "points":
        return word("landscape_axis_points", end=plane.labels[index][-1])
    if plane.kind == "random":
        return word("landscape_axis_random", number=index + 1)
    if plane.kind == "curvature":
        return word("landscape_axis_curvature", value=plane.labels[index].partition(", ")[2])
    return plane.labels[index]


def _write_below(facts: Sequence[str], ax: Axes) -> None:
    """Writes the facts under the lowest thing below the axes: the key, or the axes' names."""
    under: Any = ax.get_legend() or (lambda renderer: _named(ax, renderer))
    ax.annotate(
        "\n".join(facts), (0, 0), xycoords=("axes fraction", under), xytext=(0, -8),
        textcoords="offset points", va="top", fontsize=_FACT, color=style.GREY, linespacing=_LINE,
        annotation_clip=False, gid="facts",
    ).set_in_layout(False)  # fmt: skip


def _named(ax: Axes, renderer: Any = None) -> Bbox:
    """Where the names of the axes and their ticks lie on a picture that is drawn."""
    if isinstance(ax, Axes3D):
        return Bbox.union([cast("Bbox", a.get_tightbbox(renderer)) for a in (ax.xaxis, ax.yaxis)])
    return ax.xaxis.label.get_window_extent(renderer)


def _fit(ax: Axes) -> None:
    """Makes a figure as large as what is on it, which is known only once all is drawn."""
    figure = cast("Figure", ax.get_figure(root=True))
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    key = ax.get_legend()
    if isinstance(ax, Axes3D) and key is not None:  # the names lie where the view puts them
        below = (ax.bbox.y0 - _named(ax).y0) * 72 / figure.dpi
        key.borderaxespad = below / style.SHEET["legend.fontsize"] + 1
    for text in ax.texts:
        text.set_in_layout(True)
    whole = figure.get_tightbbox().padded(_AROUND)
    place = ax.get_position(original=True).get_points() * figure.get_size_inches()
    figure.set_size_inches(whole.size)
    ax.set_position(Bbox((place - whole.min) / whole.size))
    ax.set_in_layout(True)


def landscape_facts(land: Landscape) -> list[str]:
    """How far a landscape can be trusted, a sentence for each thing, in the chosen language."""
    return [
        *_path_facts(land),
        _plane_fact(land),
        *_skew_facts(land),
        *_data_facts(land),
        *_value_facts(land),
    ]


def _plane_fact(land: Landscape) -> str:
    plane = land.plane
    origin = word(f"landscape_origin_{plane.kind if plane.kind in _ORIGINS else 'given'}")
    drawn = ""
    if plane.seed is not None:
        drawn = word("landscape_drawn", normalise=word(f"by_{plane.normalise}"), seed=plane.seed)
    return word("landscape_made", origin=origin, drawn=drawn, version=land.about.get("koubai", ""))


def _skew_facts(land: Landscape) -> list[str]:
    lengths = np.linalg.norm(land.plane.directions, axis=1)
    cosine = land.plane.cosine
    if abs(cosine) <= _SKEWED and np.ptp(lengths) <= _SKEWED * lengths.max():
        return []
    one, other = (number(float(length)) for length in lengths)
    return [word("landscape_skewed", one=one, other=other, cosine=number(round(cosine, 3), 2))]


def _path_facts(land: Landscape) -> list[str]:
    near = {name: _nearness(path, land) for name, path in land.paths.items()}
    heights = {name: _height(path, land) for name, path in land.paths.items()}
    if len({*heights.values()}) == 1:  # of runs that start at one point: once
        heights = {"": next(iter(heights.values()))}
    return [
        f"{name}{name and word('of')}{fact}"
        for facts in (near, heights)
        for name, fact in facts.items()
    ]


def _nearness(path: PathOnPlane, land: Landscape) -> str:
    lengths = np.linalg.norm(land.plane.at(path.coordinates), axis=1)
    distance = float(path.distances.max())
    share, place = f"{path.share:.1%}", _place(land)
    if distance <= _ROUNDING * lengths.max():
        if not np.allclose(path.values, path.beneath, rtol=_APART, equal_nan=True):
            return word("landscape_path_blurred", share=share, place=place)
        distance = 0.0
    distance = number(distance)
    return word("landscape_path", share=share, distance=distance, place=place)


def _height(path: PathOnPlane, land: Landscape) -> str:
    true, beneath = (number(float(values[0])) for values in (path.values, path.beneath))
    return word("landscape_height", true=true, beneath=beneath, place=_place(land))


def _data_facts(land: Landscape) -> list[str]:
    about, facts = land.about, list[str]()
    if "digest" in about:
        name, _, split = about.get("data", "").rpartition(", ")
        known = {
            "name": word("landscape_split", name=name, split=word(split)) if name else "",
            "examples": f"{about['examples']:,}",
            "digest": str(about["digest"])[:12],
            "of": f"{about.get('of', 0):,}",
            "seed": about.get("seed", 0),
        }
        facts.append(word("landscape_data_sample" if "of" in about else "landscape_data", **known))
    if "mode" in about:
        facts.append(word("landscape_mode", mode=about["mode"]))
    if about.get("batch_norm"):
        how = about["batch_norm"]
        facts.append(word(f"batch_norm_{how}", size=f"{about.get('batch_size', 0):,}"))
    return facts


def _value_facts(land: Landscape) -> list[str]:
    facts = list[str]()
    if land.about.get("looks", 1) > 1:
        facts.append(word("landscape_looks", looks=land.about["looks"]))
    if land.errors is not None and np.isfinite(land.errors).any():
        middle, most = np.nanmedian(land.errors), np.nanmax(land.errors)
        middle, most = number(float(middle), 2), number(float(most), 2)
        facts.append(word("landscape_error", middle=middle, most=most))
    bad = int(np.sum(~np.isfinite(land.values)))
    if bad:
        facts.append(word("landscape_not_finite", count=f"{bad:,}", of=f"{land.values.size:,}"))
    return facts
