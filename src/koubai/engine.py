"""How koubai compiles, and in which precision it computes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import cache
from typing import ParamSpec, TypeVar

import jax
import jax.core
from threadpoolctl import ThreadpoolController

P = ParamSpec("P")
R = TypeVar("R")
Option = str | bool | int

# By default XLA hands a CPU's matrix products to YNNPACK. At the sizes of these networks Eigen's
# are faster (784-50-10, batch 100: 180 µs a step against 250; 12-3-2: 4.7 against 10).
_COMPILER_OPTIONS: dict[str, Option] = {"xla_cpu_experimental_ynn_fusion_type": ""}

# For what runs once or a few times: to optimise its code takes longer than the slower code does.
RARELY: Mapping[str, Option] = {"xla_backend_optimization_level": 0}


def compiled(
    f: Callable[P, R], static: tuple[str, ...] = (), options: Mapping[str, Option] | None = None
) -> Callable[P, R]:
    """`f`, compiled by JAX at its first call; anew for each new shape or `static` argument.

    options: of the compiler, beyond those that everything is compiled with.
    """
    return jax.jit(
        f, static_argnames=static, compiler_options={**_COMPILER_OPTIONS, **(options or {})}
    )


def float64() -> AbstractContextManager[object]:
    """A context in which JAX computes in float64; the caller's own setting is left as it was."""
    return jax.enable_x64(True)


def is_concrete(x: object) -> bool:
    """Whether `x` has values that can be looked at now, outside a function being compiled."""
    return not isinstance(x, jax.core.Tracer)


def one_blas_thread() -> AbstractContextManager[object]:
    """A context in which NumPy's products of matrices run on one core.

    For work between JAX's computations: a BLAS's own threads go on waiting busily for a while after
    each product, and what JAX computes next has to share the cores with them.
    """
    return _threads().limit(limits=1, user_api="blas")


@cache
def _threads() -> ThreadpoolController:
    return ThreadpoolController()  # looks through all loaded libraries: milliseconds, so once
