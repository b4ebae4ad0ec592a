"""What a run's network takes for what, as the viewer takes it."""

from __future__ import annotations

import numpy as np

from koubai.report.network import input_names
from koubai.report.pack import exact, rough, single
from koubai.report.scene import Example, Mistakes
from koubai.training.evaluate import class_scores
from koubai.training.mistakes import are_probabilities
from koubai.training.run import Run

# Examples of one kind: of class i, taken for class j. And bytes for all of them.
_OF_A_KIND, _BUDGET = 12, 300_000


def mistakes_of(run: Run, which: str = "test") -> Mistakes | None:
    """The confusion of classes, and of each kind the examples that the network was surest of.

    None where the data has values, not classes.
    """
    if run.about.classes is None:
        return None
    split, scores = run.split(which), class_scores(run.outputs(which))
    taken_for = run.predicted_labels(which)
    sure = scores[np.arange(len(split)), taken_for]
    chosen = _chosen(split.t, taken_for, sure, max(1, _BUDGET // split.stored.shape[1]))
    shape = run.about.image_shape
    x = split.stored[chosen].astype(np.float64) * split.scale
    return Mistakes(
        split=which,
        classes=run.about.classes,
        confusion=exact(run.confusion(which)),
        examples=tuple(
            Example(
                index=int(n),
                truth=int(split.t[n]),
                taken_for=int(taken_for[n]),
                sure=float(sure[n]),
            )
            for n in chosen
        ),
        images=single(x) if shape is None else rough(x.reshape(-1, *shape)),
        input_names=input_names(run),
        are_probabilities=are_probabilities(run.network),
    )


def _chosen(truth: np.ndarray, taken_for: np.ndarray, sure: np.ndarray, most: int) -> np.ndarray:
    """Places of the surest of each kind, what was mistaken before what was right."""
    order = np.lexsort((-sure, truth == taken_for))
    kinds = truth[order].astype(np.int64) * (1 + int(taken_for.max())) + taken_for[order]
    seen = dict[int, int]()
    kept = list[int]()
    for place, kind in zip(order, kinds, strict=True):
        seen[int(kind)] = seen.get(int(kind), 0) + 1
        if seen[int(kind)] <= _OF_A_KIND and len(kept) < most:
            kept.append(int(place))
    return np.array(kept, np.int64)
