"""Which examples a network classes wrong, and how sure it was of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from koubai.errors import SettingError
from koubai.networks.network import Network
from koubai.training.evaluate import class_scores, predicted_classes
from koubai.training.run import Run

_PROBABILITIES = ("softmax", "sigmoid", "naive_softmax")


@dataclass(frozen=True, eq=False)
class Mistakes:
    """The examples of a split that a network classes wrong, in the order of the split.

    indices: their places among the `among` examples of the split. x: what the network saw, in
    the shape of images where the data has one. truth, taken_for: labels. outputs: what the
    network put out for the class it took; a probability if `are_probabilities`.
    """

    indices: Int[np.ndarray, " mistakes"]
    x: Float[np.ndarray, "mistakes ..."]
    truth: Int[np.ndarray, " mistakes"]
    taken_for: Int[np.ndarray, " mistakes"]
    outputs: Float[np.ndarray, " mistakes"]
    are_probabilities: bool
    among: int


def are_probabilities(network: Network) -> bool:
    """Whether what a network puts out for a class is its probability."""
    return network.output.name in _PROBABILITIES


def find_mistakes(run: Run, which: str = "test") -> Mistakes:
    """The examples of a split, see `Run.split`, that the run's network classes wrong.

    With a single output y, which is the probability of class 1, class 0 has 1 − y.

    Raises SettingError where the data has values, not classes.
    """
    if run.about.classes is None:
        raise SettingError(f"data {run.about.name!r} has values, not classes: nothing is mistaken")
    split, y = run.split(which), run.outputs(which)
    taken_for = predicted_classes(y)
    wrong = np.flatnonzero(taken_for != split.t)
    x = split.stored[wrong].astype(np.float32) * np.float32(split.scale)
    return Mistakes(
        indices=wrong,
        x=x.reshape(-1, *(run.about.image_shape or x.shape[1:])),
        truth=split.t[wrong],
        taken_for=taken_for[wrong],
        outputs=class_scores(y)[wrong, taken_for[wrong]],
        are_probabilities=are_probabilities(run.network),
        among=len(split),
    )
