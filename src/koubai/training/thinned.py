"""Values by iteration, thinned out evenly when there are too many."""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class Thinned(Generic[T]):
    """Values with the iterations that they belong to, never more than `most` of them.

    When there are, every other one is dropped, and of those to come as many, but for the first that
    is added after a `cut`.
    """

    def __init__(self, most: int) -> None:
        self.most, self.stride = most, 1
        self.iterations: list[int] = []
        self.values: list[T] = []
        self._added = 0

    def add(self, iteration: int, value: T) -> None:
        """Adds the value of a later iteration than the last."""
        if self._added % self.stride == 0:
            self.iterations.append(iteration)
            self.values.append(value)
        self._added += 1
        if len(self.values) > self.most:
            self.stride *= 2
            del self.iterations[1::2], self.values[1::2]

    def cut(self, iteration: int) -> None:
        """Drops what belongs to that iteration and later ones."""
        while self.iterations and self.iterations[-1] >= iteration:
            self.iterations.pop()
            self.values.pop()
        self._added = len(self.values) * self.stride
