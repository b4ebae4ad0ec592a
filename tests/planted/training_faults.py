"""Trainings that fail, each for one reason. Comments give what was seen over the seeds."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import jax.numpy as jnp
import numpy as np
from planted.trainings import Trainings, clouds, few_digits, first, last

import koubai as kb
from koubai.networks.network import Layer, Params

TRAINING_FAULTS = Trainings()
_planted = TRAINING_FAULTS.add


def _at_chance(run: kb.Run) -> bool:
    return last(run, "train_accuracy") < 0.3


def _no_spirals(run: kb.Run) -> bool:
    return last(run, "train_accuracy") < 0.5 and last(run, "train_loss") > 1.05  # ln 3 is 1.10


def _learnt_nothing(run: kb.Run) -> bool:
    return last(run, "train_loss") > 0.9 * first(run, "train_loss")


def _blew_up(run: kb.Run) -> bool:
    return run.stopped == "diverged" or last(run, "train_loss") > 2 * first(run, "train_loss")


# --- Vanishing gradients


@_planted("vanishing gradients", shows=_at_chance)
def ten_layers_of_sigmoids_with_xavier(seed: int) -> kb.Run:
    # Seen: train loss 2.4 … 2.6 → 2.3; accuracy 0.1 … 0.14; test 0.1.
    network = kb.Network([64, *[25 + seed] * 10, 10], hidden="sigmoid", initialiser="xavier")
    return kb.train(network, few_digits(seed, 500), learning_rate=0.1, epochs=6, seed=seed)


@_planted("vanishing gradients", shows=_no_spirals)
def twelve_layers_of_sigmoids_on_spirals(seed: int) -> kb.Run:
    # Seen: train loss 1.1 … 1.4 → 1.1; accuracy 0.33; test 0.33.
    network = kb.Network([2, *[12 + seed] * 12, 3], hidden="sigmoid", initialiser="xavier")
    data = kb.data.spirals(seed=seed)
    return kb.train(network, data, learning_rate=0.2, batch_size=25, epochs=12, seed=seed)


@_planted("vanishing gradients", shows=_at_chance)
def five_layers_of_tanh_with_tiny_weights(seed: int) -> kb.Run:
    # Seen: train loss 2.3 → 2.3; accuracy 0.11 … 0.14; test 0.1.
    network = kb.Network([64, *[40 + seed] * 5, 10], hidden="tanh", initialiser="normal(0.01)")
    return kb.train(network, few_digits(seed, 500), learning_rate=0.05, epochs=10, seed=seed)


# --- Exploding gradients


@_planted("exploding gradients", "learning rate too large", shows=_blew_up)
def a_deep_linear_network_with_large_weights(seed: int) -> kb.Run:
    # Seen: diverged 7 of 7 times; train loss 1.5e+03 … 2.1e+06 → 7.2e+05 … 2.1e+06; test loss
    # 6.8e+05 … 2e+06.
    network = kb.Network(
        [1, *[20 + seed] * 6, 1], hidden="identity", output="identity", initialiser="normal(0.7)"
    )
    return kb.train(network, kb.data.sine(seed=seed), learning_rate=0.01, epochs=10, seed=seed)


@_planted("exploding gradients", "learning rate too large", shows=_blew_up)
def ten_layers_of_relu_with_large_weights(seed: int) -> kb.Run:
    # Seen: diverged 7 of 7 times; train loss 6.1e+04 … 2.4e+05 → 6.1e+04 … 2.4e+05; accuracy 0.07
    # … 0.12; test 0.06 … 0.1.
    network = kb.Network([64, *[40 + seed] * 10, 10], hidden="relu", initialiser="normal(0.6)")
    return kb.train(network, few_digits(seed, 500), learning_rate=0.01, epochs=10, seed=seed)


# --- Saturated units


def _stuck(run: kb.Run) -> bool:
    return last(run, "test_accuracy") < 0.85  # the same network with Xavier reaches 0.9


@_planted("saturated units", shows=_stuck)
def sigmoids_with_weights_of_ten(seed: int) -> kb.Run:
    # Seen: train loss 2.4 … 3.1 → 1.2 … 1.8; accuracy 0.55 … 0.73; test 0.45 … 0.65.
    network = kb.Network(
        [64, 20 + seed, 10], hidden="sigmoid", initialiser=["normal(10)", "xavier"]
    )
    return kb.train(network, few_digits(seed, 500), learning_rate=0.1, epochs=30, seed=seed)


@_planted("saturated units", shows=_stuck)
def two_layers_of_tanh_with_weights_of_ten(seed: int) -> kb.Run:
    # Seen: train loss 2.7 … 3.3 → 1.5 … 1.8; accuracy 0.37 … 0.49; test 0.32 … 0.42.
    network = kb.Network(
        [64, 30, 20 + seed, 10], hidden="tanh", initialiser=["normal(10)", "normal(10)", "xavier"]
    )
    return kb.train(network, few_digits(seed, 500), learning_rate=0.05, epochs=20, seed=seed)


# --- Dead units


def _mostly_dead(run: kb.Run) -> bool:
    """More than half of the hidden units put out 0 for every training example."""
    hidden = run.network.forward(run.params, run.data.train.x).activations[1:-1]
    dead = np.concatenate([(np.asarray(a) == 0).all(axis=0) for a in hidden])
    return bool(dead.mean() > 0.5)


def _with_biases(network: kb.Network, seed: int, bias: float) -> Params:
    *hidden, output = network.init(seed)
    return (*(Layer(w, jnp.full_like(b, bias)) for w, b in hidden), output)


@_planted("dead units", shows=_mostly_dead)
def relus_with_large_negative_biases(seed: int) -> kb.Run:
    # Seen: train loss 2.3 → 2.3; accuracy 0.11 … 0.14; test 0.1.
    network = kb.Network([64, 30 + seed, 10], hidden="relu")
    start = _with_biases(network, seed, -20)
    return kb.train(
        network, few_digits(seed, 500), learning_rate=0.1, epochs=20, seed=seed, params=start
    )


@_planted("dead units", "learning rate too large", shows=_mostly_dead)
def a_huge_first_step_kills_the_relus(seed: int) -> kb.Run:
    # Seen: train loss 2.3 … 2.6 → 1.8 … 9.2; accuracy 0.09 … 0.44; test 0.1 … 0.39.
    network = kb.Network([64, 30 + seed, 20, 10], hidden="relu")
    data = few_digits(seed, 500)
    rate: Any = lambda k: jnp.where(k < 1, 100.0, 0.05)  # noqa: E731
    return kb.train(network, data, learning_rate=rate, epochs=20, seed=seed)


# --- Symmetric units


def _few_outputs(run: kb.Run) -> bool:
    return last(run, "train_accuracy") < 0.6


@_planted("symmetric units", shows=_few_outputs)
def weights_of_zero(seed: int) -> kb.Run:
    # Seen: train loss 2.3 → 2.3; accuracy 0.11 … 0.14; test 0.1.
    network = kb.Network([64, 20 + seed, 10], hidden="sigmoid", initialiser="zeros")
    return kb.train(network, few_digits(seed, 500), learning_rate=0.5, epochs=20, seed=seed)


@_planted("symmetric units", shows=_few_outputs)
def every_weight_the_same(seed: int) -> kb.Run:
    # Seen: train loss 2.3 → 2.3; accuracy 0.11 … 0.14; test 0.1.
    sizes = [64, 15 + seed, 12, 10]
    start = tuple(
        Layer(jnp.full((i, u), 0.05, jnp.float32), jnp.zeros(u, jnp.float32))
        for i, u in pairwise(sizes)
    )
    return kb.train(
        kb.Network(sizes, hidden="tanh"),
        few_digits(seed, 500),
        learning_rate=0.1,
        epochs=20,
        seed=seed,
        params=start,
    )


# --- Gradients that are 0, and weights that are too large to begin with


@_planted("zero gradients", shows=_learnt_nothing)
def an_output_of_steps(seed: int) -> kb.Run:
    network = kb.Network([64, 20 + seed, 10], hidden="relu", output="step")
    return kb.train(network, few_digits(seed, 500), "adam", epochs=10, seed=seed)


@_planted("zero gradients", shows=lambda run: bool((run.params[0].b == 0).all()))
def a_hidden_layer_of_steps(seed: int) -> kb.Run:
    network = kb.Network([64, 20 + seed, 10], hidden="step")
    return kb.train(network, few_digits(seed, 500), "adam", epochs=10, seed=seed)


@_planted("initial weights too large", shows=lambda run: run.outcome.iterations == 0)
def weights_that_overflow_before_the_first_update(seed: int) -> kb.Run:
    network = kb.Network([64, 30 + seed, 10], hidden="relu", initialiser="normal(1e30)")
    return kb.train(network, few_digits(seed, 500), "adam", epochs=10, seed=seed)


# --- Weight decay


@_planted("weight decay too large", shows=_blew_up)
def a_decay_that_turns_the_weights_round_at_every_step(seed: int) -> kb.Run:
    # w ← (1 − η·λ) w with η·λ above 2, at a learning rate that is fine without it
    network = kb.Network([64, 30, 10], hidden="relu")
    data = few_digits(seed, 500)
    return kb.train(
        network, data, learning_rate=0.1, epochs=20, seed=seed, weight_decay=25.0 + seed
    )


@_planted("weight decay too large", shows=_at_chance)
def a_decay_that_leaves_nothing_of_what_adam_learns(seed: int) -> kb.Run:
    network = kb.Network([64, 30, 10], hidden="relu")
    data = few_digits(seed, 500)
    return kb.train(network, data, "adam", epochs=20, seed=seed, weight_decay=8.0 + seed)


# --- The learning rate


@_planted("learning rate too small", shows=_learnt_nothing)
def a_learning_rate_of_a_millionth(seed: int) -> kb.Run:
    # Seen: train loss 2.3 … 2.6 → 2.3 … 2.6; accuracy 0.06 … 0.14; test 0.07 … 0.14.
    network = kb.Network([64, 20 + seed, 10], hidden="relu")
    return kb.train(network, few_digits(seed, 500), learning_rate=1e-6, epochs=20, seed=seed)


@_planted("learning rate too small", shows=_learnt_nothing)
def adam_with_a_learning_rate_of_a_ten_millionth(seed: int) -> kb.Run:
    # Seen: train loss 0.56 … 1.6 → 0.56 … 1.6; accuracy 0.21 … 0.78; test 0.1 … 0.82.
    network = kb.Network([2, 10 + seed, 2], hidden="tanh")
    data = kb.data.moons(seed=seed)
    return kb.train(network, data, "adam", learning_rate=1e-7, epochs=30, seed=seed)


@_planted("learning rate too large", shows=_blew_up)
def a_line_beyond_two_over_the_curvature(seed: int) -> kb.Run:
    # Seen: diverged 7 of 7 times; train loss 0.49 … 1.2 → 2.3e+09 … 4.2e+15; test loss 2.3e+09 …
    # 4.2e+15.
    # The Hessian by (w, b) is diag(⅓, 1) about: λ_max ≈ 1, and the bound 2/λ_max ≈ 2.
    network = kb.Network([1, 1], output="identity")
    data = kb.data.line(seed=seed)
    return kb.train(
        network, data, learning_rate=2.3 + 0.02 * seed, batch_size=75, epochs=40, seed=seed
    )


def _jumps(run: kb.Run) -> bool:
    """The loss goes up as often as a fifth of the epochs, and ends far above its best."""
    loss = run.history.train_loss
    return run.stopped == "diverged" or bool((np.diff(loss) > 0).mean() > 0.2)


@_planted("learning rate too large", "dead units", "saturated units", shows=_jumps)
def digits_with_a_learning_rate_of_eight(seed: int) -> kb.Run:
    # Seen: diverged 7 of 7 times; train loss 2.3 … 2.6 → 88 … 1.4e+02; accuracy 0.09 … 0.1; test
    # 0.1.
    network = kb.Network([64, 30, 10], hidden="tanh")
    return kb.train(
        network, few_digits(seed, 500), learning_rate=8.0, batch_size=50, epochs=20, seed=seed
    )


# --- Over-fitting


def _over_fitted(run: kb.Run) -> bool:
    test = run.history.test_loss
    return last(run, "train_loss") < 0.05 and test[-1] > 1.5 * test.min()


@_planted("over-fitting", shows=_over_fitted)
def thirty_noisy_moons_for_long(seed: int) -> kb.Run:
    # Seen: train loss 0.61 … 0.94 → 0.00032 … 0.048; accuracy 0.98 … 1; test 0.53 … 0.87.
    data = kb.data.moons(n=60, noise=0.4, seed=seed)
    network = kb.Network([2, 50, 50, 2], hidden="relu")
    return kb.train(network, data, "adam", learning_rate=0.01, epochs=300, seed=seed)


def _regression_over_fitted(run: kb.Run) -> bool:
    test = run.history.test_loss
    return last(run, "train_loss") < 0.5 * test[-1] and test[-1] > 1.05 * test.min()


@_planted("over-fitting", shows=_regression_over_fitted)
def a_regression_learnt_by_heart(seed: int) -> kb.Run:
    # Seen: train loss 0.99 … 1.7 → 9.3e-15 … 6.6e-14; test loss 1.5 … 2.8.
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(218, 15))  # 18 to learn from, and more noise than there is to learn
    t = 0.4 * x[:, :1] + 1.5 * rng.normal(size=(218, 1))
    data = kb.data.arrays(x[:18], t[:18], test=(x[18:], t[18:]))
    initial = ["he", "he", "normal(0.01)"]  # so that it begins with an output of about 0
    network = kb.Network([15, 60, 60, 1], "relu", "identity", initialiser=initial)
    return kb.train(network, data, "adam", learning_rate=0.003, epochs=300, seed=seed)


# --- The data


def _far_from_moons(run: kb.Run) -> bool:
    return last(run, "train_accuracy") < 0.95  # the same moons on one scale: above 0.99


@_planted("unscaled inputs", "saturated units", "learning rate too large", shows=_far_from_moons)
def moons_in_metres_and_in_tenths_of_millimetres(seed: int) -> kb.Run:
    # Seen: train loss 0.53 … 2.2 → 0.41 … 0.52; accuracy 0.77 … 0.83; test 0.75 … 0.96.
    moons = kb.data.moons(n=300, seed=seed)
    scale = np.array([1.0, 1e4])
    data = kb.data.arrays(
        moons.train.x * scale, moons.train.t, test=(moons.test.x * scale, moons.test.t)
    )
    network = kb.Network([2, 15 + seed, 2], hidden="tanh")
    return kb.train(network, data, learning_rate=0.1, batch_size=25, epochs=60, seed=seed)


@_planted("unscaled inputs", "dead units", "learning rate too large", shows=_far_from_moons)
def a_column_far_from_zero(seed: int) -> kb.Run:
    # Seen: train loss 3.4e+02 … 2.3e+03 → 0.69; accuracy 0.5; test 0.49.
    moons = kb.data.moons(n=300, seed=seed)
    shift = np.array([2000.0, 0.0])  # a year, for instance
    data = kb.data.arrays(
        moons.train.x + shift, moons.train.t, test=(moons.test.x + shift, moons.test.t)
    )
    network = kb.Network([2, 15 + seed, 2], hidden="relu")
    return kb.train(network, data, learning_rate=0.05, batch_size=25, epochs=60, seed=seed)


def _always_the_majority(run: kb.Run) -> bool:
    confusion = run.confusion("train")
    return confusion[1].sum() > 0 and confusion[:, 1].sum() <= 0.1 * confusion[1].sum()


@_planted("unbalanced classes", shows=_always_the_majority)
def three_in_a_hundred(seed: int) -> kb.Run:
    # Seen: train loss 0.71 … 0.84 → 0.12 … 0.13; accuracy 0.97; test 0.97.
    network = kb.Network([2, 5 + seed, 2], hidden="tanh")
    data = clouds(seed, n=600, rare=0.03, distance=0.8)
    return kb.train(network, data, learning_rate=0.1, batch_size=50, epochs=40, seed=seed)


@_planted("unbalanced classes", shows=_always_the_majority)
def two_in_a_hundred_with_one_output(seed: int) -> kb.Run:
    # Seen: train loss 0.42 … 1.7 → 0.1 … 0.24; accuracy 0.98; test 0.98.
    network = kb.Network([2, 4 + seed, 1], hidden="relu", output="sigmoid")
    data = clouds(seed, n=1000, rare=0.02, distance=1.0)
    return kb.train(network, data, "adam", learning_rate=0.003, epochs=30, seed=seed)


def _no_better_than_chance(run: kb.Run) -> bool:
    return last(run, "test_accuracy") < 0.2


@_planted("labels out of order", "over-fitting", shows=_no_better_than_chance)
def shuffled_labels_learnt_by_heart(seed: int) -> kb.Run:
    # Seen: train loss 2.4 … 2.8 → 0.51 … 0.59; accuracy 0.92 … 0.95; test 0.07 … 0.15.
    network = kb.Network([64, 150, 10], hidden="relu")
    data = few_digits(seed, 200, shuffled=True)
    return kb.train(network, data, "adam", learning_rate=0.005, epochs=60, seed=seed)


@_planted("labels out of order", "network too small", shows=_no_better_than_chance)
def shuffled_labels_and_a_small_network(seed: int) -> kb.Run:
    # Seen: train loss 2.4 → 2.2; accuracy 0.18 … 0.21; test 0.04 … 0.12.
    network = kb.Network([64, 6, 10], hidden="tanh")
    data = few_digits(seed, 1000, shuffled=True)
    return kb.train(network, data, "adam", learning_rate=0.01, epochs=30, seed=seed)


# --- The network


def _half_of_the_spirals(run: kb.Run) -> bool:
    return last(run, "train_accuracy") < 0.75 and run.history.train_accuracy[-10:].std() < 0.05


@_planted("network too small", shows=_half_of_the_spirals)
def one_hidden_unit_for_three_spirals(seed: int) -> kb.Run:
    # Seen: train loss 1.1 → 0.98 … 1.1; accuracy 0.35 … 0.48; test 0.28 … 0.48.
    network = kb.Network([2, 1, 3], hidden="tanh")
    data = kb.data.spirals(seed=seed)
    return kb.train(network, data, "adam", learning_rate=0.02, epochs=200, seed=seed)


@_planted("network too small", shows=_half_of_the_spirals)
def no_hidden_unit_for_circles(seed: int) -> kb.Run:
    # Seen: train loss 0.7 … 1.1 → 0.68 … 0.69; accuracy 0.48 … 0.59; test 0.46 … 0.62.
    network = kb.Network([2, 2])
    data = kb.data.circles(seed=seed)
    return kb.train(network, data, "adam", learning_rate=0.02, epochs=100, seed=seed)
