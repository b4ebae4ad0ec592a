"""Toy problems: few points, one or two inputs, drawn anew from a seed.

Each holds back a quarter of its points as test data. `noise` is the standard deviation of the
normal noise: on the target of a regression, on the position of a classified point.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from koubai.data.checks import generator, real_number, whole_number
from koubai.data.dataset import Argument, Dataset, Source
from koubai.data.splits import split_examples

_TEST_FRACTION = 0.25
_TURNS = 1.0  # of each arm of the spirals about the centre

_Numbers = Float[np.ndarray, " n"]
_Points = Float[np.ndarray, "n 2"]
_Labels = Int[np.ndarray, " n"]


def line(
    n: int = 100, noise: float = 0.1, seed: int = 0, slope: float = 2.0, intercept: float = 1.0
) -> Dataset:
    """Regression: t = slope · x + intercept + noise, with x uniform in [−1, 1].

    One linear unit fits it, with w = slope and b = intercept at the bottom of the valley.

    Shapes: 1 input, 1 output; n points in all, 25 % of them test data; float32.
    Raises SettingError for n < 4, a negative noise, or anything that is not finite.
    """
    slope, intercept = real_number("slope", slope), real_number("intercept", intercept)
    n, noise, rng = _start(n, noise, seed)
    x = rng.uniform(-1, 1, n)
    arguments: dict[str, Argument] = {"slope": slope, "intercept": intercept}
    return _values("line", x, slope * x + intercept, n, noise, seed, rng, arguments)


def sine(n: int = 200, noise: float = 0.1, seed: int = 0) -> Dataset:
    """Regression: t = sin(π x) + noise, with x uniform in [−1, 1].

    Shapes: 1 input, 1 output; n points in all, 25 % of them test data; float32.
    Raises SettingError for n < 4 or a negative noise.
    """
    n, noise, rng = _start(n, noise, seed)
    x = rng.uniform(-1, 1, n)
    return _values("sine", x, np.sin(np.pi * x), n, noise, seed, rng, {})


def xor(n: int = 200, noise: float = 0.05, seed: int = 0) -> Dataset:
    """Two classes in the square [−1, 1]²: "1" where x₀ and x₁ differ in sign, else "0".

    No single unit can tell them apart.

    Shapes: 2 inputs, 2 classes; n points in all, 25 % of them test data; float32.
    Raises SettingError for n < 4 or a negative noise.
    Reference: Minsky & Papert (1969), Perceptrons.
    """
    n, noise, rng = _start(n, noise, seed)
    labels = _labels(n, 2)
    signs = rng.choice([-1.0, 1.0], n)
    signs = np.stack([signs, np.where(labels == 1, -signs, signs)], axis=1)
    points = signs * rng.uniform(0, 1, (n, 2))
    return _classified("xor", points, labels, noise, seed, rng)


def moons(n: int = 200, noise: float = 0.1, seed: int = 0) -> Dataset:
    """Two half circles that reach into each other.

    With θ uniform in [0, π], "0" lies at (cos θ, sin θ) and "1" at (1 − cos θ, ½ − sin θ).

    Shapes: 2 inputs, 2 classes; n points in all, 25 % of them test data; float32.
    Raises SettingError for n < 4 or a negative noise.
    """
    n, noise, rng = _start(n, noise, seed)
    labels = _labels(n, 2)
    upper = _polar(1.0, rng.uniform(0, np.pi, n))
    points = np.where(labels[:, None] == 1, [1.0, 0.5] - upper, upper)
    return _classified("moons", points, labels, noise, seed, rng)


def circles(n: int = 200, noise: float = 0.05, seed: int = 0) -> Dataset:
    """Two circles about the origin: "0" of radius 1, "1" of radius ½.

    Shapes: 2 inputs, 2 classes; n points in all, 25 % of them test data; float32.
    Raises SettingError for n < 4 or a negative noise.
    """
    n, noise, rng = _start(n, noise, seed)
    labels = _labels(n, 2)
    points = _polar(np.where(labels == 1, 0.5, 1.0), rng.uniform(0, 2 * np.pi, n))
    return _classified("circles", points, labels, noise, seed, rng)


def spirals(n: int = 300, noise: float = 0.02, seed: int = 0, classes: int = 3) -> Dataset:
    """Interleaved spirals, one for each class.

    With r uniform in [0.1, 1], class c of C lies at the radius r and the angle 2π (c / C + r).

    Shapes: 2 inputs, `classes` classes; n points in all, 25 % of them test data; float32.
    Raises SettingError for classes < 2, n < 4 or n < 2 · classes, or a negative noise.
    """
    classes = whole_number("classes", classes, 2)
    n, noise, rng = _start(n, noise, seed, classes)
    labels = _labels(n, classes)
    radius = rng.uniform(0.1, 1, n)
    points = _polar(radius, 2 * np.pi * (labels / classes + _TURNS * radius))
    return _classified("spirals", points, labels, noise, seed, rng, classes)


def blobs(n: int = 300, noise: float = 0.2, seed: int = 0, classes: int = 3) -> Dataset:
    """Round clouds of points, one for each class, their centres evenly on the unit circle.

    Class c of C is normal about the angle 2π c / C, with the standard deviation `noise`.

    Shapes: 2 inputs, `classes` classes; n points in all, 25 % of them test data; float32.
    Raises SettingError for classes < 2, n < 4 or n < 2 · classes, or a negative noise.
    """
    classes = whole_number("classes", classes, 2)
    n, noise, rng = _start(n, noise, seed, classes)
    labels = _labels(n, classes)
    points = _polar(1.0, 2 * np.pi * labels / classes)
    return _classified("blobs", points, labels, noise, seed, rng, classes)


def _start(
    n: int, noise: float, seed: int, classes: int = 2
) -> tuple[int, float, np.random.Generator]:
    # Stream 1: the split draws from stream 0, and which points test must not depend on where.
    rng = generator(seed, stream=1)
    return whole_number("n", n, 2 * classes), real_number("noise", noise, 0), rng


def _labels(n: int, classes: int) -> _Labels:
    return np.arange(n, dtype=np.int32) % classes


def _polar(radius: float | _Numbers, angle: _Numbers) -> _Points:
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def _values(
    name: str,
    x: _Numbers,
    t: _Numbers,
    n: int,
    noise: float,
    seed: int,
    rng: np.random.Generator,
    arguments: dict[str, Argument],
) -> Dataset:
    t = t + noise * rng.standard_normal(n)
    stored = x[:, None].astype(np.float32)
    train, test = split_examples(stored, t[:, None].astype(np.float32), _TEST_FRACTION, seed)
    source = Source(name, {"n": n, "noise": noise, "seed": int(seed), **arguments})
    return Dataset(name, train, test, classes=None, source=source)


def _classified(
    name: str,
    points: _Points,
    labels: _Labels,
    noise: float,
    seed: int,
    rng: np.random.Generator,
    classes: int | None = None,
) -> Dataset:
    points = points + noise * rng.standard_normal(points.shape)
    train, test = split_examples(points.astype(np.float32), labels, _TEST_FRACTION, seed)
    arguments: dict[str, Argument] = {"n": len(points), "noise": noise, "seed": int(seed)}
    if classes is not None:
        arguments["classes"] = classes
    names = tuple(str(c) for c in range(classes or 2))
    return Dataset(name, train, test, names, Source(name, arguments))
