"""What the page sees of a network, in the form of its messages."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from koubai.networks.network import Params
from koubai.play.messages import Layer, LookView, Numbers
from koubai.training.evaluate import Measures
from koubai.training.learner import Learner
from koubai.training.look import Look

# Examples of a mini-batch whose numbers are put into a formula.
_TERMS = 3


def look_view(learner: Learner, example: int, number: int | None) -> LookView:
    """Every number of an example of the mini-batch that comes next; behind its end the last."""
    look = learner.look()
    n = min(example, len(look.examples) - 1)
    z = [z[n] for z in look.trace.weighted_inputs]
    return LookView(
        number=number,
        iteration=learner.iteration,
        example=n,
        examples=look.examples,
        x=plain(look.x[n]),
        t=plain(look.targets[n]),
        z=tuple(map(plain, z)),
        a=tuple(plain(a[n]) for a in look.trace.activations[1:]),
        slopes=_slopes(learner, z),
        deltas=tuple(plain(delta[n]) for delta in look.deltas),
        loss=float(look.losses[n]),
        batch_loss=float(look.loss),
        gradients=layers(look.gradients),
        steps=layers(look.steps),
    )


def own_view(learner: Learner, x: Sequence[float], number: int | None) -> LookView:
    """What the network makes of an input that is not of the data."""
    trace = learner.network.forward(learner.params, np.array(x, np.float32))
    z = trace.weighted_inputs
    return LookView(
        number=number,
        iteration=learner.iteration,
        example=0,
        examples=np.zeros(0, np.int32),
        x=plain(x),
        t=None,
        z=tuple(map(plain, z)),
        a=tuple(map(plain, trace.activations[1:])),
        slopes=_slopes(learner, z),
        deltas=None,
        loss=None,
        batch_loss=None,
        gradients=None,
        steps=None,
    )


def _slopes(learner: Learner, z: Sequence[Any]) -> tuple[Numbers, ...]:
    return tuple(
        plain(activation.slope(each)) if activation.elementwise else np.zeros(0, np.float32)
        for activation, each in zip(learner.network.activations, z, strict=True)
    )


def layers(params: Params) -> tuple[Layer, ...]:
    """Parameters, or what is of their form."""
    return tuple(Layer(w=plain(layer.w), b=plain(layer.b)) for layer in params)


def plain(array: Any) -> Numbers:
    """An array as it travels, in float32."""
    return np.asarray(array, np.float32)


def column(measures: Sequence[Measures], of: Callable[[Measures], float | None]) -> Numbers:
    """One of the measures by row; NaN where there is none."""
    found = [of(each) for each in measures]
    return np.array([math.nan if value is None else value for value in found])


def formula(layer: int, i: int | None, j: int) -> str:
    """∂L/∂w or ∂L/∂b of a mini-batch of N examples, from the deltas above and what came in."""
    delta = rf"\delta^{{{layer}}}_{{{j}}}"
    mean = rf"\frac{{1}}{{N}} \sum_n {delta}"
    if i is None:
        return rf"\frac{{\partial L}}{{\partial b^{{{layer}}}_{{{j}}}}} = {mean}"
    both = f"{j}{i}" if max(i, j) < 10 else f"{j},{i}"
    a = rf"a^{{{layer - 1}}}_{{{i}}}"
    return rf"\frac{{\partial L}}{{\partial w^{{{layer}}}_{{{both}}}}} = {mean} \, {a}"


def numbers(look: Look, layer: int, i: int | None, j: int) -> str:
    """The same sum with the numbers of the first examples, and what it comes to."""
    delta = np.asarray(look.deltas[layer - 2])[:, j - 1]
    a = None if i is None else np.asarray(look.trace.activations[layer - 2])[:, i - 1]
    terms = [
        f"({delta[n]:.4g})" if a is None else f"({delta[n]:.4g})({a[n]:.4g})"
        for n in range(min(_TERMS, len(delta)))
    ]
    more = [r"\cdots"] if len(delta) > _TERMS else []
    total = float(delta.mean() if a is None else (delta * a).mean())
    return rf"\frac{{1}}{{{len(delta)}}} \left[ {' + '.join([*terms, *more])} \right] = {total:.6g}"
