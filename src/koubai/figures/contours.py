"""A function of two variables from above, and the paths that descend it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool, Float
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.path import Path as MplPath
from matplotlib.patheffects import withStroke

from koubai.descent.path import Path
from koubai.descent.window import check_variables, window_of
from koubai.figures import style
from koubai.figures.clipping import clipped
from koubai.figures.heights import levels
from koubai.figures.labels import Label, label_right
from koubai.figures.level_labels import label_levels
from koubai.figures.style import axes_or_new, in_style, inches
from koubai.figures.subject import Paths, known_surface, letter, paths_on, title, variables
from koubai.figures.words import columns, number, word
from koubai.objectives.grid import Function, Grid, Window, expect_function, grid

_Track = Float[np.ndarray, "_ 2"]

# Colours and strokes by which seven paths are told apart, in greyscale print too.
PATH_COLOURS = (
    style.VERMILION,
    style.NAVY,
    style.GREEN,
    style.AZURE,
    style.PURPLE,
    style.OCHRE,
    style.INK,
)
PATH_STROKES: tuple[Any, ...] = (
    "-",
    (0, (4, 1.3)),
    (0, (1, 1)),
    (0, (6, 1.2, 1, 1.2)),
    (0, (8, 1, 1, 1, 1, 1)),
    (0, (2.2, 0.9)),
    (0, (9, 2.5)),
)
# Of several paths each is thinner than the one that it may cover.
_WIDEST, _THINNEST = 3.4, 1.3

# Windows at most so much longer than high, or higher than long, are drawn true to scale.
_TRUE_TO_SCALE = 2.6
_LETTER = 0.08  # inches, about, in the size of labels
# A key with the names of paths has so many columns at most.
KEY_COLUMNS = 3
# With more points than this their dots would run together.
MOST_DOTS = 60


@in_style()
def contours(
    f: Function | Grid,
    paths: Paths | None = None,
    window: Window | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draws a function of two variables from above, the darker the higher, with paths on it.

    A × marks the start, a dot the end of each path, a star the minima where they are known. The
    levels are evenly spaced, or where the values span decades in steps of 1, 2, 5, 10, 20 …
    Where f is not finite the map is hatched. A path that leaves the window is cut there, which
    its label says.

    f: a function, a surface, an objective, or a Grid. paths: one Path, several, a Comparison, or
    a mapping from names. window: ((lowest x0, highest x0), (lowest x1, highest x1)); without it
    one round the paths, see `window_of`.

    Raises ShapeError for paths in other than two variables, otherwise as `grid`.
    """
    return draw_contours(f, paths, window, ax)


def draw_contours(
    f: Function | Grid,
    paths: Paths | None,
    window: Window | None,
    ax: Axes | None,
    symbol: str | None = None,
    values: bool = True,
    avoid: Sequence[_Track] = (),
) -> Axes:
    """As `contours`; symbol: of the heights, else f's own; values: whether lines have theirs, and
    avoid: where they have none.
    """
    named = paths_on(f, paths)
    for path in named.values():
        check_variables(path, 2)
    heights = heights_of(f, list(named.values()), window)
    texts = {
        name: path_text(name, path, heights.window, len(named), symbol)
        for name, path in named.items()
    }
    longest = max(
        (columns(line) for text in texts.values() for line in text.split("\n")), default=0
    )
    ax = axes_or_new(ax, *map_size(heights.window, longest))
    tracks = [clipped(as_track(path), heights.window) for path in named.values()]
    draw_map(heights, ax, values, [*tracks, *avoid])
    draw_minima(f, heights.window, ax)
    labels = [
        Label(
            texts[name],
            draw_path(path, index, heights.window, ax, len(named)),
            path_colour(index),
        )
        for index, (name, path) in enumerate(named.items())
    ]
    draw_starts(list(named.values()), ax)
    name_axes(f, ax)
    label_right(ax, labels)
    draw_key(list(named.values()), ax, symbol=symbol)
    return ax


def heights_of(f: Function | Grid, paths: Sequence[Path], window: Window | None) -> Grid:
    """The heights that a map shows: those given, or those of f over a window round the paths."""
    if isinstance(f, Grid):
        return f
    expect_function(f)
    surface = known_surface(f)
    return grid(f, window or window_of(paths, surface), size=201 if surface is None else 401)


def map_size(window: Window, longest_label: int) -> tuple[float, float]:
    """The width and height, in inches, of a figure for a map of that window, labels beside it."""
    (left, right), (bottom, top) = window
    shape = (top - bottom) / (right - left)
    if not 1 / _TRUE_TO_SCALE <= shape <= _TRUE_TO_SCALE:
        shape = 0.8
    width = min(4.9, 5.2 / shape)
    beside = 0.1 + _LETTER * longest_label if longest_label else 0.2
    return max(width, 3.4) + 0.7 + beside, max(width * shape, 2.2) + 1.1


def draw_map(heights: Grid, ax: Axes, values: bool = True, avoid: Sequence[_Track] = ()) -> None:
    """The filled contours with their lines, some of them with their value where no path is."""
    (left, right), (bottom, top) = heights.window
    z = np.ma.masked_invalid(heights.values.T)
    if z.mask.any():
        frame: dict[str, Any] = {
            "facecolor": "white",
            "edgecolor": style.PALE,
            "hatch": "////",
            "linewidth": 0,
        }
        ax.add_patch(
            Rectangle(
                (left, bottom), right - left, top - bottom, zorder=0, gid="not finite", **frame
            )
        )
    ax.set_xlim(left, right)
    ax.set_ylim(bottom, top)
    if 1 / _TRUE_TO_SCALE <= (top - bottom) / (right - left) <= _TRUE_TO_SCALE:
        ax.set_aspect("equal", adjustable="box", anchor="NW")
    lines = levels(heights.values)
    if len(lines):
        drawn = _draw_levels(heights, z, lines, ax)
        if values:
            label_levels(drawn, avoid, heights.window, ax)
    elif not z.mask.all():
        ax.pcolormesh(heights.x0, heights.x1, z, cmap=style.HEIGHT, zorder=0.5)
        text = word("flat", value=number(float(z.compressed()[0])))
        ax.text(0.5, 0.5, text, transform=ax.transAxes, ha="center", va="center", zorder=1)
    ax.grid(visible=False)


def _draw_levels(heights: Grid, z: Any, lines: Any, ax: Axes) -> Any:
    shades = style.HEIGHT(np.linspace(0, 1, len(lines) + 1))
    low, high = float(z.min()), float(z.max())
    edges = [low - (lines[0] - low), *lines, high + (high - lines[-1])]
    # Pixels in an SVG or PDF too, which would be huge; the lines stay sharp at any size.
    ax.contourf(heights.x0, heights.x1, z, edges, colors=shades, zorder=0.5, rasterized=True)
    drawn = ax.contour(
        heights.x0, heights.x1, z, lines, colors=style.SLATE, linewidths=0.5, zorder=0.6
    )
    drawn.set_paths([_open(line) for line in drawn.get_paths()])
    return drawn


def _open(line: MplPath) -> MplPath:
    """A line that ends where it began without being closed: matplotlib simplifies no other."""
    codes: Any = line.codes
    return MplPath(line.vertices, np.where(codes == MplPath.CLOSEPOLY, MplPath.LINETO, codes))


def draw_path(path: Path, index: int, window: Window, ax: Axes, paths: int = 1) -> float:
    """The line of one path, cut at the edge of the window, dots on it, and a larger at its end.

    paths: how many there are; dots are on a single one, and those drawn later are thinner. Returns
    the height at which it was inside last.
    """
    track, colour = as_track(path), path_colour(index)
    look: dict[str, Any] = {"color": colour, "linestyle": PATH_STROKES[index % len(PATH_STROKES)]}
    if paths == 1 and len(track) <= MOST_DOTS:
        look |= {"linestyle": "-", "marker": "o", "markersize": 3.4, "markeredgewidth": 0}
    width = path_width(index, paths)
    line = clipped(track, window).T
    ax.plot(*line, color="white", linewidth=width + 1.4, alpha=0.75, zorder=3 + 0.1 * index)
    ax.plot(*line, linewidth=width, zorder=3.05 + 0.1 * index, gid=f"path {index}", **look)
    inside = is_inside(track, window)
    if path.first_bad_step is None and inside[-1]:
        near = _is_near(track[0], track[-1], window)
        ax.plot(
            *track[-1], "o", color=colour, markersize=4.5 if near else 7, markeredgecolor="white",
            markeredgewidth=1, zorder=6.5 if near else 5, gid=f"end {index}",
        )  # fmt: skip
    return float(track[inside][-1, 1]) if inside.any() else math.nan


def _is_near(one: Float[np.ndarray, "2"], other: Float[np.ndarray, "2"], window: Window) -> bool:
    """Whether marks at two points lie over each other: less than a fortieth of the window apart."""
    low, high = np.array(window).T
    return bool(np.hypot(*((one - other) / (high - low))) < 0.025)


def draw_starts(paths: Sequence[Path], ax: Axes) -> None:
    """A × at the start of each path."""
    for start in {tuple(as_track(path)[0]) for path in paths}:
        mark_start(start, ax)


def mark_start(point: Sequence[float], ax: Axes) -> None:
    """A × where a path starts."""
    ax.plot(
        *point, "x", color=style.INK, markersize=9, markeredgewidth=2.2, zorder=6, gid="start",
        path_effects=[withStroke(linewidth=4.2, foreground="white")],
    )  # fmt: skip


def draw_minima(f: Any, window: Window, ax: Axes) -> None:
    """A star at every minimum that is known."""
    surface = known_surface(f)
    minima = np.array(surface.minima if surface else ()).reshape(-1, 2)
    for minimum in minima[is_inside(minima, window)]:
        ax.plot(*minimum, "*", zorder=4, gid="minimum", **_STAR)


def draw_key(
    paths: Sequence[Path], ax: Axes, texts: Sequence[str] = (), symbol: str | None = None
) -> None:
    """What the marks stand for, below the map; texts: what the lines of the paths do."""
    signs = {artist.get_gid() for artist in (*ax.lines, *ax.patches)}
    key: list[Line2D | Patch] = [
        Line2D([], [], color=path_colour(index), linewidth=2, label=text)
        for index, text in enumerate(texts)
        if text  # a single path needs no name
    ]
    if "start" in signs:
        key.append(_sign("x", word("start"), color=style.INK, markersize=7, markeredgewidth=2))
    if any(sign and sign.startswith("end") for sign in signs):
        colour = path_colour(0) if len(paths) == 1 else style.GREY
        key.append(_sign("o", _end_text(paths, symbol), color=colour, markersize=6))
    if "origin" in signs:
        key.append(_sign("+", word("origin"), color=style.INK, markersize=8))
    if "minimum" in signs:
        key.append(_sign("*", word("minimum"), **_STAR | {"markersize": 10}))
    if "not finite" in signs:
        key.append(
            Patch(facecolor="white", edgecolor=style.CLOUD, hatch="////", label=word("not_finite"))
        )
    if key:
        key_under(key, ax, min(len(key), KEY_COLUMNS) if texts else len(key))


def key_under(handles: Sequence[Any], ax: Axes, ncols: int) -> None:
    """A key under the name of the axis."""
    key = ax.legend(
        handles=handles, loc="upper center", bbox_to_anchor=(0.5, 0), borderaxespad=4.2,
        ncols=ncols, handlelength=1.2, handletextpad=0.5, columnspacing=1.6,
    )  # fmt: skip
    for text in key.get_texts():
        text.set_linespacing(1.35)  # Japanese letters are higher


def name_axes(f: Any, ax: Axes) -> None:
    """The names of the variables, and the formula above."""
    names = variables(f)
    ax.set_xlabel(names[0])
    ax.set_ylabel(names[1], rotation=0, labelpad=10, va="center")
    set_title(title(f), ax)


def set_title(text: str, ax: Axes) -> None:
    """A formula above the panel, small enough to fit; of one too long to be read the beginning."""
    room = inches(ax)[0] + 1.0
    size = style.SHEET["axes.titlesize"]
    wide = 0.6 * len(_visible(text)) * size / 72
    fitting = size * room / max(wide, 0.1)
    ax.set_title(text if fitting > 5 else "$f$", fontsize=max(7.0, min(size, fitting)))


def path_text(name: str, path: Path, window: Window, paths: int, symbol: str | None = None) -> str:
    """What stands beside a path: its name, how it ended unless it is alone, or how it failed."""
    inside = is_inside(path.points.reshape(len(path), 2).astype(np.float64), window)
    left = int(path.iterations[np.argmin(inside)])
    bad = path.first_bad_step
    if bad is not None:
        falls = path.values[bad] < path.values[bad - 1]
        text = word("path_falls" if falls else "path_diverged", name=name, step=bad)
        return text if inside.all() else word("path_leaves", name=text, step=left)
    if not inside.all():
        return word("path_leaves", name=name, step=left)
    if paths == 1:
        return name  # its value stands in the key
    return word(
        "path_ends",
        name=name,
        f=symbol or letter(path.objective),
        value=number(float(path.values[-1])),
        steps=int(path.iterations[-1]),
    )


def as_track(path: Path) -> _Track:
    """The points of a path in two variables that are finite."""
    points = path.points.reshape(len(path), 2).astype(np.float64)
    # Beyond this matplotlib's transforms overflow; such a point is far outside of any window.
    return points[(np.abs(points) < 1e100).all(axis=1)]


def is_inside(track: _Track, window: Window) -> Bool[np.ndarray, " points"]:
    """Which points lie in the window."""
    low, high = np.array(window).T
    return ((track >= low) & (track <= high)).all(axis=1)


def path_width(index: int, paths: int) -> float:
    """The width of the line of the path of that number, of so many."""
    if paths == 1:
        return 2.0
    return _WIDEST - (_WIDEST - _THINNEST) * index / (paths - 1)


def path_colour(index: int) -> str:
    """The colour of the path of that number."""
    return PATH_COLOURS[index % len(PATH_COLOURS)]


# Large enough to be seen round the dot at the end of a path.
_STAR: dict[str, Any] = {
    "color": style.INK,
    "markerfacecolor": "white",
    "markersize": 15,
    "markeredgewidth": 1,
}


def _sign(marker: str, label: str, **look: Any) -> Line2D:
    return Line2D([], [], linestyle="", marker=marker, label=label, **look)


def _end_text(paths: Sequence[Path], symbol: str | None) -> str:
    if len(paths) > 1:
        return word("end")
    path = paths[0]
    value, steps = number(float(path.values[-1])), int(path.iterations[-1])
    return word("end_after", f=symbol or letter(path.objective), steps=steps, value=value)


def _visible(text: str) -> str:
    r"""About what is seen of a formula: without \left, braces and the like; of \cos cos."""
    return re.sub(r"\\(left|right|frac|cdot)|[\\{}$_^]", "", text)
