from __future__ import annotations

import re
from typing import Any

import jax.numpy as jnp
import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from PIL import Image

from koubai import figures
from koubai.errors import ShapeError
from koubai.figures import style
from koubai.networks.network import Layer, Network, Params

SEED = Network([12, 3, 2], output="sigmoid")
WIDE = Network([64, 50, 50, 10], hidden=["relu", "tanh"])
SMALL = Network([2, 1], hidden="tanh", output="sigmoid")


def drawn(ax: Axes) -> np.ndarray:
    figure = ax.get_figure(root=True)
    assert isinstance(figure, Figure)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.array(canvas.buffer_rgba())


def texts(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


def weights(ax: Axes, layer: int) -> LineCollection:
    [found] = [c for c in ax.collections if c.get_gid() == f"weights {layer}"]
    assert isinstance(found, LineCollection)
    return found


def centres(ax: Axes) -> dict[str, tuple[float, float]]:
    """The middle of each unit, by its layer and number."""
    middle: dict[str, tuple[float, float]] = {}
    for patch in ax.patches:
        box = patch.get_path().get_extents()
        middle[str(patch.get_gid())] = ((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2)
    return middle


def with_biases(network: Network, seed: int = 3) -> Params:
    rng = np.random.default_rng(seed)
    return tuple(
        Layer(layer.w, jnp.asarray(rng.normal(size=layer.b.shape), jnp.float32))
        for layer in network.init(seed)
    )


# --- what is drawn


def test_the_seeds_network_has_every_unit_connection_and_name() -> None:
    ax = figures.network_diagram(SEED)
    assert len(ax.patches) == 12 + 3 + 2
    assert len(weights(ax, 2).get_segments()) == 36
    assert len(weights(ax, 3).get_segments()) == 6
    names = set(texts(ax))
    for layer, units in [(2, 3), (3, 2)]:
        for j in range(1, units + 1):
            assert {f"${letter}^{{{layer}}}_{{{j}}}$" for letter in "zab"} <= names
    assert {f"$a^{{1}}_{{{i}}}$" for i in range(1, 13)} <= names
    assert {f"$x_{{{i}}}$" for i in range(1, 13)} <= names
    named = {text for text in names if text.startswith("$w")}
    incoming = {f"$w^{{2}}_{{1{i}}}$" for i in range(1, 10)}
    incoming |= {f"$w^{{2}}_{{1,{i}}}$" for i in (10, 11, 12)}
    assert named == incoming | {f"$w^{{3}}_{{1{i}}}$" for i in (1, 2, 3)}
    assert {"layer 1", "layer 2", "layer 3", "12 units", "hidden layer", "sigmoid"} <= names


def test_layers_stand_from_left_to_right_and_units_from_top_to_bottom() -> None:
    middle = centres(figures.network_diagram(SEED))
    for layer, units in [(1, 12), (2, 3), (3, 2)]:
        x, y = zip(*(middle[f"unit {layer} {j}"] for j in range(1, units + 1)), strict=True)
        np.testing.assert_allclose(x, x[0])
        assert list(y) == sorted(y, reverse=True)
        assert np.mean(y) == pytest.approx(0, abs=1e-12)
    assert middle["unit 1 1"][0] < middle["unit 2 1"][0] < middle["unit 3 1"][0]


def test_a_name_stands_on_the_line_of_its_weight() -> None:
    ax = figures.network_diagram(SEED)
    middle = centres(ax)
    for text in ax.texts:
        found = re.fullmatch(r"\$w\^\{(\d)\}_\{1,?(\d+)\}\$", text.get_text())
        if found is None:
            continue
        layer, i = int(found[1]), int(found[2])
        (_, y0), (_, y1) = middle[f"unit {layer - 1} {i}"], middle[f"unit {layer} 1"]
        line = weights(ax, layer).get_segments()[i - 1]
        np.testing.assert_allclose(line[:, 1], [y0, y1], atol=1e-9)
        x, y = text.get_position()
        assert np.interp(x, line[:, 0], line[:, 1]) == pytest.approx(y)


@pytest.mark.parametrize("units", [13, 64, 784])
def test_of_many_units_the_first_and_last_are_drawn_with_dots_between(units: int) -> None:
    ax = figures.network_diagram(Network([units, 12, 2]))
    middle = centres(ax)
    first = {int(name.split()[2]) for name in middle if name.startswith("unit 1")}
    assert {1, 2, 3, units - 1, units} == first
    assert len([name for name in middle if name.startswith("unit 2")]) == 12
    [dots] = [line for line in ax.lines if line.get_gid() == "dots 1"]
    y = np.asarray(dots.get_ydata(), float)
    assert middle["unit 1 3"][1] > y.max()
    assert y.min() > middle[f"unit 1 {units - 1}"][1]
    assert f"{units} units" in texts(ax)
    assert f"$w^{{2}}_{{1,{units}}}$" in texts(ax)


def test_the_signs_and_sizes_of_weights_are_those_of_the_parameters() -> None:
    w = np.array([[1.0, -2.0], [0.5, 4.0], [-1.0, 0.0]], np.float32)
    params = (Layer(jnp.asarray(w), jnp.asarray([0.25, -1.5])),)
    ax = figures.network_diagram(Network([3, 2]), params)
    lines = weights(ax, 2)
    signs = {to_rgb(style.NAVY): 1, to_rgb(style.VERMILION): -1}
    drawn_signs = [signs[to_rgb(tuple(c))] for c in np.asarray(lines.get_colors())]
    assert drawn_signs == [1, 1, -1, -1, 1, 1]  # unit by unit, w of 0 as positive
    widths = np.asarray(lines.get_linewidths())
    np.testing.assert_allclose(widths[[0, 3, 4]] / widths[4], [0.25, 0.5, 1.0])
    assert widths[5] == widths.min() > 0
    dashed = [style[1] is not None for style in lines.get_linestyle()]
    assert dashed == [False, False, True, True, False, False]
    shown = texts(ax)
    assert "$w^{2}_{13}$ = −1.00" in shown
    assert "$b^{2}_{1}$ = 0.25" in shown
    assert "$b^{2}_{2}$ = −1.50" in shown
    legend = ax.get_legend()
    assert legend is not None
    assert legend.get_title().get_text().endswith("= 4")


def test_weights_that_are_not_finite_are_told_apart() -> None:
    params = (Layer(jnp.asarray([[jnp.nan], [2.0]]), jnp.asarray([jnp.inf])),)
    ax = figures.network_diagram(SMALL, params)
    colours = [to_rgb(tuple(c)) for c in np.asarray(weights(ax, 2).get_colors())]
    assert colours == [to_rgb(style.INK), to_rgb(style.NAVY)]
    assert "$b^{2}_{1}$ = inf" in texts(ax)
    legend = ax.get_legend()
    assert legend is not None
    assert "NaN or Inf" in [text.get_text() for text in legend.get_texts()]
    drawn(ax)


def test_the_values_of_a_trace_stand_in_their_units() -> None:
    params = (Layer(jnp.asarray([[1.0], [-2.0]]), jnp.asarray([0.5])),)
    trace = SMALL.forward(params, np.array([3.0, 0.25]))
    ax = figures.network_diagram(SMALL, params, trace)
    middle = centres(ax)
    x, y = middle["unit 2 1"]
    inside = {
        text.get_text(): text.get_position()[0] - x
        for text in ax.texts
        if text.get_position()[1] == pytest.approx(y) and abs(text.get_position()[0] - x) < 0.5
    }
    assert list(inside) == ["3.00", "0.95"]  # z = 3 − 0.5 + 0.5, a = 1 / (1 + e⁻³) = 0.9526
    assert inside["3.00"] < 0 < inside["0.95"]
    assert {"0.25", "$z^{2}_{1}$", "$a^{2}_{1}$"} <= set(texts(ax))


def test_the_shade_of_a_unit_is_its_activation_beside_the_largest() -> None:
    network = Network([3, 4], output="identity")
    params = (Layer(jnp.zeros((3, 4)), jnp.asarray([2.0, 1.0, 0.0, -2.0])),)
    ax = figures.network_diagram(network, params, network.forward(params, np.ones(3)))
    shades = {str(patch.get_gid()): patch.get_facecolor() for patch in ax.patches}
    full, half, none, below = (np.array(to_rgb(shades[f"unit 2 {j}"])) for j in (1, 2, 3, 4))
    np.testing.assert_allclose(none, 1, atol=0.01)
    np.testing.assert_allclose(half, (full + none) / 2, atol=0.01)
    assert full[2] > full[0]  # bluish above 0
    assert below[0] > below[2]  # reddish below


# --- how it looks

DRAWINGS: dict[str, Any] = {
    "seed": lambda: figures.network_diagram(SEED),
    "values": lambda: figures.network_diagram(
        SEED, with_biases(SEED), SEED.forward(with_biases(SEED), np.arange(12) % 2)
    ),
    "small": lambda: figures.network_diagram(SMALL, SMALL.init(0)),
    "wide": lambda: figures.network_diagram(
        WIDE, WIDE.init(0), WIDE.forward(WIDE.init(0), np.linspace(0, 1, 64))
    ),
    "deep": lambda: figures.network_diagram(Network([2, *[3] * 8, 2])),
}


@pytest.mark.parametrize("name", list(DRAWINGS))
@pytest.mark.parametrize("language", ["en", "ja"])
def test_nothing_is_cut_and_the_file_is_small(name: str, language: str, japanese, tmp_path) -> None:
    before = dict(mpl.rcParams)
    with figures.language(language):
        ax = DRAWINGS[name]()
    pixels = drawn(ax)[..., :3]
    assert (pixels.min(axis=2) < 128).mean() > 0.003
    edges = [pixels[:2], pixels[-2:], pixels[:, :2], pixels[:, -2:]]
    assert all((edge > 240).all() for edge in edges)
    file = figures.save(ax, tmp_path / "network.png")
    assert file.stat().st_size < 150_000
    with Image.open(file) as image:
        assert max(image.size) < 2200
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("name", ["seed", "wide"])
def test_names_of_units_do_not_overlap(name: str) -> None:
    """Those of weights lie on crossing lines; the rest of the letters must stand free."""
    ax = DRAWINGS[name]()
    drawn(ax)
    boxes = [text.get_window_extent() for text in ax.texts if not text.get_text().startswith("$w")]
    for index, box in enumerate(boxes):
        for other in boxes[index + 1 :]:
            overlap = (
                min(box.x1, other.x1) - max(box.x0, other.x0),
                min(box.y1, other.y1) - max(box.y0, other.y0),
            )
            assert min(overlap) < 3, "letters touch"


def test_words_are_in_the_chosen_language(japanese: None) -> None:
    with figures.language("ja"):
        ax = figures.network_diagram(SEED)
    assert {"層 1", "入力層", "中間層", "出力層", "ユニット 12 個"} <= set(texts(ax))


def test_axes_of_the_users_own_are_drawn_on_with_smaller_letters() -> None:
    ax = Figure(figsize=(4, 3)).add_subplot()
    assert figures.network_diagram(SEED, ax=ax) is ax
    large = figures.network_diagram(SEED)
    assert ax.texts[0].get_fontsize() < 0.6 * large.texts[0].get_fontsize()


# --- bad input


def test_parameters_of_another_network() -> None:
    with pytest.raises(ShapeError, match=r"params have shapes"):
        figures.network_diagram(SEED, SMALL.init(0))


@pytest.mark.parametrize("x", [np.ones((5, 12)), np.ones((1, 12))])
def test_the_trace_of_a_batch(x: np.ndarray) -> None:
    trace = SEED.forward(SEED.init(0), x)
    with pytest.raises(ShapeError, match="of a single example"):
        figures.network_diagram(SEED, trace=trace)


def test_the_trace_of_another_network() -> None:
    trace = SMALL.forward(SMALL.init(0), np.ones(2))
    with pytest.raises(ShapeError, match=r"\[12, 3, 2\]"):
        figures.network_diagram(SEED, trace=trace)
