"""Failing and healthy trainings, planted after the rules were written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from planted.trainings import Trainings, first, last

import koubai as kb
from koubai.data import Dataset
from koubai.networks.network import Layer, Params

LATER_TRAINING_FAULTS = Trainings()
LATER_HEALTHY_TRAININGS = Trainings()
_fault = LATER_TRAINING_FAULTS.add


def _unlearnt(run: kb.Run) -> bool:
    return last(run, "train_loss") > 0.8 * first(run, "train_loss")


def _poor(run: kb.Run) -> bool:
    return last(run, "train_accuracy") < 0.93


def _diverged(run: kb.Run) -> bool:
    return run.stopped == "diverged" or _unlearnt(run)


def _scaled(network: kb.Network, seed: int, factors: Sequence[float], bias: float = 0.0) -> Params:
    """The network's own initial weights, each layer times its factor, and one bias for all
    hidden units.
    """
    layers = network.init(seed)
    return tuple(
        Layer(w=np.asarray(layer.w) * factor, b=np.asarray(layer.b) + (bias if i else 0.0))
        for i, (layer, factor) in zip(
            range(len(layers) - 1, -1, -1), zip(layers, factors, strict=True), strict=True
        )
    )


def _houses(seed: int, n: int = 400) -> Dataset:
    """A regression with five inputs of unit scale and two targets, a curved surface."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 5))
    t = np.stack([np.sin(x[:, 0]) + 0.5 * x[:, 1], x[:, 2] * x[:, 3]], axis=1)
    return kb.data.arrays(x, t + 0.05 * rng.normal(size=t.shape), seed=seed)


# Vanishing and exploding


@_fault("vanishing gradients", "learning rate too small", shows=_unlearnt)
def digits_under_eight_layers_of_sigmoids(seed: int) -> kb.Run:
    network = kb.Network([64, *[30] * 8, 10], hidden="sigmoid")
    return kb.train(network, kb.data.digits(seed=seed), learning_rate=0.1, epochs=6, seed=seed)


@_fault("vanishing gradients", "learning rate too small", shows=_unlearnt)
def moons_under_seven_layers_of_a_tenth_the_weights(seed: int) -> kb.Run:
    network = kb.Network([2, *[16] * 7, 2], hidden="tanh")
    return kb.train(
        network,
        kb.data.moons(n=400, seed=seed),
        optimizer="momentum",
        learning_rate=0.05,
        batch_size=25,
        epochs=30,
        seed=seed,
        params=_scaled(network, seed, [0.2] * 7 + [1]),
    )


@_fault(
    "exploding gradients",
    "initial weights too large",
    "learning rate too large",
    shows=_diverged,
)
def six_layers_of_relu_with_five_times_the_weights(seed: int) -> kb.Run:
    network = kb.Network([5, *[24] * 6, 2], hidden="relu", output="identity")
    return kb.train(
        network,
        _houses(seed),
        learning_rate=0.01,
        epochs=20,
        seed=seed,
        params=_scaled(network, seed, [5] * 7),
    )


# Units


@_fault("saturated units", "initial weights too large", shows=_poor)
def tanh_with_forty_times_the_weights(seed: int) -> kb.Run:
    network = kb.Network([64, 40, 40, 10], hidden="tanh")
    return kb.train(
        network,
        kb.data.digits(seed=seed),
        learning_rate=0.05,
        epochs=8,
        seed=seed,
        params=_scaled(network, seed, [40, 40, 1]),
    )


@_fault("saturated units", "learning rate too large", shows=_poor)
def sigmoids_pushed_to_one_by_their_biases(seed: int) -> kb.Run:
    network = kb.Network([2, 20, 3], hidden="sigmoid")
    return kb.train(
        network,
        kb.data.spirals(n=450, seed=seed),
        learning_rate=0.5,
        batch_size=30,
        epochs=40,
        seed=seed,
        params=_scaled(network, seed, [1, 1], bias=15.0),
    )


@_fault("dead units", "zero gradients", shows=_poor)
def relus_born_dead(seed: int) -> kb.Run:
    network = kb.Network([2, 32, 32, 2], hidden="relu")
    return kb.train(
        network,
        kb.data.xor(n=300, seed=seed),
        optimizer="adam",
        epochs=20,
        batch_size=20,
        seed=seed,
        params=_scaled(network, seed, [1, 1, 1], bias=-9.0),
    )


@_fault("zero gradients", "dead units", shows=_unlearnt)
def threshold_units(seed: int) -> kb.Run:
    network = kb.Network([2, 20, 20, 2], hidden="step")
    params = network.init(seed)
    frozen = (*params[:2], Layer(w=0 * np.asarray(params[2].w), b=params[2].b))
    return kb.train(
        network,
        kb.data.circles(n=400, seed=seed),
        learning_rate=1e-12,
        epochs=20,
        seed=seed,
        params=frozen,
    )


@_fault("symmetric units", shows=_poor)
def every_weight_the_same_number(seed: int) -> kb.Run:
    network = kb.Network([2, 12, 3], hidden="tanh")
    params = tuple(
        Layer(w=np.full(np.shape(layer.w), 0.3), b=np.zeros(np.shape(layer.b)))
        for layer in network.init(seed)
    )
    return kb.train(
        network,
        kb.data.spirals(n=300, seed=seed),
        optimizer="adam",
        learning_rate=0.01,
        epochs=30,
        seed=seed,
        params=params,
    )


@_fault("symmetric units", shows=lambda run: last(run, "train_loss") > 0.05)
def a_sine_by_units_that_start_at_zero(seed: int) -> kb.Run:
    network = kb.Network([1, 16, 1], hidden="sigmoid", output="identity", initialiser="zeros")
    return kb.train(
        network,
        kb.data.sine(n=240, seed=seed),
        optimizer="adam",
        learning_rate=0.02,
        epochs=40,
        batch_size=20,
        seed=seed,
    )


# The learning rate


@_fault("learning rate too small", shows=_unlearnt)
def adam_with_a_hundred_millionth(seed: int) -> kb.Run:
    return kb.train(
        kb.Network([64, 32, 10], hidden="relu"),
        kb.data.digits(seed=seed),
        optimizer="adam",
        learning_rate=1e-7,
        epochs=8,
        seed=seed,
    )


@_fault("learning rate too small", shows=_unlearnt)
def a_regression_with_a_millionth(seed: int) -> kb.Run:
    return kb.train(
        kb.Network([5, 20, 2], hidden="silu", output="identity"),
        _houses(seed),
        optimizer="nesterov",
        learning_rate=1e-6,
        epochs=15,
        batch_size=32,
        seed=seed,
    )


@_fault("learning rate too large", shows=_diverged)
def a_line_beyond_its_stable_bound(seed: int) -> kb.Run:
    """The largest eigenvalue of the Hessian is about 1, so η = 2.3 is beyond 2 / λ."""
    return kb.train(
        kb.Network([1, 1], output="identity"),
        kb.data.line(n=160, seed=seed),
        learning_rate=2.3,
        batch_size=120,
        epochs=60,
        seed=seed,
    )


@_fault("dead units", "learning rate too large", shows=_poor)
def adam_with_two(seed: int) -> kb.Run:
    """Its first steps take every unit to where it puts out nothing."""
    return kb.train(
        kb.Network([64, 40, 10], hidden="gelu"),
        kb.data.digits(seed=seed),
        optimizer="adam",
        learning_rate=2.0,
        epochs=8,
        batch_size=50,
        seed=seed,
    )


@_fault("learning rate too large", "dead units", "exploding gradients", shows=_poor)
def descent_with_thirty_on_moons(seed: int) -> kb.Run:
    return kb.train(
        kb.Network([2, 24, 24, 2], hidden="relu"),
        kb.data.moons(n=300, seed=seed),
        learning_rate=30.0,
        epochs=30,
        batch_size=25,
        seed=seed,
    )


# The data


@_fault("over-fitting", shows=lambda run: last(run, "test_loss") > 2 * last(run, "train_loss"))
def forty_five_points_of_a_noisy_sine(seed: int) -> kb.Run:
    return kb.train(
        kb.Network([1, 60, 60, 1], hidden="tanh", output="identity"),
        kb.data.sine(n=60, noise=0.6, seed=seed),
        optimizer="adam",
        learning_rate=0.01,
        epochs=1500,
        batch_size=45,
        seed=seed,
    )


def _overlapping(seed: int, n: int = 120) -> Dataset:
    rng = np.random.default_rng(seed)
    t = rng.integers(2, size=n)
    x = rng.normal(size=(n, 12))
    x[:, 0] += 1.2 * t
    return kb.data.arrays(x, t, test_fraction=0.5, seed=seed)


@_fault("over-fitting", shows=lambda run: last(run, "test_loss") > 2 * last(run, "train_loss"))
def sixty_overlapping_points_in_twelve_dimensions(seed: int) -> kb.Run:
    return kb.train(
        kb.Network([12, 80, 2], hidden="gelu"),
        _overlapping(seed),
        optimizer="adamw",
        learning_rate=0.005,
        epochs=150,
        batch_size=20,
        seed=seed,
    )


@_fault("unscaled inputs", shows=_unlearnt)
def years_and_salaries(seed: int) -> kb.Run:
    rng = np.random.default_rng(seed)
    year, salary = rng.integers(1950, 2020, size=500), rng.normal(42_000, 9_000, size=500)
    t = (salary / 9_000 + (year - 1985) / 20 + 0.3 * rng.normal(size=500) > 4.7).astype(int)
    data = kb.data.arrays(np.stack([year, salary], axis=1).astype(float), t, seed=seed)
    return kb.train(
        kb.Network([2, 20, 2], hidden="sigmoid"),
        data,
        learning_rate=0.1,
        epochs=20,
        batch_size=40,
        seed=seed,
    )


def _rare_missed(run: kb.Run) -> bool:
    y = np.asarray(run.network.forward(run.params, run.data.test.x).output)
    return len(np.unique(y.argmax(axis=1))) < 3


@_fault("unbalanced classes", shows=_rare_missed)
def two_rare_classes_beside_a_common_one(seed: int) -> kb.Run:
    rng = np.random.default_rng(seed)
    t = np.repeat([0, 1, 2], [950, 30, 20])
    x = rng.normal(size=(1000, 4))
    x[:, 0] += 1.2 * (t == 1)
    x[:, 1] += 1.2 * (t == 2)
    return kb.train(
        kb.Network([4, 16, 3], hidden="tanh"),
        kb.data.arrays(x, t, seed=seed),
        learning_rate=0.1,
        epochs=25,
        batch_size=50,
        seed=seed,
    )


def _by_chance(run: kb.Run) -> bool:
    return last(run, "test_accuracy") < 0.65


@_fault("labels out of order", "over-fitting", shows=_by_chance)
def circles_with_shuffled_labels(seed: int) -> kb.Run:
    data = kb.data.circles(n=500, seed=seed)
    rng = np.random.default_rng(seed)
    t = rng.permutation(np.asarray(data.train.t))
    mixed = kb.data.arrays(data.train.x, t, test=(data.test.x, data.test.t), classes=data.classes)
    return kb.train(
        kb.Network([2, 24, 2], hidden="tanh"),
        mixed,
        optimizer="adam",
        learning_rate=0.01,
        epochs=40,
        batch_size=25,
        seed=seed,
    )


@_fault("labels out of order", "over-fitting", shows=_by_chance)
def bitmaps_of_digits_with_labels_of_the_next_row(seed: int) -> kb.Run:
    """Rows of images and labels sorted differently: each has the label of the row before."""
    data = kb.data.digits(seed=seed)
    t = np.roll(np.asarray(data.train.t), 1)
    mixed = kb.data.arrays(data.train.x, t, test=(data.test.x, data.test.t), classes=data.classes)
    return kb.train(
        kb.Network([64, 100, 10], hidden="relu"),
        mixed,
        optimizer="adam",
        learning_rate=0.005,
        epochs=30,
        batch_size=50,
        seed=seed,
    )


@_fault("network too small", shows=_poor)
def xor_by_a_straight_line(seed: int) -> kb.Run:
    return kb.train(
        kb.Network([2, 2], output="softmax"),
        kb.data.xor(n=400, seed=seed),
        learning_rate=0.5,
        epochs=60,
        batch_size=30,
        seed=seed,
    )


@_fault("network too small", shows=_poor)
def spirals_by_three_units(seed: int) -> kb.Run:
    return kb.train(
        kb.Network([2, 3, 3], hidden="tanh"),
        kb.data.spirals(n=600, seed=seed),
        optimizer="adam",
        learning_rate=0.02,
        epochs=150,
        batch_size=50,
        seed=seed,
    )


@_fault("network too small", shows=lambda run: last(run, "train_loss") > 0.03)
def three_waves_by_one_unit(seed: int) -> kb.Run:
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, size=(400, 1))
    t = np.sin(3 * np.pi * x) + 0.02 * rng.normal(size=x.shape)
    return kb.train(
        kb.Network([1, 1, 1], hidden="tanh", output="identity"),
        kb.data.arrays(x, t, seed=seed),
        optimizer="adam",
        learning_rate=0.02,
        epochs=150,
        batch_size=25,
        seed=seed,
    )


@_fault("weight decay too large", shows=_poor)
def digits_decayed_to_nothing(seed: int) -> kb.Run:
    return kb.train(
        kb.Network([64, 30, 10], hidden="tanh"),
        kb.data.digits(seed=seed),
        learning_rate=0.1,
        weight_decay=1.0,
        epochs=12,
        batch_size=50,
        seed=seed,
    )


# Healthy ones


def _accurate(least: float) -> Callable[[kb.Run], bool]:
    return lambda run: last(run, "test_accuracy") >= least


def _close(most: float) -> Callable[[kb.Run], bool]:
    return lambda run: last(run, "test_loss") <= most


def _healthy(shows: Callable[[kb.Run], bool]) -> Callable[..., Callable[[int], kb.Run]]:
    return LATER_HEALTHY_TRAININGS.add(None, shows=shows)


def _classify(sizes: list[int], data: Dataset, hidden: str, seed: int, **settings: Any) -> kb.Run:
    return kb.train(kb.Network(sizes, hidden=hidden), data, seed=seed, **settings)


@_healthy(_accurate(0.95))
def moons_with_adam_and_relu(seed: int) -> kb.Run:
    data = kb.data.moons(n=400, seed=seed)
    return _classify([2, 32, 32, 2], data, "relu", seed, optimizer="adam", learning_rate=0.01,
                     epochs=40, batch_size=32)  # fmt: skip


@_healthy(_accurate(0.95))
def circles_with_nesterov_and_tanh(seed: int) -> kb.Run:
    data = kb.data.circles(n=400, seed=seed)
    return _classify([2, 16, 2], data, "tanh", seed, optimizer="nesterov", learning_rate=0.1,
                     epochs=60, batch_size=20)  # fmt: skip


@_healthy(_accurate(0.9))
def spirals_with_gelu(seed: int) -> kb.Run:
    data = kb.data.spirals(n=600, seed=seed)
    return _classify([2, 48, 48, 3], data, "gelu", seed, optimizer="adam", learning_rate=0.01,
                     epochs=80, batch_size=30)  # fmt: skip


@_healthy(_accurate(0.95))
def five_blobs_with_plain_descent(seed: int) -> kb.Run:
    data = kb.data.blobs(n=500, seed=seed, classes=5)
    return _classify([2, 12, 5], data, "sigmoid", seed, learning_rate=1.0, epochs=60,
                     batch_size=25)  # fmt: skip


@_healthy(_accurate(0.93))
def digits_with_rmsprop_and_silu(seed: int) -> kb.Run:
    data = kb.data.digits(seed=seed)
    return _classify([64, 40, 10], data, "silu", seed, optimizer="rmsprop", learning_rate=0.002,
                     epochs=15, batch_size=50)  # fmt: skip


@_healthy(_accurate(0.93))
def digits_with_adagrad_and_leaky_relu(seed: int) -> kb.Run:
    data = kb.data.digits(seed=seed)
    return _classify([64, 50, 30, 10], data, "leaky_relu", seed, optimizer="adagrad",
                     learning_rate=0.02, epochs=20, batch_size=50)  # fmt: skip


@_healthy(_accurate(0.9))
def digits_in_two_epochs_of_momentum(seed: int) -> kb.Run:
    data = kb.data.digits(seed=seed)
    return _classify([64, 64, 10], data, "relu", seed, optimizer="momentum", learning_rate=0.05,
                     epochs=4, batch_size=20)  # fmt: skip


@_healthy(_accurate(0.93))
def digits_by_logistic_regression(seed: int) -> kb.Run:
    return kb.train(kb.Network([64, 10]), kb.data.digits(seed=seed), learning_rate=0.5,
                    epochs=25, batch_size=50, seed=seed)  # fmt: skip


@_healthy(_accurate(0.93))
def digits_with_a_little_weight_decay_and_a_cosine(seed: int) -> kb.Run:
    data = kb.data.digits(seed=seed)
    return _classify([64, 50, 10], data, "tanh", seed, optimizer="adam", learning_rate=0.01,
                     schedule="cosine", weight_decay=1e-4, epochs=15, batch_size=50)  # fmt: skip


@_healthy(_close(0.02))
def a_sine_with_softplus(seed: int) -> kb.Run:
    network = kb.Network([1, 32, 32, 1], hidden="softplus", output="identity")
    return kb.train(network, kb.data.sine(n=300, noise=0.1, seed=seed), optimizer="adam",
                    learning_rate=0.01, epochs=100, batch_size=25, seed=seed)  # fmt: skip


@_healthy(_close(0.02))
def a_line_with_a_line(seed: int) -> kb.Run:
    network = kb.Network([1, 1], output="identity")
    return kb.train(network, kb.data.line(n=120, slope=-3.0, intercept=4.0, seed=seed),
                    learning_rate=0.1, epochs=40, batch_size=10, seed=seed)  # fmt: skip


@_healthy(_close(0.12))
def two_targets_of_five_columns(seed: int) -> kb.Run:
    network = kb.Network([5, 40, 40, 2], hidden="silu", output="identity")
    return kb.train(network, _houses(seed, n=1200), optimizer="adam", learning_rate=0.005,
                    epochs=40, batch_size=32, seed=seed)  # fmt: skip


@_healthy(_accurate(0.9))
def xor_with_elu(seed: int) -> kb.Run:
    data = kb.data.xor(n=400, seed=seed)
    return _classify([2, 16, 2], data, "elu", seed, optimizer="adam", learning_rate=0.02,
                     epochs=60, batch_size=25)  # fmt: skip


@_healthy(_accurate(0.9))
def bitmaps_with_momentum(seed: int) -> kb.Run:
    return kb.train(kb.Network([12, 6, 2], hidden="tanh"), kb.data.bitmaps(), seed=seed,
                    optimizer="momentum", learning_rate=0.1, epochs=80, batch_size=8)  # fmt: skip


@_healthy(_accurate(0.85))
def two_classes_of_seventy_and_thirty(seed: int) -> kb.Run:
    rng = np.random.default_rng(seed)
    t = (rng.random(600) < 0.3).astype(int)
    x = rng.normal(size=(600, 3))
    x[:, 1] += 3 * t
    return kb.train(kb.Network([3, 12, 2], hidden="relu"), kb.data.arrays(x, t, seed=seed),
                    learning_rate=0.1, epochs=25, batch_size=30, seed=seed)  # fmt: skip


@_healthy(_accurate(0.93))
def digits_stopped_by_patience(seed: int) -> kb.Run:
    data = kb.data.digits(seed=seed)
    return _classify([64, 60, 10], data, "relu", seed, optimizer="adam", learning_rate=0.005,
                     validation=0.2, patience=4, epochs=60, batch_size=50)  # fmt: skip
