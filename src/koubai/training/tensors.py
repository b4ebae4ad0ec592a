"""The arrays of a run by name, as its safetensors file holds them."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Shaped

from koubai.errors import SettingError
from koubai.networks.network import Layer, Params
from koubai.training.loop import Method, State

Tensors = dict[str, Shaped[np.ndarray, "..."]]


def state_tensors(
    state: State, best: Params | None, layers: Float[np.ndarray, "quantities layers"] | None = None
) -> Tensors:
    """The parameters, the best ones where a validation split chose some, and the memory.

    At the end also what was seen of the layers then, see `Layers`.
    """
    memory = {f"memory.{i}": np.asarray(a) for i, a in enumerate(jax.tree.leaves(state.memory))}
    kept = _layers("best", best) if best is not None else {}
    seen = {} if layers is None else {"layers": layers}
    return _layers("params", state.params) | kept | memory | seen


def last_look(tensors: Tensors) -> Float[np.ndarray, "quantities layers"] | None:
    """What was seen of the layers at the end; None where training has not come to one."""
    return tensors.get("layers")


def last_params(tensors: Tensors) -> Params:
    """The parameters at the end of the path."""
    return _params("params", tensors)


def kept_params(tensors: Tensors) -> Params:
    """The parameters to use: the best on the validation split, else the last."""
    return _params("best" if "best.1.w" in tensors else "params", tensors)


def restored_state(method: Method, tensors: Tensors) -> State:
    """The state that training goes on from.

    Raises SettingError when the optimiser, which the user gave again, remembers other arrays.
    """
    params = last_params(tensors)
    leaves, form = jax.tree.flatten(method.optimiser.init(params))
    stored = [a for _, a in sorted(_memory(tensors).items())]
    if [jnp.shape(a) for a in leaves] != [a.shape for a in stored]:
        raise SettingError(
            f"optimizer keeps {len(leaves)} arrays in its memory, which are not the "
            f"{len(stored)} that this run stored: pass the one that the run used"
        )
    return State(params, jax.tree.unflatten(form, [jnp.asarray(a) for a in stored]))


def flat(params: Params) -> Float[np.ndarray, " parameters"]:
    """All parameters in one vector: w then b, layer by layer, rows of w one after another."""
    return np.concatenate([np.asarray(array).ravel() for layer in params for array in layer])


def _layers(name: str, params: Params) -> Tensors:
    return {
        f"{name}.{number}.{part}": np.asarray(array)
        for number, layer in enumerate(params, start=1)
        for part, array in layer._asdict().items()
    }


def _memory(tensors: Tensors) -> dict[int, Shaped[np.ndarray, "..."]]:
    """The arrays of the optimiser's memory by their number."""
    return {
        int(key.removeprefix("memory.")): array
        for key, array in tensors.items()
        if key.startswith("memory.")
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
