"""Parts of the data in several threads, each with one thread of PyTorch's."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from queue import SimpleQueue
from typing import TypeVar

from koubai.adapters.torch_data import torch_package

W = TypeVar("W")
R = TypeVar("R")


def each_part(
    parts: Sequence[slice], workers: Sequence[W], of_part: Callable[[W, slice], R]
) -> Iterator[R]:
    """What is found of each part, in their order: as many at a time as there are workers.

    A worker serves one part at a time: a module, say, that is not to be called by two threads.
    """
    if len(workers) == 1:  # a new thread would build the kernels of its operations anew
        yield from (of_part(workers[0], part) for part in parts)
        return
    free: SimpleQueue[W] = SimpleQueue()
    for worker in workers:
        free.put(worker)

    def one(part: slice) -> R:
        worker = free.get()
        try:
            return of_part(worker, part)
        finally:
            free.put(worker)

    with ThreadPoolExecutor(len(workers)) as pool:
        yield from pool.map(one, parts)


@contextmanager
def one_thread_each() -> Generator[None]:
    """PyTorch's operations on one thread, for there are several at a time; then as before."""
    torch = torch_package()
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
