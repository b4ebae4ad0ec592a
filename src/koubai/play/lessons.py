"""The names of the lessons, in their order; what they say and ask is the page's."""

from __future__ import annotations

from typing import Literal, get_args

Lesson = Literal[
    "slope",
    "learning-rate",
    "activations",
    "neuron",
    "finite-differences",
    "softmax",
    "backpropagation",
    "digits",
    "vanishing-gradients",
]
LESSONS: tuple[Lesson, ...] = get_args(Lesson)
