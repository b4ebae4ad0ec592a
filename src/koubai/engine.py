"""How koubai compiles, and in which precision it computes."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from typing import Any, ParamSpec, TypeVar

import jax
import jax.core
from threadpoolctl import ThreadpoolController

P = ParamSpec("P")
R = TypeVar("R")
Option = str | bool | int

# By default XLA hands a CPU's matrix products to YNNPACK. At the sizes of these networks Eigen's
# are faster (784-50-10, batch 100: 180 µs a step against 250; 12-3-2: 4.7 against 10).
# The others are as XLA has them by itself, whatever XLA_FLAGS say: the same run has the same bits.
_COMPILER_OPTIONS: dict[str, Option] = {
    "xla_cpu_experimental_ynn_fusion_type": "",
    "xla_backend_optimization_level": 3,
    "xla_cpu_use_fusion_emitters": True,
}

# For what runs once or a few times: to optimise its code takes longer than the slower code does.
RARELY: Mapping[str, Option] = {
    "xla_backend_optimization_level": 0,
    "xla_cpu_use_fusion_emitters": False,
}


def compiled(
    f: Callable[P, R], static: tuple[str, ...] = (), options: Mapping[str, Option] | None = None
) -> Callable[P, R]:
    """`f`, compiled by JAX at its first call; anew for each new shape or `static` argument.

    options: of the compiler, beyond those that everything is compiled with.
    """
    return jax.jit(
        f, static_argnames=static, compiler_options={**_COMPILER_OPTIONS, **(options or {})}
    )


@dataclass(frozen=True, eq=False)
class OnData:
    """f(x) = form(data, x): where the data alone change, what is `compiled_on` it stays.

    form: has a hash, equal for what is the same form. data: arrays, or tuples of them.
    """

    form: Callable[[Any, Any], Any]
    data: Any

    def __call__(self, x: Any) -> Any:
        return self.form(self.data, x)


def compiled_on(
    program: Callable[..., R], f: Callable[[Any], Any], *settings: Any
) -> Callable[..., R]:
    """`program(f, *settings, …)`, compiled as a function of the arguments that are left.

    Anew for each f; for functions `OnData` of the same form once.
    """
    if not isinstance(f, OnData):
        return compiled(partial(program, f, *settings))
    return partial(_on_data(program, f.form, *settings), f.data)


@lru_cache(maxsize=64)
def _on_data(
    program: Callable[..., R], form: Callable[[Any, Any], Any], *settings: Any
) -> Callable[..., R]:
    return compiled(lambda data, *given: program(OnData(form, data), *settings, *given))


def forget_compiled() -> None:
    """Gives back the memory of all that was compiled; what is used again is compiled again."""
    jax.clear_caches()
    gc.collect()


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
