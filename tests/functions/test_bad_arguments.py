"""What is passed to functions, networks, gradients and descents by mistake is answered in a line.

Every public door meets every kind of wrong value; what the answer says is looked at door by door.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import koubai as kb
from koubai.descent.directions import directions
from koubai.errors import DataError, FunctionError, KoubaiError, SettingError, ShapeError
from koubai.functions.arguments import as_array, as_float, as_number, as_point, whole_number
from koubai.objectives.grid import curve, grid

# No number of any shape can be read from these.
NOT_NUMBERS = [
    "a",
    "3",
    ["a", "b"],
    None,
    [None, 1.0],
    [[1, 2], [3]],
    1 + 2j,
    [1j, 2.0],
    object(),
    {"a": 1},
    {1, 2},
    b"ab",
    np.array([1, None, "x"], object),
    np.array(["2020-01-01"], "M8[D]"),
    lambda x: x,
    math,
]
# Nor is any of these a number in a range that a setting has, above 0 and finite.
NO_SETTING = [*NOT_NUMBERS, True, -1, 0, math.nan, -math.inf, [], [0.1, 0.2], np.ones((2, 3))]

NETWORK = kb.Network([3, 4, 2])
PARAMS = NETWORK.init(seed=1)
X, T = np.linspace(-1, 1, 15).reshape(5, 3), [0, 1, 1, 0, 1]


def bowl(x: Any) -> Any:
    return (x**2).sum()


def descend(**arguments: Any) -> Any:
    return kb.descend(**{"f": bowl, "start": [1.0, 2.0], "learning_rate": 0.1, **arguments})


DOORS: dict[str, Callable[[Any], Any]] = {
    "relu": kb.activations.relu,
    "softmax": kb.activations.softmax,
    "gelu'": kb.activations.gelu.derivative,
    "loss y": lambda bad: kb.losses.cross_entropy(bad, [0, 1]),
    "loss t": lambda bad: kb.losses.squared_error([[0.3, 0.7]], bad),
    "loss' t": lambda bad: kb.losses.huber.derivative([0.3, 0.7], bad),
    "surface": kb.surfaces.beale,
    "expression": lambda bad: kb.expression("x0**2 + x1")(bad),
    "activation": lambda bad: kb.activations[bad],
    "optimiser": lambda bad: kb.optimisers[bad],
    "sizes": kb.Network,
    "a size": lambda bad: kb.Network([3, bad, 2]),
    "hidden": lambda bad: kb.Network([3, 4, 2], hidden=[bad]),
    "output": lambda bad: kb.Network([3, 4, 2], output=bad),
    "initialiser": lambda bad: kb.Network([3, 4, 2], initialiser=[bad, "he"]),
    "seed": NETWORK.init,
    "forward x": lambda bad: NETWORK.forward(PARAMS, bad),
    "forward params": lambda bad: NETWORK.forward(bad, X),
    "forward w": lambda bad: NETWORK.forward((kb.Layer(bad, PARAMS[0].b), PARAMS[1]), X),
    "backprop network": lambda bad: kb.backprop(bad, PARAMS, X, T),
    "backprop params": lambda bad: kb.backprop(NETWORK, bad, X, T),
    "backprop x": lambda bad: kb.backprop(NETWORK, PARAMS, bad, T),
    "backprop t": lambda bad: kb.backprop(NETWORK, PARAMS, X, bad),
    "backprop loss": lambda bad: kb.backprop(NETWORK, PARAMS, X, T, [bad]),
    "network_loss network": lambda bad: kb.network_loss(bad, PARAMS, X, T),
    "check network": lambda bad: kb.check_gradients(bad, PARAMS, X, T),
    "check params": lambda bad: kb.check_gradients(NETWORK, bad, X, T),
    "check x": lambda bad: kb.check_gradients(NETWORK, PARAMS, bad, T),
    "differences params": lambda bad: kb.finite_differences(NETWORK, bad, X, T),
    "numerical x": lambda bad: kb.numerical_gradient(bowl, bad),
    "gradient x": lambda bad: kb.gradient(bowl, bad),
    "check_gradient x": lambda bad: kb.check_gradient(bowl, lambda x: 2 * x, bad),
    "check_gradient answer": lambda bad: kb.check_gradient(bowl, lambda x: bad, [1.0, 2.0]),
    "start": lambda bad: kb.descend(bowl, start=bad),
    "f's answer": lambda bad: kb.descend(lambda x: bad, start=[1.0, 2.0]),
    "optimizer": lambda bad: descend(optimizer=bad),
    "compare": lambda bad: kb.compare(bowl, bad, [1.0, 2.0]),
    "compare one": lambda bad: kb.compare(bowl, ["sgd", bad], [1.0, 2.0]),
    "objective start": lambda bad: kb.objective(bowl, bad),
    "Objective start": lambda bad: kb.Objective(bowl, bad),
    "objective value": lambda bad: kb.objective(bowl, [1.0, 2.0]).value(bad),
    "objective params": lambda bad: kb.objective(NETWORK, bad, kb.data.bitmaps()),
    "objective data": lambda bad: kb.objective(NETWORK, PARAMS, bad),
    "neuron x": lambda bad: kb.neuron(bad, [0.0, 1.0]),
    "neuron t": lambda bad: kb.neuron([0.0, 1.0], bad),
    "neuron start": lambda bad: kb.neuron([0.0, 1.0], [0.0, 1.0], start=bad),
    "neuron w": lambda bad: kb.neuron([0.0, 1.0], [0.0, 1.0]).chain_rule(bad, 0.5),
    "grid window": lambda bad: grid(bowl, bad, 5),
    "grid window's end": lambda bad: grid(bowl, ((0, 1), (0, bad)), 5),
    "curve interval": lambda bad: curve(bowl, bad, 5),
    "directions x": lambda bad: directions(bowl, bad),
}

SETTINGS: dict[str, Callable[[Any], Any]] = {
    "learning_rate": lambda bad: descend(learning_rate=bad),
    "steps": lambda bad: descend(steps=bad),
    "step": lambda bad: descend(gradient="numerical", step=bad),
    "numerical step": lambda bad: kb.numerical_gradient(bowl, [1.0, 2.0], bad),
    "compare rate": lambda bad: kb.compare(bowl, ["adam"], [1.0, 2.0], learning_rates=[bad]),
    "grid size": lambda bad: grid(bowl, ((0, 1), (0, 1)), bad),
    "directions radius": lambda bad: directions(bowl, [1.0, 2.0], bad),
    "directions count": lambda bad: directions(bowl, [1.0, 2.0], 0.1, bad),
}
MAY_BE_NONE = {"learning_rate", "steps", "step", "numerical step", "compare rate"}


@pytest.mark.parametrize("door", DOORS)
def test_what_is_not_made_of_numbers_is_answered_in_one_line(door) -> None:
    for bad in NOT_NUMBERS:
        with pytest.raises(KoubaiError) as caught:
            DOORS[door](bad)
        assert len(str(caught.value).splitlines()) == 1, (door, bad)


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_setting_out_of_range_is_answered_in_one_line(setting) -> None:
    for bad in NO_SETTING:
        if bad is None and setting in MAY_BE_NONE:
            continue
        with pytest.raises(SettingError) as caught:
            SETTINGS[setting](bad)
        assert len(str(caught.value).splitlines()) == 1, (setting, bad)


@dataclasses.dataclass
class Valley:
    """A function that compares its fields and so cannot be hashed."""

    steepness: float

    def __call__(self, x: Any) -> Any:
        return self.steepness * (x**2).sum()


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: kb.activations.relu([[1, 2], [3]]), DataError, "z is .* different lengths"),
        (lambda: kb.activations.softmax([]), ShapeError, "z is empty"),
        (lambda: kb.activations.relu("a"), DataError, "z is 'a', which cannot be read"),
        (lambda: kb.losses.huber([1j], [1.0]), DataError, r"y is \[1j\]"),
        (lambda: kb.losses.huber([1.0], None), DataError, "t is None"),
        (
            lambda: kb.losses.cross_entropy(np.full((3, 2), 0.5), [[1, 0, 1], [0, 1, 0]]),
            ShapeError,
            "t lies on its side, give t.T",
        ),
        (
            lambda: kb.losses.cross_entropy(np.full((3, 2), 0.5), [1.0, 0.0, 1.0]),
            ShapeError,
            r"labels are integers, t.astype\(int\)",
        ),
        (lambda: kb.Network([3, 4, 2], hidden=jnp.tanh), KeyError, "kb.Activation.'mine', f"),
        (lambda: kb.losses.find(bowl), KeyError, "kb.Loss.'mine', each"),
        (lambda: kb.Network([3, True, 2]), SettingError, r"sizes is \[3, True, 2\]"),
        (lambda: kb.Network([3, 2.5, 2]), SettingError, r"sizes is \[3, 2.5, 2\]"),
        (lambda: kb.Network([3, 2], initialiser="he("), KeyError, "Did you mean 'he'"),
        (lambda: kb.Network([3, 2], initialiser="normal(0.1"), SettingError, "closing bracket"),
        (lambda: kb.backprop(3, PARAMS, X, T), SettingError, "network is 3: give a kb.Network"),
        (lambda: kb.backprop(NETWORK, kb.Network([3, 5, 2]).init(), X, T), ShapeError, "init"),
        (lambda: NETWORK.forward(X, X), ShapeError, "params is array.*network.init"),
        (lambda: kb.numerical_gradient(3, [1.0]), FunctionError, "f is 3: give a function"),
        (lambda: kb.descend("x0**2", [1.0]), FunctionError, "f is 'x0[*][*]2'"),
        (
            lambda: kb.gradient(lambda x, y: x + y, [1.0, 2.0]),
            FunctionError,
            "f does not take one argument .*'y'.*: let it take one array",
        ),
        (
            lambda: kb.check_gradient(bowl, 3, [1.0]),
            FunctionError,
            "grad_f is 3",
        ),
        (lambda: kb.compare(bowl, [], [1.0]), SettingError, "list of names"),
        (lambda: kb.compare(bowl, "adam", [1.0]), SettingError, "optimizers is 'adam'"),
        (lambda: kb.compare(bowl, ["sgd", "adam", "sgd"], [1.0]), SettingError, "'sgd' twice"),
        (lambda: descend(steps=10**400), SettingError, "steps is 1000.*up to 2,147"),
        (lambda: descend(steps=10.0), SettingError, "steps is 10.0: give a whole number"),
        (lambda: kb.neuron([0, 1], [0, 1], start=[1.0]), ShapeError, "the two numbers w and b"),
        (lambda: kb.objective(NETWORK, PARAMS, 3), SettingError, "data is 3: give a Dataset"),
        (lambda: kb.surfaces["bwol"], KeyError, "Did you mean 'bowl'"),
    ],
)  # fmt: skip
def test_the_answer_names_the_argument_and_what_to_do(call, kind, words) -> None:
    with pytest.raises(kind, match=words):
        call()


@pytest.mark.filterwarnings("ignore:invalid value encountered in log")
@pytest.mark.parametrize("log", [jnp.log, np.log, math.log])
def test_a_step_that_leaves_the_domain_is_said_and_a_smaller_one_works(log) -> None:
    def f(x: Any) -> Any:
        return log(x[1])

    where = "" if log is math.log else r", in x\[1\] = 1e-06"
    words = f"no finite number a step h beside it{where}: give a smaller h, such as step=1e-09"
    with pytest.raises(FunctionError, match=words):
        kb.numerical_gradient(f, [3.0, 1e-6])
    # (log(x + h) − log(x − h)) / 2h = 1/x · (1 + (h/x)²/3 + …)
    np.testing.assert_allclose(kb.numerical_gradient(f, [3.0, 1e-6], 1e-9), [0, 1e6], rtol=1e-6)
    with pytest.raises(FunctionError, match="smaller step="):
        kb.descend(f, [3.0, 1e-6], 0.1, gradient="numerical")


def test_an_error_of_the_functions_own_comes_through() -> None:
    def f(x: Any) -> float:
        raise ValueError("the sensor is off")

    with pytest.raises(ValueError, match="the sensor is off"):
        kb.numerical_gradient(f, [1.0, 2.0])


def test_a_function_that_cannot_be_hashed_is_descended() -> None:
    with pytest.raises(TypeError):
        hash(Valley(0.5))
    path = kb.descend(Valley(0.5), [3.0, -4.0], learning_rate=0.1, steps=2)  # x ← 0.9 x
    np.testing.assert_allclose(path.points[2], [2.43, -3.24])
    comparison = kb.compare(Valley(2.0), ["sgd", "adam"], [1.0, 2.0], steps=3)
    assert list(comparison.paths) == ["sgd", "adam"]


def test_a_function_keeps_and_changes_the_array_it_is_given() -> None:
    seen = []

    def f(x: np.ndarray) -> float:
        seen.append(x)
        value = float(np.asarray(x) @ np.asarray(x))
        x *= 0
        return value

    path = kb.descend(f, [3.0, 4.0], learning_rate=0.1, steps=2, gradient="numerical")
    np.testing.assert_allclose(path.points, [[3, 4], [2.4, 3.2], [1.92, 2.56]], rtol=1e-9)
    assert len({id(x) for x in seen}) == len(seen)


def test_what_converts_numbers() -> None:
    assert as_float([1, 2], "x").dtype == np.float32
    assert as_array([1, 2], "x").dtype == np.int32
    assert as_point(np.float32([1, 2]), "x").dtype == np.float32
    np.testing.assert_array_equal(as_point([10**20, 1], "x"), [1e20, 1.0])
    assert as_number(np.float32(0.5)) == as_number(jnp.float32(0.5)) == 0.5
    assert math.isnan(as_number(True))
    assert math.isnan(as_number("0.5"))
    assert whole_number("n", np.int64(7), 0) == 7
    # A list of traced numbers is an array of them, not an error.
    slope = jax.grad(lambda x: as_float([x[0], 3 * x[1]], "x").sum())(jnp.array([1.0, 2.0]))
    np.testing.assert_array_equal(slope, [1.0, 3.0])


def test_a_record_of_ones_own_finds_its_derivative() -> None:
    z = np.linspace(-2, 3, 21).reshape(7, 3)
    sine = kb.Activation("sine", jnp.sin)
    np.testing.assert_allclose(sine.derivative(z), np.cos(z), rtol=1e-5, atol=1e-6)
    own = kb.Activation("own softmax", kb.activations.softmax.value, elementwise=False)
    np.testing.assert_allclose(
        own.derivative(z), kb.activations.softmax.derivative(z), rtol=1e-5, atol=1e-6
    )
    cube = kb.Loss("cube", lambda y, t: (jnp.abs(y - t) ** 3).sum(axis=-1))
    y, t = np.array([[0.5, 2.0], [-1.0, 3.0]]), np.array([[1.0, 1.0], [1.0, 1.0]])
    expected = 3 * np.abs(y - t) * (y - t) / 2
    np.testing.assert_allclose(cube.derivative(y, t), expected, rtol=1e-6)
    network = kb.Network([3, 4, 2], hidden=sine, output="identity")
    assert kb.check_gradients(network, network.init(seed=2), X, np.ones((5, 2)), cube).passed


def test_results_show_themselves_on_one_screen() -> None:
    network = kb.Network([784, 50, 10])
    params = network.init(seed=0)
    x = np.ones((20, 784), np.float32)
    shown = [params, network.forward(params, x), kb.backprop(network, params, x, [3] * 20)]
    shown.append(kb.data.digits().train)
    for thing in shown:
        assert len(repr(thing)) < 400, repr(thing)
    assert repr(kb.Layer(jnp.array([[3.0], [4.0]]), jnp.array([2.0]))) == (
        "Layer(w (2, 1) ‖·‖ 5, b (1,) ‖·‖ 2)"
    )
    assert repr(kb.data.bitmaps().train) == (
        "Split(64 examples: x (64, 12) of 1 · uint8, t (64,) of int32)"
    )
