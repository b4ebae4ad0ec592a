"""What an objective's values rest on: its examples, all of them or a random sample."""

from __future__ import annotations

import hashlib
from functools import singledispatch
from typing import Any

import numpy as np

from koubai.data.dataset import Split
from koubai.errors import SettingError
from koubai.functions.arguments import whole_number
from koubai.objectives.network import NetworkObjective, over_split
from koubai.objectives.objective import Objective


@singledispatch
def facts(objective: Objective) -> dict[str, Any]:
    """What a landscape says of the objective's data, by name; numbers and texts alone."""
    return {}


@facts.register
def _(objective: NetworkObjective) -> dict[str, Any]:
    split = objective.split
    digest = hashlib.sha256(np.ascontiguousarray(split.stored).data)
    digest.update(np.ascontiguousarray(split.t).data)
    return {
        "examples": len(split),
        "digest": digest.hexdigest(),
        "loss": objective.loss.name,
        "network": str(objective.network.sizes),
    }


@singledispatch
def sample_of(objective: Objective, examples: int, seed: int) -> Objective:
    """The objective over a random sample of its examples, none of them twice.

    Raises SettingError where it does not know its examples, or has no more than that.
    """
    raise SettingError(
        f"examples is {examples}, but the objective is a plain function, without examples: leave "
        f"it out"
    )


@sample_of.register
def _(objective: NetworkObjective, examples: int, seed: int) -> Objective:
    split = objective.split
    whole_number("examples", examples, 2, len(split))
    # In the order of the data, so that a sample of all the examples is the data itself.
    members = np.sort(np.random.default_rng(seed).permutation(len(split))[:examples])
    return over_split(
        objective.network,
        objective.start,
        Split(split.stored[members], split.t[members], split.scale),
        objective.loss,
        population=len(split),
    )
