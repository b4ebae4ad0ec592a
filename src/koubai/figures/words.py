"""Every text that koubai's figures show, in one place."""

from __future__ import annotations

_ENGLISH = {
    # learning curves
    "loss": "Loss",
    "accuracy": "Accuracy",
    "iteration": "iteration",
    "epoch": "epoch {number}",
    "train": "training",
    "validation": "validation",
    "test": "test",
    "batches": "mini-batches",
    "batches_thinned": "1 in {stride} mini-batches",
    "final_value": "{name} {value}",
    "final_not_finite": "{name}: not finite",
    "not_finite": "NaN or Inf",
    "nothing_finite": "no finite value",
    "no_accuracy": "no classes, hence no accuracy",
    # confusion matrix
    "true_class": "true class",
    "taken_class": "taken for",
    "confusion": "{wrong:,} of {examples:,} wrong",
    "confusion_none": "All {examples:,} right",
    # mistakes
    "is": "is {name}",
    "taken": "taken for {name}",
    "sure": "{percent} sure",
    "output": "output {value}",
    "mistakes_one": "1 mistake",
    "mistakes": "{count:,} mistakes, most confident first",
    "mistakes_shown": "The {shown} most confident of {count:,} mistakes",
    "mistakes_among": "{mistakes} ({examples:,} examples)",
    "no_mistakes": "No mistakes",
    "no_mistakes_among": "No mistakes: all {examples:,} examples are classed right",
}


def word(key: str, **values: object) -> str:
    """The text of that key, with the values put in."""
    return _ENGLISH[key].format(**values)


def shortened(name: str, most: int) -> str:
    """A name on one line of at most so many characters, its middle left out if need be.

    What cannot be printed is left out too.
    """
    line = "".join(c for c in " ".join(name.split()) if c.isprintable())
    if len(line) <= most:
        return line
    head = most // 2
    return f"{line[:head].rstrip()}…{line[len(line) - (most - head - 1) :].lstrip()}"
