"""Backpropagation as a learner writes it, in NumPy, with a switch for each planted mistake.

Nothing here uses koubai's own formulas, so that a mistake of koubai's is not repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from planted.cases import NetworkCase, Point

import koubai as kb
from koubai.networks.network import Layer, Params

Function = Callable[[Point], Point]


def _sigmoid(z: Point) -> Point:
    return 1 / (1 + np.exp(-np.clip(z, -700, 700)))


def _softmax(z: Point) -> Point:
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


VALUES: dict[str, Function] = {
    "sigmoid": _sigmoid,
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "softplus": lambda z: np.logaddexp(0, z),
    "identity": lambda z: z,
    "step": lambda z: (z > 0).astype(float),
    "softmax": _softmax,
}
SLOPES: dict[str, Function] = {
    "sigmoid": lambda z: _sigmoid(z) * (1 - _sigmoid(z)),
    "tanh": lambda z: 1 - np.tanh(z) ** 2,
    "relu": lambda z: (z > 0).astype(float),
    "leaky_relu": lambda z: np.where(z > 0, 1.0, 0.01),
    "softplus": _sigmoid,
    "identity": np.ones_like,
    "step": np.zeros_like,
}
_LOSS_SLOPES: dict[str, Callable[[Point, Point], Point]] = {
    "squared_error": lambda y, t: y - t,
    "mean_squared_error": lambda y, t: 2 * (y - t) / y.shape[-1],
}
_Y_MINUS_T = {("softmax", "cross_entropy"), ("sigmoid", "binary_cross_entropy")}


def layer_of(w: Any, b: Any) -> Layer:
    """A layer of NumPy arrays in float64."""
    return Layer(w, b)


@dataclass(frozen=True)
class Problem:
    """A network with its parameters, a batch, and one-hot (or real) targets."""

    hidden: tuple[str, ...]
    output: str
    loss: str
    params: Params
    x: Point
    t: Point

    @property
    def sizes(self) -> list[int]:
        return [self.x.shape[1], *(len(layer.b) for layer in self.params)]

    @property
    def activations(self) -> tuple[str, ...]:
        return (*self.hidden, self.output)

    @property
    def batch(self) -> int:
        return len(self.x)

    def forward(self) -> tuple[list[Point], list[Point]]:
        """z of every layer, and a of every layer with x before them."""
        z: list[Point] = []
        a = [self.x]
        for (w, b), h in zip(self.params, self.activations, strict=True):
            z.append(a[-1] @ np.asarray(w) + np.asarray(b))
            a.append(VALUES[h](z[-1]))
        return z, a

    def case(
        self,
        gradients: Params,
        step: float | None = None,
        loss: kb.Loss | None = None,
        **facts: float,
    ) -> NetworkCase:
        """The check of these gradients; a classification hands over its labels."""
        labelled = self.loss == "cross_entropy" and loss is None
        return NetworkCase(
            network=kb.Network(self.sizes, hidden=self.hidden, output=self.output),
            params=self.params,
            x=self.x,
            t=self.t.argmax(axis=1) if labelled else self.t,
            gradients=gradients,
            loss=loss or self.loss,
            step=step,
            facts=facts,
        )


def problem(
    rng: np.random.Generator,
    hidden: str | Sequence[str] | None = None,
    output: str | None = None,
    loss: str | None = None,
    sizes: Sequence[int] | None = None,
    batch: int | None = None,
    spread: float = 1.0,
) -> Problem:
    """A problem of random depth, widths, activations and batch, unless they are given."""
    if sizes is None:
        depth = 1 + int(rng.integers(1, 4)) if hidden is None or isinstance(hidden, str) else 0
        layers = depth or len(hidden or ()) + 1
        sizes = [int(n) for n in rng.permutation([2, 3, 4, 5, 6, 7])[: layers + 1]]
    if hidden is None:
        hidden = str(rng.choice(["sigmoid", "tanh", "softplus", "relu"]))
    names = [hidden] * (len(sizes) - 2) if isinstance(hidden, str) else list(hidden)
    if output is None:
        output = str(rng.choice(["softmax", "sigmoid", "identity"]))
    own = {"softmax": "cross_entropy", "sigmoid": "binary_cross_entropy"}
    loss = loss or own.get(output, "squared_error")
    batch = batch or int(rng.choice([3, 5, 7, 11]))
    params = tuple(
        layer_of(
            w=spread * rng.normal(0, 1.2 / inputs**0.5, (inputs, units)),
            b=spread * rng.normal(0, 0.3, units),
        )
        for inputs, units in pairwise(sizes)
    )
    x = rng.normal(0.3, 1, (batch, sizes[0]))
    return Problem(tuple(names), output, loss, params, x, _targets(rng, loss, batch, sizes[-1]))


def _targets(rng: np.random.Generator, loss: str, batch: int, outputs: int) -> Point:
    if loss == "cross_entropy":
        return np.eye(outputs)[rng.integers(outputs, size=batch)]
    if loss == "binary_cross_entropy":
        return rng.integers(2, size=(batch, outputs)).astype(float)
    return rng.normal(0.5, 1, (batch, outputs))


def backpropagate(
    problem: Problem,
    transposed: Sequence[int] = (),
    without_derivative: Sequence[int] = (),
    slopes: Mapping[str, Function] | None = None,
) -> Params:
    """The gradients, with these mistakes; without any they are right.

    `transposed` are the layers whose weights are used without transposing them on the way back,
    `without_derivative` those whose activation's derivative is left out, both as indices into the
    parameters; `slopes` replace the derivatives of activations.
    """
    slope = {**SLOPES, **(slopes or {})}
    z, a = problem.forward()
    last = len(z) - 1
    delta = _output_delta(problem, z[-1], a[-1], slope, last in without_derivative)
    delta = delta / problem.batch
    gradients: list[Layer] = []
    for l in range(last, -1, -1):  # noqa: E741
        gradients.append(layer_of(w=a[l].T @ delta, b=delta.sum(axis=0)))
        if l > 0:
            w = np.asarray(problem.params[l].w)
            delta = delta @ (w if l in transposed else w.T)
            if l - 1 not in without_derivative:
                delta = delta * slope[problem.hidden[l - 1]](z[l - 1])
    return tuple(reversed(gradients))


def _output_delta(
    problem: Problem, z: Point, y: Point, slope: Mapping[str, Function], without: bool
) -> Point:
    if (problem.output, problem.loss) in _Y_MINUS_T:
        return y - problem.t
    error = _LOSS_SLOPES[problem.loss](y, problem.t)
    if without:
        return error
    if problem.output == "softmax" and "softmax" not in slope:
        return y * (error - (error * y).sum(axis=1, keepdims=True))
    return error * slope[problem.output](z)


def scaled(gradients: Params, factor: float) -> Params:
    return tuple(layer_of(w=factor * w, b=factor * b) for w, b in gradients)


def changed(params: Params, layer: int, w: Any = None, b: Any = None) -> Params:
    """The parameters (or gradients) with the weights or biases of one layer replaced."""
    new = params[layer]._replace(**{k: v for k, v in (("w", w), ("b", b)) if v is not None})
    return (*params[:layer], new, *params[layer + 1 :])


def unit_at(problem: Problem, layer: int, unit: int, example: int, z: float) -> Problem:
    """The problem with the bias moved so that the unit's weighted input is z for that example."""
    b = np.array(problem.params[layer].b)
    b[unit] += z - problem.forward()[0][layer][example, unit]
    return replace(problem, params=changed(problem.params, layer, b=b))
