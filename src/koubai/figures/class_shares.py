"""How many examples there are of each class, and how many of them a network recognises."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, StrMethodFormatter
from numpy.typing import ArrayLike

from koubai.errors import ShapeError
from koubai.figures import style
from koubai.figures.style import axes_or_new, in_style, key_below
from koubai.figures.words import shortened, word
from koubai.functions.arguments import as_point

# Of more classes, those with the fewest examples are drawn.
_MOST = 20
_LONGEST_NAME = 24  # Latin letters


@in_style()
def class_shares(
    counts: ArrayLike, recall: ArrayLike, classes: Sequence[str], ax: Axes | None = None
) -> Axes:
    """Draws a bar for each class as long as it has examples, and in it the part that is recognised.

    A dashed line is the length that all would have if the classes were balanced. Of more than 20
    classes those with the fewest examples are drawn.

    counts: the training examples of each class; recall: the share of them that is recognised;
    classes: their names. Raises ShapeError when there are not as many of each.
    """
    total, share = as_point(counts, "counts"), as_point(recall, "recall")
    if total.shape != (len(classes),) or share.shape != total.shape or not len(classes):
        raise ShapeError(
            f"counts has shape {total.shape} and recall {share.shape}, but there are "
            f"{len(classes)} classes: give one of each for every class"
        )
    order = np.argsort(-total, kind="stable")[-_MOST:]
    ax = axes_or_new(ax, 7, 1.5 + 0.3 * len(order))
    places = np.arange(len(order))
    ax.barh(places, total[order], color=style.PALE, label=word("class_examples"), gid="examples")
    ax.barh(
        places, (total * share)[order], color=style.NAVY, height=0.5,
        label=word("class_recognised"), gid="recognised",
    )  # fmt: skip
    for place, index in zip(places, order, strict=True):
        ax.annotate(
            word("share_of_count", share=f"{share[index]:.0%}", count=int(total[index])),
            (total[index], place), (5, 0), textcoords="offset points", va="center", fontsize=9,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )  # fmt: skip
    ax.axvline(
        float(total.mean()), color=style.VERMILION, linestyle=(0, (4, 1.5)), linewidth=1.4,
        label=word("class_balanced"), gid="balanced",
    )  # fmt: skip
    ax.set_yticks(places, [shortened(str(classes[index]), _LONGEST_NAME) for index in order])
    ax.grid(visible=False, axis="y")
    ax.set_xlim(0, 1.25 * float(total[order].max()) or 1.0)  # room for what stands beside the bars
    ax.set_ylim(len(order) - 0.4, -0.6)
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    ax.set_xlabel(word("training_examples"))
    ax.set_title(word("class_shares"))
    key_below(ax, 3)
    return ax
