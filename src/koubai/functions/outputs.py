"""The output layer and the loss together, computed from the weighted inputs z.

log(softmax(z)) loses everything where softmax rounds to 0 or 1; log-softmax of z does not. So the
three canonical pairs are written down as one function each, and their delta ∂L/∂z is y − t. Any
other pair goes through the output y = a(z) and the Jacobian.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp

from koubai.functions.activations import Activation, identity, sigmoid, softmax
from koubai.functions.losses import (
    Loss,
    Outputs,
    PerExample,
    binary_cross_entropy,
    cross_entropy,
    squared_error,
)


def _sigmoid_cross_entropy(z: Outputs, t: Outputs) -> PerExample:
    # −log σ(z) = softplus(−z) and −log(1 − σ(z)) = softplus(z) = softplus(−z) + z
    return (jax.nn.softplus(z) - t * z).sum(axis=-1)


def _softmax_cross_entropy(z: Outputs, t: Outputs) -> PerExample:
    # −Σ t·log softmax(z), of which only sums need be held: over a landscape that takes a quarter
    # less time.
    z = z - jax.lax.stop_gradient(z.max(axis=-1, keepdims=True))
    return t.sum(axis=-1) * jnp.log(jnp.exp(z).sum(axis=-1)) - (t * z).sum(axis=-1)


_CANONICAL: dict[tuple[Activation, Loss], Callable[[Outputs, Outputs], PerExample]] = {
    (identity, squared_error): squared_error.each,
    (sigmoid, binary_cross_entropy): _sigmoid_cross_entropy,
    (softmax, cross_entropy): _softmax_cross_entropy,
}


def canonical_loss(output: Activation) -> Loss:
    """The loss whose delta with this output activation is y − t; squared error for any other."""
    for activation, loss in _CANONICAL:
        if activation == output:
            return loss
    return squared_error


def is_canonical(output: Activation, loss: Loss) -> bool:
    """Whether output and loss are computed as one function of z."""
    return (output, loss) in _CANONICAL


def output_losses(output: Activation, loss: Loss, z: Outputs, t: Outputs) -> PerExample:
    """The loss of every example, from the output layer's weighted inputs z. t has z's shape."""
    canonical = _CANONICAL.get((output, loss))
    return canonical(z, t) if canonical else loss.each(output.value(z), t)


def output_delta(output: Activation, loss: Loss, z: Outputs, t: Outputs) -> Outputs:
    """δ = ∂L/∂z of every example, at the output layer.

        canonical pair: δ = y − t          any other: δ = Jᵀ · ∂L/∂y,  J_ij = ∂y_i/∂z_j

    Shapes: z, t and the result (batch, outputs).
    Reference: 岡谷『深層学習』4.4; Bishop (2006) 5.2.
    """
    y = output.value(z)
    if (output, loss) == (softmax, cross_entropy):
        # Σ_k t_k is 1 for one-hot rows and for probabilities, which leaves y − t.
        return y * t.sum(axis=-1, keepdims=True) - t
    if is_canonical(output, loss):
        return y - t
    return output.pull_back(z, loss.each_slope(y, t))
