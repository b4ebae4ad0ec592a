"""From a JAX function of any pytree of parameters to an objective."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from koubai.engine import float64
from koubai.errors import FunctionError, SettingError, counted
from koubai.functions.arguments import shown
from koubai.gradients.numerical import check_function
from koubai.objectives.blocks import Block
from koubai.objectives.objective import Objective


@dataclass(frozen=True, eq=False)
class JaxObjective(Objective):
    """A function of a pytree, as a function of all its real arrays in one vector."""

    tree: Tree = field(kw_only=True, repr=False)

    def __repr__(self) -> str:
        parameters = counted(self.start.size, "parameter")
        return f"JaxObjective({parameters} in {counted(len(self.blocks), 'array')})"

    def params(self, x: ArrayLike) -> Any:
        """The pytree with the parameters of a point."""
        with float64():
            return self.tree.at(jnp.asarray(self._point(x)))


@dataclass(frozen=True, eq=False)
class Tree:
    """A pytree whose real arrays are parameters; everything else in it stays as it is."""

    leaves: tuple[Any, ...]
    structure: Any

    @property
    def arrays(self) -> list[Any]:
        """Its parameters, in the order of JAX's leaves."""
        return [leaf for leaf in self.leaves if is_parameter(leaf)]

    def at(self, theta: Float[jax.Array, " parameters"]) -> Any:
        """The pytree with the numbers of θ, each array in its own precision."""
        ends = np.cumsum([leaf.size for leaf in self.arrays])[:-1]
        parts = iter(jnp.split(theta, ends))
        return self.structure.unflatten(
            next(parts).reshape(leaf.shape).astype(leaf.dtype) if is_parameter(leaf) else leaf
            for leaf in self.leaves
        )


def is_parameter(leaf: Any) -> bool:
    """Whether a leaf is an array of real numbers."""
    return isinstance(leaf, jax.Array | np.ndarray) and jnp.issubdtype(leaf.dtype, jnp.floating)


def flat(arrays: Sequence[Any]) -> Float[np.ndarray, " parameters"]:
    """Arrays in one vector: float64 where one of them is, else float32."""
    double = any(array.dtype == np.float64 for array in arrays)
    dtype = np.float64 if double else np.float32
    return np.concatenate([np.asarray(array).astype(dtype).ravel() for array in arrays])


def jax_objective(
    f: Callable[[Any], Any],
    params: Any,
    names: Sequence[str] | None = None,
    filter_axis: int | None = None,
) -> JaxObjective:
    """A JAX function of any pytree of parameters, as f(θ) that starts at these parameters.

    θ holds the real arrays of the pytree in the order of `jax.tree.leaves`; whatever else is in
    it, such as labels or activation functions, stays as it is.

    Arguments:
        f: takes the pytree and returns one number.
        names: one for each array; without them its place in the pytree.
        filter_axis: along which the filters of an array lie, that is the weights that lead to one
            unit: without it the first for an Equinox module, else the last, as in Flax.

    Raises SettingError for a pytree without real arrays, or names or an axis that do not fit, and
    FunctionError where f is no function, or no finite number at the start.
    """
    try:
        check_function(f, "f")
    except FunctionError:
        raise FunctionError(f"f is {shown(f)}: give a function of one argument, params") from None
    tree, blocks = parameters_of(params, names, filter_axis)
    return JaxObjective(
        lambda theta: f(tree.at(theta)), flat(tree.arrays), blocks=blocks, tree=tree
    )


def parameters_of(
    params: Any, names: Sequence[str] | None, filter_axis: int | None
) -> tuple[Tree, tuple[Block, ...]]:
    """A pytree and the arrays that θ is made of; arguments and errors as `jax_objective`."""
    paths, structure = jax.tree_util.tree_flatten_with_path(params)
    tree = Tree(tuple(leaf for _, leaf in paths), structure)
    arrays = tree.arrays
    if not sum(array.size for array in arrays):
        raise SettingError(f"params is {shown(params)}: give a pytree with arrays of real numbers")
    places = [jax.tree_util.keystr(path) or "θ" for path, leaf in paths if is_parameter(leaf)]
    names = places if names is None else list(names)
    if len(names) != len(arrays):
        raise SettingError(f"names has {len(names)} for {len(arrays)} arrays: give one for each")
    if filter_axis is None:
        filter_axis = 0 if _is_equinox(params) else -1
    if filter_axis not in (0, -1):
        raise SettingError(f"filter_axis is {shown(filter_axis)}: give 0 or -1")
    return tree, tuple(
        Block(name, array.shape, filter_axis % array.ndim if array.ndim > 1 else None)
        for name, array in zip(names, arrays, strict=True)
    )


def _is_equinox(params: Any) -> bool:
    return any(kind.__module__.split(".")[0] == "equinox" for kind in type(params).__mro__)
