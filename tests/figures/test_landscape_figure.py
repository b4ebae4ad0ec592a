"""The picture of a landscape: nothing over anything else, and every doubt on it."""

from __future__ import annotations

import dataclasses
import itertools
import re

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

import koubai as kb
from koubai.errors import SettingError


@pytest.fixture(scope="module")
def run():
    return kb.train(kb.Network([64, 6, 10]), kb.data.digits(), epochs=2, learning_rate=0.5)


@pytest.fixture(scope="module")
def land(run):
    return kb.landscape(run, size=9)


def boxes(ax):
    """Where the facts, the key, and the axis' name lie once all is drawn."""
    figure = ax.get_figure()
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    facts = next(text for text in ax.texts if text.get_gid() == "facts")
    things = {"facts": facts, "key": ax.get_legend(), "name": ax.xaxis.label}
    found = {n: thing.get_window_extent(renderer) for n, thing in things.items() if thing}
    return found, figure.bbox


def facts_of(ax):
    return next(text for text in ax.texts if text.get_gid() == "facts").get_text()


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("three_d", [False, True])
def test_the_facts_lie_below_the_key_and_inside_the_picture(land, language, three_d, request):
    if language == "ja":
        request.getfixturevalue("japanese")
    with kb.figures.language(language):
        found, whole = boxes(land.plot(three_d=three_d))
    assert found["facts"].y1 < found["key"].y0
    assert found["facts"].y0 >= 0
    assert 0 <= found["facts"].x0 < found["facts"].x1 <= whole.width
    if not three_d:
        assert found["key"].y1 < found["name"].y0


@pytest.mark.parametrize("share", [0.2, 0.4, 1.0])
def test_the_name_of_the_upright_axis_fits_a_low_map(land, share):
    alpha = land.axes[0]
    low = dataclasses.replace(land, axes=(alpha, share * np.linspace(alpha[0], alpha[-1], 9)))
    ax = low.plot()
    canvas = FigureCanvasAgg(ax.get_figure())
    canvas.draw()
    name = ax.yaxis.label.get_window_extent(canvas.get_renderer())
    assert 0 <= name.y0 < name.y1 <= ax.get_figure().bbox.height
    assert "component 2" in ax.get_ylabel()


def test_what_stands_below(land):
    text = facts_of(land.plot())
    assert f"{land.path.share:.1%} of the path's movement" in text
    assert f"SHA-256 of these {land.about['digest'][:12]}" in text
    assert "1,437 examples" in text
    assert f"origin: the end of the path; koubai {kb.__version__}" in text


@pytest.mark.parametrize("three_d", [False, True])
def test_nothing_in_the_key_is_without_a_name(land, three_d):
    key = land.plot(three_d=three_d).get_legend()
    assert key.get_texts()[0].get_text() == "start"
    assert all(text.get_text() for text in key.get_texts())


def test_of_random_directions_it_says_how_they_were_drawn(run, tmp_path):
    objective = run.objective()
    plane = kb.Plane.random(objective, seed=7, normalise="layer")
    land = kb.landscape(objective, plane, 3, out=tmp_path / "valley.zarr")
    for each in (land, kb.load_landscape(tmp_path / "valley.zarr")):
        text = facts_of(each.plot())
        assert (
            "origin: the parameters given; random directions, normalised by layer, seed 7" in text
        )


def test_a_profile_has_a_band_of_one_standard_error(run):
    line = kb.Plane.random(run.objective(), dimensions=1)
    land = kb.landscape(run, line, 7, 1.0, examples=200)
    ax = land.plot()
    band = next(patch for patch in ax.collections if patch.get_gid() == "errors")
    corners = band.get_paths()[0].vertices
    at = np.isclose(corners[:, 0], land.axes[0][3])
    heights = sorted({round(y, 9) for y in corners[at, 1]})
    expected = [land.values[3] - land.errors[3], land.values[3] + land.errors[3]]
    np.testing.assert_allclose(heights, expected, atol=1e-8)
    assert "200 of 1,437 examples (seed 0)" in facts_of(ax)
    assert "standard error" in facts_of(ax)
    found, _ = boxes(ax)
    assert found["facts"].y1 < found["name"].y0


def test_what_is_not_finite_is_hatched_and_counted():
    objective = kb.objective(lambda x: float(x[0]) if x[0] > 0 else float("nan"), [1.0, 1.0])
    for dimensions, count in ((2, "15 of 25"), (1, "3 of 5")):
        plane = kb.Plane.between([0.0, 0], *np.eye(2)[:dimensions])
        ax = kb.landscape(objective, plane, 5).plot()
        assert any(patch.get_gid() == "not finite" for patch in ax.patches)
        assert f"{count} values are not finite" in facts_of(ax)
        assert ax.get_legend() is not None


def test_arrows_point_down_the_slope_of_the_plane():
    """On a skewed plane the steepest descent is not the negative of the two derivatives."""
    slope = np.array([1.0, 2.0, 0.0])
    plane = kb.Plane.between([0.0, 0, 0], [2.0, 0, 0], [1.0, 1.0, 0])
    land = kb.landscape(kb.objective(lambda x: x @ slope, np.zeros(3)), plane, 5, metric="gradient")
    ax = land.plot()
    arrows = next(each for each in ax.collections if each.get_gid() == "arrows")
    moved = np.column_stack([arrows.U, arrows.V]) @ plane.directions
    np.testing.assert_allclose(np.cross(moved, -slope), 0, atol=1e-12)
    assert (moved @ slope < 0).all()
    assert "arrows" in facts_of(ax)
    with pytest.raises(SettingError, match="metric is 'gradient'"):
        land.plot(three_d=True)


# --- nothing cut, nothing over anything else


def lands(run):
    """Pictures that were once cut, or had one text over another."""
    objective = run.objective()
    points = run.path.points.reshape(len(run.path), -1)
    hole = kb.objective(lambda x: float(x @ x) if x.sum() < 1 else float("nan"), [1.0, -0.5])
    network = kb.Network([64, 6, 10])
    diverged = kb.train(network, kb.data.digits(), learning_rate=1e6, epochs=3)
    return {
        "random": kb.landscape(objective, kb.Plane.random(objective), 9),
        "not finite": kb.landscape(hole, kb.Plane.random(hole, normalise="none"), 9),
        "parameters": kb.landscape(hole, kb.Plane.of_parameters(hole, 0, 1), 9, path=_slide(hole)),
        "diverged": kb.landscape(diverged, size=5),
        "several": kb.landscape(dict.fromkeys(("sgd", "adam", "momentum", "x"), run), size=5),
        "points": kb.landscape(objective, kb.Plane.between(*points[[0, 9, -1]]), 9),
        "line": kb.landscape(objective, kb.Plane.between(points[0], points[-1]), 9, path=run.path),
        "line not finite": kb.landscape(hole, kb.Plane.between([0.0, 0], [1.0, 1]), 9),
    }


def _slide(objective):
    return kb.descend(objective, learning_rate=0.1, steps=5)


@pytest.fixture(scope="module")
def pictures(run):
    return lands(run)


def drawn(ax):
    """The pixels of a figure, dark ones true, and what measures its texts."""
    figure = ax.get_figure()
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].min(axis=2) < 250, canvas.get_renderer()


def ticks_of(axis):
    """The texts of the ticks in the window: others are made, and not drawn."""
    low, high = sorted(axis.get_view_interval())
    return [tick.label1 for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]


@pytest.mark.parametrize("three_d", [False, True])
@pytest.mark.parametrize("language", ["en", "ja"])
def test_nothing_is_cut_and_no_text_lies_over_another(pictures, language, three_d, japanese):
    for name, land in pictures.items():
        if three_d and len(land.axes) == 1:
            continue
        with kb.figures.language(language):
            ax = land.plot(three_d=three_d)
            dark, renderer = drawn(ax)
        edge = np.concatenate([dark[:3].T, dark[-3:].T, dark[:, :3], dark[:, -3:]])
        assert not edge.any(), name
        key = ax.get_legend()
        facts = next(text for text in ax.texts if text.get_gid() == "facts")
        axes = [ax.xaxis, ax.yaxis, *([ax.zaxis] if three_d else [])]
        texts = [ax.title, facts, *(axis.label for axis in axes)]
        texts += [text for axis in axes for text in ticks_of(axis)]
        texts += [axis.get_offset_text() for axis in axes]
        texts += key.get_texts() if key else []
        places = [
            (text.get_text(), text.get_window_extent(renderer))
            for text in texts
            if text.get_text() and text.get_rotation() % 90 == 0
        ]
        for (one, here), (other, there) in itertools.combinations(places, 2):
            assert not here.overlaps(there), (name, one, other)


def test_the_key_of_a_profile_lies_below_it(pictures):
    for name in ("line", "line not finite"):
        found, _ = boxes(pictures[name].plot())
        assert found["facts"].y1 < found["key"].y0 < found["key"].y1 < found["name"].y0


# --- what it rests on


def test_the_mode_of_batch_norm_is_said(land):
    said = {
        "frozen": "running statistics, frozen",
        "batch": "statistics of each batch of 128",
        "re-estimated": "statistics re-estimated at each point",
    }
    for how, expected in said.items():
        about = {"mode": "eval", "batch_norm": how, "batch_size": 128}
        text = facts_of(dataclasses.replace(land, about=about).plot())
        assert "mode: eval" in text
        assert f"batch norm: {expected}" in re.sub("the ", "", text)
    assert "batch norm" not in facts_of(land.plot())


def test_the_split_is_said(run, japanese):
    for data, said in (("train", "training"), ("test", "test")):
        land = kb.landscape(run, size=3, data=data)
        assert f"digits, {said} data: " in facts_of(land.plot())
    with kb.figures.language("ja"):
        assert "digits のテストデータ：360 例" in facts_of(land.plot())


@pytest.mark.parametrize(
    ("b", "c", "said"),
    [
        ([1.0, 0, 0], [0.8, 0.6, 0], "lengths 1 and 1, cosine 0.8"),
        ([1.0, 0, 0], [0, 3.0, 0], "lengths 1 and 3, cosine 0"),
        ([1.0, 0, 0], [0, 1.0, 0], None),
    ],
)
def test_a_plane_on_which_right_angles_do_not_look_right_says_so(b, c, said):
    objective = kb.objective(lambda x: x @ x, [1.0, 1, 1])
    text = facts_of(kb.landscape(objective, kb.Plane.between([0.0, 0, 0], b, c), 5).plot())
    assert ("directions of" in text) == (said is not None)
    assert said is None or said in text


def test_in_space_it_says_that_the_path_has_its_true_loss(land):
    assert "drawn at its true loss" in facts_of(land.plot(three_d=True))
    assert "drawn at its true loss" not in facts_of(land.plot())


def test_between_its_points_a_path_in_space_stays_as_high_above_the_plane():
    """Off the plane, where the true loss is 1 higher: it does not fall to the plane in between."""
    objective = kb.objective(lambda x: x[0] ** 2 + x[1] ** 2 + x[2] ** 2, [1.0, 1, 1])
    track = np.array([[1.0, 1, 1], [-0.5, 1, 1], [-0.5, -1, 1]])
    path = kb.Path(track, np.square(track).sum(axis=1), np.arange(3), "steps")
    plane = kb.Plane.of_parameters(kb.objective(objective.f, [0.0, 0, 0]), 0, 1)
    ax = kb.landscape(objective, plane, 41, path=path).plot(three_d=True)
    line = next(line for line in ax.lines if line.get_gid() == "path 0")
    x, y, z = line.get_data_3d()
    seen = np.isfinite(z)
    assert seen.sum() > 20
    np.testing.assert_allclose((z - x**2 - y**2)[seen], 1, atol=0.1)


def test_what_is_true_of_several_runs_is_said_once(pictures):
    text = facts_of(pictures["several"].plot())
    assert text.count("true loss L at the start") == 1
    assert text.count("of the path's movement") == 4


def test_a_distance_by_rounding_alone_is_none(pictures):
    assert "off it by up to 0\n" in facts_of(pictures["parameters"].plot())


# --- what is on it


@pytest.mark.parametrize("metric", ["loss", "accuracy", "gradient_norm", "gradient"])
def test_the_loss_has_one_letter(run, metric):
    ax = kb.landscape(run, size=5, metric=metric).plot()
    texts = " ".join(text.get_text() for text in ax.get_figure().findobj(Text))
    assert "end: $L$ = " in texts
    assert "f$" not in texts
    assert r"\nabla f" not in texts


def test_the_origin_is_marked_where_no_path_ends_there(pictures, land):
    def marks(ax):
        return {
            (float(line.get_xdata()[0]), float(line.get_ydata()[0]))
            for line in ax.lines
            if line.get_gid() in ("origin", "point")
        }

    ax = pictures["random"].plot()
    assert marks(ax) == {(0, 0)}
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["origin"]
    assert marks(land.plot()) == set()
    ax = pictures["points"].plot()
    assert marks(ax) == {(0, 0), (1, 0), (0, 1)}
    assert {"a", "b", "c"} <= {text.get_text() for text in ax.texts}
    assert {"a", "b"} <= {text.get_text() for text in pictures["line"].plot().texts}


@pytest.mark.parametrize("size", [5, 15, 17, 18, 40, 51])
def test_arrows_lie_inside_the_map_and_over_no_value(size):
    objective = kb.objective(lambda x: x[0] + 2 * x[1], [0.0, 0.0])
    land = kb.landscape(objective, kb.Plane.of_parameters(objective, 0, 1), size, metric="gradient")
    ax = land.plot()
    arrows = next(each for each in ax.collections if each.get_gid() == "arrows")
    assert 3 <= len({*arrows.X}) <= 17
    for at, along in ((arrows.X, arrows.U), (arrows.Y, arrows.V)):
        ends = np.concatenate([at - along / 2 / arrows.scale, at + along / 2 / arrows.scale])
        assert np.abs(ends).max() <= 1
    assert [text for text in ax.texts if re.fullmatch(r"[−\d.]+", text.get_text())] == []


def test_a_landscape_prints_as_one_line(pictures):
    for land in pictures.values():
        assert "\n" not in repr(land)
        assert len(repr(land)) < 160
    assert repr(pictures["not finite"]).startswith("Landscape(loss at 9 × 9 points")


def test_the_function_that_plot_names_is_there():
    name = re.search(r"`koubai\.figures\.(\w+)`", kb.Landscape.plot.__doc__).group(1)
    assert callable(getattr(kb.figures, name))
