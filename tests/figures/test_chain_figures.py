"""The chain rule drawn: the paths on the network, and what they cost."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from drawn import check_drawn
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

import koubai as kb
from koubai import figures
from koubai.errors import SettingError
from koubai.figures import style
from koubai.gradients.paths import Explanation

SEED = kb.Network([12, 3, 2], "sigmoid", "sigmoid", initialiser="normal(1)")
RNG = np.random.default_rng(6)
X = RNG.normal(0.5, 1, 12)


def seed(i: int | None = 5, j: int = 2) -> Explanation:
    return kb.explain(SEED, SEED.init(5), X, [1, 0], 2, i, j, "squared_error")


def deep() -> Explanation:
    network = kb.Network([784, *[50] * 10, 10], "tanh")
    return kb.explain(network, network.init(2), RNG.normal(size=784), 3, 2, 400, 17)


def lines(ax: Axes, gid: str) -> list[LineCollection]:
    found = [one for one in ax.collections if str(one.get_gid()).startswith(gid)]
    return [one for one in found if isinstance(one, LineCollection)]


def centres(ax: Axes) -> dict[str, tuple[float, float]]:
    boxes = {str(patch.get_gid()): patch.get_extents() for patch in ax.patches}
    back = ax.transData.inverted()
    return {
        gid: tuple(back.transform(((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2)).tolist())
        for gid, box in boxes.items()
    }


def texts(ax: Axes) -> str:
    return " ".join(text.get_text() for text in ax.texts)


def title(ax: Axes) -> str:
    return ax.get_title(loc="left")


# --- the paths


def test_each_path_goes_through_its_units_up_to_the_cost() -> None:
    explanation = seed()
    ax = figures.chain_paths(explanation)
    middle = centres(ax)
    drawn = {str(one.get_gid()): one for one in lines(ax, "path")}
    assert set(drawn) == {"path 1", "path 2"}
    for place, path in enumerate(explanation.paths, start=1):
        segments = np.array(drawn[f"path {place}"].get_segments())
        stops = [middle[f"unit {layer} {unit}"] for layer, unit in path.units] + [middle["cost"]]
        assert len(segments) == len(stops) - 1 == 2
        for (start, end), (below, above) in zip(segments, pairwise(stops), strict=True):
            assert [start[1], end[1]] == pytest.approx([below[1], above[1]], abs=0.02)
            assert below[0] < start[0] < end[0] < above[0]
    assert middle["cost"][0] > middle["unit 3 1"][0]


def test_a_path_is_as_wide_as_its_product_is_large_and_of_the_colour_of_its_sign() -> None:
    explanation = seed()
    ax = figures.chain_paths(explanation)
    strong, weak = (lines(ax, f"path {place}")[0] for place in (1, 2))
    share = abs(explanation.paths[1].value / explanation.paths[0].value)
    assert 0.2 < share < 0.99
    assert np.ravel(weak.get_linewidth()) == pytest.approx(share * np.ravel(strong.get_linewidth()))
    for path, one in zip(explanation.paths, (strong, weak), strict=True):
        colour = style.NAVY if path.value >= 0 else style.VERMILION
        assert np.ravel(one.get_color())[:3] == pytest.approx(to_rgb(colour))


def test_the_weight_leads_from_its_unit_to_its_unit() -> None:
    ax = figures.chain_paths(seed(i=5, j=2))
    middle = centres(ax)
    [line] = [line for line in ax.lines if line.get_gid() == "weight"]
    x, y = np.asarray(line.get_data())
    assert y == pytest.approx([middle["unit 1 5"][1], middle["unit 2 2"][1]], abs=0.02)
    assert middle["unit 1 5"][0] < x[0] < x[1] < middle["unit 2 2"][0]


def test_a_bias_comes_from_below_its_unit() -> None:
    explanation = seed(i=None, j=3)
    ax = figures.chain_paths(explanation)
    middle = centres(ax)
    [line] = [line for line in ax.lines if line.get_gid() == "weight"]
    x, y = np.asarray(line.get_data())
    assert x[0] < x[1] < middle["unit 2 3"][0]
    assert y[0] < y[1] < middle["unit 2 3"][1]
    assert r"b^{2}_{3}}$ = 1" in texts(ax)


def test_the_strongest_path_has_its_factors_and_their_product() -> None:
    explanation = seed()
    ax = figures.chain_paths(explanation)
    for factor in explanation.paths[0].factors:
        name = factor.latex.replace("frac", "dfrac")
        value = f"{factor.value:.3g}".replace("-", "−")
        assert f"${name}$ = {value}" in texts(ax)
    [weaker] = {factor.latex for factor in explanation.paths[1].factors[:1]}
    assert weaker.replace("frac", "dfrac") not in texts(ax)
    legend = ax.get_legend()
    assert legend is not None
    product = f"{explanation.paths[0].value:.3g}".replace("-", "−")
    assert legend.get_title().get_text().endswith(f"= {product}")
    value = f"{explanation.derivative:.3g}".replace("-", "−")
    assert (
        title(ax)
        == rf"$\frac{{\partial C}}{{\partial w^{{2}}_{{25}}}}$ = {value}: sum over 2 paths"
    )


def test_one_path_alone() -> None:
    explanation = seed()
    ax = figures.chain_paths(explanation, rank=2)
    assert len(lines(ax, "path")) == 1
    assert explanation.paths[1].factors[0].latex.replace("frac", "dfrac") in texts(ax)
    assert title(ax).endswith("path 2 of 2")
    for rank, says in ((0, "a whole number, 1 or more"), (3, "2 paths"), (1.5, "whole number")):
        with pytest.raises(SettingError, match=f"rank is {rank}.*{says}"):
            figures.chain_paths(explanation, rank=rank)


def test_of_large_layers_the_units_that_the_paths_pass_are_drawn() -> None:
    explanation = deep()
    ax = figures.chain_paths(explanation)
    middle = centres(ax)
    passed = {unit for path in explanation.paths for unit in path.units} | {(1, 400)}
    assert {f"unit {layer} {unit}" for layer, unit in passed} <= set(middle)
    for layer in range(1, 12):
        drawn = [int(gid.split()[2]) for gid in middle if gid.startswith(f"unit {layer} ")]
        assert 5 <= len(drawn) <= 14
        assert drawn == sorted(drawn)
        gaps = sum(after - before > 1 for before, after in pairwise(drawn))
        assert len([line for line in ax.lines if line.get_gid() == f"dots {layer}"]) == gaps > 0
    assert len([gid for gid in middle if gid.startswith("unit 12 ")]) == 10
    assert len(lines(ax, "path")) == 12
    assert "the strongest 12 of" in title(ax)
    assert r"1.95 \times 10^{16}" in title(ax)  # 50⁹ · 10
    check_drawn(ax)


def test_a_weight_of_the_last_layer_and_a_product_of_0() -> None:
    """The output's delta is one factor; a path of 0 is still a path."""
    network = kb.Network([3, 2], output="identity")
    explanation = kb.explain(network, network.init(1), [0.0, 1.0, 2.0], [1.0, 2.0], 2, 1, 2)
    ax = figures.chain_paths(explanation)
    assert explanation.derivative == 0
    assert title(ax).endswith("= 0: 1 path")
    assert len(lines(ax, "path")[0].get_segments()) == 1
    check_drawn(ax)


def test_ones_own_axes_and_japanese(japanese: None, tmp_path: Path) -> None:
    own = Figure(figsize=(6, 4), layout="constrained").add_subplot()
    assert figures.chain_paths(seed(), ax=own) is own
    with figures.language("ja"):
        ax = figures.chain_paths(seed())
        assert "2 本の経路の和" in title(ax)
        check_drawn(ax)
        assert figures.save(ax, tmp_path / "chain.png").stat().st_size < 150_000


# --- their cost


def test_the_cost_against_depth() -> None:
    networks = [kb.Network([12, *[50] * depth, 2]) for depth in range(11)]
    ax = figures.cost_of_the_chain_rule(networks)
    paths, deltas = ax.lines
    assert ax.get_yscale() == "log"
    assert [*np.asarray(paths.get_xdata())] == [*np.asarray(deltas.get_xdata())] == [*range(11)]
    by_paths, by_deltas = (np.asarray(line.get_ydata(), float) for line in (paths, deltas))
    # One layer: each of 12 · 2 weights and 2 biases is one path of two factors … one product.
    assert by_paths[0] == 26
    assert by_deltas[0] == 24
    # A layer more multiplies the paths by its 50 units, and adds about 2 · 50² to the deltas.
    assert by_paths[-1] / by_paths[-2] == pytest.approx(50, rel=0.15)
    assert np.diff(by_deltas)[-1] == 2 * 50**2 + 50
    assert "backpropagation: 46,300" in texts(ax)
    check_drawn(ax)
    with pytest.raises(SettingError, match="networks is empty"):
        figures.cost_of_the_chain_rule([])


def test_networks_stand_in_the_order_of_their_depth() -> None:
    ax = figures.cost_of_the_chain_rule([kb.Network([9, *[7] * depth, 2]) for depth in (3, 0, 5)])
    assert [*np.asarray(ax.lines[0].get_xdata())] == [0, 3, 5]
    assert np.all(np.diff(np.asarray(ax.lines[0].get_ydata(), float)) > 0)


def test_one_network_has_its_place_on_whole_layers() -> None:
    ax = figures.cost_of_the_chain_rule([kb.Network([12, 3, 2])])
    assert ax.get_xlim() == (0, 2)
    check_drawn(ax)


def test_more_multiplications_than_an_axis_holds_are_refused() -> None:
    with pytest.raises(SettingError, match="networks has one of 200 hidden layers"):
        figures.cost_of_the_chain_rule([kb.Network([12, *[50] * 200, 2])])
    deep = figures.cost_of_the_chain_rule([kb.Network([12, *[50] * 110, 2]), kb.Network([2, 2])])
    check_drawn(deep)


def boxes(artists: Iterable[Artist], canvas: FigureCanvasAgg) -> list[Bbox]:
    return [artist.get_window_extent(canvas.get_renderer()) for artist in artists]


@pytest.mark.parametrize("sizes", [[1, 1, 1], [2, 1, 1, 1], [1, *[3] * 8, 1]])
@pytest.mark.parametrize("i", [1, None])
def test_no_factor_lies_over_the_key_nor_the_title_over_a_heading(
    sizes: list[int], i: int | None
) -> None:
    network = kb.Network(sizes, hidden="tanh", output="sigmoid")
    explanation = kb.explain(network, network.init(0), [0.3] * sizes[0], [1.0], 2, i, 1)
    ax = figures.chain_paths(explanation)
    figure = ax.get_figure(root=True)
    assert isinstance(figure, Figure)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    key = ax.get_legend()
    assert key is not None
    [below] = boxes([key], canvas)
    [above] = boxes([ax._left_title], canvas)  # pyright: ignore[reportAttributeAccessIssue]
    for box in boxes(ax.texts, canvas):
        assert not box.overlaps(below)
        assert not box.overlaps(above)


def test_the_title_is_japanese_throughout() -> None:
    with figures.language("ja"):
        assert "：2 本の経路の和" in title(figures.chain_paths(seed()))
