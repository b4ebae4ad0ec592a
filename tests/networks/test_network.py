"""Networks: what they compute, how they print, what they draw and what they refuse."""

from __future__ import annotations

import itertools
import math
import pickle
import random

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import koubai as kb
from koubai.engine import float64
from koubai.errors import SettingError, ShapeError, UnknownNameError
from koubai.networks.network import Layer, Params


def random_params(sizes: list[int], seed: int) -> Params:
    """Weights and biases in float64, none of them 0. To be used inside float64()."""
    generator = np.random.default_rng(seed)
    return tuple(
        Layer(
            w=jnp.asarray(generator.normal(0, 1, (inputs, units))),
            b=jnp.asarray(generator.normal(0, 1, units)),
        )
        for inputs, units in itertools.pairwise(sizes)
    )


def test_the_network_of_the_slides_has_47_parameters() -> None:
    network = kb.Network([12, 3, 2], hidden="sigmoid", output="sigmoid")
    params = network.init()
    assert network.parameter_count == 47
    assert sum(array.size for layer in params for array in layer) == 47
    assert [(layer.w.shape, layer.b.shape) for layer in params] == [((12, 3), (3,)), ((3, 2), (2,))]


def test_it_prints_itself_as_a_table() -> None:
    network = kb.Network([12, 3, 2], hidden="tanh", output="softmax")
    rows = [line.split() for line in str(network).splitlines()]
    assert rows == [
        ["layer", "units", "activation", "parameters"],
        ["1", "12", "0"],
        ["2", "3", "tanh", "39"],
        ["3", "2", "softmax", "8"],
        ["total", "47"],
    ]
    assert len({len(line) for line in str(network).splitlines()}) == 1  # the columns stand in line


def test_its_repr_makes_it_again() -> None:
    network = kb.Network([5, 4, 3, 2], hidden=["relu", "elu"], output="identity")
    assert eval(repr(network), {"Network": kb.Network}) == network  # noqa: S307
    assert network.output is kb.activations.identity


def test_equal_networks_are_one_key() -> None:
    twins = [kb.Network([5, 4, 2], hidden=hidden) for hidden in ("relu", ["relu"])]
    twins.append(kb.Network((5, np.int64(4), 2), hidden=kb.activations.relu))
    assert len(set(twins)) == 1
    others = [
        kb.Network([5, 4, 2], hidden="elu"),
        kb.Network([5, 4, 2], hidden="relu", output="identity"),
        kb.Network([5, 4, 2], hidden="relu", initialiser="xavier"),
        kb.Network([5, 4, 3], hidden="relu"),
    ]
    assert len({twins[0], *others}) == 5


def test_the_slides_weights_and_ours() -> None:
    """z_j = Σ_i w_ji x_i + b_j, in loops over the slides' w[j][i], which is our w[i, j]."""
    dice = random.Random(8)  # noqa: S311
    x = [dice.gauss(0, 1) for _ in range(12)]
    w2 = [[dice.gauss(0, 1) for _ in range(12)] for _ in range(3)]
    b2 = [dice.gauss(0, 1) for _ in range(3)]
    w3 = [[dice.gauss(0, 1) for _ in range(3)] for _ in range(2)]
    b3 = [dice.gauss(0, 1) for _ in range(2)]

    z2 = [sum(w2[j][i] * x[i] for i in range(12)) + b2[j] for j in range(3)]
    a2 = [1 / (1 + math.exp(-z)) for z in z2]
    z3 = [sum(w3[j][i] * a2[i] for i in range(3)) + b3[j] for j in range(2)]
    a3 = [1 / (1 + math.exp(-z)) for z in z3]

    network = kb.Network([12, 3, 2], hidden="sigmoid", output="sigmoid")
    with float64():
        params = (
            Layer(jnp.array([[w2[j][i] for j in range(3)] for i in range(12)]), jnp.array(b2)),
            Layer(jnp.array([[w3[j][i] for j in range(2)] for i in range(3)]), jnp.array(b3)),
        )
        trace = network.forward(params, np.array(x))
    for found, expected in zip(trace.weighted_inputs, (z2, z3), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-13)
    for found, expected in zip(trace.activations, (x, a2, a3), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-13)
    assert trace.output is trace.activations[-1]


def torch_twin(network: kb.Network, params: Params) -> list[torch.nn.Module]:
    modules = {
        "sigmoid": torch.nn.Sigmoid,
        "tanh": torch.nn.Tanh,
        "relu": torch.nn.ReLU,
        "leaky_relu": torch.nn.LeakyReLU,
        "elu": torch.nn.ELU,
        "gelu": torch.nn.GELU,
        "silu": torch.nn.SiLU,
        "identity": torch.nn.Identity,
        "softmax": lambda: torch.nn.Softmax(dim=-1),
    }
    chain: list[torch.nn.Module] = []
    for (w, b), activation in zip(params, network.activations, strict=True):
        linear = torch.nn.Linear(*w.shape, dtype=torch.float64)
        with torch.no_grad():
            linear.weight.copy_(torch.tensor(np.asarray(w).T))
            linear.bias.copy_(torch.tensor(np.asarray(b)))
        chain += [linear, modules[activation.name]()]
    return chain


@pytest.mark.parametrize(
    ("sizes", "hidden", "output"),
    [
        ([4, 3], [], "softmax"),
        ([7, 5, 1], ["relu"], "sigmoid"),
        ([3, 6, 5, 4], ["tanh", "softmax"], "identity"),
        ([2, 4, 3, 4, 3, 2], ["leaky_relu", "elu", "gelu", "silu"], "softmax"),
    ],
)
def test_forward_is_a_chain_of_pytorchs_linear_layers(sizes, hidden, output) -> None:
    network = kb.Network(sizes, hidden=hidden, output=output)
    x = np.random.default_rng(9).normal(2, 3, (6, sizes[0]))
    with float64():
        params = random_params(sizes, seed=1)
        trace = network.forward(params, x)
    values = [torch.tensor(x)]
    for module in torch_twin(network, params):
        values.append(module(values[-1]))
    expected = [value.detach().numpy() for value in values]
    for found, z in zip(trace.weighted_inputs, expected[1::2], strict=True):
        np.testing.assert_allclose(found, z, rtol=1e-12, atol=1e-12)
    for found, a in zip(trace.activations, expected[::2], strict=True):
        np.testing.assert_allclose(found, a, rtol=1e-12, atol=1e-12)


@settings(max_examples=5)
@given(seed=st.integers(0, 2**32 - 1))
def test_each_example_of_a_batch_is_computed_by_itself(seed: int) -> None:
    network = kb.Network([4, 3, 2], hidden="softmax", output="tanh")
    x = np.random.default_rng(seed).normal(size=(5, 4))
    with float64():
        params = random_params([4, 3, 2], seed)
        batch = network.forward(params, x)
        for n in range(5):
            alone = network.forward(params, x[n])
            for whole, one in zip(jax.tree.leaves(batch), jax.tree.leaves(alone), strict=True):
                assert one.shape == whole.shape[1:]
                np.testing.assert_allclose(one, whole[n], rtol=1e-13)


def test_linear_layers_collapse_into_one() -> None:
    """Why the activation must not be linear: the product of the matrices does the same."""
    sizes = [4, 7, 5, 3]
    deep = kb.Network(sizes, hidden="identity", output="softmax")
    flat = kb.Network([4, 3], output="softmax")
    x = np.random.default_rng(2).normal(1, 2, (6, 4))
    with float64():
        (w1, b1), (w2, b2), (w3, b3) = params = random_params(sizes, seed=3)
        one = (Layer(w=w1 @ w2 @ w3, b=(b1 @ w2 + b2) @ w3 + b3),)
        np.testing.assert_allclose(
            deep.forward(params, x).output, flat.forward(one, x).output, rtol=1e-10, atol=1e-14
        )


def test_integers_and_lists_are_inputs_too() -> None:
    network = kb.Network([2, 3, 1], output="identity")
    params = network.init(1)
    expected = network.forward(params, np.array([[1.0, 0.0], [3.0, 2.0]])).output
    for x in ([[1, 0], [3, 2]], np.array([[1, 0], [3, 2]], np.uint8)):
        np.testing.assert_array_equal(network.forward(params, x).output, expected)
        assert network.forward(params, x).output.dtype == jnp.float32


# --- Initial parameters


def test_the_same_seed_gives_the_same_bits() -> None:
    network = kb.Network([6, 5, 4, 3])
    first = jax.tree.leaves(network.init(7))
    with float64():
        in_float64 = jax.tree.leaves(network.init(7))
    for again in (jax.tree.leaves(network.init(7)), in_float64):
        for one, other in zip(first, again, strict=True):
            assert one.dtype == other.dtype == jnp.float32
            np.testing.assert_array_equal(one, other)


def test_other_seeds_and_other_layers_draw_other_weights() -> None:
    network = kb.Network([8, 8, 8], initialiser="normal")
    matrices = [np.asarray(layer.w) for seed in (0, 1) for layer in network.init(seed)]
    for i, one in enumerate(matrices):
        for other in matrices[:i]:
            assert (one != other).all()


def test_biases_begin_at_0_and_seed_0_is_the_default() -> None:
    network = kb.Network([3, 4, 2], initialiser="uniform")
    for layer, same in zip(network.init(), network.init(0), strict=True):
        assert not layer.b.any()
        np.testing.assert_array_equal(layer.w, same.w)


def test_every_layer_gets_the_initial_weights_that_suit_its_activation() -> None:
    network = kb.Network([3, 4, 5, 2], hidden=["relu", "sigmoid"], output="softmax")
    assert [str(initialiser) for initialiser in network.initialisers] == ["he", "xavier", "xavier"]
    own = kb.Network([9, 400, 300, 2], initialiser=["zeros", "normal(0.05)", "zeros"])
    first, second, third = (np.asarray(layer.w) for layer in own.init(2))
    assert not first.any()
    assert not third.any()
    assert abs(second.std() / 0.05 - 1) < 5 * math.sqrt(1 / 2 / second.size)


def test_the_size_of_a_layer_below_sets_its_variance() -> None:
    """He's variance is 2 / inputs: the inputs of the layer itself, and not its units."""
    network = kb.Network([50, 2000, 80], hidden="relu", output="relu")
    for layer, inputs in zip(network.init(0), (50, 2000), strict=True):
        assert abs(float(layer.w.var()) * inputs / 2 - 1) < 5 * math.sqrt(2 / layer.w.size)


# --- What is refused


@pytest.mark.parametrize(
    "sizes",
    [[], [5], [5, 0], [5, -1, 2], [5, 2.5, 2], [784, "50"], [math.nan, 2], [2, math.inf]],
    ids=str,
)
def test_sizes_that_are_no_layers(sizes) -> None:
    with pytest.raises(SettingError, match=r"sizes is \[.*whole numbers above 0.*\[784, 50, 10\]"):
        kb.Network(sizes)


@pytest.mark.parametrize("sizes", [784, None, "784"])
def test_sizes_that_are_no_list(sizes) -> None:
    with pytest.raises(SettingError, match="sizes is "):
        kb.Network(sizes)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"hidden": ["relu"]}, "hidden names 1 layers but the network has 2"),
        ({"hidden": ["relu"] * 3}, "hidden names 3 layers but the network has 2"),
        ({"hidden": []}, "hidden names 0 layers but the network has 2"),
        ({"initialiser": ["he", "he"]}, "initialiser names 2 layers but the network has 3"),
    ],
    ids=str,
)
def test_one_for_each_layer_or_one_for_all(arguments, message) -> None:
    with pytest.raises(SettingError, match=f"{message}: give one for all, or a list with one"):
        kb.Network([5, 4, 3, 2], **arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"hidden": "sigmod"}, "unknown activation 'sigmod'. Did you mean 'sigmoid'"),
        ({"hidden": ["relu", "reul"]}, "unknown activation 'reul'. Did you mean 'relu'"),
        ({"output": "sofmax"}, "unknown activation 'sofmax'. Did you mean 'softmax'"),
        ({"output": None}, "unknown activation None. Known: step, identity"),
        ({"initialiser": "glorot"}, "unknown initialiser 'glorot'"),
        ({"initialiser": ["he", "he", "xaver"]}, "'xaver'. Did you mean 'xavier'"),
        ({"hidden": 3}, "unknown activation 3"),
        ({"initialiser": 0.01}, "unknown initialiser 0.01"),
    ],
    ids=str,
)
def test_unknown_names(arguments, message) -> None:
    with pytest.raises(UnknownNameError) as caught:
        kb.Network([5, 4, 3, 2], **arguments)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("x", "columns"), [(np.zeros((7, 64)), "64"), (np.zeros(3), "3"), (1.0, "no"), ([[]], "0")]
)
def test_an_x_that_does_not_fit(x, columns) -> None:
    network = kb.Network([784, 5, 2])
    with pytest.raises(ShapeError) as caught:
        network.forward(network.init(), x)
    assert f"x has {columns} columns but the network takes 784 inputs" in str(caught.value)


def test_params_that_do_not_fit() -> None:
    network = kb.Network([3, 4, 2])
    right = network.init()
    wrong = {
        "of another network": kb.Network([3, 5, 2]).init(),
        "a layer missing": right[:1],
        "transposed": (Layer(right[0].w.T, right[0].b), right[1]),
        "a bias of the wrong size": (right[0], Layer(right[1].w, jnp.zeros(1))),
    }
    for params in wrong.values():
        with pytest.raises(ShapeError, match=r"params have shapes .*takes \[\(\(3, 4\), \(4,\)\)"):
            network.forward(params, np.zeros((6, 3)))


def test_a_network_can_be_pickled() -> None:
    """Processes of a grid over many cores are handed one."""
    network = kb.Network([4, 3, 2], hidden="gelu", initialiser="normal(0.2)")
    assert pickle.loads(pickle.dumps(network)) == network  # noqa: S301
