"""How the activations of each layer are spread while a network learns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from koubai.networks.network import Params
from koubai.training.run import Run

# Examples that are enough for the shape of a histogram.
_EXAMPLES = 500


class Activity(NamedTuple):
    """The activations of one layer at several moments, as histograms over the same bins.

    edges: (bins + 1,); shares: of units × examples in each bin, (moments, bins). What is not
    finite is in none of them.
    """

    edges: Float[np.ndarray, " edges"]
    shares: Float[np.ndarray, "moments bins"]


def activity(run: Run, moments: Sequence[Params], bins: int = 40) -> tuple[Activity, ...]:
    """What each layer above the input puts out with each of several parameters of a run's network.

    For up to 500 training examples, evenly spread over the data.
    """
    train = run.split("train")
    x = train.stored[:: max(1, len(train) // _EXAMPLES)].astype(np.float32) * train.scale
    found = [run.network.forward(params, x).activations[1:] for params in moments]
    return tuple(
        _histograms([np.asarray(a, np.float64).ravel() for a in layer], bins)
        for layer in zip(*found, strict=True)
    )


def _histograms(layer: Sequence[Float[np.ndarray, " values"]], bins: int) -> Activity:
    finite = [a[np.isfinite(a)] for a in layer]
    seen = np.concatenate(finite)
    edges = np.histogram_bin_edges(seen if seen.size else np.zeros(1), bins)
    counts = np.stack([np.histogram(a, edges)[0] for a in finite])
    return Activity(edges, counts / np.array([max(1, a.size) for a in layer])[:, None])
