"""A landscape: the values on a plane or along a line, the path there, and what they rest on."""

from __future__ import annotations

import math
from typing import Any, cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from mpl_toolkits.mplot3d import Axes3D

from koubai.descent.path import Path
from koubai.errors import SettingError
from koubai.figures import style
from koubai.figures.contours import contours, path_colour
from koubai.figures.field import draw_field
from koubai.figures.style import axes_or_new, in_style, inches
from koubai.figures.surface import surface
from koubai.figures.words import columns, number, word
from koubai.landscapes.result import Landscape, PathOnPlane
from koubai.objectives.grid import GradientGrid, Grid

# Kinds of planes whose origin is known by itself.
_ORIGINS = ("path", "points")
# Arrows along each axis, at most.
_ARROWS = 17
# The size of the facts below, in points, and from one line to the next.
_FACT, _LINE = 7.5, 1.5


@in_style()
def landscape_figure(land: Landscape, three_d: bool = False, ax: Axes | None = None) -> Axes:
    """Draws a landscape: a map with the path on it, or with three_d a surface; a line's profile.

    The metric "gradient" is drawn as arrows down the slope, on the map of the loss. A profile has
    a band of its standard error. Where a value is not finite it is hatched.

    Below it stands how far the picture can be trusted: the share of the path's movement that lies
    in the plane, how far the path is off it, the loss at its start beside the plane's, which data,
    the standard error, and how many values are not finite.

    Raises SettingError for the metric "gradient" in space or along a line.
    """
    if land.metric == "gradient" and (three_d or land.heights is None or len(land.axes) == 1):
        raise SettingError("metric is 'gradient', which is drawn on a map: take another metric")
    figure_of_its_own = ax is None
    ax = _profile(land, ax) if len(land.axes) == 1 else _map(land, three_d, ax)
    title = landscape_title(land)
    size, room = style.SHEET["axes.titlesize"], inches(ax)[0] + 0.8
    ax.set_title(title, fontsize=min(size, size * room / (0.62 * columns(title) * size / 72)))
    arrows = word(draw_field(_field(land), ax), f="f") if land.metric == "gradient" else ""
    facts = [arrows] * bool(arrows) + landscape_facts(land)
    if figure_of_its_own:
        figure = cast("Figure", ax.get_figure(root=True))
        lines = len(facts) + 1  # and one of air
        figure.set_figheight(figure.get_figheight() + lines * _FACT * _LINE / 72)
    _write_below(facts, land, ax)
    return ax


# --- the picture --------------------------------------------------------------------------------


def _map(land: Landscape, three_d: bool, ax: Axes | None) -> Axes:
    values = land.surface
    paths = {name: _as_path(path) for name, path in land.paths.items()}
    alpha, beta = land.axes
    grid = Grid(alpha, beta, values)
    if three_d:
        # On a surface of anything else the path's losses would hang in the air.
        space = surface(grid, paths if land.metric == "loss" else None, ax=ax)
        space.set_xlabel(axis_label(land, 0, short=True), labelpad=6)
        space.set_ylabel(axis_label(land, 1, short=True), labelpad=11)
        space.set_zlabel(_metric(land), labelpad=9)
        return space
    drawn = contours(grid, paths, ax=ax)
    drawn.set_xlabel(axis_label(land, 0))
    drawn.set_ylabel(_upright(land, drawn), rotation=90, labelpad=6, va="bottom")
    return drawn


def _upright(land: Landscape, ax: Axes) -> str:
    """What stands along β: in short where the map is too low for more."""
    width, height = inches(ax)
    (left, right), (low, high) = ((float(a[0]), float(a[-1])) for a in land.axes)
    if ax.get_aspect() != "auto":  # true to scale, it may take less than its room
        height = min(height, width * (high - low) / (right - left))
    text = axis_label(land, 1)
    long = 0.62 * columns(text) * style.SHEET["axes.labelsize"] / 72
    return text if long < height else axis_label(land, 1, short=True)


def _as_path(path: PathOnPlane) -> Path:
    return Path(path.coordinates, path.values, path.iterations, stopped="steps")


def _field(land: Landscape) -> GradientGrid:
    """The direction up the slope in the plane, at some of the points.

    G⁻¹ · (∂f/∂α, ∂f/∂β), with the metric Gᵢⱼ = dᵢ · dⱼ of the plane.
    """
    some = [np.arange(len(a))[:: math.ceil(len(a) / _ARROWS)] for a in land.axes]
    gram = land.plane.directions @ land.plane.directions.T
    slopes = land.values[np.ix_(*some)]
    up = np.linalg.solve(gram, slopes[..., None])[..., 0]
    return GradientGrid(land.axes[0][some[0]], land.axes[1][some[1]], up)


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
    ax.set_xlabel(axis_label(land, 0))
    ax.set_ylabel(_metric(land))
    if ax.get_legend_handles_labels()[0]:
        ax.legend(loc="best")
    return ax


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


def _write_below(facts: list[str], land: Landscape, ax: Axes) -> None:
    """Writes the facts under the lowest thing below the axes: the key, or the axis' name."""
    key = None if len(land.axes) == 1 else ax.get_legend()
    under: Any = key or ("axes fraction" if isinstance(ax, Axes3D) else ax.xaxis.label)
    ax.annotate(
        "\n".join(facts), (0, 0), xycoords=("axes fraction", under), xytext=(0, -8),
        textcoords="offset points", va="top", fontsize=_FACT, color=style.GREY, linespacing=_LINE,
        annotation_clip=False, gid="facts",
    )  # fmt: skip


def landscape_facts(land: Landscape) -> list[str]:
    """How far a landscape can be trusted, a sentence for each thing, in the chosen language."""
    return [*_path_facts(land), _plane_fact(land), *_data_facts(land), *_value_facts(land)]


def _plane_fact(land: Landscape) -> str:
    plane = land.plane
    origin = word(f"landscape_origin_{plane.kind if plane.kind in _ORIGINS else 'given'}")
    drawn = ""
    if plane.seed is not None:
        drawn = word("landscape_drawn", normalise=word(f"by_{plane.normalise}"), seed=plane.seed)
    return word("landscape_made", origin=origin, drawn=drawn, version=land.about.get("koubai", ""))


def _path_facts(land: Landscape) -> list[str]:
    return [
        f"{name}{name and word('of')}{fact}"
        for name, path in land.paths.items()
        for fact in _facts_of(path, _place(land))
    ]


def _facts_of(path: PathOnPlane, place: str) -> list[str]:
    distance, true, beneath = (
        number(float(value)) for value in (path.distances.max(), path.values[0], path.beneath[0])
    )
    return [
        word("landscape_path", share=f"{path.share:.1%}", distance=distance, place=place),
        word("landscape_height", true=true, beneath=beneath, place=place),
    ]


def _data_facts(land: Landscape) -> list[str]:
    about, facts = land.about, list[str]()
    if "digest" in about:
        known = {
            "examples": f"{about['examples']:,}",
            "digest": str(about["digest"])[:12],
            "of": f"{about.get('of', 0):,}",
            "seed": about.get("seed", 0),
        }
        facts.append(word("landscape_data_sample" if "of" in about else "landscape_data", **known))
    if "mode" in about:
        facts.append(word("landscape_mode", mode=about["mode"]))
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
