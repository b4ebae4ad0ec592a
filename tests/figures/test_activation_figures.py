from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

import koubai as kb
from koubai import figures
from koubai.errors import SettingError, ShapeError, UnknownNameError
from koubai.figures.formulas import set_formula

ELEMENTWISE = [name for name, record in kb.activations.items() if record.elementwise]


def phi(z: float) -> float:
    return math.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)


def normal(z: float) -> float:
    return (1 + math.erf(z / math.sqrt(2))) / 2


def logistic(z: float) -> float:
    return 1 / (1 + math.exp(-z))


# Value and derivative, written out with the standard library.
KNOWN: dict[str, tuple[Any, Any]] = {
    "sigmoid": (logistic, lambda z: logistic(z) * logistic(-z)),
    "tanh": (math.tanh, lambda z: 1 / math.cosh(z) ** 2),
    "relu": (lambda z: max(z, 0), lambda z: float(z > 0)),
    "step": (lambda z: float(z > 0), lambda z: 0.0),
    "gelu": (lambda z: z * normal(z), lambda z: normal(z) + z * phi(z)),
    "softplus": (lambda z: math.log1p(math.exp(z)), logistic),
}


def line(ax: Axes, gid: str) -> np.ndarray:
    [found] = [line for line in ax.lines if line.get_gid() == gid]
    points = np.array(found.get_data()).T
    return points[np.isfinite(points).all(axis=1)]


def drawn(ax: Axes) -> np.ndarray:
    figure = ax.get_figure(root=True)
    assert isinstance(figure, Figure)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.array(canvas.buffer_rgba())[..., :3]


def flat(ax: Axes) -> tuple[float, float] | None:
    """From where to where the panel is shaded."""
    for patch in ax.collections:
        if patch.get_gid() == "flat":
            x = np.concatenate([path.vertices for path in patch.get_paths()])[:, 0]
            return float(x.min()), float(x.max())
    return None


def texts(ax: Axes) -> str:
    return "\n".join([ax.get_title(loc="left"), *(text.get_text() for text in ax.texts)])


@pytest.mark.parametrize("name", list(KNOWN))
def test_the_lines_are_the_function_and_its_derivative(name: str) -> None:
    ax = figures.activation(name, (-3.0, 4.5))
    for gid, known in zip(("value", "derivative"), KNOWN[name], strict=True):
        z, a = line(ax, gid).T
        assert (z.min(), z.max()) == (-3, 4.5)
        np.testing.assert_allclose(a, [known(each) for each in z], rtol=1e-4, atol=2e-5)


@pytest.mark.parametrize("name", ELEMENTWISE)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_activation_is_drawn_and_nothing_is_cut(
    name: str, language: str, japanese: None
) -> None:
    with figures.language(language):
        ax = figures.activation(name)
    pixels = drawn(ax)
    assert (pixels.min(axis=2) < 128).mean() > 0.003
    edges = [pixels[:2], pixels[-2:], pixels[:, :2], pixels[:, -2:]]
    assert all((edge > 240).all() for edge in edges)
    assert name in texts(ax)
    assert "a(z)" in texts(ax)


def test_where_nothing_is_learnt_the_panel_is_shaded() -> None:
    relu, step = figures.activation("relu", (-5.0, 3.0)), figures.activation("step", (-5.0, 3.0))
    assert flat(relu) == (-5, 0)
    assert "here" in texts(relu)
    assert flat(step) == (-5, 3)
    assert "everywhere" in texts(step)
    assert flat(figures.activation("sigmoid")) is None
    assert flat(figures.activation("relu", (1.0, 3.0))) is None


def test_a_jump_has_a_dot_and_a_ring() -> None:
    ax = figures.activation("relu")
    np.testing.assert_array_equal(line(ax, "derivative at jump"), [[0, 0]])
    np.testing.assert_allclose(line(ax, "derivative after jump"), [[0, 1]], atol=1e-4)
    assert "value at jump" not in [line.get_gid() for line in ax.lines]
    np.testing.assert_array_equal(line(figures.activation("step"), "value at jump"), [[0, 0]])
    [cut] = [line for line in ax.lines if line.get_gid() == "derivative"]
    assert np.isnan(np.asarray(cut.get_ydata())).sum() == 1


def test_an_activation_of_ones_own() -> None:
    ax = figures.activation(kb.Activation("sine", jnp.sin))
    z, slope = line(ax, "derivative").T
    np.testing.assert_allclose(slope, np.cos(z), atol=1e-5)
    assert ax.get_title(loc="left").strip() == "sine"
    odd = kb.Activation("odd", jnp.sin, formula=r"\undefinedcommand{z}")
    drawn(figures.activation(odd))


def test_several_are_compared_beside_each_other() -> None:
    """Each has a panel of its own, so that none lies over another, to the same scale."""
    panels = figures.compare_activations(["tanh", "relu"], (-2.0, 2.0))
    for name, ax in zip(("tanh", "relu"), panels, strict=True):
        for gid, known in zip(("value", "derivative"), KNOWN[name], strict=True):
            z, a = line(ax, gid).T
            np.testing.assert_allclose(a, [known(each) for each in z], atol=2e-5)
        assert ax.get_title(loc="left") == name
        assert ax.get_ylim() == panels[0].get_ylim()
    assert (drawn(panels[0]).min(axis=2) < 128).mean() > 0.003
    axes = [Figure().add_subplot()]
    assert figures.compare_activations(["tanh"], axes=axes) == tuple(axes)


@pytest.mark.parametrize("name", ["softmax", "naive_softmax"])
def test_what_acts_on_a_whole_layer_is_no_curve(name: str) -> None:
    with pytest.raises(SettingError, match="whole layer"):
        figures.activation(name)


def test_what_cannot_be_drawn() -> None:
    with pytest.raises(UnknownNameError, match="sigmoid"):
        figures.activation("sigmoyd")
    for interval in ((1.0, 1.0), (2.0, -1.0), (0.0, math.inf), (math.nan, 1.0)):
        with pytest.raises(SettingError, match="interval"):
            figures.activation("tanh", interval)
    with pytest.raises(SettingError, match="names is empty"):
        figures.compare_activations([])
    with pytest.raises(ShapeError, match="1 axes, but there are 4 activations"):
        figures.compare_activations(axes=[Figure().add_subplot()])


@pytest.mark.parametrize("record", list(kb.activations.values()), ids=str)
def test_every_formula_can_be_set(record: Any) -> None:
    for formula in (record.formula, record.derivative_formula):
        assert set_formula(formula).startswith("$")


def test_cases_stand_in_one_row() -> None:
    formula = r"a = \begin{cases} z & z > 0 \\ 0 & z \le 0 \end{cases}"
    assert set_formula(formula).replace(" ", "") == r"$a=z\;(z>0),\;\;0\;(z\leq0)$"
    assert set_formula(r"\nonsense{") == r"\nonsense{"


# --- softmax


def test_the_stable_softmax_stays_and_the_naive_one_ends() -> None:
    ax = figures.softmax_overflow()
    shifts, stable = line(ax, "stable").T
    assert (shifts.min(), shifts.max()) == (-200, 200)
    np.testing.assert_allclose(stable, 1 / (1 + math.exp(-10) + math.exp(-20)), rtol=1e-6)
    sound, naive = line(ax, "naive").T
    largest = math.log(float(np.finfo(np.float32).max))  # 88.72
    assert sound.max() == pytest.approx(largest - 10, abs=0.25)
    smallest = [math.log(float(each)) for each in (np.float32(1e-45), np.finfo(np.float32).tiny)]
    assert smallest[0] - 11 < sound.min() < smallest[1] - 9
    middle = np.abs(sound) < 70
    np.testing.assert_allclose(naive[middle], stable[0], rtol=1e-6)
    patches = {patch.get_gid(): patch for patch in ax.patches}
    assert patches.keys() == {"overflow", "underflow"}
    assert patches["overflow"].get_extents().x0 > patches["underflow"].get_extents().x1
    assert "NaN" in texts(ax)
    assert "10 + c, 0 + c, −10 + c" in texts(ax)


def test_inputs_that_overflow_everywhere() -> None:
    ax = figures.softmax_overflow((1010, 1000, 990), reach=100)
    assert len(line(ax, "naive")) == 0
    assert [patch.get_gid() for patch in ax.patches] == ["overflow"]
    assert len(line(ax, "stable")) > 100


@pytest.mark.parametrize("language", ["en", "ja"])
def test_softmax_is_drawn_and_nothing_is_cut(language: str, japanese: None) -> None:
    with figures.language(language):
        pixels = drawn(figures.softmax_overflow())
    edges = [pixels[:2], pixels[-2:], pixels[:, :2], pixels[:, -2:]]
    assert all((edge > 240).all() for edge in edges)


@pytest.mark.parametrize("z", [(), (1.0,), (1.0, math.nan), ((1.0, 2.0), (3.0, 4.0))])
def test_inputs_of_another_kind(z: Any) -> None:
    with pytest.raises(SettingError, match="two finite numbers"):
        figures.softmax_overflow(z)


@pytest.mark.parametrize("reach", [0, -1, math.inf, math.nan])
def test_a_reach_out_of_range(reach: float) -> None:
    with pytest.raises(SettingError, match="reach"):
        figures.softmax_overflow(reach=reach)
