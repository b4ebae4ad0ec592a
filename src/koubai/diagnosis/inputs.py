"""Rules about the data: its scale, its classes, its labels."""

from __future__ import annotations

import math

import numpy as np
from scipy.stats import binom

from koubai.diagnosis.evidence import DataFacts, Evidence
from koubai.diagnosis.finding import Finding

# Weights and activations up to this do not overflow.
_PLAUSIBLE = 1e4
# Initial weights are drawn for inputs of about 1; so many times that is another world.
_LARGE, _SMALL = 20.0, 0.02
# So many times lie between the columns of a table that nobody scaled.
_APART = 100.0
# A class is rare below this share of what it would have if all had the same,
_RARE = 0.4
# and overlooked when less than this share of it is recognised.
_OVERLOOKED = 0.2
# Of the way from chance to certainty, and standard errors above chance: whichever is more.
_LITTLE, _SURE = 0.1, 3.0
# What happens more rarely than this is no accident.
_ACCIDENT = 1e-3


def data_not_finite(evidence: Evidence) -> Finding | None:
    """NaN or Inf before the first update that no weights account for."""
    layers = evidence.layers
    if not len(layers) or np.isfinite(evidence.first_loss):
        return None
    spread, weights = layers.activation_std[0], layers.weight_norm[0]
    if not np.isfinite(spread[0]) and weights[0] < _PLAUSIBLE:
        what = (
            f"layer 2 answers NaN or Inf before the first update, with weights of norm "
            f"{weights[0]:.2g}: some inputs are not finite"
        )
        advice = "Look for NaN in x, such as missing values, and divisions by a deviation of 0"
    elif (spread < _PLAUSIBLE).all():
        what = (
            f"the loss is not finite before the first update, though every layer's answers are "
            f"(with a spread up to {spread.max():.2g}): some targets are not, or the loss itself "
            f"makes it so"
        )
        advice = "Look for NaN in the targets, and for a logarithm or a division by 0 in the loss"
    else:
        return None
    figure = ("layer_curves", (evidence.history, "activation_std"))
    return Finding("data not finite", None, what, advice, *figure)


def unscaled_inputs(evidence: Evidence) -> Finding | None:
    """Inputs far from the size of 1 that initial weights are drawn for, or from each other's."""
    if not evidence.unlearnt(0.1):
        return None
    facts = evidence.data()
    if facts is None or (what := _scale(facts)) is None:
        return None
    return Finding(
        "unscaled inputs",
        1,
        f"{what}, and the loss ended at {evidence.last_loss:.3g}",
        "Give every input mean 0 and standard deviation 1: (x − mean) / std, as kb.data.table does",
        "input_scales",
        (facts.means, facts.stds),
    )


def _scale(facts: DataFacts) -> str | None:
    sizes = np.hypot(facts.means, facts.stds)
    largest = int(sizes.argmax())
    column = (
        f"input {largest + 1} has mean {facts.means[largest]:.3g} and standard deviation "
        f"{facts.stds[largest]:.3g}"
    )
    if sizes[largest] > _LARGE:
        return f"{column}, far from 0 and 1"
    if sizes[largest] < _SMALL:
        return f"{column}, and no other is larger"
    varying = np.sort(facts.stds[facts.stds > 0])
    low, high = (varying[len(varying) // 4], varying[-1]) if len(varying) else (1.0, 1.0)
    if facts.one_unit or high < _APART * low:
        return None
    return (
        f"the inputs' standard deviations go up to {high:.2g}, and for a quarter of them they are "
        f"{low:.2g} or less, {high / low:.0f} times smaller"
    )


def unbalanced_classes(evidence: Evidence) -> Finding | None:
    """A rare class that the network overlooks, for answering another one is nearly always right."""
    facts = evidence.data()
    if facts is None or len(facts.counts) < 2:
        return None
    shares = facts.counts / facts.counts.sum()
    rare = int(np.where(shares > 0, shares, np.inf).argmin())
    if shares[rare] > _RARE / len(shares) or facts.recall[rare] > _OVERLOOKED:
        return None
    if facts.score < facts.chance - 0.02:
        return None
    most = int(shares.argmax())
    return Finding(
        "unbalanced classes",
        None,
        f"only {shares[rare]:.1%} of the training data is class {facts.classes[rare]!r}, of "
        f"which {facts.recall[rare]:.0%} is recognised; always answering {facts.classes[most]!r} "
        f"would be right in {facts.chance:.1%} of the test data, and the network is in "
        f"{facts.score:.1%}",
        "Repeat the examples of the rare class until the classes are about equal, and judge by "
        "the confusion matrix rather than by the accuracy",
        "class_shares",
        (facts.counts, facts.recall, facts.classes),
    )


def labels_out_of_order(evidence: Evidence) -> Finding | None:
    """Test data is classed by chance, and not even an example's nearest neighbour knows better."""
    facts = evidence.data()
    if facts is None or len(facts.counts) < 2:
        return None
    # In a few test examples any share may be of any class: chance is that of the training data.
    chance = float(facts.counts.max() / facts.counts.sum())
    half_way = (1 + chance) / 2
    known, examples = max(facts.score, facts.neighbours), facts.test_examples
    error = math.sqrt(chance * (1 - chance) / examples)
    above_chance = known > chance + max(_LITTLE * (1 - chance), _SURE * error)
    # So few are right by accident where one in two of the rest is known.
    by_accident = binom.cdf(round(known * examples), examples, half_way) > _ACCIDENT
    if above_chance or by_accident or _one_sided(facts):
        return None
    accuracy = float(evidence.history.train_accuracy[-1])
    return Finding(
        "labels out of order",
        None,
        f"the test accuracy is {facts.score:.1%} where guessing gives {chance:.1%}, while "
        f"that on the training data is {accuracy:.1%}; the nearest training example has the same "
        f"label for {facts.neighbours:.1%} of the test data, so labels and inputs do not belong "
        f"together",
        "Look at some examples with their labels, in case x and t were shuffled or sorted apart",
        "against_guessing",
        (accuracy, facts.score, facts.neighbours, chance),
    )


def _one_sided(facts: DataFacts) -> bool:
    """Whether one class is most of the data, so that chance is hard to beat."""
    return bool(facts.counts.max() > 0.7 * facts.counts.sum())
