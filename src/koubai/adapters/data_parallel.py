"""The mean loss of a JAX model over data that lies on several devices, as an objective."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from jaxtyping import Array, Bool, Float
from numpy.typing import ArrayLike

from koubai.adapters.jax_objective import JaxObjective, flat, parameters_of
from koubai.engine import compiled, float64
from koubai.errors import DataError, FunctionError, SettingError, counted, first_line
from koubai.functions.arguments import shown, whole_number
from koubai.landscapes.examples import facts
from koubai.objectives.hessian import hessian_product
from koubai.objectives.objective import Values

_AXIS = "data"
_SPLIT = PartitionSpec(_AXIS)
_EVERYWHERE = PartitionSpec()

# Of every device: which of its rows are examples, and their arrays, by batches.
_Rows = tuple[Bool[Array, "batches batch"], *tuple[Any, ...]]


@dataclass(frozen=True, eq=False)
class DataParallelObjective(JaxObjective):
    """A mean over examples that lie on several devices, as a function of one vector.

    losses: of a batch of examples; rows: the examples' arrays, the first axis over the devices;
    examples: how many; digest: of their content; devices: how many.
    """

    f: Callable[[Any], Any] = field(init=False, repr=False)
    losses: Callable[..., Any] = field(kw_only=True)
    rows: _Rows = field(kw_only=True, repr=False)
    mesh: Mesh = field(kw_only=True, repr=False)
    examples: int = field(kw_only=True)
    digest: str = field(kw_only=True)

    def __post_init__(self) -> None:
        object.__setattr__(self, "f", self._value)
        super().__post_init__()

    def __repr__(self) -> str:
        return (
            f"DataParallelObjective({counted(self.start.size, 'parameter')} in "
            f"{counted(len(self.blocks), 'array')}, {counted(self.examples, 'example')} on "
            f"{counted(self.mesh.size, 'device')})"
        )

    @cached_property
    def traceable(self) -> bool:
        """False: what JAX compiles must be handed the examples, which lie elsewhere."""
        return False

    @property
    def exact(self) -> bool:
        """True: the gradient is JAX's, summed over the devices."""
        return True

    def gradient(self, x: ArrayLike) -> Values:
        """∇f(x), exact."""
        with float64():
            return np.asarray(self._slope(self._point(x), self.rows))

    def hessian_product(self, x: ArrayLike) -> Callable[[Values], Values]:
        """The function v ↦ ∇²f(x) · v, exact, forward over reverse."""
        point = self._point(x)

        def product(v: Values) -> Values:
            with float64():
                found = self._bend(point, v.astype(point.dtype), self.rows)
                return np.asarray(found, np.float64)

        return product

    def _value(self, theta: Values) -> float:
        with float64():
            return float(self._loss(np.asarray(theta, self.start.dtype), self.rows))

    @cached_property
    def _loss(self) -> Callable[[Any, _Rows], Float[Array, ""]]:
        return compiled(self._mean)

    @cached_property
    def _slope(self) -> Callable[[Any, _Rows], Float[Array, " parameters"]]:
        return compiled(jax.grad(self._mean))

    @cached_property
    def _bend(self) -> Callable[[Any, Any, _Rows], Float[Array, " parameters"]]:
        def product(theta: Array, v: Array, rows: _Rows) -> Array:
            return jax.jvp(lambda theta: jax.grad(self._mean)(theta, rows), (theta,), (v,))[1]

        return compiled(product)

    def _mean(self, theta: Float[Array, " parameters"], rows: _Rows) -> Float[Array, ""]:
        """Σ over the devices of Σ over their examples, in float64, by the number of examples."""

        def of_device(theta: Array, rows: _Rows) -> Array:
            # What a batch leaves for the way back would fill the memory: it is computed again.
            sums = jax.lax.map(jax.checkpoint(partial(of_batch, theta)), rows)
            return jax.lax.psum(sums.sum(), _AXIS)

        def of_batch(theta: Array, batch: Any) -> Array:
            counts, *arrays = batch
            each = self.losses(self.tree.at(theta), *arrays)
            return jnp.where(counts, each, 0).astype(jnp.float64).sum()

        total = jax.shard_map(
            of_device, mesh=self.mesh, in_specs=(_EVERYWHERE, _SPLIT), out_specs=_EVERYWHERE
        )
        return total(theta, rows) / self.examples


def data_parallel(
    losses: Callable[..., Any],
    params: Any,
    data: Sequence[ArrayLike],
    devices: Sequence[Any] | None = None,
    batch_size: int = 1000,
    names: Sequence[str] | None = None,
    filter_axis: int | None = None,
) -> DataParallelObjective:
    """The mean loss over examples that lie on several devices, as f(θ).

        f(θ) = 1/N · Σ_n losses(params, *data)_n        over all N examples

    Each device computes the sum over its share of the examples, and the sums are added. In several
    processes that `jax.distributed.initialize` joined, each makes the same calls: all of them get
    the same numbers.

    Arguments:
        losses: losses(params, *batch) → the loss of each example of the batch, in one axis.
        params: any pytree, as for `jax_objective`.
        data: arrays whose first axis is the examples, such as (x, t). Every process gives all.
        devices: without them all that there are, those of the other processes among them.
        batch_size: examples at a time on each device, which bounds the memory.
        names, filter_axis: as for `jax_objective`.

    Raises DataError for arrays of different lengths, or none; SettingError for other devices;
    FunctionError where losses fails, or does not give one number for each example; otherwise as
    `jax_objective`.
    """
    tree, blocks = parameters_of(params, names, filter_axis)
    arrays = _arrays(data)
    examples = len(arrays[0])
    chosen = np.array(jax.devices() if devices is None else _devices(devices))
    share = math.ceil(examples / len(chosen))
    batch = min(whole_number("batch_size", batch_size, 1), share)
    _check_losses(losses, params, [array[:batch] for array in arrays])
    mesh = Mesh(chosen, (_AXIS,))
    layout = _Layout(mesh, examples, len(chosen) * math.ceil(share / batch), batch)
    return DataParallelObjective(
        flat(tree.arrays),
        blocks=blocks,
        tree=tree,
        losses=losses,
        rows=(layout.counts(), *(layout.spread(array) for array in arrays)),
        mesh=mesh,
        examples=examples,
        digest=_digest(arrays),
    )


@facts.register(DataParallelObjective)
def _(objective: DataParallelObjective) -> dict[str, Any]:
    return {
        "examples": objective.examples,
        "digest": objective.digest,
        "devices": objective.mesh.size,
    }


@hessian_product.register(DataParallelObjective)
def _(
    objective: DataParallelObjective, x: Values, precision: str = "float64"
) -> Callable[[Values], Values]:
    return objective.hessian_product(x)


def _arrays(data: Any) -> list[np.ndarray]:
    arrays = [np.asarray(array) for array in data] if isinstance(data, Sequence) else []
    lengths = [array.shape[0] if array.ndim else 0 for array in arrays]
    if not lengths or not lengths[0] or len(set(lengths)) > 1:
        raise DataError(
            f"data holds {shown(lengths)} examples: give arrays with one length above 0, such as "
            f"(x, t)"
        )
    return arrays


def _devices(devices: Any) -> list[Any]:
    given = [*devices] if isinstance(devices, Sequence | np.ndarray) else []
    known = all(isinstance(device, jax.Device) for device in given)
    if not (given and known and len(set(given)) == len(given)):
        raise SettingError(
            f"devices is {shown(devices)}: give some of jax.devices(), each once, or leave it out"
        )
    return given


def _check_losses(losses: Callable[..., Any], params: Any, batch: list[np.ndarray]) -> None:
    if not callable(losses):
        raise FunctionError(f"losses is {shown(losses)}: give losses(params, *batch)")
    try:
        answer = jax.eval_shape(losses, params, *batch)
    except (TypeError, ValueError, IndexError) as error:
        raise FunctionError(
            f"losses fails on the data ({first_line(error)}): give data and params that fit it"
        ) from error
    shape = getattr(answer, "shape", None)
    if shape != (len(batch[0]),):
        raise FunctionError(
            f"losses gives {'no array' if shape is None else f'the shape {shape}'} for "
            f"{len(batch[0])} examples: let it give one loss for each, without their mean"
        )


def _digest(arrays: list[np.ndarray]) -> str:
    content = hashlib.sha256()
    for array in arrays:
        content.update(np.ascontiguousarray(array).data)
    return content.hexdigest()


@dataclass(frozen=True)
class _Layout:
    """Examples in batches over the devices of a mesh.

    Where they do not come out even the last one stands there again, and does not count.
    """

    mesh: Mesh
    examples: int
    batches: int
    batch: int

    def counts(self) -> jax.Array:
        """Whether each row is an example that counts."""
        return self.spread(np.arange(self.batches * self.batch) < self.examples)

    def spread(self, array: np.ndarray) -> jax.Array:
        """An array's rows in batches, each where it belongs."""

        def part(index: Any) -> np.ndarray:
            start, stop, _ = index[0].indices(self.batches)
            rows = np.arange(start * self.batch, stop * self.batch).reshape(-1, self.batch)
            return array[np.minimum(rows, len(array) - 1)]

        shape = (self.batches, self.batch, *array.shape[1:])
        return jax.make_array_from_callback(shape, NamedSharding(self.mesh, _SPLIT), part)
