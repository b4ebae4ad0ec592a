"""What each layer does at some moments of training: how far gradients reach, what units put out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from koubai.descent.recorder import Record
from koubai.engine import RARELY, compiled
from koubai.functions.activations import Activation
from koubai.gradients.backprop import backprop
from koubai.networks.network import Params
from koubai.training.loop import Examples, Method, State, with_weight_decay

PerLayer = Float[np.ndarray, " layers"]
Weights = Float[np.ndarray, "_ _"]
PerMoment = Float[np.ndarray, "moments layers"]
Sample = Int[Array, "two batch"]

# Examples in each of the two batches that are looked at.
_BATCH = 128
# A unit is flat where its slope is below this share of the activation's largest.
_FLAT = 1 / 50
# Two units are alike when their weights, seen along one direction, differ by less than this share.
_ALIKE = 1e-4
# Moments of a run: as many as cost about this share of its iterations.
_FEWEST, _MOST, _SHARE = 6, 64, 0.03
# A look takes so often as long as learning from its examples.
_DEARER = 2.5


@dataclass(frozen=True, eq=False)
class Layers:
    """What was seen of each layer above the input, at some moments of training.

    `iterations`, (moments,), counts those done by then; everything else is (moments, layers), of
    the same two batches of training data at every moment. z are weighted inputs, a activations,
    δ = ∂L/∂z of one example.

        gradient_norm      ‖∂L/∂w‖
        weight_norm        ‖w‖
        update_ratio       ‖Δw‖ / ‖w‖ of the step that would come next
        gradient_noise     ‖g₁ − g₂‖ / ‖g₁ + g₂‖ of the two batches: 0 when they agree, 1 for noise
        error_signal       √(mean over the examples of ‖δ‖²)
        activation_mean    mean of a over units and examples
        activation_std     their standard deviation
        flat               share of units × examples where the slope a'(z) is below 1/50 of its
                           largest: saturated, or not lit
        dead               share of units that are flat for every example
        alike              share of units whose weights equal another unit's of the layer
    """

    iterations: Int[np.ndarray, " moments"]
    gradient_norm: PerMoment
    weight_norm: PerMoment
    update_ratio: PerMoment
    gradient_noise: PerMoment
    error_signal: PerMoment
    activation_mean: PerMoment
    activation_std: PerMoment
    flat: PerMoment
    dead: PerMoment
    alike: PerMoment

    def __len__(self) -> int:
        return len(self.iterations)

    def __repr__(self) -> str:
        return f"Layers({len(self)} moments of {self.flat.shape[1]} layers)"

    @staticmethod
    def none() -> Layers:
        """The layers of a training that was not looked at."""
        empty: Any = [np.zeros((0, 0), np.float32)] * len(QUANTITIES)
        return Layers(np.zeros(0, np.int64), *empty)

    @staticmethod
    def of(
        record: Record, last: Float[np.ndarray, "quantities layers"] | None, iteration: int
    ) -> Layers:
        """What a record holds, and behind it the last look, after so many iterations."""
        iterations = record.read("iteration")
        values = np.stack([record.read(name) for name in QUANTITIES])
        if last is not None and not (len(iterations) and iterations[-1] == iteration):
            iterations = np.append(iterations, iteration)
            values = np.concatenate([values, last[:, None]], axis=1)
        return Layers(iterations, *values)


# In this order in what `look` returns.
QUANTITIES = tuple(field.name for field in fields(Layers) if field.name != "iterations")


def sample(members: Int[np.ndarray, " examples"], seed: int) -> Sample:
    """The two batches of training examples that are looked at: the same throughout a run."""
    order = np.random.default_rng([seed, 2]).permutation(members)
    size = min(_BATCH, max(1, len(order) // 2))
    return jax.device_put(np.stack([order[:size], order[-size:]]))


def moments_apart(iterations: int, batch_size: int, record_every: int) -> int:
    """Iterations between two looks, for 6 to 64 in a run, as few as keep the cost low.

    A multiple of `record_every` does not interrupt the loop once more.
    """
    cost = _DEARER * (1 + 2 * _BATCH / batch_size)
    moments = min(max(_SHARE * iterations / cost, _FEWEST), _MOST)
    apart = max(1, int(iterations / moments))
    return apart - apart % record_every if apart > record_every else apart


def look(
    method: Method,
    state: State,
    examples: Examples,
    batches: Sample,
    learning_rate: float,
    weight_decay: float,
) -> Float[np.ndarray, "quantities layers"]:
    """The quantities of `Layers`, by row, of each layer at this moment. Nothing is changed.

    Only what goes through the network is compiled: the rest is a few sums over arrays, for which
    NumPy needs no half a second of compiling. They are no products of matrices and no norms of
    NumPy's: BLAS would leave a thread spinning, which slows the training that goes on by a half.
    """
    found = _look(method, state, examples, batches, learning_rate, weight_decay)
    slopes, moved, signal, value, square, flat = jax.tree.map(np.asarray, found)
    halves = [[half[i] for half, _ in slopes] for i in range(2)]
    weights, biases = ([np.asarray(a) for a in each] for each in zip(*state.params, strict=True))
    norms, mean = _norms(weights), _norms([half.mean(axis=0) for half, _ in slopes])
    with np.errstate(all="ignore"):  # after a divergence there are infinite numbers
        rows = {
            "gradient_norm": mean,
            "weight_norm": norms,
            "update_ratio": _ratio(_norms(_difference([w for w, _ in moved], weights)), norms),
            "gradient_noise": _ratio(_norms(_difference(*halves)), 2 * mean),
            "error_signal": np.sqrt(signal),
            "activation_mean": value,
            "activation_std": np.sqrt(np.maximum(square - value**2, 0)),
            "flat": np.array([share.mean() for share in flat]),
            "dead": np.array([(share == 1).mean() for share in flat]),
            "alike": np.array([share_alike(*layer) for layer in zip(weights, biases, strict=True)]),
        }
    return np.stack([rows[name] for name in QUANTITIES]).astype(np.float32)


def _look_at(
    method: Method,
    state: State,
    examples: Examples,
    batches: Sample,
    learning_rate: float,
    weight_decay: float,
) -> tuple[Params, Params, Array, Array, Array, tuple[Float[Array, " units"], ...]]:
    """Both batches' gradients, the parameters one step on, and means over the examples of both."""
    slopes, *seen = jax.lax.map(lambda b: _batch(method, state.params, examples, b), batches)
    mean: Params = jax.tree.map(lambda a: a.mean(axis=0), slopes)
    decayed = with_weight_decay(mean, state.params, weight_decay)
    moved, _ = method.optimiser.step(state.params, decayed, state.memory, learning_rate)
    signal, value, square, flat = jax.tree.map(lambda a: a.mean(axis=0), seen)
    return slopes, moved, signal, value, square, flat


_look = compiled(_look_at, static=("method",), options=RARELY)


def _batch(
    method: Method,
    params: Params,
    examples: Examples,
    batch: Int[Array, " batch"],
) -> tuple[Params, Array, Array, Array, tuple[Float[Array, " units"], ...]]:
    """Of one batch: gradients; by layer the mean ‖δ‖², a and a²; by unit how often it is flat."""
    x, t = examples.inputs(batch), examples.t[batch]
    back = backprop(method.network, params, x, t, method.loss)
    trace = method.network.forward(params, x)
    signal = jnp.stack([len(batch) * (delta**2).sum() for delta in back.deltas])
    value = jnp.stack([a.mean() for a in trace.activations[1:]])
    square = jnp.stack([(a**2).mean() for a in trace.activations[1:]])
    layers = zip(method.network.activations, trace.weighted_inputs, strict=True)
    return back.gradients, signal, value, square, tuple(_flat(*layer) for layer in layers)


def _flat(activation: Activation, z: Float[Array, "batch units"]) -> Float[Array, " units"]:
    """How often each unit is flat; softmax, whose slopes are a matrix, never is."""
    if not activation.elementwise:
        return jnp.zeros(z.shape[1])
    steepest = jnp.abs(activation.slope(jnp.linspace(-10, 10, 2001))).max()
    return (jnp.abs(activation.slope(z)) <= _FLAT * steepest).mean(axis=0)


def share_alike(w: Weights, b: Float[np.ndarray, " units"]) -> float:
    """Units are compared with their neighbours on the line onto which their weights are projected.

    A single unit has none. Weights that are not finite are not compared.
    """
    w = w.astype(np.float64)  # in float32 the square of large weights overflows
    along = np.cos(np.arange(1, len(w) + 1) ** 2)
    places = np.sort(np.einsum("i,ij->j", along, w) + 0.7 * b)
    scale = np.sqrt((w**2).mean() * (along**2).sum())  # of the spread of random ones
    near = (np.diff(places) <= _ALIKE * scale) & np.isfinite(scale)
    return float((np.append(near, False) | np.insert(near, 0, False)).mean())


def _norms(arrays: Sequence[Weights]) -> PerLayer:
    # In float32 the square of what diverges overflows.
    return np.array([np.sqrt(np.square(array, dtype=np.float64).sum()) for array in arrays])


def _difference(a: Sequence[Weights], b: Sequence[Weights]) -> list[Weights]:
    return [one - other for one, other in zip(a, b, strict=True)]


def _ratio(part: PerLayer, whole: PerLayer) -> PerLayer:
    """0 / 0 is 0."""
    return np.where(part == 0, 0.0, part / whole)
