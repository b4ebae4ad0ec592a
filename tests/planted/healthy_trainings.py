"""Trainings that go well, some in circumstances in which a diagnosis is tempted to find a fault."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from planted.trainings import Trainings, clouds, few_digits, first, last

import koubai as kb
from koubai.data import Dataset
from koubai.training.recipes import recipe

HEALTHY_TRAININGS = Trainings()


def _accuracy_above(least: float) -> Callable[[kb.Run], bool]:
    return lambda run: last(run, "test_accuracy") > least


def _loss_below(most: float) -> Callable[[kb.Run], bool]:
    return lambda run: last(run, "test_loss") < most


def _healthy(shows: Callable[[kb.Run], bool]) -> Callable[..., Callable[[int], kb.Run]]:
    return HEALTHY_TRAININGS.add(None, shows=shows)


def _by_recipe(data: Dataset, seed: int) -> kb.Run:
    """What `koubai train` does by itself."""
    r = recipe(data)
    regression = data.classes is None
    network = kb.Network(
        [data.inputs, *r.layers, data.outputs],
        hidden=r.hidden,
        output="identity" if regression else "softmax",
    )
    return kb.train(
        network,
        data,
        r.optimizer,
        r.learning_rate,
        r.batch_size,
        r.epochs,
        seed,
        schedule=r.schedule,
    )


@_healthy(_accuracy_above(0.95))
def digits_by_the_recipe(seed: int) -> kb.Run:
    # Seen: train loss 2.4 … 2.8 → 0.0074 … 0.011; accuracy 1; test 0.97 … 0.98.
    return _by_recipe(kb.data.digits(seed=seed), seed)


@_healthy(_accuracy_above(0.9))
def bitmaps_by_the_recipe(seed: int) -> kb.Run:
    # Seen: train loss 0.68 … 0.92 → 0.0039 … 0.0046; accuracy 1; test 0.94 … 1.
    return _by_recipe(kb.data.bitmaps(), seed)


@_healthy(_accuracy_above(0.95))
def moons_by_the_recipe(seed: int) -> kb.Run:
    # Seen: train loss 0.63 … 1.3 → 0.00094 … 0.0032; accuracy 1; test 0.98 … 1.
    return _by_recipe(kb.data.moons(seed=seed), seed)


@_healthy(_accuracy_above(0.95))
def circles_by_the_recipe(seed: int) -> kb.Run:
    # Seen: train loss 0.65 … 1.4 → 0.00012 … 0.00041; accuracy 1; test 1.
    return _by_recipe(kb.data.circles(seed=seed), seed)


@_healthy(_accuracy_above(0.95))
def blobs_by_the_recipe(seed: int) -> kb.Run:
    # Seen: train loss 1.1 … 1.9 → 2.4e-05 … 7.6e-05; accuracy 1; test 1.
    return _by_recipe(kb.data.blobs(seed=seed), seed)


@_healthy(_loss_below(0.02))
def a_line_by_the_recipe(seed: int) -> kb.Run:
    # Seen: train loss 0.49 … 1.2 → 0.0032 … 0.0052; test loss 0.0027 … 0.0076.
    return _by_recipe(kb.data.line(seed=seed), seed)


@_healthy(_loss_below(0.02))
def a_sine_by_the_recipe(seed: int) -> kb.Run:
    # Seen: train loss 0.13 … 1.4 → 0.0041 … 0.0075; test loss 0.0045 … 0.008.
    return _by_recipe(kb.data.sine(seed=seed), seed)


@_healthy(_accuracy_above(0.85))
def eight_layers_of_relu_with_he(seed: int) -> kb.Run:
    # Seen: train loss 2.4 … 3 → 0.041 … 0.13; accuracy 0.96 … 0.99; test 0.93 … 0.96.
    network = kb.Network([64, *[40] * 8, 10], hidden="relu", initialiser="he")
    data = kb.data.digits(seed=seed)
    return kb.train(network, data, learning_rate=0.02, batch_size=50, epochs=25, seed=seed)


@_healthy(_accuracy_above(0.85))
def five_layers_of_tanh_with_xavier(seed: int) -> kb.Run:
    # Seen: train loss 2.4 → 0.046 … 0.071; accuracy 0.98 … 0.99; test 0.95 … 0.99.
    network = kb.Network([64, *[40] * 5, 10], hidden="tanh", initialiser="xavier")
    data = kb.data.digits(seed=seed)
    return kb.train(network, data, learning_rate=0.1, batch_size=50, epochs=20, seed=seed)


def _rare_ones_found(run: kb.Run) -> bool:
    confusion = run.confusion("test")
    return confusion[1, 1] >= 0.7 * confusion[1].sum()


@_healthy(_rare_ones_found)
def rare_but_recognised(seed: int) -> kb.Run:
    # Seen: train loss 0.71 … 0.93 → 0.00047 … 0.003; accuracy 1; test 1.
    network = kb.Network([2, 8, 2], hidden="tanh")  # 95 : 5, yet far apart
    data = clouds(seed, n=800, rare=0.05, distance=6)
    return kb.train(network, data, "adam", learning_rate=0.02, batch_size=50, epochs=40, seed=seed)


@_healthy(_accuracy_above(0.85))
def little_data_stopped_early(seed: int) -> kb.Run:
    # Seen: train loss 2.4 … 2.8 → 0.021 … 0.08; accuracy 1; test 0.91 … 0.96.
    network = kb.Network([64, 40, 10], hidden="relu")
    data = few_digits(seed, 300)
    return kb.train(
        network,
        data,
        "adam",
        learning_rate=0.002,
        batch_size=20,
        epochs=60,
        seed=seed,
        validation=0.2,
        patience=3,
    )


@_healthy(_accuracy_above(0.97))
def long_without_over_fitting(seed: int) -> kb.Run:
    # Seen: train loss 0.62 … 1.4 → 0.0062 … 0.014; accuracy 1; test 0.99 … 1.
    network = kb.Network([2, 10, 2], hidden="tanh")
    data = kb.data.moons(n=1500, noise=0.1, seed=seed)
    return kb.train(network, data, "adam", learning_rate=0.01, epochs=150, seed=seed)


@_healthy(_accuracy_above(0.75))
def noise_that_nobody_can_learn(seed: int) -> kb.Run:
    # Seen: train loss 0.56 … 1.5 → 0.33 … 0.35; accuracy 0.84 … 0.85; test 0.81 … 0.87.
    # The clouds overlap: Φ(1) = 0.84 is the most that any network can reach, and it is reached on
    # training and test data alike. Neither too small, nor over-fitted, nor mislabelled.
    network = kb.Network([2, 8, 2], hidden="tanh")
    data = clouds(seed, n=1600, rare=0.5, distance=2)
    return kb.train(network, data, "adam", learning_rate=0.01, batch_size=50, epochs=40, seed=seed)


def _on_its_way(run: kb.Run) -> bool:
    return last(run, "train_loss") < 0.7 * first(run, "train_loss")


@_healthy(_on_its_way)
def three_epochs_and_still_falling(seed: int) -> kb.Run:
    # Seen: train loss 2.5 … 2.6 → 0.64 … 0.92; accuracy 0.83 … 0.89; test 0.84 … 0.89.
    network = kb.Network([64, 50, 10], hidden="relu")
    data = kb.data.digits(seed=seed)
    return kb.train(network, data, learning_rate=0.1, batch_size=50, epochs=3, seed=seed)


@_healthy(_on_its_way)
def forty_updates_under_a_schedule_that_ends_at_zero(seed: int) -> kb.Run:
    # The loss comes to a halt with the learning rate, far above what the network could reach.
    network = kb.Network([64, 100, 10], hidden="relu")
    data = kb.data.digits(seed=seed)
    schedule = ("cosine", "linear", "exponential")[seed % 3]
    return kb.train(
        network, data, "adam", 0.003, batch_size=2000, epochs=40, seed=seed, schedule=schedule
    )


@_healthy(_accuracy_above(0.85))
def columns_of_somewhat_different_scale(seed: int) -> kb.Run:
    # Seen: train loss 0.55 … 1.6 → 0.015 … 0.05; accuracy 1; test 0.97 … 1.
    moons = kb.data.moons(n=300, seed=seed)
    scale = np.array([1.0, 4.0])
    data = kb.data.arrays(
        moons.train.x * scale, moons.train.t, test=(moons.test.x * scale, moons.test.t)
    )
    network = kb.Network([2, 15, 2], hidden="tanh")
    return kb.train(network, data, "adam", learning_rate=0.02, batch_size=25, epochs=60, seed=seed)


@_healthy(_accuracy_above(0.9))
def a_single_sigmoid_output(seed: int) -> kb.Run:
    # Seen: train loss 0.7 … 0.85 → 0.057 … 0.1; accuracy 0.96 … 0.99; test 0.91 … 0.97.
    network = kb.Network([2, 12, 1], hidden="sigmoid", output="sigmoid")
    data = kb.data.xor(n=400, seed=seed)
    return kb.train(network, data, "adam", learning_rate=0.05, batch_size=25, epochs=80, seed=seed)
