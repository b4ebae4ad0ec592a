"""The picture of a landscape: nothing over anything else, and every doubt on it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

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
    assert f"sha256 {land.about['digest'][:12]}" in text
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
