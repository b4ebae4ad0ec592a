"""The gradient check: a derivation compared with central differences, and why they differ."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import numpy as np
from jaxtyping import Array, Bool
from numpy.typing import ArrayLike

from koubai.engine import float64
from koubai.errors import DataError, FunctionError, ShapeError
from koubai.functions.arguments import as_float, as_point, shown, whole_number
from koubai.functions.losses import Loss
from koubai.gradients.backprop import as_batch, check_kinds, loss_for
from koubai.gradients.comparison import TOLERANCE, Gradient
from koubai.gradients.findings import Check, concluded
from koubai.gradients.function_check import directions_finding, function_curve, function_finding
from koubai.gradients.mistakes import Batch
from koubai.gradients.network_check import network_finding
from koubai.gradients.numerical import check_function, check_step
from koubai.gradients.subject import Subject
from koubai.gradients.v_curve import Curve
from koubai.gradients.whole import loss_and_gradients, network_curve
from koubai.networks.network import Layer, Network, Params
from koubai.told import Told

__all__ = ["TOLERANCE", "Check", "check_gradient", "check_gradients"]

_PLAIN = {np.dtype(kind) for kind in (np.float32, np.float64, np.int32, np.int64)}


def check_gradients(
    network: Network,
    params: Params,
    x: ArrayLike,
    t: ArrayLike,
    loss: str | Loss | None = None,
    step: float | None = None,
    gradients: Params | None = None,
) -> Check:
    """Backpropagation against central differences, for every weight and bias, in float64.

        |g − n| ≤ 10⁻⁶ · max(|g|, |n|) + rounding        for every one of them

    Arguments, shapes and errors as `backprop`; `step` as in `numerical_gradient`. `gradients` are
    those of a backpropagation of one's own, of the form of the parameters; without them koubai's
    own is checked. The verdict says why they differ, see `Check`: mistakes are planted in koubai's
    backpropagation one after another, and the one that reproduces the numbers to rounding is named.

    There is no absolute tolerance that would let tiny wrong gradients pass, as there is in
    PyTorch's gradcheck (eps 1e-6, atol 1e-5, rtol 1e-3).
    """
    check_kinds(network, params)
    if gradients is not None:
        _check_gradients(network, gradients)
    with float64():
        params = jax.tree.map(_in_float64, params)
        x, t = _in_float64(as_float(_placed(x), "x")), _placed(t)
        examples, targets = as_batch(network, params, x, t)
        for array in jax.tree.leaves(params):
            check_step(step, np.asarray(array))
        batch = Batch(network, params, examples, targets, loss_for(network, loss))
        value, right = loss_and_gradients(batch)
        if not np.isfinite(value):
            raise DataError(
                Told(
                    f"the loss is {value} there, which leaves nothing to compare: give parameters "
                    f"at which it is a finite number",
                    f"損失が {value} なので、比べるものがありません。損失が有限になるパラメータで"
                    f"試してください",
                )
            )
        mine = right if gradients is None else _as_layers(gradients)
        finding, differences = network_finding(batch, mine, step)
    return concluded(finding, differences, partial(_curve, batch, mine))


def _curve(batch: Batch, gradients: Params) -> Curve:
    with float64():
        return network_curve(batch, gradients)


def check_gradient(
    f: Callable[[Any], Any],
    grad_f: Callable[[Any], ArrayLike],
    x: ArrayLike,
    step: float | None = None,
    sample: int | None = None,
    seed: int = 0,
) -> Check:
    """Anybody's gradient function against central differences of their f, at x, in float64.

        |g − n| ≤ 10⁻⁶ · max(|g|, |n|) + rounding        for every element

    f and grad_f take a NumPy array; those written in JAX are evaluated at many points at once.
    `sample` is how many coordinates, drawn from the seed, are looked at; without it all are. Beside
    a sample the slopes along a few random directions are compared too, in which every coordinate
    has a part. What is found, and why g and n differ, is said by `Check`.

    Raises ShapeError for an empty x or a grad_f(x) of another shape, FunctionError when f does not
    return a single number, SettingError for a sample below 1.
    """
    check_function(f, "f")
    check_function(grad_f, "grad_f")
    point = as_point(x, "x").astype(np.float64)
    if not point.size:
        raise ShapeError("x is empty: give the point at which the gradient is to be checked")
    check_step(step, point)
    looked = _sampled(point, sample, seed)
    gradient = _gradient_at(grad_f, point)
    subject = Subject(f, point, gradient, looked, step)
    finding, differences = function_finding(subject, partial(_gradient_at, grad_f, point))
    if finding.kind == "agrees" and not looked.all():
        unseen, along = directions_finding(subject, seed)
        finding, differences = unseen or finding, [*differences, along]
    return concluded(finding, differences, partial(function_curve, subject))


def _sampled(point: Gradient, sample: int | None, seed: int) -> Bool[np.ndarray, "*shape"]:
    if sample is None:
        return np.ones(point.shape, bool)
    count = min(whole_number("sample", sample, 1), point.size)
    random = np.random.default_rng(whole_number("seed", seed, 0))
    looked = np.zeros(point.size, bool)
    looked[random.choice(point.size, count, replace=False)] = True
    return looked.reshape(point.shape)


def _gradient_at(grad_f: Callable[[Any], ArrayLike], point: Gradient) -> Gradient:
    with float64():
        answer = grad_f(point.copy())
        try:
            found = np.asarray(as_float(answer, "grad_f(x)"))
        except DataError:
            raise FunctionError(
                f"grad_f returned {shown(answer)}: let it return the gradient, one derivative for "
                f"each element of x"
            ) from None
    if found.shape != point.shape:
        raise ShapeError(
            f"grad_f returned shape {found.shape} for an x of shape {point.shape}: a gradient "
            f"has one derivative for each element of x"
        )
    return found


def _check_gradients(network: Network, gradients: Params) -> None:
    try:
        network.check_params(gradients)
    except ShapeError as error:
        raise ShapeError(f"gradients do not fit: {error}") from None


def _in_float64(array: ArrayLike) -> Array:
    return jax.device_put(np.asarray(array, np.float64))


def _placed(array: ArrayLike) -> ArrayLike:
    """NumPy's numbers as JAX's: of what it is not handed so, JAX compiles a copy for each shape."""
    plain = isinstance(array, np.ndarray) and array.dtype in _PLAIN
    return jax.device_put(array) if plain else array


def _as_layers(gradients: Params) -> Params:
    """Gradients as they came, float32 or float64, as NumPy arrays in koubai's layers."""
    parts: list[Any] = [
        np.asarray(as_float(_placed(array), name))
        for layer in gradients
        for name, array in zip("wb", (layer.w, layer.b), strict=True)
    ]
    return tuple(map(Layer, parts[::2], parts[1::2]))
