"""Rules about the data: its scale, its classes, its labels."""

from __future__ import annotations

import math

import numpy as np
from scipy.stats import binom

from koubai.diagnosis.evidence import DataFacts, Evidence
from koubai.diagnosis.finding import Finding
from koubai.told import Told

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
        what = Told(
            f"layer 2 answers NaN or Inf before the first update, with weights of norm "
            f"{weights[0]:.2g}: some inputs are not finite",
            f"重みのノルムは {weights[0]:.2g} なのに、第 2 層の出力が最初の更新の前から NaN または "
            f"Inf である。入力に有限でない値がある",
        )
        advice = Told(
            "Look for NaN in x, such as missing values, and divisions by a deviation of 0",
            "x の中の NaN を探す。欠損値や、標準偏差 0 での割り算が疑わしい",
        )
    elif (spread < _PLAUSIBLE).all():
        what = Told(
            f"the loss is not finite before the first update, though every layer's answers are "
            f"(with a spread up to {spread.max():.2g}): some targets are not, or the loss itself "
            f"makes it so",
            f"どの層の出力も有限（標準偏差は最大 {spread.max():.2g}）なのに、損失は最初の更新の"
            f"前から有限でない。目標値に有限でない値があるか、損失の式に原因がある",
        )
        advice = Told(
            "Look for NaN in the targets, and for a logarithm or a division by 0 in the loss",
            "目標値の中の NaN と、損失の式の中の対数や 0 での割り算を探す",
        )
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
        Told(
            f"{what}, and the loss ended at {evidence.last_loss:.3g}",
            f"{what.ja}。損失は {evidence.last_loss:.3g} で終わった",
        ),
        Told(
            "Give every input mean 0 and standard deviation 1: (x − mean) / std, as kb.data.table "
            "does",
            "kb.data.table と同じく (x − mean) / std で、どの入力も平均 0、標準偏差 1 にする",
        ),
        "input_scales",
        (facts.means, facts.stds),
    )


def _scale(facts: DataFacts) -> Told | None:
    sizes = np.hypot(facts.means, facts.stds)
    largest = int(sizes.argmax())
    mean, std = f"{facts.means[largest]:.3g}", f"{facts.stds[largest]:.3g}"
    column = Told(
        f"input {largest + 1} has mean {mean} and standard deviation {std}",
        f"入力 {largest + 1} は平均 {mean}、標準偏差 {std}",
    )
    if sizes[largest] > _LARGE:
        return Told(f"{column}, far from 0 and 1", f"{column.ja} で、0 と 1 からかけ離れている")
    if sizes[largest] < _SMALL:
        return Told(
            f"{column}, and no other is larger", f"{column.ja} で、これより大きい入力はない"
        )
    varying = np.sort(facts.stds[facts.stds > 0])
    low, high = (varying[len(varying) // 4], varying[-1]) if len(varying) else (1.0, 1.0)
    if facts.one_unit or high < _APART * low:
        return None
    return Told(
        f"the inputs' standard deviations go up to {high:.2g}, and for a quarter of them they are "
        f"{low:.2g} or less, {high / low:.0f} times smaller",
        f"入力の標準偏差は最大で {high:.2g} だが、4 分の 1 の入力では {low:.2g} 以下で、"
        f"{high / low:.0f} 倍の開きがある",
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
    few, most = facts.classes[rare], facts.classes[int(shares.argmax())]
    return Finding(
        "unbalanced classes",
        None,
        Told(
            f"only {shares[rare]:.1%} of the training data is class {few!r}, of which "
            f"{facts.recall[rare]:.0%} is recognised; always answering {most!r} would be right in "
            f"{facts.chance:.1%} of the test data, and the network is in {facts.score:.1%}",
            f"クラス {few!r} は訓練データの {shares[rare]:.1%} しかなく、認識されたのはその "
            f"{facts.recall[rare]:.0%} である。テストデータの正解率は、常に {most!r} と答えれば "
            f"{facts.chance:.1%} になり、このネットワークでは {facts.score:.1%} である",
        ),
        Told(
            "Repeat the examples of the rare class until the classes are about equal, and judge by "
            "the confusion matrix rather than by the accuracy",
            "少ないクラスの例を繰り返し、どのクラスの例もほぼ同じ数にする。評価には正解率ではなく"
            "混同行列を使う",
        ),
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
        Told(
            f"the test accuracy is {facts.score:.1%} where guessing gives {chance:.1%}, while "
            f"that on the training data is {accuracy:.1%}; the nearest training example has the "
            f"same label for {facts.neighbours:.1%} of the test data, so labels and inputs do not "
            f"belong together",
            f"テストデータの正解率は {facts.score:.1%}、当て推量なら {chance:.1%} で、"
            f"訓練データの正解率は {accuracy:.1%} である。最も近い訓練データの例とラベルが一致する"
            f"のはテストデータの {facts.neighbours:.1%} にすぎず、ラベルと入力が対応していない",
        ),
        Told(
            "Look at some examples with their labels, in case x and t were shuffled or sorted "
            "apart",
            "いくつかの例をラベルとともに見て、x と t が別々に並べ替えられていないか確かめる",
        ),
        "against_guessing",
        (accuracy, facts.score, facts.neighbours, chance),
    )


def _one_sided(facts: DataFacts) -> bool:
    """Whether one class is most of the data, so that chance is hard to beat."""
    return bool(facts.counts.max() > 0.7 * facts.counts.sum())
