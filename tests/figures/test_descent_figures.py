from __future__ import annotations

import time
from collections.abc import Callable
from functools import cached_property
from typing import Any

import jax.numpy as jnp
import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from mpl_toolkits.mplot3d import Axes3D

import koubai as kb
from koubai import figures
from koubai.descent.descend import Comparison, compare, descend
from koubai.descent.directions import directions
from koubai.descent.path import Path
from koubai.errors import FunctionError, SettingError, ShapeError
from koubai.figures.clipping import clipped
from koubai.figures.heights import compression, levels, spans_decades
from koubai.functions.surfaces import surfaces
from koubai.objectives.grid import curve, grid


def bowl(x: Any) -> Any:
    return x[0] ** 2 + x[1] ** 2


class Paths:
    """What is drawn: each descended when a test first asks for it."""

    @cached_property
    def himmelblau(self) -> Path:
        return descend(surfaces["himmelblau"], [-0.5, -1.0], 0.01, 40)

    @cached_property
    def bowl(self) -> Path:
        return descend(bowl, [3.0, 4.0], 0.1, 20)

    @cached_property
    def diverged(self) -> Path:
        return descend(bowl, [3.0, 4.0], 10.0, 100)

    @cached_property
    def one(self) -> Path:
        return descend(lambda x: x**4 - 2 * x**2 + 0.3 * x, 1.9, 0.03, 30)

    @cached_property
    def five(self) -> Path:
        return descend(lambda x: (x**2).sum(), np.arange(5.0), 0.1, 10)

    @cached_property
    def pair(self) -> Comparison:
        return compare(surfaces["ellipse"], ["sgd", "adam"], [-7.0, 2.0], steps=30)


@pytest.fixture(scope="module")
def paths() -> Paths:
    return Paths()


DRAWINGS: dict[str, Callable[[Paths], Axes]] = {
    "contours": lambda paths: figures.contours(surfaces["himmelblau"], paths.himmelblau),
    "surface": lambda paths: figures.surface(surfaces["himmelblau"], paths.himmelblau),
    "field": lambda _: figures.gradient_field(surfaces["rosenbrock"]),
    "values": lambda paths: figures.loss_against_step([paths.himmelblau, paths.diverged]),
    "directions": lambda _: figures.circle_of_directions(bowl, [3, 4], 0.5),
    "angle": lambda paths: figures.step_and_contour(bowl, paths.bowl),
    "tangent": lambda _: figures.tangent_line(lambda x: 0.01 * x**2 + 0.1 * x, [5, 10]),
    "one variable": lambda paths: paths.one.plot(),
    "five variables": lambda paths: paths.five.plot(),
    "comparison": lambda paths: paths.pair.plot(),
    "diverged": lambda paths: paths.diverged.plot(),
}


def drawn(ax: Axes) -> np.ndarray:
    figure = ax.get_figure(root=True)
    assert isinstance(figure, Figure)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.array(canvas.buffer_rgba())


def line(ax: Axes, gid: str) -> np.ndarray:
    """The data of the line of that name."""
    found = [line for line in ax.lines if line.get_gid() == gid]
    assert len(found) == 1, f"{len(found)} lines {gid!r}"
    return np.array(found[0].get_data()).T


def gids(ax: Axes) -> set[str]:
    return {str(artist.get_gid()) for artist in ax.get_children()}


def texts(ax: Axes) -> str:
    legend = ax.get_legend()
    inside = [text.get_text() for text in legend.get_texts()] if legend else []
    return "\n".join([ax.get_title(loc="left"), *(t.get_text() for t in ax.texts), *inside])


# --- every picture


@pytest.mark.parametrize("name", list(DRAWINGS))
def test_a_picture_is_not_blank_and_nothing_is_cut(name: str, paths: Paths) -> None:
    before = dict(mpl.rcParams)
    ax = DRAWINGS[name](paths)
    pixels = drawn(ax)[..., :3]
    assert (pixels.min(axis=2) < 128).mean() > 0.003
    edges = [pixels[:2], pixels[-2:], pixels[:, :2], pixels[:, -2:]]
    assert all((edge > 240).all() for edge in edges)
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("name", list(DRAWINGS))
def test_every_picture_in_japanese(name: str, japanese: None, paths: Paths) -> None:
    with figures.language("ja"):
        ax = DRAWINGS[name](paths)
    pixels = drawn(ax)[..., :3]  # a glyph that is missing would be a warning, hence an error
    assert (pixels.min(axis=2) < 128).mean() > 0.003


@pytest.mark.parametrize("name", ["contours", "directions", "values"])
def test_axes_of_the_users_own_are_drawn_on(name: str, paths: Paths) -> None:
    figure = Figure()
    ax = figure.add_subplot()
    draw = {
        "contours": lambda: figures.contours(bowl, paths.bowl, ax=ax),
        "directions": lambda: figures.circle_of_directions(bowl, [3, 4], ax=ax),
        "values": lambda: figures.loss_against_step(paths.bowl, ax=ax),
    }
    assert draw[name]() is ax


# --- contours


def test_contours_show_the_path_as_it_is(paths: Paths) -> None:
    ax = figures.contours(surfaces["himmelblau"], paths.himmelblau)
    np.testing.assert_array_equal(line(ax, "path 0"), paths.himmelblau.points)
    np.testing.assert_array_equal(line(ax, "start")[0], paths.himmelblau.points[0])
    np.testing.assert_array_equal(line(ax, "end 0")[0], paths.himmelblau.points[-1])
    stars = [line.get_data() for line in ax.lines if line.get_gid() == "minimum"]
    np.testing.assert_allclose(np.array(stars)[..., 0], surfaces["himmelblau"].minima)
    assert (ax.get_xlim(), ax.get_ylim()) == surfaces["himmelblau"].window
    assert "after 40 steps" in texts(ax)


def test_a_grid_is_drawn_where_it_lies() -> None:
    window = ((-3.0, -1.0), (10.0, 14.0))
    heights = grid(lambda x: x[0] + 10 * x[1], window, 5)
    ax = figures.contours(heights)
    assert (ax.get_xlim(), ax.get_ylim()) == window
    vertices = np.concatenate(
        [p.vertices for c in ax.collections for p in c.get_paths() if len(p.vertices)]
    )
    assert vertices[:, 0].min() >= -3
    assert vertices[:, 1].max() <= 14


def test_contour_lines_lie_at_their_level() -> None:
    ax = figures.contours(bowl, window=((1.0, 5.0), (-3.0, 9.0)))
    lines = next(c for c in ax.collections if c.get_zorder() == 0.6)
    for level, path in zip(lines.levels, lines.get_paths(), strict=True):  # pyright: ignore
        np.testing.assert_allclose((path.vertices**2).sum(axis=1), level, rtol=1e-3)


def test_paths_of_a_comparison_have_their_names(paths: Paths) -> None:
    ax = paths.pair.plot()
    assert {"path 0", "path 1", "end 0", "end 1"} <= gids(ax)
    assert [line.get_gid() for line in ax.lines].count("start") == 1
    assert "adam" in texts(ax)
    assert f"{paths.pair.paths['sgd'].values[-1]:.3g}" in texts(ax)
    colours = [line.get_color() for line in ax.lines if str(line.get_gid()).startswith("path")]
    assert len(set(colours)) == 2


def test_the_label_of_one_of_several_says_what_its_numbers_are(paths: Paths) -> None:
    for ax in (paths.pair.plot(), figures.surface(surfaces["ellipse"], paths.pair)):
        for name, path in paths.pair.paths.items():
            assert f"{name} (η = {path.learning_rate:.3g})\n$f$ = " in texts(ax)
        assert texts(ax).count("after 30 steps") == 2


def test_in_space_the_names_of_several_paths_stand_in_the_key() -> None:
    several = compare(surfaces["himmelblau"], list(kb.optimisers), steps=20)
    ax = figures.surface(surfaces["himmelblau"], several)
    canvas = FigureCanvasAgg(ax.get_figure(root=True))
    canvas.draw()
    legend = ax.get_legend()
    assert legend is not None
    boxes = [text.get_window_extent() for text in legend.get_texts()]
    assert len(boxes) == 9  # seven paths, the start, the end
    assert all(box.count_overlaps(boxes) == 1 for box in boxes)  # itself
    assert not ax.texts


def test_a_path_that_ends_in_a_minimum_leaves_its_star_to_be_seen() -> None:
    ax = descend(surfaces["bowl"]).plot()
    [star] = [line for line in ax.lines if line.get_gid() == "minimum"]
    [end] = [line for line in ax.lines if line.get_gid() == "end 0"]
    assert star.get_markersize() > 2 * end.get_markersize()
    assert star.get_zorder() < end.get_zorder()


def test_a_diverging_path_is_cut_and_says_so(paths: Paths) -> None:
    ax = paths.diverged.plot()
    assert "diverges from step 1" in texts(ax)
    assert "end 0" not in gids(ax)
    assert max(np.abs(ax.get_xlim())) < 10
    leaving = figures.contours(bowl, paths.bowl, window=((2.0, 4.0), (3.0, 5.0)))
    assert "leaves the window" in texts(leaving)
    assert "end 0" not in gids(leaving)


def test_where_the_function_is_not_finite_the_map_is_hatched(paths: Paths) -> None:
    def partly(x: Any) -> Any:
        return jnp.log(x[0]) + x[1]

    ax = figures.contours(partly, window=((-1.0, 4.0), (0.0, 4.0)))
    assert "not finite" in gids(ax)
    assert "NaN or Inf" in texts(ax)
    filled = [p.vertices for c in ax.collections for p in c.get_paths() if len(p.vertices)]
    assert np.concatenate(filled)[:, 0].min() > 0
    assert "not finite" not in gids(figures.contours(bowl, paths.bowl))
    drawn(figures.contours(lambda x: x[0] * jnp.nan, window=((0.0, 1.0), (0.0, 1.0))))


def test_a_flat_function_says_so() -> None:
    ax = figures.contours(lambda x: 0 * x[0] - 2.5, window=((0.0, 1.0), (0.0, 1.0)))
    assert "−2.5 everywhere" in texts(ax)


def test_names_of_the_parameters_are_on_the_axes() -> None:
    neuron = kb.neuron([0.0, 1.0, 2.0], [0.0, 0.0, 1.0])
    ax = descend(neuron, steps=10, learning_rate=1.0).plot()
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("$w$", "$b$")


@pytest.mark.parametrize("draw", [figures.contours, figures.surface])
@pytest.mark.parametrize(("path", "found"), [("one", "1 variable,"), ("five", "5 variables,")])
def test_other_than_two_variables_are_refused(
    draw: Any, path: str, found: str, paths: Paths
) -> None:
    with pytest.raises(ShapeError, match=found):
        draw(bowl, getattr(paths, path))


def test_a_path_without_its_function_has_to_be_given_one(paths: Paths) -> None:
    path = Path(paths.bowl.points, paths.bowl.values, paths.bowl.iterations, "steps")
    with pytest.raises(SettingError, match="f is missing"):
        path.plot()
    assert "path 0" in gids(path.plot(f=bowl))


# --- levels


@pytest.mark.parametrize("name", list(surfaces))
@pytest.mark.parametrize("shift", [0.0, -1e3, 5e4])
def test_levels_tell_the_heights_apart(name: str, shift: float) -> None:
    values = grid(surfaces[name], surfaces[name].window, 61).values + shift
    found = levels(values)
    assert 5 <= len(found) <= 16
    assert (np.diff(found) > 0).all()
    assert values.min() < found[0]
    assert found[-1] < values.max()
    shares = np.histogram(values, [-np.inf, *found, np.inf])[0] / values.size
    assert shares.max() < 0.55


def test_levels_of_decades_are_round() -> None:
    found = levels(grid(surfaces["rosenbrock"], surfaces["rosenbrock"].window, 61).values)
    np.testing.assert_allclose(found, [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000])


def test_levels_above_a_crooked_lowest_value_have_few_digits() -> None:
    found = levels(2.3223517 + np.random.default_rng(0).lognormal(-4, 2, 10_000))
    for level in found:
        decade = 10.0 ** np.floor(np.log10(level - 2.3223517) - 0.2)
        assert abs(level / decade - round(level / decade)) < 1e-6
    assert max(len(f"{level:.10g}") for level in found) <= 6


def test_levels_scale_with_the_values() -> None:
    values = np.random.default_rng(0).lognormal(0, 3, 1000)
    np.testing.assert_allclose(levels(1e6 * values), 1e6 * levels(values), rtol=1e-9)


def test_values_of_any_kind_have_levels() -> None:
    assert len(levels(np.full((3, 3), 7.0))) == 0
    assert len(levels(np.full(3, np.nan))) == 0
    wild = np.array([0.0, 1e-300, 1.0, 1e300, np.inf, -np.inf, np.nan])
    assert np.isfinite(levels(wild)).all()
    assert len(levels(np.array([-1e308, 1e308]))) == 0  # their difference is no number


def test_compression_keeps_the_order_and_marks_decades() -> None:
    values = grid(surfaces["rosenbrock"], surfaces["rosenbrock"].window, 61).values
    scale = compression(values)
    assert scale is not None
    ordered = np.sort(values.ravel())
    assert (np.diff(scale(ordered)) >= 0).all()
    ticks = scale.ticks(float(values.max()))
    assert ticks[0] == scale.base == 0
    assert (np.diff(ticks) > 0).all()
    assert not spans_decades(np.linspace(-5, 5, 100))
    assert compression(np.linspace(-5, 5, 100)) is None


# --- what was seen to go wrong


def test_a_path_that_leaves_for_good_keeps_its_direction(paths: Paths) -> None:
    """Every point is (3, 4) times a number: whatever is drawn lies on that line."""
    ax = figures.contours(bowl, paths.diverged)
    drawn_line = line(ax, "path 0")
    drawn_line = drawn_line[np.isfinite(drawn_line).all(axis=1)]
    assert len(drawn_line) >= 3
    assert np.abs(drawn_line).max() < 100
    np.testing.assert_allclose(4 * drawn_line[:, 0], 3 * drawn_line[:, 1], atol=1e-9)
    steep = descend(lambda x: x**2, 2.0, 10.0, 60)
    assert np.nanmax(np.abs(line(figures.curve_and_path(lambda x: x**2, steep), "path 0"))) < 1e5


def test_clipping_keeps_what_is_near_and_cuts_the_rest_at_its_crossings() -> None:
    window = ((2.0, 4.0), (-1.0, 1.0))  # its middle is (3, 0); the cut is at 3 half widths
    near = np.array([[2.5, 0.5], [5.0, 0.0]])
    np.testing.assert_array_equal(clipped(near, window), near)
    leaving = np.array([[3.0, 0.0], [3.0, 500.0]])
    np.testing.assert_allclose(clipped(leaving, window), [[3, 0], [3, 3]])
    passing = np.array([[3.5, -700.0], [3.5, 700.0], [900.0, 700.0]])
    np.testing.assert_allclose(clipped(passing, window), [[np.nan, np.nan], [3.5, -3], [3.5, 3]])
    assert len(clipped(np.array([[1e90, 1.0], [-1e90, 2.0]]), window)) == 0


def test_seven_paths_are_told_apart() -> None:
    ax = compare(surfaces["himmelblau"], list(kb.optimisers), steps=20).plot()
    paths = [line for line in ax.lines if str(line.get_gid()).startswith("path")]
    assert len(paths) == 7
    assert len({path.get_color() for path in paths}) == 7
    widths = [path.get_linewidth() for path in paths]
    assert widths == sorted(widths, reverse=True)
    assert widths[0] > 2 * widths[-1]


@pytest.mark.parametrize("name", ["himmelblau", "beale", "rastrigin", "rosenbrock", "booth"])
def test_values_of_contours_are_away_from_edges_and_paths(name: str) -> None:
    path = descend(surfaces[name], optimizer="adam", steps=60)
    ax = figures.contours(surfaces[name], path)
    canvas = FigureCanvasAgg(ax.get_figure(root=True))
    canvas.draw()
    inside = ax.bbox
    values = [text for text in ax.texts if text.get_fontsize() == 7]
    assert len(values) >= 2
    assert len({text.get_text() for text in values}) == len(values)  # each level once
    track = ax.transData.transform(path.points)
    for text in values:
        box = text.get_window_extent()
        assert inside.x0 < box.x0 < box.x1 < inside.x1
        assert inside.y0 < box.y0 < box.y1 < inside.y1
        assert not any(box.contains(*point) for point in track)


def test_a_start_and_an_end_that_meet_are_both_seen() -> None:
    ax = descend(surfaces["rosenbrock"], learning_rate=1e-6, steps=3).plot()
    [start] = [line for line in ax.lines if line.get_gid() == "start"]
    [end] = [line for line in ax.lines if line.get_gid() == "end 0"]
    assert end.get_markersize() < start.get_markersize()
    assert end.get_zorder() > start.get_zorder()


def test_the_formula_stands_above(paths: Paths) -> None:
    two = descend(kb.expression("x**2 + 3*y^2"), [1.0, 2.0], steps=5).plot()
    assert two.get_title(loc="left") == r"$f = x^{2} + 3 \cdot y^{2}$"
    assert (two.get_xlabel(), two.get_ylabel()) == ("$x$", "$y$")
    one = descend(kb.expression("sin(x)"), [1.0], steps=5).plot()
    assert r"\sin" in one.get_title(loc="left")
    assert paths.one.plot().get_title(loc="left") == "$f(x)$"
    neuron = kb.neuron([0.0, 1.0, 2.0], [0.0, 0.0, 1.0])
    ax = descend(neuron, steps=10).plot()
    assert "loss $l(w, b)$" in texts(ax)
    assert "end: $l$ =" in texts(ax)
    assert "$f" not in texts(ax)


def test_a_height_has_the_same_colour_from_above_and_in_space() -> None:
    """Darker the higher, in grey too: the lowest and the highest of a slope."""
    slope = grid(lambda x: x[0] + 0 * x[1], ((0.0, 1.0), (0.0, 1.0)), 21)
    flat = next(c for c in figures.contours(slope).collections if len(c.get_facecolor()) > 3)
    colours = np.array(flat.get_facecolor())[:, :3]
    grey = colours @ [0.299, 0.587, 0.114]
    assert (np.diff(grey) < 0).all()
    ax = figures.surface(slope)
    faces = np.array(ax.collections[0].get_facecolor())[:, :3] @ [0.299, 0.587, 0.114]
    rows = faces.reshape(20, -1).mean(axis=1)
    assert (np.diff(rows[1:-1]) < 0).all()


# --- the surface


def test_what_a_hill_hides_is_dotted() -> None:
    """Down a narrow shaft: its walls hide the bottom from everywhere, and nothing hides the rim."""

    def shaft(x: Any) -> Any:
        return -1 / (0.01 + (x[0] - 0.2) ** 2 + x[1] ** 2)

    track = np.stack([np.linspace(-0.9, 0.2, 91), np.zeros(91)], axis=1)
    path = Path(track, np.asarray(shaft(track.T)), np.arange(91), "steps")
    ax = figures.surface(grid(shaft, ((-1.0, 1.0), (-1.0, 1.0)), 101), path)
    both = {}
    for gid in ("path 0", "hidden 0"):
        found: Any = next(line for line in ax.lines if line.get_gid() == gid)
        points = np.stack(found.get_data_3d(), axis=1)
        both[gid] = points[np.isfinite(points).all(axis=1)]
    assert both["hidden 0"][-1, 0] == 0.2
    assert (0.2 - both["hidden 0"][:, 0] < 0.3).all()
    assert len(both["path 0"]) > 50
    [end] = [line for line in ax.lines if line.get_gid() == "end 0"]
    assert end.get_alpha() == 0.45


def test_a_bowl_is_looked_at_from_where_its_path_is_seen() -> None:
    ax = figures.surface(surfaces["bowl"], descend(surfaces["bowl"]))
    [end] = [line for line in ax.lines if line.get_gid() == "end 0"]
    assert end.get_alpha() == 1
    hidden = next(line for line in ax.lines if line.get_gid() == "hidden 0")
    points = np.stack(hidden.get_data_3d(), axis=1)  # pyright: ignore[reportAttributeAccessIssue]
    assert np.isfinite(points).all(axis=1).mean() < 0.05


def test_the_path_lies_on_the_surface_slightly_above(paths: Paths) -> None:
    ax = figures.surface(surfaces["bowl"], paths.bowl)
    assert isinstance(ax, Axes3D)
    path = next(line for line in ax.lines if line.get_gid() == "path 0")
    x, y, z = path.get_data_3d()  # pyright: ignore[reportAttributeAccessIssue]
    shown = {tuple(point) for point in np.stack([x, y], axis=1)}
    assert {tuple(point) for point in paths.bowl.points} <= shown
    above = z - (np.square(x) + np.square(y))  # between the points too
    assert (above > 0).all()
    assert (above < 0.02 * 40.5).all()
    assert {"start", "end 0"} <= gids(ax)


def test_a_path_cut_in_space_says_so(paths: Paths) -> None:
    assert "diverges" in texts(figures.surface(bowl, paths.diverged))
    assert "leaves" in texts(figures.surface(bowl, paths.bowl, window=((2.0, 4.0), (3.0, 5.0))))


def test_a_compressed_height_is_said_on_the_axis() -> None:
    assert "compressed" in figures.surface(surfaces["rosenbrock"]).get_zlabel()
    assert "compressed" not in figures.surface(surfaces["bowl"]).get_zlabel()
    with pytest.raises(SettingError, match="projection='3d'"):
        figures.surface(surfaces["bowl"], ax=Figure().add_subplot())


def test_a_large_surface_with_a_long_path_is_drawn_in_time() -> None:
    heights = grid(surfaces["rosenbrock"], surfaces["rosenbrock"].window, 200)
    path = descend(surfaces["rosenbrock"], [-1.5, 2.0], 4e-4, 1000)
    begin = time.process_time()
    drawn(figures.surface(heights, path))
    assert time.process_time() - begin < 4  # about 1 s on a quiet machine


# --- the gradient


def test_arrows_go_down_the_slope() -> None:
    ax = figures.gradient_field(bowl, ((1.0, 3.0), (10.0, 20.0)), size=5)
    arrows = next(c for c in ax.collections if c.get_gid() == "arrows")
    x, y, u, v = (np.array(getattr(arrows, name)) for name in ("X", "Y", "U", "V"))
    assert len(x) == 25
    np.testing.assert_allclose(u * y, v * x, rtol=1e-9)  # towards the origin
    assert (u < 0).all()
    np.testing.assert_allclose(
        np.hypot(u, v) / np.hypot(x, y), np.hypot(u, v)[0] / np.hypot(x, y)[0]
    )
    assert "to scale" in texts(ax)
    assert "cube root" in texts(figures.gradient_field(surfaces["rosenbrock"]))


def test_no_value_of_a_contour_stands_under_an_arrow() -> None:
    field = figures.gradient_field(bowl, ((-3.0, 3.0), (-2.0, 2.0)))
    assert [text for text in field.texts if text.get_fontsize() == 7] == []


def test_the_height_of_a_neuron_is_called_l_in_every_picture() -> None:
    neuron = kb.neuron([0.0, 1.0, 2.0], [0.0, 0.0, 1.0])
    path = descend(neuron, steps=3, learning_rate=1.0)
    field = figures.gradient_field(neuron, ((-3.0, 3.0), (-3.0, 3.0)), size=5)
    for ax in (figures.step_and_contour(None, path), field):
        assert "l" in texts(ax)
        assert r"\nabla l" in texts(ax)
        assert "$f$" not in texts(ax)
        assert r"\nabla f" not in texts(ax)


def test_directions_are_drawn_as_given() -> None:
    circle = directions(bowl, [3, 4], 0.5, count=60)
    ax = figures.circle_of_directions(circle)
    np.testing.assert_array_equal(line(ax, "predicted")[:, 1], circle.predicted)
    np.testing.assert_array_equal(line(ax, "measured")[:, 1], circle.changes)
    np.testing.assert_allclose(line(ax, "least")[0], [180, -4.75])
    assert "θ = 180°" in texts(ax)


def test_a_step_and_the_angles_that_it_makes() -> None:
    path = descend(surfaces["ellipse"], [-7.0, 2.0], 0.9, 5)
    ax = figures.step_and_contour(None, path, 2)
    np.testing.assert_array_equal(line(ax, "start")[0], path.points[1])
    assert f"{path.arrival_angles[1]:.1f}°" in texts(ax)
    assert "90.0°" in texts(ax)
    for step in (0, 6):
        with pytest.raises(SettingError, match="step is"):
            figures.step_and_contour(None, path, step)


def test_tangents_have_the_slopes_of_the_textbook() -> None:
    ax = figures.tangent_line(lambda x: 0.01 * x**2 + 0.1 * x, [5, 10])
    for index, (at, value, slope) in enumerate([(5, 0.75, 0.2), (10, 2.0, 0.3)]):
        np.testing.assert_allclose(line(ax, f"point {index}")[0], [at, value])
        tangent = line(ax, f"tangent {index}")
        np.testing.assert_allclose(np.gradient(*tangent.T[::-1]), slope)
        assert f"slope {slope}" in texts(ax)
    with pytest.raises(FunctionError):
        figures.tangent_line(lambda x: 1 / x, 0.0)


# --- one variable, and values


def test_a_path_on_a_curve(paths: Paths) -> None:
    ax = paths.one.plot()
    np.testing.assert_array_equal(line(ax, "path 0")[:, 0], paths.one.points)
    np.testing.assert_array_equal(line(ax, "path 0")[:, 1], paths.one.values)
    given = curve(lambda x: jnp.sqrt(x), (-1.0, 1.0), 5)
    gap = figures.curve_and_path(given)
    np.testing.assert_array_equal(line(gap, "curve")[:, 1], given.values)
    assert "not finite" in gids(gap)


def test_values_are_drawn_against_the_step(paths: Paths) -> None:
    ax = figures.loss_against_step(paths.bowl)
    np.testing.assert_array_equal(line(ax, "values 0")[:, 1], paths.bowl.values)
    assert ax.get_yscale() == "log"
    ax = figures.loss_against_step({"a": paths.diverged, "b": paths.bowl})
    assert "a\ndiverges from step 1" in texts(ax)
    assert "bad step" in gids(ax)
    assert ax.get_ylim()[1] < 1e6
    below = descend(surfaces["saddle"], [-1.5, 0.1], 0.1, 20)
    assert figures.loss_against_step(below).get_yscale() == "linear"
