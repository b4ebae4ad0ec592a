"""Recipes: what to train on given data when the user says nothing, found by measuring."""

from __future__ import annotations

from dataclasses import dataclass

from koubai.data.dataset import Dataset

# From so many training examples on, larger mini-batches and fewer epochs are enough.
_MANY_EXAMPLES = 5_000


@dataclass(frozen=True)
class Recipe:
    """A network and settings of `train` that suit some data. `layers` are the hidden ones."""

    layers: tuple[int, ...]
    hidden: str
    optimizer: str
    learning_rate: float
    schedule: str
    batch_size: int
    epochs: int


_MNIST = Recipe((300,), "relu", "adam", 0.001, "cosine", batch_size=100, epochs=12)
_DIGITS = Recipe((100,), "relu", "adam", 0.003, "cosine", batch_size=20, epochs=40)
_BITMAPS = Recipe((3,), "sigmoid", "adam", 0.05, "cosine", batch_size=8, epochs=100)
_LINE = Recipe((), "relu", "adam", 0.05, "cosine", batch_size=20, epochs=100)
_TOY = Recipe((20, 20), "relu", "adam", 0.01, "cosine", batch_size=20, epochs=100)
_SHORT_TABLE = Recipe((20,), "relu", "adam", 0.01, "cosine", batch_size=10, epochs=50)
_LONG_TABLE = Recipe((50, 50), "relu", "adam", 0.003, "cosine", batch_size=100, epochs=30)

_BY_LOADER = {
    "mnist": _MNIST,
    "digits": _DIGITS,
    "bitmaps": _BITMAPS,
    "line": _LINE,
    **dict.fromkeys(("sine", "xor", "moons", "circles", "spirals", "blobs"), _TOY),
}


def recipe(data: Dataset) -> Recipe:
    """The recipe for that data: its own where it is well known, else by its kind and size.

    >>> import koubai as kb
    >>> recipe(kb.data.digits()).layers
    (100,)
    """
    many = len(data.train) >= _MANY_EXAMPLES
    images, table = (_MNIST, _LONG_TABLE) if many else (_DIGITS, _SHORT_TABLE)
    return _BY_LOADER.get(data.source.loader, images if data.image_shape else table)
