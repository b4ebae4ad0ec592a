"""What is done to a network that learns by hand, as data: it can be stored, sent and done again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

# What may be changed while a network learns.
Setting = Literal["learning_rate", "weight_decay"]


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="step"):
    """So many iterations, one mini-batch each."""

    iterations: int


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="change"):
    """Another learning rate η, or weight decay λ, from here on."""

    name: Setting
    value: float


class Edit(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="edit"):
    """A parameter set by hand: w^l_ji, the weight from unit i below to unit j, or the bias b^l_j.

    layer, i, j: counted as in the books, where the input is layer 1 and the first unit 1; i is None
    for the bias.
    """

    layer: int
    i: int | None
    j: int
    value: float


Act = Step | Change | Edit


def joined(acts: Sequence[Act], act: Act) -> tuple[Act, ...]:
    """The acts with one more: steps lengthen those before, a change replaces one of its setting."""
    match acts[-1] if acts else None, act:
        case Step(done), Step(iterations):
            return (*acts[:-1], Step(done + iterations))
        case Change(before), Change(name) if before == name:
            return (*acts[:-1], act)
        case _:
            return (*acts, act)


def without_last(acts: Sequence[Act], iterations: int) -> tuple[Act, ...]:
    """The acts without the last iterations, and without the changes between those.

    If the last of them is a change, it alone is undone.
    """
    if acts and not isinstance(acts[-1], Step):
        return tuple(acts[:-1])
    kept = list(acts)
    while kept and iterations > 0:
        last = kept.pop()
        if isinstance(last, Step):
            if last.iterations > iterations:
                kept.append(Step(last.iterations - iterations))
            iterations -= last.iterations
    return tuple(kept)
