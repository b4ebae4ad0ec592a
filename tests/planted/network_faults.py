"""Wrong backpropagations of a network, and right ones that look wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jax.numpy as jnp
import numpy as np
from planted.cases import Collection, NetworkCase
from planted.textbook import (
    SLOPES,
    Problem,
    backpropagate,
    changed,
    layer_of,
    problem,
    scaled,
    unit_at,
)

import koubai as kb

NETWORK_FAULTS = Collection()
_planted = NETWORK_FAULTS.add
_Random = np.random.Generator


def _square(rng: _Random, hidden: str | None = None) -> tuple[Problem, int]:
    """A problem with one square layer between unequal ones, and that layer's index."""
    n = int(rng.integers(3, 6))
    before, after = int(rng.integers(6, 9)), int(rng.integers(1, 3))
    sizes = [before] * int(rng.integers(0, 2)) + [before + 1, n, n, after]
    return problem(rng, hidden or "tanh", "identity", sizes=sizes), len(sizes) - 3


# --- Wrong by a factor


@_planted("factor")
def the_sum_over_the_batch_for_its_mean(rng: _Random) -> NetworkCase:
    p = problem(rng)
    n = p.batch
    return p.case(scaled(backpropagate(p), n), factor=n, batch=n)


@_planted("factor")
def divided_by_the_batch_twice(rng: _Random) -> NetworkCase:
    p = problem(rng)
    n = p.batch
    return p.case(scaled(backpropagate(p), 1 / n), factor=1 / n, batch=n)


@_planted("factor")
def t_minus_y(rng: _Random) -> NetworkCase:
    p = problem(rng)
    return p.case(scaled(backpropagate(p), -1), factor=-1)


@_planted("factor")
def twice_y_minus_t_for_a_halved_square(rng: _Random) -> NetworkCase:
    p = problem(rng, output="identity", loss="squared_error")
    return p.case(scaled(backpropagate(p), 2), factor=2)


@_planted("factor")
def the_two_of_the_square_forgotten(rng: _Random) -> NetworkCase:
    p = problem(rng, output="identity", loss="mean_squared_error")
    return p.case(scaled(backpropagate(p), 0.5), factor=0.5)


@_planted("factor")
def biases_averaged_where_they_must_be_summed(rng: _Random) -> NetworkCase:
    p = problem(rng)  # δ.mean(axis=0), though δ carries the 1/N already
    n = p.batch
    mine = tuple(layer_of(w, b / n) for w, b in backpropagate(p))
    return p.case(mine, factor=1 / n, batch=n)


@_planted("factor")
def the_inputs_of_one_layer_not_scaled(rng: _Random) -> NetworkCase:
    p = problem(rng)  # as when a'ᵀ·δ uses the pixels 0 … 255 and the forward pass 0 … 1
    mine = backpropagate(p)
    return p.case(changed(mine, 0, w=mine[0].w * 255), factor=255, layer=0)


# --- Transposed


@_planted("transposed")
def weights_not_transposed_on_the_way_back(rng: _Random) -> NetworkCase:
    p, square = _square(rng)
    return p.case(backpropagate(p, transposed=[square]), layer=square)


@_planted("transposed")
def no_weights_transposed_in_a_deep_square_network(rng: _Random) -> NetworkCase:
    n, depth = int(rng.integers(3, 6)), int(rng.integers(3, 6))
    p = problem(rng, "sigmoid", "softmax", sizes=[n] * (depth + 1), spread=1.5)
    return p.case(backpropagate(p, transposed=range(1, depth)))


@_planted("transposed")
def the_gradient_of_a_square_layer_transposed(rng: _Random) -> NetworkCase:
    p, square = _square(rng)  # δᵀ·a for aᵀ·δ
    mine = backpropagate(p)
    return p.case(changed(mine, square, w=mine[square].w.T), layer=square)


# --- Something is missing


@_planted("missing bias")
def the_biases_of_one_layer_left_out(rng: _Random) -> NetworkCase:
    p = problem(rng, hidden=["tanh", "sigmoid"])
    layer = int(rng.integers(3))
    mine = backpropagate(p)
    return p.case(changed(mine, layer, b=np.zeros_like(mine[layer].b)), layer=layer)


@_planted("missing bias")
def all_biases_left_out(rng: _Random) -> NetworkCase:
    p = problem(rng)
    return p.case(tuple(layer_of(w, np.zeros_like(b)) for w, b in backpropagate(p)))


@_planted("missing derivative")
def the_derivative_of_one_hidden_layer_left_out(rng: _Random) -> NetworkCase:
    hidden = [str(h) for h in rng.permutation(["tanh", "sigmoid", "softplus"])]
    p = problem(rng, hidden, spread=1.5)
    layer = int(rng.integers(3))
    return p.case(backpropagate(p, without_derivative=[layer]), layer=layer)


@_planted("missing derivative")
def the_derivative_of_relu_left_out(rng: _Random) -> NetworkCase:
    p = problem(rng, "relu", "softmax", sizes=[4, 9, 3], batch=7)
    return p.case(backpropagate(p, without_derivative=[0]), layer=0)


@_planted("missing derivative")
def the_derivative_of_the_output_left_out(rng: _Random) -> NetworkCase:
    output = str(rng.choice(["sigmoid", "tanh"]))  # y − t is right for cross-entropy alone
    p = problem(rng, output=output, loss="squared_error")
    layer = len(p.hidden)
    return p.case(backpropagate(p, without_derivative=[layer]), layer=layer)


# --- Right gradients at a kink: `unit` of `layer` has this z for one example


def _kinked(rng: _Random, z: float, h: float | None, relu: str = "relu") -> NetworkCase:
    hidden = ["tanh", relu] if rng.random() < 0.5 else [relu, "tanh"]
    layer = hidden.index(relu)
    p = problem(rng, hidden, "identity", sizes=[4, 5, 3, 2])
    unit, example = int(rng.integers(p.sizes[layer + 1])), int(rng.integers(p.batch))
    p = unit_at(p, layer, unit, example, z)
    return p.case(backpropagate(p), step=h, layer=layer, unit=unit, z=z)


@_planted("kink", "agrees")  # a smaller step sees no kink
def a_relu_within_the_usual_step(rng: _Random) -> NetworkCase:
    return _kinked(rng, float(rng.choice([-1, 1]) * rng.uniform(0.2e-6, 2e-6)), None)


@_planted("kink")
def a_relu_nearer_to_its_kink_than_any_step(rng: _Random) -> NetworkCase:
    return _kinked(rng, float(rng.choice([-1, 1]) * rng.uniform(0.5e-12, 2e-12)), None)


@_planted("kink")
def a_relu_within_the_step_given(rng: _Random) -> NetworkCase:
    h = float(rng.choice([1e-3, 1e-4]))
    return _kinked(rng, float(rng.choice([-1, 1]) * rng.uniform(0.1, 0.5) * h), h)


@_planted("kink")
def a_leaky_relu_within_the_step_given(rng: _Random) -> NetworkCase:
    h = float(rng.choice([1e-3, 1e-4]))
    return _kinked(rng, float(rng.choice([-1, 1]) * rng.uniform(0.1, 0.5) * h), h, "leaky_relu")


@_planted("kink")
def relus_exactly_on_their_kink(rng: _Random) -> NetworkCase:
    p = problem(rng, "relu", "identity", sizes=[4, 6, 2])  # a blank image and biases of 0
    w = p.params[0].w
    p = replace(
        p,
        x=np.vstack([p.x, np.zeros(4)]),
        t=np.vstack([p.t, np.ones(2)]),
        params=changed(p.params, 0, w=w, b=np.zeros(6)),
    )
    return p.case(backpropagate(p), layer=0, z=0)


# --- The step


@_planted("step")
def a_step_far_too_large(rng: _Random) -> NetworkCase:
    p = problem(rng, str(rng.choice(["tanh", "sigmoid", "softplus"])), spread=1.5)
    return p.case(backpropagate(p), step=float(rng.choice([0.3, 0.5, 1.0])))


@_planted("step")
def a_step_far_too_small(rng: _Random) -> NetworkCase:
    p = problem(rng, str(rng.choice(["tanh", "sigmoid", "softplus"])))
    return p.case(backpropagate(p), step=float(rng.choice([1e-13, 1e-14, 1e-15])))


# --- The check says nothing, for every gradient is 0 here


def _dead(rng: _Random) -> Problem:
    hidden = ["relu"] * int(rng.integers(1, 4))
    p = problem(rng, hidden, "relu", "squared_error")
    params = tuple(layer_of(w, np.asarray(b) - 60) for w, b in p.params)
    return replace(p, params=params)


@_planted("vacuous")
def every_relu_dead(rng: _Random) -> NetworkCase:
    p = _dead(rng)
    return p.case(backpropagate(p))


@_planted("vacuous")
def a_wrong_gradient_where_every_relu_is_dead(rng: _Random) -> NetworkCase:
    p = _dead(rng)  # the sign, the batch and a derivative are wrong, and all of it times 0
    return p.case(scaled(backpropagate(p, without_derivative=[0]), -p.batch))


@_planted("vacuous")
def step_functions_throughout(rng: _Random) -> NetworkCase:
    p = problem(rng, "step", "step", "squared_error")
    return p.case(backpropagate(p))


@_planted("vacuous")
def outputs_saturated_to_the_last_bit(rng: _Random) -> NetworkCase:
    p = problem(rng, "sigmoid", "tanh", "squared_error")
    last = p.params[-1]
    signs = rng.choice([-1.0, 1.0], len(last.b))
    p = replace(p, params=changed(p.params, len(p.hidden), b=400 * signs))
    return p.case(backpropagate(p))


@_planted("vacuous", "agrees")  # the last biases are compared after all
def every_hidden_relu_dead(rng: _Random) -> NetworkCase:
    p = problem(rng, "relu", "softmax")
    params = tuple(layer_of(w, np.asarray(b) - 60) for w, b in p.params[:-1])
    p = replace(p, params=(*params, p.params[-1]))
    return p.case(backpropagate(p))


# --- A constant inside the logarithm of the loss, as the textbook has it


def _textbook_cross_entropy(y: Any, t: Any) -> Any:
    return -(t * jnp.log(y + 1e-7)).sum(axis=-1)


def _textbook_binary(y: Any, t: Any) -> Any:
    return -(t * jnp.log(y + 1e-7) + (1 - t) * jnp.log(1 - y + 1e-7)).sum(axis=-1)


@_planted("constant in log")
def cross_entropy_with_a_constant(rng: _Random) -> NetworkCase:
    p = problem(rng, output="softmax", spread=1.5)
    loss = kb.Loss("textbook_cross_entropy", _textbook_cross_entropy)
    return p.case(backpropagate(p), loss=loss, constant=1e-7)


@_planted("constant in log")
def binary_cross_entropy_with_a_constant(rng: _Random) -> NetworkCase:
    p = problem(rng, output="sigmoid", spread=1.5)
    loss = kb.Loss("textbook_binary_cross_entropy", _textbook_binary)
    return p.case(backpropagate(p), loss=loss, constant=1e-7)


# --- Wrong without a name


@_planted("differs")
def a_single_wrong_weight(rng: _Random) -> NetworkCase:
    p = problem(rng)
    layer = int(rng.integers(len(p.params)))
    mine = backpropagate(p)
    w = np.array(mine[layer].w)
    i, j = (int(rng.integers(n)) for n in w.shape)
    w[i, j] += 0.3 * np.abs(w).max()
    return p.case(changed(mine, layer, w=w), layer=layer)


@_planted("differs")
def the_jacobian_of_softmax_taken_for_its_diagonal(rng: _Random) -> NetworkCase:
    p = problem(rng, output="softmax", loss="squared_error", sizes=[5, 4, 3])
    wrong = {"softmax": lambda z: _softmax(z) * (1 - _softmax(z))}
    return p.case(backpropagate(p, slopes=wrong), layer=1)


def _softmax(z: Any) -> Any:
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)


@_planted("differs")
def the_derivative_of_sigmoid_for_tanh(rng: _Random) -> NetworkCase:
    p = problem(rng, "tanh")
    return p.case(backpropagate(p, slopes={"tanh": SLOPES["sigmoid"]}))


@_planted("differs")
def the_derivative_of_tanh_without_its_square(rng: _Random) -> NetworkCase:
    p = problem(rng, "tanh")
    return p.case(backpropagate(p, slopes={"tanh": lambda z: 1 - np.tanh(z)}))


@_planted("differs")
def the_derivative_of_sigmoid_taken_at_a_in_place_of_z(rng: _Random) -> NetworkCase:
    p = problem(rng, "sigmoid", spread=1.5)
    slope = SLOPES["sigmoid"]
    return p.case(backpropagate(p, slopes={"sigmoid": lambda z: slope(1 / (1 + np.exp(-z)))}))


@_planted("differs")
def only_the_first_example_of_the_batch(rng: _Random) -> NetworkCase:
    p = problem(rng, "tanh", batch=5)
    return p.case(backpropagate(replace(p, x=p.x[:1], t=p.t[:1])), batch=5)


@_planted("differs")
def two_columns_swapped(rng: _Random) -> NetworkCase:
    p = problem(rng, "tanh", sizes=[5, 4, 3])
    mine = backpropagate(p)
    return p.case(changed(mine, 0, w=np.asarray(mine[0].w)[:, [1, 0, 2, 3]]), layer=0)


@_planted("differs")
def a_tiny_gradient_with_one_wrong_element(rng: _Random) -> NetworkCase:
    p = problem(rng, "tanh", "identity", sizes=[4, 5, 2])  # about 1e-9: no tolerance of 1e-5
    y = p.forward()[1][-1]
    p = replace(p, t=y + 1e-9 * p.t)
    mine = backpropagate(p)
    w = np.array(mine[1].w)
    w[2, 1] *= 3
    return p.case(changed(mine, 1, w=w), layer=1)
