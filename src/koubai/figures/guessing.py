"""What a network knows of the labels, beside what one gets right who guesses."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from koubai.errors import SettingError
from koubai.figures import style
from koubai.figures.style import axes_or_new, in_style, key_below
from koubai.figures.words import word
from koubai.functions.arguments import as_number, shown

# By name in the call: key of the text, and colour.
_BARS = {
    "training": ("right_on_training", style.TRAIN),
    "test": ("right_on_test", style.TEST),
    "neighbours": ("right_by_neighbours", style.GREY),
}


@in_style()
def against_guessing(
    training: float, test: float, neighbours: float, chance: float, ax: Axes | None = None
) -> Axes:
    """Draws what share of the labels is right, beside the share that guessing gets right.

    Where labels and inputs belong together, the test data lies above the dashed line of chance, and
    so does the plain rule to answer with the label of the nearest training example. Labels that
    were shuffled leave both on the line, however well the training data is learnt by heart.

    training, test: the accuracy on that data; neighbours: how often the nearest training example
    has the label of the test example; chance: what always answering the largest class gets right.
    Raises SettingError for what is no share from 0 to 1.
    """
    given = {"training": training, "test": test, "neighbours": neighbours, "chance": chance}
    shares = _checked(given)
    ax = axes_or_new(ax, 7, 2.9)
    places = np.arange(len(_BARS))
    ax.barh(
        places, [shares[name] for name in _BARS], color=[colour for _, colour in _BARS.values()],
        height=0.6, gid="shares",
    )  # fmt: skip
    for place, name in zip(places, _BARS, strict=True):
        ax.annotate(
            f"{shares[name]:.1%}", (shares[name], place), (5, 0), textcoords="offset points",
            va="center", bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )  # fmt: skip
    ax.axvline(
        shares["chance"], color=style.INK, linestyle=(0, (4, 1.5)), linewidth=1.4, gid="chance",
        label=word("chance", share=f"{shares['chance']:.1%}"),
    )  # fmt: skip
    ax.set_yticks(places, [word(key) for key, _ in _BARS.values()])
    ax.invert_yaxis()
    ax.grid(visible=False, axis="y")
    ax.set_xlim(0, 1.12)
    ax.set_xticks(np.linspace(0, 1, 6))
    ax.xaxis.set_major_formatter(PercentFormatter(xmax=1))
    ax.set_title(word("against_guessing"))
    key_below(ax, 1)
    return ax


def _checked(given: Mapping[str, float]) -> dict[str, float]:
    shares = {name: as_number(value) for name, value in given.items()}
    for name, share in shares.items():
        if not 0 <= share <= 1:
            raise SettingError(f"{name} is {shown(given[name])}: give a share from 0 to 1")
    return shares
