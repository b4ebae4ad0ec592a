"""The whole gradient of a network by central differences, computing again only what a weight moves.

Moving w_ij changes z of one unit j of its layer, and only for the examples whose a_i is not 0. So
nothing below has to be computed again, and in the layer above z changes by a rank-one term. What
comes out is the central difference of the definition, not an approximation of it.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int
from numpy.typing import ArrayLike

from koubai.engine import compiled, float64
from koubai.functions.arguments import as_float
from koubai.functions.losses import Loss
from koubai.functions.outputs import output_losses
from koubai.gradients.backprop import as_batch, check_kinds, loss_for
from koubai.gradients.numerical import check_step, step_sizes
from koubai.networks.network import Layer, Network, Params, Trace

# Numbers in one array of a batch of evaluations: what a core's cache holds.
_BATCH_ELEMENTS = 2**18

Rows = Float[Array, "moves units"]
Targets = Float[Array, "moves outputs"]
Numbers = Float[Array, " moves"]
Indices = Int[Array, " moves"]


def finite_differences(
    network: Network,
    params: Params,
    x: ArrayLike,
    t: ArrayLike,
    loss: str | Loss | None = None,
    step: float | None = None,
) -> Params:
    """The whole gradient of a network by central differences, of the form of the parameters.

        ∂L/∂w_ij ≈ (L(w_ij + h) − L(w_ij − h)) / 2h

    Arguments, shapes and errors as `backprop`; `step` is h, see `numerical_gradient`. Computed in
    float64, in bounded memory.
    """
    check_kinds(network, params)
    with float64():
        params = jax.tree.map(lambda array: jax.device_put(np.asarray(array, np.float64)), params)
        examples, targets = as_batch(network, params, as_float(x, "x").astype(jnp.float64), t)
        for array in jax.tree.leaves(params):
            check_step(step, np.asarray(array))
        return compiled_differences(
            params, examples, targets, network, loss_for(network, loss), step
        )


def network_differences(
    params: Params,
    x: Float[Array, "batch inputs"],
    t: Float[Array, "batch outputs"],
    network: Network,
    loss: Loss,
    step: float | None = None,
) -> Params:
    """`finite_differences` for a batch that has been looked at, itself to be traced."""
    trace = network.forward(params, x)
    return tuple(
        _of_layer(network, params, trace, t, loss, step, level) for level in range(len(params))
    )


compiled_differences = compiled(network_differences, static=("network", "loss", "step"))


def _of_layer(
    network: Network,
    params: Params,
    trace: Trace,
    t: Float[Array, "batch outputs"],
    loss: Loss,
    step: float | None,
    level: int,
) -> Layer:
    z, below = trace.weighted_inputs[level], trace.activations[level]
    # A bias is the weight from a unit that is always 1.
    a = jnp.concatenate([below, jnp.ones_like(below[:, :1])], axis=1)
    w = jnp.concatenate([params[level].w, params[level].b[None]])
    h = step_sizes(w, step, w.dtype)
    above, beneath = w + h, w - h
    lift, rest = _lift(network, params, trace, level), _rest(network, params, loss, level)

    # A move is a weight with an example it moves: unit i's pairs, each with every unit j above.
    place = jnp.arange(a.size)  # sorted, for `nonzero` takes three times as long to compile
    moving = jnp.sort(jnp.where(a.T.ravel() != 0, place, a.size + place))
    i, n = jnp.divmod(moving, len(a))
    units, batch = w.shape[1], len(a)
    moves = jnp.count_nonzero(a) * units
    at_once = max(1, min(_BATCH_ELEMENTS // max(network.sizes[level + 1 :]), a.size * units))

    def differences(first: Int[Array, ""]) -> tuple[Indices, Indices, Numbers]:
        move = first + jnp.arange(at_once)
        pair, to = move // units, move % units
        of, example = i[pair], n[pair]

        def loss_at(weight: Float[Array, "inputs units"]) -> Numbers:
            moved = z[example, to] + (weight[of, to] - w[of, to]) * a[example, of]
            return rest(lift(example, to, moved), t[example])

        difference = loss_at(above) - loss_at(beneath)
        return of, to, jnp.where(move < moves, difference, 0)

    def go_on(carry: tuple[Int[Array, ""], Array]) -> tuple[Int[Array, ""], Array]:
        first, total = carry
        of, to, difference = differences(first)
        return first + at_once, total.at[of, to].add(difference)

    start = (jnp.zeros((), moves.dtype), jnp.zeros_like(w))
    _, total = jax.lax.while_loop(lambda carry: carry[0] < moves, go_on, start)
    gradient = total / ((above - beneath) * batch)  # 2h as rounded, not as wished
    return Layer(w=gradient[:-1], b=gradient[-1])


def _lift(
    network: Network, params: Params, trace: Trace, level: int
) -> Callable[[Indices, Indices, Numbers], Rows]:
    """The weighted inputs of the layer above when z of one unit `to` becomes `moved`; in the last
    layer its own.
    """
    activation, z = network.activations[level], trace.weighted_inputs[level]

    def replaced(example: Indices, to: Indices, moved: Numbers) -> Rows:
        return z[example].at[jnp.arange(len(to)), to].set(moved)

    if level == len(params) - 1:
        return replaced
    w, b = params[level + 1]
    if not activation.elementwise:
        return lambda *move: activation.value(replaced(*move)) @ w + b

    def rank_one(example: Indices, to: Indices, moved: Numbers) -> Rows:
        change = activation.value(moved) - trace.activations[level + 1][example, to]
        return trace.weighted_inputs[level + 1][example] + change[:, None] * w[to]

    return rank_one


def _rest(
    network: Network, params: Params, loss: Loss, level: int
) -> Callable[[Rows, Targets], Numbers]:
    """The loss of each row, from the weighted inputs that `_lift` gives."""

    def rest(z: Rows, t: Targets) -> Numbers:
        for k in range(level + 1, len(params) - 1):
            z = network.activations[k].value(z) @ params[k + 1].w + params[k + 1].b
        return output_losses(network.output, loss, z, t)

    return rest
