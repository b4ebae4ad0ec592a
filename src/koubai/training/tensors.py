"""The arrays of a run by name, as its safetensors file holds them."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Shaped

from koubai.networks.network import Layer, Params
from koubai.training.loop import Method, State

Tensors = dict[str, Shaped[np.ndarray, "..."]]


def state_tensors(state: State, best: Params | None) -> Tensors:
    """The parameters, the best ones where a validation split chose some, and the memory."""
    memory = {f"memory.{i}": np.asarray(a) for i, a in enumerate(jax.tree.leaves(state.memory))}
    kept = _layers("best", best) if best is not None else {}
    return _layers("params", state.params) | kept | memory


def last_params(tensors: Tensors) -> Params:
    """The parameters at the end of the path."""
    return _params("params", tensors)


def kept_params(tensors: Tensors) -> Params:
    """The parameters to use: the best on the validation split, else the last."""
    return _params("best" if "best.1.w" in tensors else "params", tensors)


def restored_state(method: Method, tensors: Tensors) -> State:
    """The state that training goes on from."""
    params = last_params(tensors)
    form: Any = jax.tree.structure(method.optimiser.init(params))
    leaves = [jnp.asarray(tensors[f"memory.{i}"]) for i in range(form.num_leaves)]
    return State(params, jax.tree.unflatten(form, leaves))


def flat(params: Params) -> Float[np.ndarray, " parameters"]:
    """All parameters in one vector: w then b, layer by layer, rows of w one after another."""
    return np.concatenate([np.asarray(array).ravel() for layer in params for array in layer])


def _layers(name: str, params: Params) -> Tensors:
    return {
        f"{name}.{number}.{part}": np.asarray(array)
        for number, layer in enumerate(params, start=1)
        for part, array in layer._asdict().items()
    }


def _params(name: str, tensors: Tensors) -> Params:
    count = sum(key.startswith(f"{name}.") and key.endswith(".w") for key in tensors)
    return tuple(
        Layer(
            w=jnp.asarray(tensors[f"{name}.{number}.w"]),
            b=jnp.asarray(tensors[f"{name}.{number}.b"]),
        )
        for number in range(1, count + 1)
    )
